import Graph

/// Bit widths of the SIMD family, its automatic bits and its accumulator.
enum SIMDBitRules {
    static let all: [Rule] = [
        Rule(
            "simd-weight-bits", on: .simd, about: .weightBits, says: "Weights have 4 to 8 bits.",
            source: .kit("weight_bitwidth"),
            keeps: { $0.weightWidth }
        ) { subject in
            guard let bits = subject.facts.weightBits, subject.quantization != nil,
                bits != Quantization.float,
                !subject.device.profile.weightBits.contains(bits)
            else { return nil }
            return Answer("has \(bits)", fix: subject.set("weightBits", .integer(max(4, min(8, bits)))))
        },
        Rule(
            "simd-feature-bits", on: .simd, about: .featureBits, says: "Features have 4 to 8 bits.",
            source: .kit("output_bitwidth"), keeps: { $0.featureWidth }
        ) { subject in
            guard let bits = subject.quantization?.outputBits, !subject.facts.output.isFloat,
                !subject.device.profile.featureBits.contains(subject.facts.output.bits)
            else { return nil }
            return Answer("has \(bits)", fix: subject.set("outputBits", .integer(max(4, min(8, bits)))))
        },
        Rule(
            "auto-channels", on: .simd, for: [.conv2D, .convTranspose2D, .depthwiseConv2D, .fullConnected],
            says:
                "With autoBitwidth a layer gives at most 512 channels, 128 with a 2x2 kernel, 64 with a larger one.",
            source: .kit("auto_bitwidth"), keeps: Rule.silent
        ) { subject in
            guard let limit = subject.facts.automatic?.outputLimit, let output = subject.output,
                output.channels > limit
            else { return nil }
            return Answer(
                "gives \(output.channels), at most \(limit) here",
                fix: subject.set("autoBitwidth", .flag(false)))
        },
        Rule(
            "accumulator", on: .simd, for: [.conv2D, .depthwiseConv2D, .fullConnected],
            says:
                "Below 8 weight bits, kernel height x width x 2^input bits x 2^(weight bits - 1) x channels is at most "
                + "73728 in a Conv2D and 65536 in a FullConnected; without the channels at most 65536 in a "
                + "DepthwiseConv2D. (First and last layers are free.)",
            source: .kit("weight_bitwidth"), keeps: fits, ask: fitsAccumulator),
    ]

    private static func fits(_ subject: Subject) -> String? {
        reach(subject).map { "its accumulator reaches \($0.reach) of at most \($0.bound)" }
    }

    private static func fitsAccumulator(_ subject: Subject) -> Answer? {
        guard let (reach, bound) = reach(subject), reach > bound else { return nil }
        return Answer("reaches \(reach), at most \(bound) here")
    }

    /// How far the accumulator may go, and its bound; nil where the layer is free.
    private static func reach(_ subject: Subject) -> (reach: Int, bound: Int)? {
        let facts = subject.facts
        guard subject.quantization != nil, !facts.isFirst, !facts.isLast, let bits = facts.weightBits,
            bits < 8, let grid = facts.inputs.first.flatMap({ QuantizationGrid($0, on: .simd) }),
            let input = subject.input
        else { return nil }
        let codes = grid.codeCount * QuantizationGrid(.twosComplement, bits: bits).levels
        var (reach, bound) = (codes * input.channels, 65536)
        if case .conv2D(let conv) = subject.layer {
            let taps = conv.kernelHeight * conv.kernelWidth * (conv.focus ? 4 : 1)
            (reach, bound) = (reach * taps / conv.groups, 73728)
        } else if case .depthwiseConv2D(let conv) = subject.layer {
            reach = codes * conv.kernelHeight * conv.kernelWidth
        }
        return (reach, bound)
    }
}
