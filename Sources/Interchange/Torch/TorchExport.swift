public import Graph
public import QAT

/// A network as one file of Python that PyTorch trains: its layers as modules, the quantizers of the chip as autograd
/// functions, and commands that train, evaluate and give gradients, alone or under torchrun.
///
/// Parameters have the names and axes of `weights.safetensors`; the data is what magikbench reads from files.
public struct TorchExport {
    /// The Python.
    public let text: String

    /// Where a network is for.
    public struct Target: Hashable, Sendable {
        /// The arithmetic.
        public var family: ArithmeticFamily
        /// Whether the chip pads any padding as 1 on both sides.
        public var padsBothSides: Bool
        /// The name of the chip.
        public var device: String

        /// A chip.
        public init(_ family: ArithmeticFamily, padsBothSides: Bool, device: String) {
            self.family = family
            self.padsBothSides = padsBothSides
            self.device = device
        }
    }

    /// Writes a network and a plan; the network stands there once for each width that a stage of the plan sets.
    ///
    /// Throws where a layer cannot run, naming it.
    public init(
        _ network: Network, named name: String, for target: Target, plan: TrainingPlan, version: String
    ) throws(TorchError) {
        var classes: [(key: String, text: TorchClass)] = []
        let widths = plan.stages.compactMap(\.bits).filter { $0 < Quantization.float }
        var seen: Set<Int> = []
        for bits in [nil] + widths.map(Optional.some) where bits.map({ seen.insert($0).inserted }) ?? true {
            let own = bits.map { network.atBits($0) } ?? network
            let title = bits.map { "Network\($0)Bit" } ?? "Network"
            classes.append(
                (bits.map(String.init) ?? "None", try TorchClass(own, title: title, for: target)))
        }
        let networks = classes.map { "\($0.key): \($0.text.title)" }.joined(separator: ", ")
        text = [
            TorchExport.head(name, target, version), TorchExport.imports, TorchExport.runtime,
            "\n# The network.\n", classes.map(\.text.text).joined(separator: "\n\n"),
            "\n\nNETWORKS = {\(networks)}", "\nPLAN = \(plan.json.python(indent: 0))",
            "\nif __name__ == \"__main__\":\n    main(NETWORKS, PLAN)\n",
        ].joined(separator: "\n")
    }

    private static func head(_ name: String, _ target: Target, _ version: String) -> String {
        // A name may hold anything; in a comment of Python a quote or a backslash would end or bend it.
        let plain = name.map { $0.isLetter || $0.isNumber || "-_. ".contains($0) ? $0 : "_" }
        return """
            \"\"\"\(String(plain)) for \(target.device), written by magikbench \(version).

            train, alone or on N cores or GPUs of M machines:

              python FILE train --weights weights.safetensors --data mnist:DIR -o trained.safetensors
              torchrun --nproc-per-node N --nnodes M FILE train --data cifar10:DIR -o trained.safetensors

            'magikbench import trained.safetensors -o SESSION' takes the result back.
            \"\"\"

            """
    }

    /// The parts of the runtime in the order in which they build on each other.
    static let parts = [
        "quantizers", "layers", "recurrent", "files", "data", "labels", "pictures", "network", "detection",
        "objectives", "training", "program",
    ]

    private static let lines: [[Substring]] = parts.map { part in
        guard let text = EmbeddedRuntime.files.first(where: { $0.name == part })?.text else {
            preconditionFailure("the runtime has no part '\(part)'")
        }
        return text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    private static func isImport(_ line: Substring) -> Bool {
        line.hasPrefix("import ") || line.hasPrefix("from ")
    }

    /// What any part imports: the standard library, then PyTorch.
    private static var imports: String {
        let all = Set(lines.joined().filter(isImport))
        let (torch, standard) = (all.filter { $0.contains("torch") }, all.filter { !$0.contains("torch") })
        return standard.sorted().joined(separator: "\n") + "\n\n" + merged(torch).joined(separator: "\n")
            + "\n"
    }

    /// One line for each module that names are taken from.
    private static func merged(_ lines: Set<Substring>) -> [String] {
        var names: [Substring: Set<Substring>] = [:]
        var plain: [String] = []
        for line in lines {
            let words = line.split(separator: " ", maxSplits: 3)
            guard words.count == 4, words[0] == "from" else {
                plain.append(String(line))
                continue
            }
            names[words[1], default: []].formUnion(words[3].split(separator: ", "))
        }
        return plain.sorted()
            + names.sorted { $0.key < $1.key }.map { module, names in
                "from \(module) import \(names.sorted().joined(separator: ", "))"
            }
    }

    /// The parts without their imports.
    private static var runtime: String {
        lines.map { part in
            let body = part.filter { !isImport($0) }.drop { $0.isEmpty }
            return body.joined(separator: "\n")
        }.joined(separator: "\n\n")
    }
}

/// Why a network cannot be written for PyTorch.
public enum TorchError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A layer of that name cannot run.
    case layer(String, reason: String)

    /// What is wrong, on one line.
    public var description: String {
        switch self {
        case .layer(let name, let reason): "layer '\(name.oneLine(upTo: 64))' cannot be written: \(reason)"
        }
    }
}
