/// Convolution with bias, batch norm, activation and quantizers in one layer (manual, Conv2D).
///
/// Reads a map, axes channels, height, width; weights have axes out, in / groups, height, width.
public struct Conv2D: Product {
    public static let kind = OperatorKind.conv2D
    public static let role = OperatorRole.learning
    public static let summary = "convolution with bias, batch norm, activation and quantizers"
    public static let inputs = 1...1
    public static let family = OperatorFamily.convolution
    public static let stem = "conv"
    public static let clipAtFourBits: Double? = 4.0

    /// Channels of the result.
    public var outChannels = 32
    /// Step of the window.
    public var stride = 1
    /// Rows of the kernel.
    public var kernelHeight = 3
    /// Columns of the kernel.
    public var kernelWidth = 3
    /// What is applied to the sum.
    public var activationFunction = Activation.relu6
    /// Whether batch norm follows the sum.
    public var batchNorm = false
    /// Whether a bias is added.
    public var bias = true
    /// 0 for none, else SAME.
    public var padding = 0
    /// In how many groups the channels are convolved apart.
    public var groups = 1
    /// Distance between the kernel's taps.
    public var dilation = 1
    /// Whether space goes to depth first (Focus): four channels from each, half the height and width.
    public var focus = false
    public var quantizers = Quantization()

    public static let fields: [Field<Conv2D>] =
        [
            .integer(
                "outChannels", \.outChannels, 1...65536, argument: "out_channels", required: true,
                "Channels of the result."),
            .integer(
                "stride", \.stride, 1...64, argument: "stride", "Step of the window in both directions."),
            .integer("kernelHeight", \.kernelHeight, 1...64, argument: "kernel_h", "Rows of the kernel."),
            .integer("kernelWidth", \.kernelWidth, 1...64, argument: "kernel_w", "Columns of the kernel."),
            .activation(\.activationFunction),
            .batchNorm(\.batchNorm),
            .bias(\.bias),
            .padding(\.padding),
            .integer(
                "groups", \.groups, 1...65536, argument: "groups",
                "Convolves the channels in so many groups apart; 1 is all together."),
            .integer(
                "dilation", \.dilation, 1...64, argument: "dilation",
                "Distance between the kernel's taps; above 1, padding is taken as the number of each side."),
            .flag(
                "focus", \.focus, argument: "is_focus",
                "Moves space to depth first (Focus): 4 channels from each, half the height and width; only in the first convolution."
            ),
        ] + Field.weighted(clipAdvice: "6.0 for 8 bit, 4.0 for 4 bit.")

    /// The manual's defaults.
    public init() {}

    public var layer: Layer { .conv2D(self) }
    public var activation: Activation? { activationFunction }
    public var label: String {
        window.label("Conv2D") + (groups > 1 ? " g\(groups)" : "") + (dilation > 1 ? " d\(dilation)" : "")
            + (focus ? " focus" : "")
    }
    public var channelFlow: ChannelFlow { .made }
    var window: Window {
        Window(height: kernelHeight, width: kernelWidth, stride: stride, padding: padding, dilation: dilation)
    }

    /// The map that the kernel itself reads: the input, after Focus where it is on.
    public func convolved(_ input: Shape) throws(ShapeError) -> Shape {
        let (channels, height, width) = try input.map()
        guard focus else { return input }
        guard height.isMultiple(of: 2) else { throw .indivisible(name: "height", value: height, by: 2) }
        guard width.isMultiple(of: 2) else { throw .indivisible(name: "width", value: width, by: 2) }
        return try Shape.map(channels: channels * 4, height: height / 2, width: width / 2).bounded()
    }

