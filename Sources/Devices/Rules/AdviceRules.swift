import Graph

/// Recommended settings.
enum AdviceRules {
    static let all: [Rule] = [
        Rule(
            "auto-idle", for: [.conv2D, .convTranspose2D, .depthwiseConv2D, .fullConnected], .advice,
            says: "autoBitwidth acts only on Txx, Xs1 and Xs2 and below 8 bits; elsewhere it does nothing.",
            source: .manual("auto_bitwidth"), keeps: Rule.silent, ask: asksInVain),
        Rule(
            "clip-recommended",
            for: [.conv2D, .convTranspose2D, .depthwiseConv2D, .fullConnected, .batchNorm, .seBlock],
            .advice,
            says:
                "Clip 6.0 is recommended for 8 bit; 4.0 for 4 bit in Conv2D and ConvTranspose2D, 3.0 elsewhere; "
                + "2.0 for 2 bit.",
            source: .manual("clip_max_value", also: .venus),
            keeps: { $0.recommendedClip.map { "has clip \($0.clip), as recommended for \($0.bits) bit" } }
        ) { subject in
            guard let (clip, bits) = subject.recommendedClip, let quantization = subject.quantization,
                clip != quantization.clip
            else { return nil }
            return Answer(
                "has \(quantization.clip) at \(bits) bit, \(clip) is recommended",
                fix: subject.set("clip", .number(clip)))
        },
        Rule(
            "factor-recommended", .advice,
            says: "A weight factor of 3.0 is recommended for 8 and 4 bit, 2.0 for 2 bit.",
            source: .manual("weight_factor", also: .venus), keeps: Rule.silent
        ) { subject in
            guard let quantization = subject.quantization, subject.facts.weightBits != nil,
                let factor = recommendedFactor(bits: quantization.weightBits),
                factor != quantization.weightFactor
            else { return nil }
            return Answer(
                "has \(quantization.weightFactor) at \(quantization.weightBits) bit, \(factor) is recommended",
                fix: subject.set("weightFactor", .number(factor)))
        },
        Rule(
            "shortcut-clip", for: [.shortcut], .advice, says: "A clip above 2.0 has no effect in a Shortcut.",
            source: .kit("clip_max_value"), keeps: Rule.silent
        ) { subject in
            guard let clip = subject.quantization?.clip, clip > Shortcut.largestClip else { return nil }
            return Answer(
                "has \(clip)", fix: subject.set("clip", .number(Shortcut.largestClip), keepsNumbers: true))
        },
    ]

    /// Whether the switch was turned on, not just left at a default of on, and does nothing.
    private static func asksInVain(_ subject: Subject) -> Answer? {
        guard let quantization = subject.quantization, quantization.autoBitwidth,
            subject.node.kind.defaultLayer.settings.quantization?.autoBitwidth == false
        else { return nil }
        if subject.device.family == .npu {
            return Answer("has it on", fix: subject.set("autoBitwidth", .flag(false), keepsNumbers: true))
        }
        guard !AutoBitwidth.isBelow8(quantization) else { return nil }
        return Answer(
            "has it on at 8 bits", fix: subject.set("autoBitwidth", .flag(false), keepsNumbers: true))
    }

    private static func recommendedFactor(bits: Int) -> Double? {
        switch bits {
        case 8, 4: 3.0
        case 2: 2.0
        default: nil
        }
    }
}

extension Subject {
    /// The clip that is recommended for the result's bits; nil where there is none, or it is learned.
    fileprivate var recommendedClip: (clip: Double, bits: Int)? {
        guard let quantization, !facts.output.isFloat, !quantization.autoThreshold else { return nil }
        let bits = quantization.outputBits ?? facts.output.bits
        return node.kind.recommendedClip(bits: bits).map { ($0, bits) }
    }
}
