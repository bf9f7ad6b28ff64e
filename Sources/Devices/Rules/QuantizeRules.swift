import Graph

/// A network is quantized as a whole or not at all.
enum QuantizeRules {
    static let all: [Rule] = [
        Rule(
            "quantize-all",
            says: "In a quantized network every layer but the last quantizes its weights and activations.",
            source: .manual("last_layer", section: "Shortcut"), keeps: keeps, check: isQuantized),
        Rule(
            "quantize-none", .warning,
            says:
                "The chip computes with quantized weights and activations; 32 bits are for the results of a last layer. "
                + "Nothing of this network is quantized.",
            source: .venus(), keeps: Rule.silent, check: isFloatNetwork),
    ]

    /// Said once, of the first layer that would quantize weights.
    private static func isFloatNetwork(_ context: RuleContext) -> Violation? {
        guard !context.isQuantizedNetwork, context.node.kind.learns else { return nil }
        let nodes = context.analysis.network.nodes
        func couldQuantize(_ node: Node) -> Bool { node.layer.value(of: "quantize") != nil }
        guard couldQuantize(context.node),
            !nodes[..<context.index].contains(where: { $0.kind.learns && couldQuantize($0) })
        else { return nil }
        let edits = nodes.enumerated().filter { couldQuantize($1) }.flatMap { index, node in
            let fields =
                context.analysis.facts.nodes[index].isLast ? ["weightBits"] : ["weightBits", "outputBits"]
            return [Edit.set(layer: node.name, field: "quantize", to: .flag(true))]
                + fields.filter { node.layer.value(of: $0) == float }
                .map { .set(layer: node.name, field: $0, to: .integer(8)) }
        }
        let count = nodes.count(where: couldQuantize)
        let others = count > 1 ? ", as \(counted(count - 1, "other layer")) \(count > 2 ? "do" : "does")" : ""
        return Violation(
            "computes in float\(others)",
            fix: Fix("quantize \(counted(count, "layer"))", .all("quantize every layer", edits)),
            source: context.device.family == .npu ? .venus() : .kit())
    }

    private static let float = FieldValue.integer(Quantization.float)

    private static func keeps(_ context: RuleContext) -> String? {
        guard context.isQuantizedNetwork, context.quantization != nil, !context.facts.isLast else {
            return nil
        }
        return "quantizes as the whole network does"
    }

    private static func isQuantized(_ context: RuleContext) -> Violation? {
        guard context.isQuantizedNetwork, !context.facts.isLast,
            let quantization = context.layer.settings.quantization
        else { return nil }
        // Most layers have both below float, which needs no look at their fields.
        if quantization.isEnabled, quantization.weightBits < Quantization.float,
            quantization.outputBits ?? 0 < Quantization.float
        {
            return nil
        }
        let floatFields = ["weightBits", "outputBits"].filter { context.layer.value(of: $0) == float }
        let widths = floatFields.map { ($0, FieldValue.integer(8)) }
        guard quantization.isEnabled else {
            return Violation("has quantize off", fix: context.set([("quantize", .flag(true))] + widths))
        }
        guard !floatFields.isEmpty else { return nil }
        let names = floatFields.map { $0 == "weightBits" ? "weights" : "activations" }
        return Violation("leaves its \(names.joined(separator: " and ")) in float", fix: context.set(widths))
    }
}
