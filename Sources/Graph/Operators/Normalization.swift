/// Marks where data enters the network; the loader has already computed (x - mean) / variance (manual, Preprocess).
///
/// Passes its input through: 8 bits, signed where the mean is not 0.
public struct Preprocess: Operator {
    public static let kind = OperatorKind.preprocess
    public static let role = OperatorRole.entry
    public static let summary = "marks where data enters, with the mean and variance that the loader applied"
    public static let inputs = 1...1
    public static let family = OperatorFamily.normalization
    public static let isSingle = true
    /// The bits of a network's input.
    public static let bits = 8

    /// What the loader subtracts.
    public var mean = 0.0
    /// What the loader then divides by.
    public var variance = 255.0

    public static let fields: [Field<Preprocess>] = [
        .number(
            "mean", \.mean, -1e6...1e6, argument: "mean",
            "What the loader subtracts from each value; not 0 makes the input signed."),
        .number(
            "variance", \.variance, -1e6...1e6, argument: "var", "What the loader then divides by; never 0."),
    ]

    /// The manual's defaults.
    public init() {}

    public var layer: Layer { .preprocess(self) }

    public func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape] { inputs }

    public func signal(of inputs: [Signal], in place: OutputContext) -> Signal {
        Signal(bits: Preprocess.bits, isSigned: mean != 0)
    }

    public func inputMultiple(for multiple: Int, reading input: Shape?) -> Int? { nil }
}

/// Batch norm on its own, with activation and quantizer (manual, BatchNorm). Keeps its input's bits and sign.
public struct BatchNorm: Activated {
    public static let kind = OperatorKind.batchNorm
    public static let role = OperatorRole.learning
    public static let summary = "batch norm on its own, with activation and quantizer"
    /// What every batch norm adds to a variance.
    public static let epsilon: Float = 1e-5
    /// Every batch norm's gamma below this acts as this.
    public static let leastGamma: Float = 0.01
    public static let inputs = 1...1
    public static let family = OperatorFamily.normalization
    public static let stem = "bn"
    public static let clipAtFourBits: Double? = 3.0

    /// What is applied after the norm.
    public var activationFunction = Activation.linear
    public var quantizers = {
        var quantizers = Quantization(outputBits: nil, clip: 6.0)
        quantizers.autoThreshold = true
        quantizers.quantizesLastFeature = true
        return quantizers
    }()

    public static let fields: [Field<BatchNorm>] = [
        .choice(
            "activation", \.activationFunction, argument: "activation_fn",
            "What is applied after the norm; Linear, not none, for nothing."),
        .quantize(\.quantizers.isEnabled),
        .clip(\.quantizers.clip, "6.0 for 8 bit, 3.0 for 4 bit."),
        .autoThreshold(\.quantizers.autoThreshold),
    ]

    /// The manual's defaults.
    public init() {}

    public var layer: Layer { .batchNorm(self) }
    public var activation: Activation? { activationFunction }

    public func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape] { inputs }

    public func parameters(for inputs: [Shape], on family: ArithmeticFamily) -> [Parameter] {
        Parameter.epilogue(inputs[0].channels, bias: false, batchNorm: true, activation: activationFunction)
    }

    public func signal(of inputs: [Signal], in place: OutputContext) -> Signal {
        combinedSignal(of: inputs, in: place)
    }
}
