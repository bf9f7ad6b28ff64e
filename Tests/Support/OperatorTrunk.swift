public import Devices
public import Graph

/// A small network in which operators read each other: a stem whose result has a sign, layers behind it, and a last
/// layer that gives floats behind each branch.
///
/// Between two layers stands a Flatten or Route wherever the second takes other axes than the first gives.
public struct OperatorTrunk {
    /// The chip.
    public let device: Device
    /// The bits of everything behind the stem.
    public let widths: Widths
    /// Whether what the stem gives is signed.
    public let isSigned: Bool

    private(set) var nodes: [Node] = []
    private var shapes: [String: Shape] = [:]
    private var owners: [String: String] = [:]
    private let inputs: [Input]

    /// The input, its Preprocess and a convolution.
    public init(on device: Device, _ widths: Widths, isSigned: Bool) throws(ShapeError) {
        self.device = device
        self.widths = widths
        self.isSigned = isSigned
        inputs = [
            Input("image", .map(channels: 3, height: 4, width: 4)), Input("tokens", .vector(2)),
        ]
        shapes["image"] = inputs[0].shape
        shapes["tokens"] = inputs[1].shape
        try add("preprocess", Preprocess().layer, ["image"], owner: "stem")
        try add("indices", Preprocess().layer, ["tokens"], owner: "stem")
        var stem = Conv2D()
        (stem.outChannels, stem.padding, stem.batchNorm) = (block, 1, true)
        (stem.activationFunction, stem.quantizers.isEnabled) = (isSigned ? .linear : .none, true)
        (stem.quantizers.weightBits, stem.quantizers.outputBits) = (8, widths.features)
        stem.bias = false
        try add("stem", stem.layer, ["preprocess"], owner: "stem")
    }

    private var block: Int { device.family.channelBlock }

    /// The network; throws where it is none.
    public func network() throws(EditError) -> Network { try Network(inputs: inputs, nodes: nodes) }

    /// The branches whose layers are all taken, and read none that is not.
    public func keptBranches(without refused: Set<String>) -> Set<String> {
        var lost = refused
        for node in nodes where node.inputs.contains(where: { lost.contains(owners[$0.name] ?? "") }) {
            lost.insert(owner(of: node.name))
        }
        return Set(owners.values).subtracting(lost)
    }

    /// The network of some branches and what they read.
    public func network(keeping kept: Set<String>) throws(EditError) -> Network {
        var names = Set(nodes.filter { kept.contains(owner(of: $0.name)) }.map(\.name))
        for node in nodes.reversed() where names.contains(node.name) {
            names.formUnion(node.inputs.map(\.name))
        }
        return try Network(
            inputs: inputs.filter { names.contains($0.name) }, nodes: nodes.filter { names.contains($0.name) }
        )
    }

    /// The branch that a layer belongs to.
    public func owner(of layer: String) -> String { owners[layer] ?? layer }

    private mutating func add(
        _ name: String, _ layer: Layer, _ sources: [Source], owner: String
    ) throws(ShapeError) {
        let arriving = sources.compactMap { shapes[$0.description] }
        let given = try layer.settings.outputShapes(of: arriving)
        nodes.append(Node(name, layer, inputs: sources))
        owners[name] = owner
        for (output, shape) in given.enumerated() {
            shapes[Source(name, output: output).description] = shape
        }
    }

    /// A layer of a variant that reads one layer, or two where it joins them; gives the sources of its results. Nil where no
    /// change of axes makes it read them.
    public mutating func grow(
        _ variant: OperatorVariant, on sources: [Source], owner: String
    ) throws(ShapeError) -> Source? {
        var arriving: [Source] = []
        for (place, source) in sources.enumerated() {
            guard let fitted = try fit(source, for: variant, "\(owner)~\(place)", owner) else { return nil }
            arriving.append(fitted)
        }
        if variant.joins, arriving.count == 1 { arriving.append(arriving[0]) }
        guard let first = arriving.first, let shape = shapes[first.description] else { return nil }
        // Two results of other axes are joined as lists.
        if arriving.count == 2, let other = shapes[arriving[1].description], other != shape {
            guard shape.elements == other.elements else { return nil }
            for place in arriving.indices {
                arriving[place] = try flattened(
                    arriving[place], [shape.elements], "\(owner)~list\(place)", owner)
            }
        }
        let read = shapes[arriving[0].description] ?? shape
        try add(owner, variant.layer(reading: read, block: block, widths), arriving, owner: owner)
        return Source(owner)
    }

