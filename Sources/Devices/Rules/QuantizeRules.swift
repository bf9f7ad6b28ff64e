import Graph

/// A network is quantized as a whole or not at all.
enum QuantizeRules {
    static let all: [Rule] = [
        Rule(
            "quantize-all",
            says: "In a quantized network every layer but the last quantizes its weights and features.",
            source: .manual("last_layer", section: "Shortcut"), keeps: keeps, ask: isQuantized)
    ]

    private static func keeps(_ subject: Subject) -> String? {
        guard subject.isQuantizedNetwork, subject.quantization != nil, !subject.facts.isLast else {
            return nil
        }
        return "quantizes as the whole network does"
    }

    private static func isQuantized(_ subject: Subject) -> Answer? {
        guard subject.isQuantizedNetwork, !subject.facts.isLast,
            let quantization = subject.layer.settings.quantization
        else { return nil }
        // Most layers have both below float, which needs no look at their fields.
        if quantization.isEnabled, quantization.weightBits < Quantization.float,
            quantization.outputBits ?? 0 < Quantization.float
        {
            return nil
        }
        let float = FieldValue.integer(Quantization.float)
        let floatFields = ["weightBits", "outputBits"].filter { subject.layer.value(of: $0) == float }
        let widths = floatFields.map { ($0, FieldValue.integer(8)) }
        guard quantization.isEnabled else {
            return Answer("has quantize off", fix: subject.set([("quantize", .flag(true))] + widths))
        }
        guard !floatFields.isEmpty else { return nil }
        let names = floatFields.map { $0 == "weightBits" ? "weights" : "features" }
        return Answer("leaves its \(names.joined(separator: " and ")) in float", fix: subject.set(widths))
    }
}
