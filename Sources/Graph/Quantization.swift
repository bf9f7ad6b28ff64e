/// The two kinds of arithmetic that the chips have; how values are rounded and where zero lies.
public enum ArithmeticFamily: String, CaseIterable, Hashable, Sendable {
    /// Signed codes 0 ... 2^b - 1 without an exact zero; activations in blocks of 32 channels.
    case npu = "NPU"
    /// Two's complement with an exact zero; `autoBitwidth` acts.
    case simd = "SIMD"

    /// The number of channels that activations and weights are stored in.
    public var channelBlock: Int {
        switch self {
        case .npu: 32
        case .simd: 16
        }
    }

    /// What surrounds a map where a window reaches over its edge: on the NPU a signed quantized map has no code for 0 and gets
    /// its lowest value, -1, but for the network's input; any other gets 0.
    public func padding(of map: Signal, isFirst: Bool) -> Float {
        self == .npu && map.isSigned && !map.isFloat && !isFirst ? -1 : 0
    }
}

/// What a person decides about the quantizers of one layer (manual, the arguments from `quantize` on).
public struct Quantization: Hashable, Sendable {
    /// The bit width that stands for "not quantized".
    public static let float = 32
    /// The widths that an activation may be stored in; a chip allows fewer.
    public static let featureBits = [2, 3, 4, 5, 6, 7, 8, 10, 12, 32]
    /// The widths that a weight may be stored in; a chip allows fewer.
    public static let weightBits = [2, 3, 4, 5, 6, 7, 8, 32]

    /// Where the range of a result's quantizer may end.
    public static let clips = 0.001...1000.0

    /// Whether weights and activations are quantized (`quantize`).
    public var isEnabled = false
    /// Whether a last layer quantizes its result too (`quantize_last_feature`).
    public var quantizesLastFeature = false
    /// Bits of a weight (`weight_bitwidth`); 32 is float.
    public var weightBits = Quantization.float
    /// Bits of the result (`output_bitwidth`); 32 is float, nil keeps the input's bits.
    public var outputBits: Int? = Quantization.float
    /// The activation quantizer's range ends here (`clip_max_value`).
    public var clip = 6.0
    /// Weights beyond this many standard deviations are clipped (`weight_factor`).
    public var weightFactor = 3.0
    /// Whether the SIMD family chooses bits below 8 by itself (`auto_bitwidth`).
    public var autoBitwidth = false
    /// Whether the clip is learned (`auto_threshold`).
    public var autoThreshold = false

    /// The manual's defaults.
    public init() {}

    /// The manual's defaults but for the ones given; `outputBits` nil keeps the input's bits.
    public init(outputBits: Int?, clip: Double) {
        self.outputBits = outputBits
        self.clip = clip
    }

    /// The manual's defaults with `auto_bitwidth` on, as ConvTranspose2D, DepthwiseConv2D and FullConnected have it.
    static var automaticBits: Quantization {
        var quantization = Quantization()
        quantization.autoBitwidth = true
        return quantization
    }
}

/// The width and sign of the values on an edge.
public struct Signal: Hashable, Sendable {
    /// Bits of a value; 32 is float.
    public var bits: Int
    /// Whether negative values have codes.
    public var isSigned: Bool

    /// A signal of the given width and sign.
    public init(bits: Int, isSigned: Bool) { (self.bits, self.isSigned) = (bits, isSigned) }

    /// Not quantized.
    public static let float = Signal(bits: Quantization.float, isSigned: true)

    /// Whether the values are not quantized.
    public var isFloat: Bool { bits == Quantization.float }
}

extension Node {
    /// Whether the layer has quantizers and they are on.
    public var isQuantized: Bool { layer.settings.quantization?.isEnabled ?? false }
}

extension Network {
    /// Whether any layer quantizes.
    public var isQuantized: Bool { nodes.contains(where: \.isQuantized) }
}
