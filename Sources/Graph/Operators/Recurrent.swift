/// One recurrent layer, gates in the order input, forget, cell, output (manual, LSTM). The first state is the family's zero.
///
/// Reads a sequence, axes time, features; with `useSqueeze` a map of height 1, whose columns are the time steps.
/// Weights have axes 4 x hidden, input + hidden, one matrix a direction.
public struct LSTM: Quantized {
    public static let kind = OperatorKind.lstm
    public static let role = OperatorRole.learning
    public static let summary = "one recurrent layer over a sequence"
    public static let inputs = 1...1
    public static let family = OperatorFamily.recurrent
    public static let isSingle = true

    /// Features of a state.
    public var hiddenSize = 64
    /// Whether a bias is added.
    public var bias = true
    /// Whether a second direction runs backwards; its features follow the first's.
    public var bidirectional = false
    /// Whether the last hidden and cell state are outputs 1 and 2.
    public var returnsStates = false
    /// Whether a map of height 1 is turned into a sequence first.
    public var useSqueeze = false
    public var quantizers = {
        var quantizers = Quantization()
        quantizers.quantizesLastFeature = true
        return quantizers
    }()

    public static let fields: [Field<LSTM>] = [
        .integer(
            "hiddenSize", \.hiddenSize, 1...16384, argument: "hidden_size", required: true,
            "Features of a state."),
        .bias(\.bias, argument: "bias"),
        .flag(
            "bidirectional", \.bidirectional, argument: "bidirectional",
            "Runs a second direction backwards and joins the features."),
        .flag(
            "returnOutputStates", \.returnsStates, argument: "return_output_states",
            "Gives the last hidden state as output [1] and the last cell state as output [2]."),
        .flag(
            "useSqueeze", \.useSqueeze, argument: "use_squeeze",
            "Drops the height of 1 of a map and makes its columns the time steps."),
        .quantize(\.quantizers.isEnabled),
        .weightBits(\.quantizers.weightBits),
        .outputBits(\.quantizers.outputBits),
        .weightFactor(\.quantizers.weightFactor),
    ]

    /// The manual's defaults.
    public init() {}

    public var layer: Layer { .lstm(self) }
    public var label: String { bidirectional ? "LSTM both ways" : "LSTM" }
    public var channelFlow: ChannelFlow { .made }
    /// 1, or 2 where a second direction runs backwards.
    public var directions: Int { bidirectional ? 2 : 1 }

    private func sequence(_ input: Shape) throws(ShapeError) -> (length: Int, features: Int) {
        if useSqueeze {
            let (channels, height, width) = try input.map()
            guard height == 1 else { throw .notSqueezable(height: height) }
            return (width, channels)
        }
        guard case .sequence(let length, let features) = input else { throw .notSequence(input) }
        return (length, features)
    }

    public func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape] {
        let (length, _) = try sequence(inputs[0])
        let features = hiddenSize * directions
        let states: [Shape] = returnsStates ? [.vector(features), .vector(features)] : []
        return [.sequence(length: length, features: features)] + states
    }

    public func parameters(for inputs: [Shape], on family: ArithmeticFamily) -> [Parameter] {
        let gates = 4 * hiddenSize
        return (bidirectional ? ["forward.", "backward."] : ["forward."]).flatMap {
            direction -> [Parameter] in
            let weight = Parameter.weight(
                [gates, inputs[0].channels + hiddenSize], name: direction + "weight")
            return bias ? [weight, .bias(gates, name: direction + "bias")] : [weight]
        }
    }

    public func multiplyAccumulates(for inputs: [Shape], on family: ArithmeticFamily) -> Int {
        guard let (length, features) = try? sequence(inputs[0]) else { return 0 }
        return (4 * hiddenSize * directions).clampedProduct(features + hiddenSize).clampedProduct(length)
    }

    public func signal(of inputs: [Signal], in place: OutputContext) -> Signal {
        var states = quantizedSignal(in: place)
        states.isSigned = true
        return states
    }

    public func channelField(inputs: Int) -> (name: String, factor: Int)? { ("hiddenSize", directions) }

    public mutating func fit(to input: Shape?, block: Int, isLast: Bool) {
        if case .map? = input { useSqueeze = true }
        hiddenSize = min(input?.channels ?? block, 16384)
    }
}

/// Looks up a vector for each index (manual, Embedding).
///
/// Reads one vector of indices, or two of the same length whose vectors are joined; gives a sequence, axes index, features.
public struct Embedding: Quantized {
    public static let kind = OperatorKind.embedding
    public static let role = OperatorRole.learning
    public static let summary = "looks up a vector for each index"
    public static let inputs = 1...2
    public static let family = OperatorFamily.recurrent
    public static let isSingle = true

    /// How many indices there are.
    public var vocabularySize = 256
    /// Features of a vector.
    public var embeddingSize = 64
    /// The index that stands for nothing and is not learned.
    public var paddingIndex: Int?
    public var quantizers = {
        var quantizers = Quantization()
        quantizers.quantizesLastFeature = true
        return quantizers
    }()

    public static let fields: [Field<Embedding>] = [
        .integer(
            "vocabularySize", \.vocabularySize, 1...1 << 24, argument: "num_embeddings", required: true,
            "How many indices the table has."),
        .integer(
            "embeddingSize", \.embeddingSize, 1...65536, argument: "embedding_dim", required: true,
            "Features of a vector."),
        .optionalInteger(
            "paddingIndex", \.paddingIndex, kind: .optionalInteger(0...(1 << 24) - 1),
            argument: "padding_idx", "The index that stands for nothing: its vector stays zero."),
        .quantize(\.quantizers.isEnabled),
        .outputBits(\.quantizers.outputBits),
    ]

    /// The manual's defaults.
    public init() {}

    public var layer: Layer { .embedding(self) }
    public var channelFlow: ChannelFlow { .made }

    public func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape] {
        for input in inputs {
            guard case .vector = input else { throw .notIndices(input) }
        }
        for other in inputs.dropFirst() where other != inputs[0] { throw .unequal(inputs[0], other) }
        if let paddingIndex, !(0..<vocabularySize).contains(paddingIndex) {
            throw .paddingIndex(paddingIndex, rows: vocabularySize)
        }
        return [.sequence(length: inputs[0].elements, features: embeddingSize * inputs.count)]
    }

    public func parameters(for inputs: [Shape], on family: ArithmeticFamily) -> [Parameter] {
        [.weight([vocabularySize, embeddingSize])]
    }

    public func signal(of inputs: [Signal], in place: OutputContext) -> Signal { quantizedSignal(in: place) }

    public func channelField(inputs: Int) -> (name: String, factor: Int)? {
        ("embeddingSize", max(1, inputs))
    }
}
