import Graph

/// Layers whose result is the network's.
enum LastLayerRules {
    static let all: [Rule] = [
        Rule(
            "last-activation", for: [.conv2D, .convTranspose2D, .depthwiseConv2D, .fullConnected], .warning,
            says: "A last layer without an activation has none, not Linear.",
            source: .manual("note 2", section: "Conv2D"),
            keeps: { $0.facts.isLast ? "is last, without Linear" : nil }
        ) { context in
            guard context.facts.isLast, context.layer.settings.activation == .linear else { return nil }
            // With a quantized result the change would also make it unsigned.
            let isSafe = context.facts.output.isFloat
            return Violation(
                "has Linear",
                fix: isSafe ? context.set("activation", .choice("none"), keepsNumbers: true) : nil)
        },
        Rule(
            "last-dense-feature", for: [.fullConnected], .warning,
            says: "Quantizing the result of a last FullConnected is not recommended.",
            source: .manual("note 2"),
            keeps: { $0.facts.isLast ? "is last, and its result stays float" : nil }
        ) { context in
            guard context.facts.isLast, context.quantization?.quantizesLastFeature == true else { return nil }
            return Violation(
                "has quantizeLastFeature on", fix: context.set("quantizeLastFeature", .flag(false)))
        },
        Rule(
            "last-dense-bits", for: [.fullConnected], .warning,
            says: "The output bits of a last FullConnected are 32.",
            source: .manual("last layer", section: "sample network"), keeps: Rule.silent
        ) { context in
            guard context.facts.isLast, let bits = context.quantization?.outputBits,
                bits != Quantization.float
            else {
                return nil
            }
            return Violation("has \(bits)", fix: context.set("outputBits", .integer(Quantization.float)))
        },
    ]
}