    /// The last layer behind a branch.
    public mutating func end(_ source: Source, output: Int = 0, owner: String) throws(ShapeError) {
        var dense = FullConnected()
        (dense.outChannels, dense.activationFunction, dense.batchNorm) = (2, .none, false)
        (dense.quantizers.isEnabled, dense.quantizers.autoBitwidth) = (true, false)
        (dense.quantizers.weightBits, dense.quantizers.outputBits) = (8, Quantization.float)
        let place = Source(source.name, output: output)
        guard let shape = shapes[place.description] else { return }
        let list = try flattened(place, [shape.elements], "\(owner)~flat\(output)", owner)
        try add("\(owner)~last\(output)", dense.layer, [list], owner: owner)
    }

    /// How many results a layer gives.
    public func outputs(of source: Source) -> Int {
        (0..<8).prefix { shapes[Source(source.name, output: $0).description] != nil }.count
    }

    private mutating func flattened(
        _ source: Source, _ axes: [Int], _ name: String, _ owner: String
    ) throws(ShapeError) -> Source {
        if shapes[source.description]?.dimensions == axes { return source }
        var flatten = Flatten()
        flatten.shape = [-1] + axes
        try add(name, flatten.layer, [source], owner: owner)
        return Source(name)
    }

    /// A source with the axes that a variant reads.
    private mutating func fit(
        _ source: Source, for variant: OperatorVariant, _ name: String, _ owner: String
    ) throws(ShapeError) -> Source? {
        guard let shape = shapes[source.description] else { return nil }
        switch variant.kind {
        case .preprocess: return nil
        case .embedding: return Source("indices")
        case .fullConnected: return try flattened(source, [shape.elements], name, owner)
        case .lstm:
            guard shape.elements.isMultiple(of: block) else { return nil }
            return try flattened(source, [shape.elements / block, block], name, owner)
        case .pixelShuffle:
            guard let map = try mapped(source, name, owner) else { return nil }
            try add("\(name)wide", Route().layer, [map, map, map, map], owner: owner)
            return Source("\(name)wide")
        case .conv2D, .convTranspose2D, .depthwiseConv2D, .maxpool2D, .avgpool2D, .adaptiveAvgpool2D,
            .unpool2D,
            .seBlock, .channelSplit:
            return try mapped(source, name, owner)
        case .batchNorm, .flatten, .route, .shortcut, .mul, .max: return source
        }
    }

    private mutating func mapped(
        _ source: Source, _ name: String, _ owner: String
    ) throws(ShapeError) -> Source? {
        guard let shape = shapes[source.description] else { return nil }
        if case .map(_, let height, let width) = shape, height > 1, width > 1 { return source }
        // As many pixels as there are values for, doubled where a window of 2 needs two rows.
        let pixels = shape.elements / block
        guard pixels >= 1, shape.elements.isMultiple(of: block) else { return nil }
        let columns = pixels.isMultiple(of: 2) ? 2 : 1
        let axes = [block, pixels / columns, columns]
        let map = try flattened(source, axes, name, owner)
        guard axes[1] < 2 || axes[2] < 2 else { return map }
        var unpool = Unpool2D()
        (unpool.mode, unpool.quantizers.isEnabled) = (.nearest, true)
        try add("\(name)up", unpool.layer, [map], owner: owner)
        return Source("\(name)up")
    }
}
