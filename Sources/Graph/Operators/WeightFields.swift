/// Fields that layers with weights share.
extension Field {
    static func activation(_ path: Path<Activation>) -> Field {
        .choice(
            "activation", path, argument: "activation_fn",
            "What is applied to the sum; in a quantized layer it decides the sign.")
    }

    static func batchNorm(_ path: Path<Bool>) -> Field {
        .flag("batchNorm", path, argument: "enable_batch_norm", "Normalizes the sum by channel.")
    }

    static func bias(_ path: Path<Bool>, argument: String = "enable_bias") -> Field {
        .flag("bias", path, argument: argument, "Adds a learned number to each channel.")
    }

    static func padding(_ path: Path<Int>) -> Field {
        .integer(
            "padding", path, 0...64, argument: "padding",
            "0 pads nothing; any other number pads to SAME: out = in / stride, rounded up.")
    }
}
