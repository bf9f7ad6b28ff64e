/// A direction by oneDNN, with weights in its own order, and activations too where it asks for that.
final class LibraryPass: ProductPass {
    private let primitive: ConvolutionPrimitive
    private let library: OneDNN
    private let plainWeights: NumberType
    private let weights: Buffer
    private let scratch: Buffer?
    /// Copies of the tensors that the primitive has in an order or in numbers of its own.
    private var copies: [(role: ConvolutionPrimitive.Role, buffer: Buffer)] = []
    private var before: [Reorder] = []
    private var after: [Reorder] = []

    init(
        _ direction: ProductDirection, in layout: ConvolutionPrimitive.Layout,
        _ room: ProductDirection.Room, rounded: Bool = false
    ) throws(EngineError) {
        library = direction.library
        let shape = direction.shape
        let library = direction.library
        let layer = direction.layer
        let (input, factor): (NumberType, NumberType) =
            switch direction.factors {
            case .floats: rounded ? (.bfloat, .bfloat) : (.float, .float)
            case .codes(let areSigned): (areSigned ? .signedByte : .unsignedByte, .signedByte)
            }
        plainWeights = direction.factors == .floats ? .float : .signedByte
        primitive =
            switch direction.direction {
            case .forward:
                try ConvolutionPrimitive(
                    .forward, shape, in: layout, source: input, weights: factor, library: library,
                    layer: layer)
            case .backwardData:
                try ConvolutionPrimitive(
                    .backwardData, shape, in: layout, weights: factor, destination: factor,
                    library: library, layer: layer)
            case .backwardWeights:
                try ConvolutionPrimitive(
                    .backwardWeights, shape, in: layout, source: factor, destination: factor,
                    library: library, layer: layer)
            }
        weights = room(primitive.weightBytes)
        let bytes = primitive.scratchBytes
        scratch = bytes > 0 ? room(bytes) : nil
        let plainInput = direction.factors == .floats ? .float : input
        if !primitive.isPlain(.source, plainInput) {
            copies.append((.source, room(primitive.bytes(of: .source))))
        }
        if !primitive.isPlain(.destination, .float) {
            copies.append((.destination, room(primitive.bytes(of: .destination))))
        }
    }

    /// Whether the library has nothing better than its slow reference.
    var isReference: Bool { primitive.isReference }

    /// What the direction fills.
    private var result: ConvolutionPrimitive.Role {
        switch primitive.direction {
        case .forward: .destination
        case .backwardData: .source
        case .backwardWeights: .weights
        }
    }

    func bind(
        source: UnsafeMutableRawPointer, destination: UnsafeMutableRawPointer, plain: UnsafeMutableRawPointer
    ) throws(EngineError) {
        var places = (source: source, destination: destination)
        before = []
        after = []
        for (role, buffer) in copies {
            let isSource = role == .source
            let reorder = try Reorder(
                activationsOf: primitive, role, fromPlain: role != result, library: library,
                plain: isSource ? source : destination, own: buffer.address)
            if isSource { places.source = buffer.address } else { places.destination = buffer.address }
            if role == result { after.append(reorder) } else { before.append(reorder) }
        }
        let moved = try Reorder(
            weightsOf: primitive, plainType: plainWeights, fromPlain: result != .weights, library: library,
            plain: plain, own: weights.address)
        if result == .weights { after.append(moved) } else { before.append(moved) }
        try primitive.bind(
            source: places.source, weights: weights.address, destination: places.destination,
            scratch: scratch?.address, own: copies.map(\.role))
    }

    func run() throws(EngineError) {
        for reorder in before { try reorder.run() }
        try primitive.run()
        for reorder in after { try reorder.run() }
    }
}
