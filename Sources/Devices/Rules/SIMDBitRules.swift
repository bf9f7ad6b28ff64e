import Graph

/// Bit widths of the SIMD family, its automatic bits and its accumulator.
enum SIMDBitRules {
    static let all: [Rule] = [
        Rule(
            "simd-weight-bits", on: .simd, about: .weightBits, says: "Weights have 4 to 8 bits.",
            source: .kit("weight_bitwidth"),
            keeps: { $0.weightWidth }
        ) { context in
            guard let bits = context.facts.weightBits, context.quantization != nil,
                bits != Quantization.float,
                !context.device.profile.weightBits.contains(bits)
            else { return nil }
            return Violation("has \(bits)", fix: context.set("weightBits", .integer(max(4, min(8, bits)))))
        },
        Rule(
            "simd-feature-bits", on: .simd, about: .featureBits, says: "Activations have 4 to 8 bits.",
            source: .kit("output_bitwidth"), keeps: { $0.featureWidth }
        ) { context in
            guard let bits = context.quantization?.outputBits, !context.facts.output.isFloat,
                !context.device.profile.featureBits.contains(context.facts.output.bits)
            else { return nil }
            return Violation("has \(bits)", fix: context.set("outputBits", .integer(max(4, min(8, bits)))))
        },
        Rule(
            "auto-channels", on: .simd, for: [.conv2D, .convTranspose2D, .depthwiseConv2D, .fullConnected],
            says:
                "With autoBitwidth a layer gives at most 512 channels, 128 with a 2x2 kernel, 64 with a larger one.",
            source: .kit("auto_bitwidth"), keeps: Rule.silent
        ) { context in
            guard let limit = context.facts.automatic?.outputLimit, let output = context.output,
                output.channels > limit
            else { return nil }
            return Violation(
                "gives \(output.channels), at most \(limit) here",
                fix: context.set("autoBitwidth", .flag(false)))
        },
        Rule(
            "accumulator", on: .simd, for: [.conv2D, .depthwiseConv2D, .fullConnected],
            says:
                "Below 8 weight bits, kernel height x width x 2^input bits x 2^(weight bits - 1) x channels is at most "
                + "73728 in a Conv2D and 65536 in a FullConnected; without the channels at most 65536 in a "
                + "DepthwiseConv2D. (First and last layers are free.)",
            source: .kit("weight_bitwidth"), keeps: fits, check: fitsAccumulator),
    ]

    private static func fits(_ context: RuleContext) -> String? {
        reach(context).map { "its accumulator reaches \($0.reach) of at most \($0.bound)" }
    }

    private static func fitsAccumulator(_ context: RuleContext) -> Violation? {
        guard let (reach, bound) = reach(context), reach > bound else { return nil }
        return Violation("reaches \(reach), at most \(bound) here")
    }

    /// How far the accumulator may go, and its bound; nil where the layer is free.
    private static func reach(_ context: RuleContext) -> (reach: Int, bound: Int)? {
        let facts = context.facts
        guard context.quantization != nil, !facts.isFirst, !facts.isLast, let bits = facts.weightBits,
            bits < 8, let grid = facts.inputs.first.flatMap({ QuantizationGrid($0, on: .simd) }),
            let input = context.input
        else { return nil }
        let codes = grid.codeCount * QuantizationGrid(.twosComplement, bits: bits).levels
        var reach = codes * input.channels
        var bound = 65536
        if case .conv2D(let conv) = context.layer {
            let taps = conv.kernelHeight * conv.kernelWidth * (conv.focus ? 4 : 1)
            reach = reach * taps / conv.groups
            bound = 73728
        } else if case .depthwiseConv2D(let conv) = context.layer {
            reach = codes * conv.kernelHeight * conv.kernelWidth
        }
        return (reach, bound)
    }
}
