/// What a network costs: parameters, multiplications and bytes, by layer and in total.
public struct NetworkCost: Sendable {
    /// The cost of one layer for one sample.
    public struct Cost: Hashable, Sendable {
        /// Numbers that are learned; batch norm counts two a channel.
        public var parameters = 0
        /// Multiplications with accumulation.
        public var multiplyAccumulates = 0
        /// Bytes of the parameters: weights at their bits, everything else 4 bytes.
        public var weightBytes = 0
        /// Bytes of the result at its bits.
        public var featureBytes = 0
        /// Bytes of the result that only fill up a block of 32 channels; 0 on the SIMD family.
        public var paddingBytes = 0

        static func + (first: Cost, second: Cost) -> Cost {
            Cost(
                parameters: first.parameters.clampedSum(second.parameters),
                multiplyAccumulates: first.multiplyAccumulates.clampedSum(second.multiplyAccumulates),
                weightBytes: first.weightBytes.clampedSum(second.weightBytes),
                featureBytes: first.featureBytes.clampedSum(second.featureBytes),
                paddingBytes: first.paddingBytes.clampedSum(second.paddingBytes))
        }
    }

    /// For each layer, its cost; zero where the shapes are unknown.
    public let nodes: [Cost]
    /// The whole network.
    public let total: Cost

    /// Adds up all costs.
    public init(_ network: Network, shapes: NetworkShapes, facts: SignalAnalysis) {
        var total = Cost()
        nodes = network.nodes.indices.map { index in
            guard let inputs = shapes.known(index), case .success(let outputs) = shapes.outputs[index] else {
                return Cost()
            }
            let cost = NetworkCost.cost(
                of: network.nodes[index].layer, inputs: inputs, outputs: outputs, facts: facts.nodes[index],
                on: facts.family)
            total = total + cost
            return cost
        }
        self.total = total
    }

    private static func cost(
        of layer: Layer, inputs: [Shape], outputs: [Shape], facts: SignalAnalysis.Facts,
        on family: ArithmeticFamily
    ) -> Cost {
        let settings = layer.settings
        var cost = Cost()
        for parameter in settings.parameters(for: inputs, on: family) {
            let bits = parameter.role == .weight ? facts.weightBits ?? Quantization.float : Quantization.float
            cost.parameters = cost.parameters.clampedSum(parameter.count)
            cost.weightBytes = cost.weightBytes.clampedSum(bytes(parameter.count, bits: bits))
        }
        cost.multiplyAccumulates = settings.multiplyAccumulates(for: inputs, on: family)
        for output in outputs {
            let stored = bytes(output.elements, bits: facts.output.bits)
            cost.featureBytes += stored
            cost.paddingBytes += bytes(padded(output, on: family).elements, bits: facts.output.bits) - stored
        }
        return cost
    }

    /// The shape as the family stores it: feature maps of the NPU in whole blocks of 32 channels.
    private static func padded(_ shape: Shape, on family: ArithmeticFamily) -> Shape {
        guard family == .npu, case .map = shape else { return shape }
        let block = family.channelBlock
        return shape.withChannels((shape.channels + block - 1) / block * block)
    }

    private static func bytes(_ count: Int, bits: Int) -> Int {
        count > Int.max / 64 ? count / 8 * bits : (count * bits + 7) / 8
    }
}

/// Everything that follows from a network for one family of arithmetic, worked out together.
public struct Analysis: Sendable {
    /// What was analysed.
    public let network: Network
    /// Evaluation order and wiring.
    public let order: NetworkOrder
    /// Shapes.
    public let shapes: NetworkShapes
    /// First, last, bits and signs.
    public let facts: SignalAnalysis
    /// Parameters, multiplications and bytes.
    public let cost: NetworkCost

    /// Analyses a network.
    public init(_ network: Network, on family: ArithmeticFamily) {
        let order = NetworkOrder(network)
        self.init(network, order: order, shapes: NetworkShapes(network, order: order), on: family)
    }

    /// The same network on the other family; order and shapes do not depend on it.
    public func on(_ family: ArithmeticFamily) -> Analysis {
        family == facts.family ? self : Analysis(network, order: order, shapes: shapes, on: family)
    }

    private init(_ network: Network, order: NetworkOrder, shapes: NetworkShapes, on family: ArithmeticFamily)
    {
        self.network = network
        self.order = order
        self.shapes = shapes
        facts = SignalAnalysis(network, order: order, shapes: shapes, on: family)
        cost = NetworkCost(network, shapes: shapes, facts: facts)
    }
}
