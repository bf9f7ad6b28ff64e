import Graph

/// Recommended settings.
enum AdviceRules {
    static let all: [Rule] = [
        Rule(
            "auto-idle", for: [.conv2D, .convTranspose2D, .depthwiseConv2D, .fullConnected], .advice,
            says: "autoBitwidth acts only on Txx, Xs1 and Xs2 and below 8 bits; elsewhere it does nothing.",
            source: .manual("auto_bitwidth"), keeps: Rule.silent, check: isIdle),
        Rule(
            "clip-recommended",
            for: [.conv2D, .convTranspose2D, .depthwiseConv2D, .fullConnected, .batchNorm, .seBlock],
            .advice,
            says:
                "Clip 6.0 is recommended for 8 bit; 4.0 for 4 bit in Conv2D and ConvTranspose2D, 3.0 elsewhere; "
                + "2.0 for 2 bit.",
            source: .manual("clip_max_value", also: .venus),
            keeps: { $0.recommendedClip.map { "has clip \($0.clip), as recommended for \($0.bits) bit" } }
        ) { context in
            guard let (clip, bits) = context.recommendedClip, let quantization = context.quantization,
                clip != quantization.clip
            else { return nil }
            return Violation(
                "has \(quantization.clip) at \(bits) bit, \(clip) is recommended",
                fix: context.set("clip", .number(clip)))
        },
        Rule(
            "factor-recommended", .advice,
            says: "A weight factor of 3.0 is recommended for 8 and 4 bit, 2.0 for 2 bit.",
            source: .manual("weight_factor", also: .venus), keeps: Rule.silent
        ) { context in
            guard let quantization = context.quantization, context.facts.weightBits != nil,
                let factor = recommendedFactor(bits: quantization.weightBits),
                factor != quantization.weightFactor
            else { return nil }
            return Violation(
                "has \(quantization.weightFactor) at \(quantization.weightBits) bit, \(factor) is recommended",
                fix: context.set("weightFactor", .number(factor)))
        },
        Rule(
            "shortcut-clip", for: [.shortcut], .advice, says: "A clip above 2.0 has no effect in a Shortcut.",
            source: .kit("clip_max_value"), keeps: Rule.silent
        ) { context in
            guard let clip = context.quantization?.clip, clip > Shortcut.largestClip else { return nil }
            return Violation(
                "has \(clip)", fix: context.set("clip", .number(Shortcut.largestClip), keepsNumbers: true))
        },
    ]

    /// Whether the switch was turned on, not just left at a default of on, and does nothing.
    private static func isIdle(_ context: RuleContext) -> Violation? {
        guard let quantization = context.quantization, quantization.autoBitwidth,
            context.node.kind.defaultLayer.settings.quantization?.autoBitwidth == false
        else { return nil }
        if context.device.family == .npu {
            return Violation("has it on", fix: context.set("autoBitwidth", .flag(false), keepsNumbers: true))
        }
        guard !AutoBitwidth.isBelow8(quantization) else { return nil }
        return Violation(
            "has it on at 8 bits", fix: context.set("autoBitwidth", .flag(false), keepsNumbers: true))
    }

    private static func recommendedFactor(bits: Int) -> Double? {
        switch bits {
        case 8, 4: 3.0
        case 2: 2.0
        default: nil
        }
    }
}

extension RuleContext {
    /// The clip that is recommended for the result's bits; nil where there is none, or it is learned.
    fileprivate var recommendedClip: (clip: Double, bits: Int)? {
        guard let quantization, !facts.output.isFloat, !quantization.autoThreshold else { return nil }
        let bits = quantization.outputBits ?? facts.output.bits
        return node.kind.recommendedClip(bits: bits).map { ($0, bits) }
    }
}
