/// A direction by oneDNN, with weights in its own order, and activations too where it asks for that.
final class LibraryPass: ProductPass {
    private let primitive: ConvolutionPrimitive
    private let library: OneDNN
    private let weights: Buffer
    private let scratch: Buffer?
    /// Copies of the tensors that the primitive has in an order or in numbers of its own.
    private var copies: [(role: ConvolutionPrimitive.Role, buffer: Buffer)] = []
    private var before: [Reorder] = []
    private var after: [Reorder] = []

    init(
        _ direction: ProductDirection, by algorithm: ConvolutionPrimitive.Algorithm, _ factors: NumberType,
        _ room: ProductDirection.Room
    ) throws(EngineError) {
        library = direction.library
        let (shape, library, layer) = (direction.shape, direction.library, direction.layer)
        func make(
            _ way: ConvolutionPrimitive.Direction, hint: ConvolutionPrimitive?, result: NumberType
        ) throws(EngineError) -> ConvolutionPrimitive {
            try ConvolutionPrimitive(
                way, shape, by: algorithm, source: way == .backwardData ? result : factors,
                weights: way == .backwardWeights ? result : factors,
                destination: way == .forward ? result : factors, hint: hint, library: library, layer: layer)
        }
        switch direction.direction {
        case .forward:
            primitive = try make(.forward, hint: nil, result: .float)
        case .backwardData, .backwardWeights:
            let hint = try make(.forward, hint: nil, result: factors)
            primitive = try make(direction.direction, hint: hint, result: .float)
        }
        weights = room(primitive.weightBytes)
        let bytes = primitive.scratchBytes
        scratch = bytes > 0 ? room(bytes) : nil
        for role in [ConvolutionPrimitive.Role.source, .destination] where !primitive.isPlain(role) {
            copies.append((role, room(primitive.bytes(of: role))))
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
        source: UnsafeMutablePointer<Float>, destination: UnsafeMutablePointer<Float>,
        plain: UnsafeMutablePointer<Float>
    ) throws(EngineError) {
        var places = (
            source: UnsafeMutableRawPointer(source), destination: UnsafeMutableRawPointer(destination)
        )
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
            weightsOf: primitive, plainType: .float, fromPlain: result != .weights, library: library,
            plain: plain, own: weights.address)
        if result == .weights { after.append(moved) } else { before.append(moved) }
        try primitive.bind(
            source: places.source, weights: weights.address, destination: places.destination,
            scratch: scratch?.address)
    }

    func run() throws(EngineError) {
        for reorder in before { try reorder.run() }
        try primitive.run()
        for reorder in after { try reorder.run() }
    }
}
