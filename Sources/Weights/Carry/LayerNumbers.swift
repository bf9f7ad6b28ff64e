import Graph

/// The numbers of one layer after a change of its network.
struct LayerNumbers {
    let layer: LayerCarry
    let before: Analysis
    let after: Analysis
    let padsBothSides: Bool
    private let weights: Safetensors
    /// The axes of the layer's tensors, by the names within the layer.
    private let formerShapes: [String: [Int]]
    private let shapes: [String: [Int]]
    /// The tensors, by the names of checkpoints.
    var numbers: [String: [Float]] = [:]
    /// What is lost of them.
    var notes: [CarryNote] = []

    init(
        _ layer: LayerCarry, _ before: Analysis, _ after: Analysis, _ weights: Safetensors,
        padsBothSides: Bool
    ) {
        self.layer = layer
        self.before = before
        self.after = after
        self.weights = weights
        self.padsBothSides = padsBothSides
        formerShapes = LayerNumbers.shapes(of: layer.old, in: before)
        shapes = LayerNumbers.shapes(of: layer.new, in: after)
    }

    /// Works out all tensors; false where the file lacks one of the layer, or it has another shape or type there.
    mutating func write() -> Bool {
        guard formerShapes.keys.allSatisfy({ former($0) != nil }) else { return false }
        if new.kind.learns { parameters() }
        learnedClip()
        return true
    }

    /// The tensors of an operator that learns.
    private mutating func parameters() {
        if new.layer.settings is Conv2D || new.layer.settings is DepthwiseConv2D { return convolution() }
        if new.layer.settings is ConvTranspose2D { return transposed() }
        if new.layer.settings is SeBlock { return squeezeExcite() }
        if new.layer.settings is Embedding { return table() }
        if case .lstm(let lstm) = new.layer { return recurrent(lstm) }
        let hasWeight = shape("weight") != nil
        if hasWeight { product("weight", layer.rows, layer.columns) }
        finish(hasWeight ? "weight" : nil, layer.rows)
        slopes()
    }

    /// The layer as it was.
    var old: Node { before.network.nodes[layer.old] }
    /// The layer as it is.
    var new: Node { after.network.nodes[layer.new] }
    /// What it read.
    var formerlyRead: Shape? { before.shapes.inputs[layer.old].first ?? nil }
    /// What it reads.
    var read: Shape? { after.shapes.inputs[layer.new].first ?? nil }

    /// A tensor as it was, with its axes; nil where the layer had none.
    func former(_ tensor: String) -> (values: [Float], shape: [Int])? {
        guard let shape = formerShapes[tensor] else { return nil }
        do {
            return (try weights.values("\(old.name).\(tensor)", shape: shape, as: Float.self), shape)
        } catch {
            // `write` has said that the layer's numbers are not there.
            return nil
        }
    }

    /// The axes of a tensor as it is; nil where the layer has none.
    func shape(_ tensor: String) -> [Int]? { shapes[tensor] }

    /// The name of a tensor in checkpoints.
    func name(_ tensor: String) -> String { "\(new.name).\(tensor)" }

    private static func shapes(of index: Int, in analysis: Analysis) -> [String: [Int]] {
        guard let inputs = analysis.shapes.known(index) else { return [:] }
        let settings = analysis.network.nodes[index].layer.settings
        var shapes: [String: [Int]] = [:]
        for parameter in settings.parameters(for: inputs, on: analysis.facts.family) {
            shapes[parameter.name] = parameter.shape
            guard parameter.role == .scale else { continue }
            let prefix = parameter.name.dropLast("gamma".count)
            for name in ["runningMean", "runningVariance"] { shapes[prefix + name] = parameter.shape }
        }
        return shapes
    }

    /// A learned clip belongs to the quantizer that it was learned for.
    private mutating func learnedClip() {
        let fields = ["clip", "outputBits", "activation"]
        guard new.layer.learnsClip, old.layer.learnsClip,
            fields.allSatisfy({ old.layer.value(of: $0) == new.layer.value(of: $0) }),
            let clip = try? weights.values("\(old.name).logClip", shape: [1], as: Float.self)
        else { return }
        numbers[name("logClip")] = clip
    }
}
