import Graph

/// Which tensors of a network share a scale, and how the scales of others follow.
///
/// A tensor that holds n stands for x = scale x n. Joined tensors share one: the inputs of a Shortcut, Route or Max and
/// what layers hand on without a quantizer of their own. A Shortcut gives n = (a + b) / clip, a Mul the product of both
/// scales. (docs/quantize.md)
struct ScaleGroups {
    /// What decides the scale of a group.
    enum Origin {
        /// Data does.
        case free
        /// It is that number.
        case fixed(Double)
        /// It is the product of two others.
        case product(Source, Source)

        fileprivate var isGiven: Bool {
            switch self {
            case .free: false
            case .fixed, .product: true
            }
        }
    }

    /// A Shortcut whose clip follows from the scales of its inputs and its result.
    struct Sum {
        var layer: String
        var input: Source
        var output: Source
    }

    /// An output that cannot share the scale of what it is joined with: it needs a layer behind it.
    private(set) var conflict: Source?
    /// The sums with free clips.
    private(set) var sums: [Sum] = []
    /// Tensors that a quantizer of their own fills.
    private(set) var quantized: [Source] = []
    private var parents: [Source: Source] = [:]
    /// The scale of a tensor for a scale of its parent of 1.
    private var ratios: [Source: Double] = [:]
    private var origins: [Source: Origin] = [:]
    /// Roots of groups with a tensor whose own data decides its scale.
    private var hasData: Set<Source> = []
    private var owners: [Source: Source] = [:]

    /// Finds the groups of a network as it is quantized; `keepsClips` leaves the clips of sums as they are.
    init(_ analysis: Analysis, keepsClips: Bool) {
        for input in analysis.network.inputs { start(Source(input.name), .fixed(1)) }
        for index in analysis.order.evaluation { read(index, analysis, keepsClips: keepsClips) }
    }

    private mutating func start(_ source: Source, _ origin: Origin) {
        parents[source] = source
        ratios[source] = 1
        origins[source] = origin
        switch origin {
        case .free: hasData.insert(source)
        case .fixed, .product: owners[source] = source
        }
    }

    /// The tensor that stands for the group of one, and the tensor's scale for a scale of that of 1.
    func root(of source: Source) -> (root: Source, ratio: Double) {
        var at = source
        var ratio = 1.0
        while let parent = parents[at], parent != at {
            ratio *= ratios[at] ?? 1
            at = parent
        }
        return (at, ratio)
    }

    /// What decides the scale of a root.
    func origin(of root: Source) -> Origin { origins[root] ?? .fixed(1) }

    /// Two tensors share a scale: that of the second is `ratio` times the first's.
    private mutating func join(_ first: Source, _ second: Source, ratio: Double = 1) {
        let one = root(of: first)
        let other = root(of: second)
        guard one.root != other.root else { return }
        let factor = one.ratio * ratio / other.ratio
        // scale(other.root) = factor x scale(one.root)
        let isGiven = (origin(of: one.root).isGiven, origin(of: other.root).isGiven)
        if isGiven.0, isGiven.1 {
            if case (.fixed(let left), .fixed(let right)) = (origin(of: one.root), origin(of: other.root)),
                left * factor == right
            {
            } else {
                conflict = conflict ?? owners[other.root]
            }
        } else if isGiven.0, hasData.contains(other.root) {
            conflict = conflict ?? owners[one.root]
        } else if isGiven.1, hasData.contains(one.root) {
            conflict = conflict ?? owners[other.root]
        }
        let (winner, loser, scale) =
            isGiven.1 && !isGiven.0 ? (other.root, one.root, 1 / factor) : (one.root, other.root, factor)
        parents[loser] = winner
        ratios[loser] = scale
        if hasData.contains(loser) { hasData.insert(winner) }
    }

    private mutating func read(_ index: Int, _ analysis: Analysis, keepsClips: Bool) {
        let node = analysis.network.nodes[index]
        let signal = analysis.facts.nodes[index].output
        let outputs = (analysis.shapes.outputs[index].value ?? []).indices.map {
            Source(node.name, output: $0)
        }
        guard let output = outputs.first else { return }
        if node.kind == .preprocess {
            start(output, .fixed(1))
            join(node.inputs[0], output)
        } else if node.layer.learnsScale {
            let isReal = signal.isFloat || node.layer.settings.activation == .hsigmoid
            start(output, isReal ? .fixed(1) : .free)
            if !isReal { quantized.append(output) }
        } else if node.kind == .lstm {
            for output in outputs { start(output, .fixed(1)) }
        } else if node.kind == .embedding {
            start(output, .fixed(signal.isFloat ? 1 : Double(EmbeddingKernel.clip)))
        } else if case .shortcut(let sum) = node.layer {
            join(node.inputs[0], node.inputs[1])
            let clip = min(sum.quantizers.clip, Shortcut.largestClip)
            if signal.isFloat {
                start(output, .free)
                hasData.remove(output)
                join(node.inputs[0], output)
            } else if keepsClips {
                start(output, .free)
                join(node.inputs[0], output, ratio: clip)
                quantized.append(output)
            } else {
                start(output, .free)
                quantized.append(output)
                sums.append(Sum(layer: node.name, input: node.inputs[0], output: output))
            }
        } else if node.kind == .mul {
            multiply(node, output, signal)
        } else {
            for input in node.inputs.dropFirst() { join(node.inputs[0], input) }
            for output in outputs {
                start(output, .free)
                hasData.remove(output)
                join(node.inputs[0], output)
            }
        }
    }

    private mutating func multiply(_ node: Node, _ output: Source, _ signal: Signal) {
        let first = node.inputs[0]
        let second = node.inputs[1]
        // A gate holds real numbers from 0 to 1: its product keeps the other's scale.
        for (gate, other) in [(second, first), (first, second)] {
            if case .fixed(let scale) = origin(of: root(of: gate).root), scale * root(of: gate).ratio == 1 {
                start(output, .free)
                hasData.remove(output)
                join(other, output)
                return
            }
        }
        start(output, .product(first, second))
        if !signal.isFloat { quantized.append(output) }
    }
}

extension Result {
    /// The value, or nil.
    fileprivate var value: Success? {
        guard case .success(let value) = self else { return nil }
        return value
    }
}
