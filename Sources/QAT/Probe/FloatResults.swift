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
        /// Whether it is a float model, whose running statistics are its own.
        var isModel: Bool

        static func == (left: Key, right: Key) -> Bool {
            left.feed == right.feed && left.weights == right.weights && left.absent == right.absent
                && left.family == right.family && left.padsBothSides == right.padsBothSides
                && left.isModel == right.isModel && left.network == right.network
        }
    }

    let key: Key
    /// The layers that are kept; nil keeps all that are compared.
    private let layers: Set<String>?
    /// By layer, its first output, batch after batch; and the shape of a sample of it.
    private var values: [String: UnsafeMutableBufferPointer<Float>] = [:]
    private var shapes: [String: Shape] = [:]

    /// Runs the network in float and keeps what it gives: all layers, or some.
    init(
        _ key: Key, _ run: ProbeRun, samples: Int, of layers: Set<String>? = nil
    ) throws(EngineError) {
        self.key = key
        self.layers = layers
        try take(run, samples: samples)
    }

    /// Runs the network in float on what it is fed now. Its batch norm takes the statistics of the batch, unless it is a
    /// float model: those that were learned behind quantizers belong to normalized values.
    func take(_ run: ProbeRun, samples: Int) throws(EngineError) {
        try run.forward { _ in
            key.isModel ? .evaluation : .frozenTraining
        } inspect: { _, layer, isLast in
            guard isLast, layers?.contains(layer) ?? FloatResults.compares(key.network[layer]),
                let tensor = run.program.results[layer]?.first
            else { return }
            let count = samples * tensor.shape.elements
            let copy = values[layer] ?? .allocate(capacity: count)
            _ = copy.update(fromContentsOf: UnsafeBufferPointer(start: tensor.values, count: count))
            values[layer] = copy
            shapes[layer] = tensor.shape
        }
    }

    deinit { for copy in values.values { copy.deallocate() } }

    var bytes: Int { values.values.reduce(0) { $0 + 4 * $1.count } }

    /// Whether a layer computes values of its own.
    static func compares(_ node: Node?) -> Bool {
        node.map { $0.kind.type.role == .learning || $0.kind.type.role == .combining } ?? false
    }

    /// What a layer gave.
    subscript(layer: String) -> UnsafeMutableBufferPointer<Float>? { values[layer] }

    /// A layer's quantized result beside its float one; nil where there is none, or numbers are not finite.
    func match(of layer: String, _ result: Tensor) -> FloatMatch? {
        guard let copy = values[layer], let expected = copy.baseAddress,
            shapes[layer] == result.shape
        else { return nil }
        let found = ck_compare(expected, result.values, Int64(copy.count))
        guard found.squares.isFinite, found.other_squares.isFinite else { return nil }
        let scale = found.other_squares > 0 ? max(0, found.products / found.other_squares) : 0
        var signal = 0.0
        var noise = 0.0
        // The scale that C takes is a float; the sums belong to that one.
        ck_noise(result.values, expected, Float(scale), Int64(copy.count), &signal, &noise)
        return FloatMatch(
            count: copy.count, squares: found.squares, otherSquares: found.other_squares,
            products: found.products, noise: noise, scale: Double(Float(scale)),
            isEqual: found.different == 0)
    }
}

extension Network {
    /// The network that the quantized one stands for: without quantizers, but with what their ranges do as activations,
    /// and without remarks.
    func inFloat(_ facts: SignalAnalysis) -> Network {
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
            return try with(float)
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
