/// The quantizer fields that operators share; each operator lists the ones that the manual gives it.
extension Field {
    typealias Path<Value> = any WritableKeyPath<Settings, Value> & Sendable

    static func quantize(_ path: Path<Bool>) -> Field {
        .flag(
            "quantize", path, argument: "quantize",
            "Quantizes weights and activations in training; off trains in float.")
    }

    static func quantizeLastFeature(_ path: Path<Bool>) -> Field {
        .flag(
            "quantizeLastFeature", path, argument: "quantize_last_feature",
            "In a last layer, quantizes the result too instead of leaving it float; no effect elsewhere.")
    }

    static func weightBits(_ path: Path<Int>) -> Field {
        .bits(
            "weightBits", path, Quantization.weightBits, argument: "weight_bitwidth",
            "Bits of a weight while quantize is on; 32 is float.")
    }

    static func outputBits(_ path: Path<Int?>) -> Field {
        .optionalInteger(
            "outputBits", path, kind: .bits(Quantization.featureBits), argument: "output_bitwidth",
            "Bits of the result while quantize is on; 32 is float, for a last layer.")
    }

    static func keptOutputBits(_ path: Path<Int?>) -> Field {
        .optionalInteger(
            "outputBits", path, kind: .optionalBits(Quantization.featureBits), argument: "output_bitwidth",
            "Bits of the result; unset keeps the input's, which is what the training kit does.")
    }

    static func clip(_ path: Path<Double>, _ advice: String) -> Field {
        .number(
            "clip", path, Quantization.clips, argument: "clip_max_value",
            "Where the range of the result's quantizer ends. \(advice)")
    }

    static func weightFactor(_ path: Path<Double>) -> Field {
        .number(
            "weightFactor", path, 0.01...1000, argument: "weight_factor",
            "Clips weights this many standard deviations from their mean; smaller uses the bits better and keeps fewer large weights."
        )
    }

    static func autoBitwidth(_ path: Path<Bool>) -> Field {
        .flag(
            "autoBitwidth", path, argument: "auto_bitwidth",
            "Lets Txx, Xs1 and Xs2 choose the bits of a layer below 8 bits; does nothing elsewhere.")
    }

    static func autoThreshold(_ path: Path<Bool>) -> Field {
        .flag("autoThreshold", path, argument: "auto_threshold", "Learns the clip in training.")
    }
}

/// An operator with quantizers of its own.
public protocol Quantized: Operator {
    /// The settings of its quantizers.
    var quantizers: Quantization { get set }
}

/// An operator that applies an activation to what it computes.
public protocol Activated: Quantized {
    /// What is applied.
    var activationFunction: Activation { get set }
}

/// An operator that multiplies by weights; bias, batch norm and an activation follow.
public protocol Product: Activated {
    /// Whether batch norm follows the sum.
    var batchNorm: Bool { get set }
    /// Whether a bias is added.
    var bias: Bool { get set }
}

extension Quantized {
    /// The settings of its quantizers.
    public var quantization: Quantization? { quantizers }
}

extension Field where Settings: Quantized {
    /// All quantizer fields of a layer with weights, in the manual's order.
    static func weighted(clipAdvice: String) -> [Field] {
        [
            .quantize(\.quantizers.isEnabled),
            .quantizeLastFeature(\.quantizers.quantizesLastFeature),
            .weightBits(\.quantizers.weightBits),
            .outputBits(\.quantizers.outputBits),
            .clip(\.quantizers.clip, clipAdvice),
            .weightFactor(\.quantizers.weightFactor),
            .autoBitwidth(\.quantizers.autoBitwidth),
            .autoThreshold(\.quantizers.autoThreshold),
        ]
    }
}