    public func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape] {
        let input = try convolved(inputs[0])
        guard input.channels.isMultiple(of: groups) else {
            throw .indivisible(name: "input channels", value: input.channels, by: groups)
        }
        guard outChannels.isMultiple(of: groups) else {
            throw .indivisible(name: "outChannels", value: outChannels, by: groups)
        }
        return [try input.windowed(window).withChannels(outChannels)]
    }

    public func parameters(for inputs: [Shape], on family: ArithmeticFamily) -> [Parameter] {
        let channels = inputs[0].channels * (focus ? 4 : 1)
        return [.weight([outChannels, channels / groups, kernelHeight, kernelWidth])]
            + Parameter.epilogue(
                outChannels, bias: bias, batchNorm: batchNorm, activation: activationFunction)
    }

    public func multiplyAccumulates(for inputs: [Shape], on family: ArithmeticFamily) -> Int {
        guard let output = try? outputShapes(of: inputs)[0] else { return 0 }
        let taps = kernelHeight * kernelWidth * inputs[0].channels * (focus ? 4 : 1) / groups
        return output.elements.clampedProduct(taps)
    }

    public func signal(of inputs: [Signal], in place: OutputContext) -> Signal { quantizedSignal(in: place) }

    public func automaticBits(inputChannels: Int, isFirst: Bool) -> AutoBitwidth? {
        AutoBitwidth(
            kernel: Swift.max(kernelHeight, kernelWidth), inputChannels: inputChannels * (focus ? 4 : 1),
            outChannels: outChannels, isFirst: isFirst)
    }

    public func channelField(inputs: Int) -> (name: String, factor: Int)? { ("outChannels", 1) }

    public mutating func fit(to input: Shape?, block: Int, isLast: Bool) {
        outChannels = .channels(reading: input, block: block)
        padding = 1
    }
}

/// Convolution of each channel by itself (manual, DepthwiseConv2D).
///
/// Reads a map, axes channels, height, width; weights have axes channels, 1, height, width.
public struct DepthwiseConv2D: Product {
    public static let kind = OperatorKind.depthwiseConv2D
    public static let role = OperatorRole.learning
    public static let summary = "convolution of each channel by itself"
    public static let inputs = 1...1
    public static let family = OperatorFamily.convolution
    public static let stem = "dw"
    public static let clipAtFourBits: Double? = 3.0

    /// Step of the window.
    public var stride = 1
    /// Rows of the kernel.
    public var kernelHeight = 3
    /// Columns of the kernel.
    public var kernelWidth = 3
    /// What is applied to the sum.
    public var activationFunction = Activation.relu6
    /// Whether batch norm follows the sum.
    public var batchNorm = false
    /// Whether a bias is added.
    public var bias = true
    /// 0 for none, else SAME.
    public var padding = 0
    public var quantizers = Quantization.automaticBits

    public static let fields: [Field<DepthwiseConv2D>] =
        [
            .integer(
                "stride", \.stride, 1...64, argument: "stride", "Step of the window in both directions."),
            .integer("kernelHeight", \.kernelHeight, 1...64, argument: "kernel_h", "Rows of the kernel."),
            .integer("kernelWidth", \.kernelWidth, 1...64, argument: "kernel_w", "Columns of the kernel."),
            .activation(\.activationFunction),
            .batchNorm(\.batchNorm),
            .bias(\.bias),
            .padding(\.padding),
        ] + Field.weighted(clipAdvice: "6.0 for 8 bit, 3.0 for 4 bit.")

    /// The manual's defaults.
    public init() {}

    public var layer: Layer { .depthwiseConv2D(self) }
    public var activation: Activation? { activationFunction }
    public var label: String { window.label("Depthwise") }
    var window: Window { Window(height: kernelHeight, width: kernelWidth, stride: stride, padding: padding) }

