public import Devices
import Graph

/// A layer on the way of the data from the one that causes a finding to the one that shows it.
public struct PathStep: Hashable, Sendable {
    /// The layer or input.
    public let layer: String
    /// What it gives, in the rule's terms: its shape, "no shape yet", or its bits and sign where those are wrong.
    public let shape: String
    /// What it has to do with the finding: "set here", "read here", or nothing.
    public let role: String
}

/// Finds the way of the data from the layer that causes a finding to the one that shows it.
struct FindingPath {
    /// The layers, in the order of the data; empty where the finding is about no layer.
    let steps: [PathStep]

    /// Finds the way: by channels, bits or shape, whichever the rule is about.
    init(of finding: Finding, in analysis: Analysis) {
        let network = analysis.network
        guard let index = finding.layer.flatMap({ network.index(of: $0) }) else {
            steps = []
            return
        }
        let node = network.nodes[index]
        let cause: [Int]
        let property = Property(finding.topic)
        switch property {
        case .channels:
            cause = node.inputs.first.map { ChannelSources(analysis).path(from: $0) } ?? []
        case .bits:
            let wires = zip(node.inputs, analysis.facts.nodes[index].inputs)
            let odd = wires.min { $0.1.bits < $1.1.bits }?.0
            cause = odd.map { FindingPath.origin(of: $0, in: analysis) { $0.kind.passesOn } } ?? []
        case .sign:
            let wires = zip(node.inputs, analysis.facts.nodes[index].inputs)
            let odd = wires.first { $0.1.isSigned }?.0
            cause = odd.map { FindingPath.origin(of: $0, in: analysis) { $0.kind.passesOn } } ?? []
        case .shape: cause = node.inputs.last.flatMap { network.index(of: $0.name) }.map { [$0] } ?? []
        case .itself: cause = []
        }
        steps = FindingPath.steps(
            cause: cause.filter { $0 != index }.reversed(), symptom: index, in: analysis, property)
    }

    /// Backwards from a wire over layers that something is true of, to the first that it is not true of.
    static func origin(of source: Source, in analysis: Analysis, over passes: (Node) -> Bool) -> [Int] {
        var path: [Int] = []
        var next: Source? = source
        while let wire = next, let index = analysis.network.index(of: wire.name), !path.contains(index) {
            path.append(index)
            let node = analysis.network.nodes[index]
            guard passes(node) else { break }
            next = node.inputs.first
        }
        return path
    }

    private static func words(_ shape: Shape?, _ signal: Signal, _ property: Property) -> String {
        switch property {
        case .bits: signal.isFloat ? "float" : "\(signal.bits) bit"
        case .sign: signal.isFloat ? "float" : signal.isSigned ? "signed" : "unsigned"
        case .channels, .shape, .itself: shape?.description ?? "no shape yet"
        }
    }

    /// What has to be followed back to its cause.
    private enum Property {
        case channels, bits, sign, shape, itself

        init(_ topic: RuleTopic) {
            switch topic {
            case .channelBlocks, .givenChannels, .channelGroups: self = .channels
            case .equalBits, .bitsRead: self = .bits
            case .sign: self = .sign
            case .shapes: self = .shape
            case .weightBits, .featureBits, .other: self = .itself
            }
        }
    }

    private static func steps(
        cause: [Int], symptom: Int, in analysis: Analysis, _ property: Property
    ) -> [PathStep] {
        let network = analysis.network
        func step(_ index: Int, _ role: String) -> PathStep {
            let text = words(analysis.shapes.output(index), analysis.facts.nodes[index].output, property)
            return PathStep(layer: network.nodes[index].name, shape: text, role: role)
        }
        var steps: [PathStep] = []
        if let before = network.nodes[cause.first ?? symptom].inputs.first {
            if let index = network.index(of: before.name) {
                steps.append(step(index, ""))
            } else if case .input(let input) = network.place(of: before.name) {
                let signal = Signal(bits: Preprocess.bits, isSigned: false)
                let text = words(network.inputs[input].shape, signal, property)
                steps.append(PathStep(layer: before.name, shape: text, role: ""))
            }
        }
        steps += cause.enumerated().map { step($1, $0 == 0 ? "set here" : "") }
        steps.append(step(symptom, cause.isEmpty ? "set here" : "read here"))
        return steps
    }
}

extension EditorState {
    /// The way of the data from the layer that causes a finding to the one that shows it, with one layer in front; empty
    /// where the finding is about no layer.
    public func path(of finding: Finding) -> [PathStep] { FindingPath(of: finding, in: analysis).steps }
}
