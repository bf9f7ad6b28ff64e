import Devices
import Graph
import Testing

/// Two networks that differ in one decision: the first breaks a rule, the second keeps it.
struct RuleCase: Sendable {
    /// The rule's id.
    let rule: String
    /// The chips on which the first network breaks it; nil for all that ask.
    let chips: [Device]?
    /// Both networks, as `Network.init(lines:_:)` reads them.
    let lines: [String]
    /// Rules that no network can break this one without, or that the shortest one happens to break with it.
    let also: Set<String>

    init(_ rule: String, on chips: [Device]? = nil, _ lines: String..., also: Set<String> = []) {
        self.rule = rule
        self.chips = chips
        self.lines = lines
        self.also = also
    }

    /// The chips on which the first network breaks the rule.
    var devices: [Device] { chips ?? Rule.named(rule)?.devices ?? [] }

    func network(_ variant: Variant) throws -> Network { try Network(lines: lines, variant) }

    /// Every case of every rule.
    static let all: [RuleCase] = [
        structure, support, normalization, convolution, dense, channels, lastLayer, pooling, combining,
        reshaping, recurrent, imports, quantize, npuBits, simdBits, advice,
    ].flatMap { $0 }
}

extension RuleCase: CustomTestStringConvertible {
    var testDescription: String { rule + ": " + lines.joined(separator: "; ") }
}

extension [Device] {
    static let npu: [Device] = [.t40, .t41, .t02]
    static let simd: [Device] = [.txx, .xs1, .xs2]
}

/// A finding without its words: which rule, on which layer.
struct Broken: Hashable, CustomStringConvertible {
    let rule: String
    let layer: String?

    init(_ rule: String, _ layer: String?) { (self.rule, self.layer) = (rule, layer) }

    var description: String { "\(rule) on \(layer ?? "the network")" }
}

extension Checker {
    /// The report on one chip.
    static func report(_ network: Network, on device: Device, waivers: [Waiver] = []) -> Report {
        report(on: Analysis(network, on: device.family), for: device, waivers: waivers)
    }

    /// What a network breaks on a chip.
    static func broken(_ network: Network, on device: Device) -> Set<Broken> {
        Set(report(network, on: device).findings.map { Broken($0.rule, $0.layer) })
    }
}

extension Network {
    /// In how many decisions another network differs: inputs, layers, operators, wires, fields, flags.
    func decisions(apartFrom other: Network) -> Int {
        let names = Set(nodes.map(\.name)).union(other.nodes.map(\.name))
        let inputsHere = Set(inputs).subtracting(other.inputs).count
        let inputsThere = Set(other.inputs).subtracting(inputs).count
        let tasks = task == other.task ? 0 : 1
        return tasks + max(inputsHere, inputsThere)
            + names.reduce(0) { $0 + Network.decisions(self[$1], other[$1]) }
    }

    private static func decisions(_ first: Node?, _ second: Node?) -> Int {
        guard let first, let second else { return 1 }
        let wires = first.inputs == second.inputs ? 0 : 1
        // Another operator is one decision, whatever fields come and go with it.
        guard first.kind == second.kind else { return wires + 1 }
        let fields = first.kind.fields.count { first.layer.value(of: $0) != second.layer.value(of: $0) }
        let flags = ImportedFlags.flags.count {
            first.imported.value(of: $0) != second.imported.value(of: $0)
        }
        return wires + fields + flags
    }
}