    public func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape] {
        [try inputs[0].windowed(window)]
    }

    public func parameters(for inputs: [Shape], on family: ArithmeticFamily) -> [Parameter] {
        let channels = inputs[0].channels
        return [.weight([channels, 1, kernelHeight, kernelWidth])]
            + Parameter.epilogue(channels, bias: bias, batchNorm: batchNorm, activation: activationFunction)
    }

    public func multiplyAccumulates(for inputs: [Shape], on family: ArithmeticFamily) -> Int {
        guard let output = try? outputShapes(of: inputs)[0] else { return 0 }
        return output.elements.clampedProduct(kernelHeight * kernelWidth)
    }

    public func signal(of inputs: [Signal], in place: OutputContext) -> Signal { quantizedSignal(in: place) }

    public func automaticBits(inputChannels: Int, isFirst: Bool) -> AutoBitwidth? {
        AutoBitwidth(depthwise: inputChannels)
    }

    public mutating func fit(to input: Shape?, block: Int, isLast: Bool) { padding = 1 }
}

/// Doubles height and width and convolves, in place of a transposed convolution (manual, ConvTranspose2D).
///
/// The NPU family repeats each value 2x2 and convolves 3x3; the SIMD family repeats, convolves 3x3 depthwise, then 1x1.
public struct ConvTranspose2D: Product {
    public static let kind = OperatorKind.convTranspose2D
    public static let role = OperatorRole.learning
    public static let summary = "upsampling by 2 and convolution, in place of a transposed convolution"
    public static let inputs = 1...1
    public static let family = OperatorFamily.convolution
    public static let stem = "up"
    public static let clipAtFourBits: Double? = 4.0

    /// Channels of the result.
    public var outChannels = 32
    /// What is applied to the sum.
    public var activationFunction = Activation.relu6
    /// Whether batch norm follows the sum.
    public var batchNorm = false
    /// Whether a bias is added.
    public var bias = true
    public var quantizers = Quantization.automaticBits

    public static let fields: [Field<ConvTranspose2D>] =
        [
            .integer(
                "outChannels", \.outChannels, 1...65536, argument: "out_channels", required: true,
                "Channels of the result."),
            .activation(\.activationFunction),
            .batchNorm(\.batchNorm),
            .bias(\.bias),
        ] + Field.weighted(clipAdvice: "6.0 for 8 bit, 4.0 for 4 bit.")

    /// The manual's defaults.
    public init() {}

    public var layer: Layer { .convTranspose2D(self) }
    public var activation: Activation? { activationFunction }
    public var channelFlow: ChannelFlow { .made }

    public func outputShapes(of inputs: [Shape]) throws(ShapeError) -> [Shape] {
        let (_, height, width) = try inputs[0].map()
        return [.map(channels: outChannels, height: height.clampedProduct(2), width: width.clampedProduct(2))]
    }

    public func parameters(for inputs: [Shape], on family: ArithmeticFamily) -> [Parameter] {
        let channels = inputs[0].channels
        let weights: [Parameter] =
            switch family {
            case .npu: [.weight([outChannels, channels, 3, 3])]
            case .simd:
                [
                    .weight([channels, 1, 3, 3], name: "depthwiseWeight"),
                    .weight([outChannels, channels, 1, 1], name: "pointwiseWeight"),
                ]
            }
        return weights
            + Parameter.epilogue(
                outChannels, bias: bias, batchNorm: batchNorm, activation: activationFunction)
    }

    public func multiplyAccumulates(for inputs: [Shape], on family: ArithmeticFamily) -> Int {
        guard let output = try? outputShapes(of: inputs)[0] else { return 0 }
        let pixels = output.elements / outChannels
        let channels = inputs[0].channels
        return switch family {
        case .npu: output.elements.clampedProduct(9 * channels)
        case .simd:
            pixels.clampedProduct(9 * channels).clampedSum(output.elements.clampedProduct(channels))
        }
    }

    public func signal(of inputs: [Signal], in place: OutputContext) -> Signal { quantizedSignal(in: place) }

    public func automaticBits(inputChannels: Int, isFirst: Bool) -> AutoBitwidth? {
        AutoBitwidth(kernel: 1, inputChannels: inputChannels, outChannels: outChannels)
    }

    public func channelField(inputs: Int) -> (name: String, factor: Int)? { ("outChannels", 1) }

    public mutating func fit(to input: Shape?, block: Int, isLast: Bool) {
        outChannels = .channels(reading: input, block: block)
    }
}
