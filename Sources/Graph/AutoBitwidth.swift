/// The bits that the SIMD family chooses by itself below 8 bits (manual, auto_bitwidth; the choice is the training kit's).
///
/// Conv2D, DepthwiseConv2D, ConvTranspose2D and FullConnected have such a choice.
public struct AutoBitwidth: Hashable, Sendable {
    /// Bits of a weight.
    public var weightBits: Int
    /// Bits of the result; a last layer stays float.
    public var outputBits: Int
    /// The most output channels that the choice is defined for.
    public var outputLimit: Int

    /// The bits chosen for a layer, or nil where the switch does not act.
    public init?(_ settings: some Operator, inputChannels: Int, isFirst: Bool, on family: ArithmeticFamily) {
        guard family == .simd, let quantization = settings.quantization, quantization.isEnabled,
            quantization.autoBitwidth, AutoBitwidth.isBelow8(quantization),
            let chosen = settings.automaticBits(inputChannels: inputChannels, isFirst: isFirst)
        else { return nil }
        self = chosen
    }

    /// The choice for a product over all channels, by the larger side of its kernel; a matrix counts as 1.
    init(kernel: Int, inputChannels: Int, outChannels: Int, isFirst: Bool = false) {
        weightBits = kernel == 1 && inputChannels <= 128 ? 5 : 4
        let isNarrow: Bool
        switch kernel {
        case 1: (isNarrow, outputLimit) = (outChannels < 128, 512)
        case 2: (isNarrow, outputLimit) = (outChannels <= 64, 128)
        default: (isNarrow, outputLimit) = (outChannels <= 32, 64)
        }
        outputBits = (isFirst ? outChannels < 32 : isNarrow) ? 5 : 4
    }

    /// The choice for a convolution of each channel by itself.
    init(depthwise channels: Int) {
        weightBits = 8
        outputBits = channels < 128 ? 5 : 4
        outputLimit = 512
    }

    /// Whether the stored bits are below 8, which the manual makes a condition.
    public static func isBelow8(_ quantization: Quantization) -> Bool {
        quantization.weightBits < 8 || (quantization.outputBits ?? Quantization.float) < 8
    }
}
