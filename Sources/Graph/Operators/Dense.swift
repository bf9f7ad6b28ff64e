/// Matrix product with bias, batch norm, activation and quantizers in one layer (manual, FullConnected).
///
/// Reads a vector, or a sequence step by step; weights have axes out, in.
public struct FullConnected: Product {
    public static let kind = OperatorKind.fullConnected
    public static let role = OperatorRole.learning
    public static let summary = "matrix product with bias, batch norm, activation and quantizers"
    public static let inputs = 1...1
    public static let family = OperatorFamily.dense
    public static let stem = "fc"
    public static let clipAtFourBits: Double? = 3.0

    /// Features of the result.
    public var outChannels = 10
    /// What is applied to the sum.
    public var activationFunction = Activation.relu6
    /// Whether batch norm follows the sum.
    public var batchNorm = false
    /// Whether a bias is added.
    public var bias = true
    public var quantizers = Quantization.automaticBits

    public static let fields: [Field<FullConnected>] =
        [
            .integer(
                "outChannels", \.outChannels, 1...65536, argument: "out_channels", required: true,
                "Features of the result."),
            .activation(\.activationFunction),
            .batchNorm(\.batchNorm),
            .bias(\.bias),
        ] + Field.weighted(clipAdvice: "6.0 for 8 bit, 3.0 for 4 bit.")

    /// The manual's defaults.
    public init() {}

    public var layer: Layer { .fullConnected(self) }
    public var activation: Activation? { activationFunction }
    public var channelFlow: ChannelFlow { .made }

    public func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape] {
        switch inputs[0] {
        case .map: throw .notVector(inputs[0])
        case .sequence, .vector: [inputs[0].withChannels(outChannels)]
        }
    }

    public func parameters(for inputs: [Shape], on family: ArithmeticFamily) -> [Parameter] {
        [.weight([outChannels, inputs[0].channels])]
            + Parameter.epilogue(
                outChannels, bias: bias, batchNorm: batchNorm, activation: activationFunction)
    }

    public func multiplyAccumulates(for inputs: [Shape], on family: ArithmeticFamily) -> Int {
        inputs[0].elements.clampedProduct(outChannels)
    }

    public func signal(of inputs: [Signal], in place: OutputContext) -> Signal { quantizedSignal(in: place) }

    public func automaticBits(inputChannels: Int, isFirst: Bool) -> AutoBitwidth? {
        AutoBitwidth(kernel: 1, inputChannels: inputChannels, outChannels: outChannels)
    }

    public func channelField(inputs: Int) -> (name: String, factor: Int)? { ("outChannels", 1) }

    public mutating func fit(to input: Shape?, block: Int, isLast: Bool) {
        outChannels = isLast ? 10 : min(input?.channels ?? block, 65536)
        guard isLast else { return }
        activationFunction = .none
        batchNorm = false
        bias = true
        quantizers.outputBits = Quantization.float
    }
}

/// Squeeze and excite: scales each channel by a gate computed from all channels' means (manual, Se_Block).
///
/// Reads a map; global mean, 1x1 convolution to in / rate, 1x1 convolution back with Hsigmoid, product with the input.
public struct SeBlock: Quantized {
    public static let kind = OperatorKind.seBlock
    public static let role = OperatorRole.learning
    public static let summary = "squeeze and excite: scales each channel by a gate computed from all"
    public static let inputs = 1...1
    public static let family = OperatorFamily.dense
    public static let stem = "se"
    public static let clipAtFourBits: Double? = 3.0

    /// The inner layer has in / rate channels.
    public var rate = 2
    /// Whether a bias is added in both convolutions.
    public var bias = true
    /// Whether batch norm follows both convolutions.
    public var batchNorm = false
    public var quantizers = Quantization()

    public static let fields: [Field<SeBlock>] = [
        .integer(
            "rate", \.rate, 1...1024, argument: "rate", required: true,
            "The inner layer has so many times fewer channels."),
        .quantize(\.quantizers.isEnabled),
        .quantizeLastFeature(\.quantizers.quantizesLastFeature),
        .bias(\.bias),
        .batchNorm(\.batchNorm),
        .weightBits(\.quantizers.weightBits),
        .outputBits(\.quantizers.outputBits),
        .weightFactor(\.quantizers.weightFactor),
        .clip(\.quantizers.clip, "6.0 for 8 bit, 3.0 for 4 bit."),
    ]

    /// The manual's defaults.
    public init() {}

    public var layer: Layer { .seBlock(self) }
    public var label: String { "Se_Block /\(rate)" }

    public func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape] {
        let (channels, _, _) = try inputs[0].map()
        guard channels.isMultiple(of: rate) else {
            throw .indivisible(name: "input channels", value: channels, by: rate)
        }
        return [inputs[0]]
    }

    public func parameters(for inputs: [Shape], on family: ArithmeticFamily) -> [Parameter] {
        let channels = inputs[0].channels
        let inner = channels / rate
        return [
            .weight([inner, channels, 1, 1], name: "reduceWeight"),
            .weight([channels, inner, 1, 1], name: "expandWeight"),
        ] + (bias ? [.bias(inner, name: "reduceBias"), .bias(channels, name: "expandBias")] : [])
            + (batchNorm
                ? Parameter.norm(inner, prefix: "reduce.") + Parameter.norm(channels, prefix: "expand.") : [])
    }

    public func multiplyAccumulates(for inputs: [Shape], on family: ArithmeticFamily) -> Int {
        2 * inputs[0].channels * (inputs[0].channels / rate)
    }

    public func signal(of inputs: [Signal], in place: OutputContext) -> Signal {
        var gated = quantizedSignal(in: place)
        if !gated.isFloat { gated.isSigned = inputs.first?.isSigned ?? false }
        return gated
    }

    public func inputMultiple(for multiple: Int, reading input: Shape?) -> Int? { Int.lcm(multiple, rate) }

    public mutating func fit(to input: Shape?, block: Int, isLast: Bool) {
        let channels = input?.channels ?? block
        rate = [4, 2].first { channels.isMultiple(of: $0 * block) } ?? 1
    }
}
