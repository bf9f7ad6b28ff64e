/// The shapes between the layers of a network, or why a layer has none.
public struct NetworkShapes: Sendable {
    /// For each layer, the shapes of its outputs, or why it has none.
    public let outputs: [Result<[Shape], ShapeError>]
    /// For each layer, the shapes that reach it, as far as they are known.
    public let inputs: [[Shape?]]

    /// Works out all shapes.
    public init(_ network: Network, order: NetworkOrder) {
        let count = network.nodes.count
        var outputs = [Result<[Shape], ShapeError>](repeating: .failure(.waits(on: "")), count: count)
        var inputs = [[Shape?]](repeating: [], count: count)
        for index in order.evaluation {
            let node = network.nodes[index]
            let (shapes, failure) = NetworkShapes.arriving(at: node, in: network, outputs: outputs)
            inputs[index] = shapes
            outputs[index] = NetworkShapes.outputs(of: node, inputs: shapes, failure: failure)
        }
        for index in order.cyclic + order.blocked {
            let node = network.nodes[index]
            inputs[index] = node.inputs.map { _ in nil }
            outputs[index] = .failure(.waits(on: node.inputs.first?.name ?? node.name))
        }
        self.outputs = outputs
        self.inputs = inputs
    }

    /// The shapes of a layer's outputs; none where they are not known.
    public func outputs(of index: Int) -> [Shape] {
        switch outputs[index] {
        case .success(let shapes): shapes
        case .failure: []
        }
    }

    /// The shape of a layer's first output, or nil where it has none.
    public func output(_ index: Int) -> Shape? { outputs(of: index).first }

    /// Why a layer has no shape, where the reason lies in the layer itself.
    public func failure(_ index: Int) -> ShapeError? {
        guard case .failure(let error) = outputs[index] else { return nil }
        if case .waits = error { return nil }
        return error
    }

    /// All shapes that reach a layer, or nil while one of them is unknown.
    public func known(_ index: Int) -> [Shape]? {
        let shapes = inputs[index].compactMap { $0 }
        return shapes.count == inputs[index].count ? shapes : nil
    }

    private static func arriving(
        at node: Node, in network: Network, outputs: [Result<[Shape], ShapeError>]
    ) -> ([Shape?], ShapeError?) {
        var failure: ShapeError?
        let shapes = node.inputs.map { source -> Shape? in
            switch network.place(of: source.name) {
            case .input(let input) where source.output == 0: return network.inputs[input].shape
            case .input:
                failure = failure ?? .noSuchOutput(layer: source.name, output: source.output, count: 1)
            case .node(let producer):
                guard case .success(let shapes) = outputs[producer] else {
                    failure = failure ?? .waits(on: source.name)
                    return nil
                }
                if shapes.indices.contains(source.output) { return shapes[source.output] }
                failure =
                    failure ?? .noSuchOutput(layer: source.name, output: source.output, count: shapes.count)
            case nil: break
            }
            return nil
        }
        return (shapes, failure)
    }

    private static func outputs(
        of node: Node, inputs: [Shape?], failure: ShapeError?
    ) -> Result<[Shape], ShapeError> {
        let expected = node.kind.inputs
        guard expected.contains(inputs.count) else {
            return .failure(.inputCount(expected: expected, found: inputs.count))
        }
        if let failure { return .failure(failure) }
        return Result { () throws(ShapeError) in
            let shapes = try node.layer.settings.outputShapes(of: inputs.compactMap { $0 })
            for shape in shapes { _ = try shape.bounded() }
            return shapes
        }
    }
}
