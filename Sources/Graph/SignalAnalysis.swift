/// What the wiring decides about each layer: first, last, in front of an LSTM, and the bits and sign on every edge.
public struct SignalAnalysis: Sendable {
    /// The facts of one layer.
    public struct Facts: Hashable, Sendable {
        /// Whether it is the first layer that learns, counted from the data (`first_layer`).
        public var isFirst = false
        /// Whether nothing reads it, so that its result is the network's (`last_layer`).
        public var isLast = false
        /// Whether an LSTM reads its result, directly or through layers that only pass it on (`pre_lstm_layer`).
        public var isBeforeLSTM = false
        /// What arrives on each wire.
        public var inputs: [Signal] = []
        /// What leaves.
        public var output = Signal.float
        /// Bits of a weight in effect, or nil where there are no weights to quantize.
        public var weightBits: Int?
        /// What `autoBitwidth` chose, or nil where it does not act.
        public var automatic: AutoBitwidth?
    }

    /// For each layer, its facts.
    public let nodes: [Facts]
    /// The arithmetic that they hold for.
    public let family: ArithmeticFamily

    /// Works out all facts.
    public init(_ network: Network, order: NetworkOrder, shapes: NetworkShapes, on family: ArithmeticFamily) {
        self.family = family
        var facts = [Facts](repeating: Facts(), count: network.nodes.count)
        var follows = [Bool](repeating: false, count: network.nodes.count)
        for index in order.evaluation {
            let learns = network.nodes[index].kind.learns
            let isPreceded = order.producers[index].contains { $0.map { follows[$0] } ?? false }
            facts[index].isFirst = learns && !isPreceded
            follows[index] = isPreceded || learns
        }
        for index in network.nodes.indices {
            let readers = order.readers[index]
            facts[index].isLast = readers.isEmpty
        }
        for index in order.evaluation.reversed() {
            facts[index].isBeforeLSTM = order.readers[index].contains { reader in
                network.nodes[reader].kind == .lstm
                    || network.nodes[reader].kind.passesOn && facts[reader].isBeforeLSTM
            }
        }
        for index in order.evaluation {
            let node = network.nodes[index]
            let inputs = order.producers[index].map { producer in
                producer.map { facts[$0].output } ?? Signal(bits: Preprocess.bits, isSigned: false)
            }
            SignalAnalysis.fill(
                &facts[index], of: node, inputs: inputs, shape: shapes.inputs[index].first ?? nil, on: family)
        }
        nodes = facts
    }

    private static func fill(
        _ facts: inout Facts, of node: Node, inputs: [Signal], shape: Shape?, on family: ArithmeticFamily
    ) {
        let settings = node.layer.settings
        let quantization = settings.quantization
        let isOn = node.isQuantized
        var place = OutputContext(
            isLast: facts.isLast,
            weightBits: isOn ? quantization?.weightBits ?? Quantization.float : Quantization.float,
            outputBits: quantization?.outputBits)
        let automatic = shape.flatMap {
            AutoBitwidth(settings, inputChannels: $0.channels, isFirst: facts.isFirst, on: family)
        }
        if let automatic {
            place.weightBits = automatic.weightBits
            if !facts.isLast { place.outputBits = automatic.outputBits }
        }
        facts.automatic = automatic
        facts.inputs = inputs
        facts.weightBits = node.kind.hasWeightBits ? place.weightBits : nil
        facts.output = settings.signal(of: inputs, in: place)
    }
}

extension OperatorKind {
    /// Whether the operator has parameters of its own.
    public var learns: Bool { type.role == .learning }

    /// Whether the operator hands its input on without a quantizer of its own.
    public var passesOn: Bool { type.role == .passing }

    /// Whether the operator's weights have a quantizer.
    public var hasWeightBits: Bool { fields.contains { $0.name == "weightBits" } }
}
