import Graph

/// Bit widths of the NPU family, and which of them go together.
enum NPUBitRules {
    static let all: [Rule] =
        widths("npu-weight-bits", "npu-feature-bits", on: [.t40, .t02])
        + widths("t41-weight-bits", "t41-feature-bits", on: [.t41], .warning, " (T40's widths, by analogy.)")
        + [
            Rule(
                "npu-bit-pairs", on: [.t40, .t02], for: [.conv2D, .depthwiseConv2D, .fullConnected, .lstm],
                .warning, about: .bitsRead,
                says: "The NPU has the operator for these input, weight and output bits.",
                source: .venus("bit widths"), keeps: taken,
                check: goTogether)
        ]

    private static func widths(
        _ weights: String, _ features: String, on devices: [Device], _ severity: Severity = .error,
        _ analogy: String = ""
    ) -> [Rule] {
        [
            Rule(
                weights, on: devices, severity, about: .weightBits,
                says: "Weights have 2, 4, 6 or 8 bits.\(analogy)",
                source: .venus("weight_bitwidth"), keeps: { $0.weightWidth }
            ) { context in
                guard let bits = context.facts.weightBits, context.quantization != nil,
                    bits != Quantization.float,
                    !context.device.profile.weightBits.contains(bits)
                else { return nil }
                return Violation(
                    "has \(bits)",
                    fix: wider(context, "weightBits", bits, among: context.device.profile.weightBits))
            },
            Rule(
                features, on: devices, severity, about: .featureBits,
                says:
                    "Activations have 2, 4 or 8 bits; those of pools and element-wise operators also 10 or 12.\(analogy)",
                source: .venus("output_bitwidth"), keeps: { $0.featureWidth }
            ) { context in
                let allowed = context.device.profile.featureBits(of: context.node.kind)
                guard let stored = context.quantization?.outputBits, !context.facts.output.isFloat,
                    !allowed.contains(context.facts.output.bits)
                else { return nil }
                return Violation("has \(stored)", fix: wider(context, "outputBits", stored, among: allowed))
            },
        ]
    }

    private static func wider(
        _ context: RuleContext, _ field: String, _ bits: Int, among widths: [Int]
    ) -> Fix? {
        let width = widths.first { $0 > bits } ?? widths.last
        return width.map { context.set(field, .integer($0)) }
    }

    /// What the NPU has for one width of the input.
    struct Pairs {
        let weights: [Int]
        let outputs: [Int]
        let hasFloatOutput: Bool
    }

    /// Input bits to weight and output bits, as the inference framework's manual lists them.
    static func pairs(for kind: OperatorKind, inputBits: Int) -> Pairs? {
        switch (kind, inputBits) {
        case (.conv2D, 2): Pairs(weights: [2, 4], outputs: [2, 4, 8], hasFloatOutput: true)
        case (.conv2D, 4): Pairs(weights: [2, 4, 6, 8], outputs: [2, 4, 8], hasFloatOutput: true)
        case (.conv2D, 8): Pairs(weights: [2, 4, 6, 8], outputs: [4, 8], hasFloatOutput: true)
        case (.depthwiseConv2D, 2), (.depthwiseConv2D, 4):
            Pairs(weights: [2, 4], outputs: [2, 4], hasFloatOutput: false)
        case (.depthwiseConv2D, 8): Pairs(weights: [2, 4, 6, 8], outputs: [8], hasFloatOutput: false)
        case (.fullConnected, 2): Pairs(weights: [2, 4, 8], outputs: [2, 4], hasFloatOutput: true)
        case (.fullConnected, 4): Pairs(weights: [2, 4, 8], outputs: [2, 4, 8], hasFloatOutput: true)
        case (.fullConnected, 8): Pairs(weights: [2, 4, 8], outputs: [8], hasFloatOutput: true)
        case (.lstm, 4): Pairs(weights: [4], outputs: [4], hasFloatOutput: false)
        case (.lstm, 8): Pairs(weights: [2, 4, 6, 8], outputs: [8], hasFloatOutput: false)
        default: nil
        }
    }

    private static func taken(_ context: RuleContext) -> String? {
        guard context.quantization != nil, let input = context.facts.inputs.first, !input.isFloat,
            let pairs = pairs(for: context.node.kind, inputBits: input.bits)
        else { return nil }
        return
            "\(input.bits) bit input takes weights of \(pairs.weights.map(String.init).joined(separator: ", "))"
    }

    private static func goTogether(_ context: RuleContext) -> Violation? {
        let facts = context.facts
        guard context.quantization != nil, let input = facts.inputs.first, !input.isFloat,
            let weights = facts.weightBits
        else { return nil }
        // Widths that the chip has nowhere are the business of the rules above.
        let profile = context.device.profile
        guard weights == Quantization.float || profile.weightBits.contains(weights),
            profile.combinedFeatureBits.contains(input.bits),
            facts.output.isFloat || profile.featureBits.contains(facts.output.bits)
        else { return nil }
        guard let pairs = pairs(for: context.node.kind, inputBits: input.bits) else {
            return Violation(
                "reads \(input.bits) bits, for which the chip has no \(context.node.kind.rawValue)")
        }
        let allowedOutputs = pairs.outputs.map(String.init) + (pairs.hasFloatOutput ? ["float"] : [])
        if weights != Quantization.float, !pairs.weights.contains(weights) {
            return Violation(
                "reads \(input.bits) bits with weights of \(weights); the chip has \(pairs.weights.map(String.init).joined(separator: ", "))",
                fix: pairs.weights.first { $0 > weights }.map { context.set("weightBits", .integer($0)) })
        }
        let fits =
            facts.output.isFloat
            ? pairs.hasFloatOutput || !facts.isLast : pairs.outputs.contains(facts.output.bits)
        guard !fits else { return nil }
        let given = facts.output.isFloat ? "a float result" : "a result of \(facts.output.bits)"
        return Violation(
            "reads \(input.bits) bits with \(given); the chip has \(allowedOutputs.joined(separator: ", "))",
            fix: facts.output.isFloat
                ? nil
                : pairs.outputs.first { $0 > facts.output.bits }.map {
                    context.set("outputBits", .integer($0))
                })
    }
}

extension RuleContext {
    /// The bits of a weight, where the layer has quantized ones.
    var weightWidth: String? {
        guard quantization != nil, let bits = facts.weightBits, bits != Quantization.float else { return nil }
        return "has weights of \(bits) bits"
    }

    /// The bits of the result, where the layer has a quantizer for it.
    var featureWidth: String? {
        guard quantization?.outputBits != nil, !facts.output.isFloat else { return nil }
        return "gives \(facts.output.bits) bits"
    }
}
