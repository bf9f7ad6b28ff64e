import Devices
import Graph
import Interchange
import QAT
import Terminal
import Workbench

/// An ONNX model as the commands see it: the document that it would be, its weights, and what became of its operators.
struct ImportedModel {
    /// The network for a chip, quantized to some bits.
    let document: Document
    /// The weights.
    let weights: Safetensors
    /// What became of the operators.
    let report: ONNXReport
    /// The head as a model of its own; nil where the host has nothing to compute.
    let host: [UInt8]?

    /// The ending of the files that are read as models.
    static let ending = ".onnx"
    /// The bits that a network is judged with unless others are asked for.
    static let bits = 8

    /// Whether a path names a model.
    static func isModel(_ path: String) -> Bool { path.lowercased().hasSuffix(ending) }

    /// What a session made from a model would be called.
    static func stem(_ path: String) -> String {
        String((path.split(separator: "/").last ?? "").dropLast(ending.count))
    }

    /// The command that makes a session of a model.
    static func nextStep(_ path: String, _ options: ModelOptions) -> String {
        let sizes = options.input.map { size in
            " --input "
                + ShellWord.quoted(
                    (size.name.isEmpty ? "" : "\(size.name)=")
                        + size.axes.map(String.init).joined(separator: "x"))
        }
        let ends = options.outputs.map { " --outputs \(ShellWord.quoted($0))" } ?? ""
        return
            "next: magikbench import \(ShellWord.quoted(path))\(sizes.joined())\(ends)\(options.approximate ? " --approximate" : "") -o \(ShellWord.quoted(stem(path)))"
    }

    /// What the chips find. Of a model with refused operators nothing is said of layers beside those, whose neighbours are
    /// not there, nor of the whole.
    func reports(for devices: [Device]) -> [Report] {
        let network = document.network
        let reports = Checker.reports(on: network, for: devices, waivers: document.waivers)
        guard !report.faults.isEmpty else { return reports }
        let read = Set(network.nodes.flatMap { $0.inputs.map(\.name) })
        let results = Set(report.outputs.map(\.source.name))
        let whole = network.nodes.filter { node in
            !node.inputs.contains { report.placeholders.contains($0.name) }
                && (read.contains(node.name) || results.contains(node.name))
        }
        let names = Set(whole.map(\.name))
        return reports.map { $0.filtered { $0.layer.map(names.contains) ?? false } }
    }

    /// Reads a model; an export of ours keeps the chip and the settings that it was made with.
    init(
        _ path: String, device: Device? = nil, bits: Int = bits, options: ONNXImport.Options = .init()
    ) throws(CommandError) {
        var options = options
        options.hasPixelShuffle = (device ?? .t40).has(.pixelShuffle(PixelShuffle()))
        do {
            let model = try ONNXImport(path: path, options: options)
            weights = model.weights
            report = model.report
            host = model.host
            let own = report.isOwn ? report.device.flatMap(Device.init(name:)) : nil
            let device = device ?? own ?? .t40
            document = Document(
                network: report.isOwn ? model.network : model.network.quantized(to: bits, on: device),
                device: device)
        } catch {
            throw .failure("\(path.printable): \(error)")
        }
    }

    /// Why a model with refused operators is no network.
    var refusal: CommandError? {
        guard let first = report.faults.first else { return nil }
        let others = report.faults.count > 1 ? " and \(report.faults.count - 1) more" : ""
        return .failure(
            "operator '\(first.node.oneLine(upTo: 64))' (\(first.operator.oneLine(upTo: 64))) has no counterpart\(others); 'magikbench check' lists all"
        )
    }
}

extension Network {
    /// The network with all quantizers on, at a width; 32 leaves it as it is.
    fileprivate func quantized(to bits: Int, on device: Device) -> Network {
        guard bits < Quantization.float else { return self }
        let editing = Editing(Analysis(self, on: device.family), for: device)
        do {
            return try applying(try editing.quantizing(true)).atBits(bits)
        } catch {
            preconditionFailure("quantizers can be turned on: \(error)")
        }
    }
}

extension Session {
    /// Opens a session, a network file by itself or an ONNX model, for a command that only looks at it.
    static func viewed(_ path: String) throws(CommandError) -> Session {
        guard ImportedModel.isModel(path) else { return try opened(path) }
        let model = try ImportedModel(path)
        if let refusal = model.refusal { throw refusal }
        return Session(imported: model.document, weights: model.weights, from: path)
    }
}
