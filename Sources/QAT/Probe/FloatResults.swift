import CKernels
import Foundation
import Graph

/// What the float network gives on a batch: the other side of accumulated errors, kept while only quantizers change.
final class FloatResults {
    /// What decides the results.
    struct Key: Equatable {
        var network: Network
        var family: ArithmeticFamily
        var padsBothSides: Bool
        var absent: Set<Int>
        var feed: ObjectIdentifier
        var weights: ObjectIdentifier

        static func == (left: Key, right: Key) -> Bool {
            left.feed == right.feed && left.weights == right.weights && left.absent == right.absent
                && left.family == right.family && left.padsBothSides == right.padsBothSides
                && left.network == right.network
        }
    }

    let key: Key
    /// By layer, its first output, batch after batch.
    private var values: [String: UnsafeMutableBufferPointer<Float>] = [:]

    /// Runs the network in float. Its batch norm takes the statistics of the batch: those that were learned behind
    /// quantizers belong to normalized values.
    init(
        _ key: Key, _ analysis: Analysis, _ cut: ProbeCut, weights: ProbeWeights, feed: ProbeFeed,
        memoryLimit: Int
    ) throws(EngineError) {
        self.key = key
        let run = try ProbeRun(
            analysis, cut, store: weights.store, feed: feed, isQuantized: false,
            padsBothSides: key.padsBothSides, memoryLimit: memoryLimit)
        try run.forward { _ in
            .frozenTraining
        } look: { _, layer, isLast in
            guard isLast, FloatResults.compares(analysis.network[layer]),
                let tensor = run.program.results[layer]?.first
            else { return }
            let count = feed.samples * tensor.shape.elements
            let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
            _ = copy.initialize(from: UnsafeBufferPointer(start: tensor.values, count: count))
            values[layer] = copy
        }
    }

    deinit { for copy in values.values { copy.deallocate() } }

    var bytes: Int { values.values.reduce(0) { $0 + 4 * $1.count } }

    /// Whether a layer computes values of its own.
    static func compares(_ node: Node?) -> Bool {
        node.map { $0.kind.type.role == .learning || $0.kind.type.role == .combining } ?? false
    }

    /// Signal to noise in dB of a layer's quantized result; nil where both are equal, or there is no signal.
    func accumulatedSQNR(of layer: String, _ result: Tensor) -> Double? {
        guard let copy = values[layer], let expected = copy.baseAddress,
            copy.count.isMultiple(of: result.shape.elements)
        else { return nil }
        let match = ck_compare(expected, result.values, Int64(copy.count))
        guard match.different > 0, match.squares > 0, match.squares.isFinite, match.other_squares.isFinite
        else { return nil }
        // Values that point the other way are noise at any scale.
        let scale = match.other_squares > 0 ? max(0, match.products / match.other_squares) : 0
        guard scale > 0 else { return 0 }
        var (signal, noise) = (0.0, 0.0)
        ck_noise(result.values, expected, Float(scale), Int64(copy.count), &signal, &noise)
        return noise > 0 ? 10 * log10(match.squares / noise) : nil
    }
}

extension Network {
    /// The network that the quantized one stands for: without quantizers, but with what their ranges do as activations,
    /// and without remarks.
    func inFloat(_ facts: NetworkFacts) -> Network {
        do {
            let float = try zip(nodes, facts.nodes).map { node, facts in
                var layer = node.layer
                if let activation = layer.impliedActivation(facts.output) {
                    try layer.set("activation", to: .choice(activation.rawValue))
                }
                if var settings = layer.settings as? any Quantized {
                    settings.quantizers = Quantization()
                    layer = settings.layer
                }
                return Node(node.name, layer, inputs: node.inputs)
            }
            return try Network(inputs: inputs, nodes: float)
        } catch {
            preconditionFailure("layers take other activations, and names and wires stay: \(error)")
        }
    }
}

extension Layer {
    /// The activation that the range of a quantized result is; nil where the one that is written holds.
    fileprivate func impliedActivation(_ output: Signal) -> Activation? {
        guard !output.isFloat, let written = settings.activation else { return nil }
        // A quantized sum has no activation but its range.
        if kind == .shortcut { return output.isSigned ? .linear : .relu }
        return written == Activation.none && !output.isSigned ? .relu : nil
    }
}
