import Graph

/// Flags of an imported file that contradict the wiring; here they are derived and cannot.
enum ImportRules {
    static let all: [Rule] = [
        Rule(
            "input-bits",
            says: "The input bits of a layer are the output bits of the one it reads, 8 after Preprocess.",
            source: .manual("input_bitwidth"), keeps: { $0.inputBits }
        ) { context in
            guard let written = context.node.imported.inputBits, let input = context.facts.inputs.first,
                context.isQuantizedNetwork, written != input.bits
            else { return nil }
            return Violation(
                "reads \(input.bits) and was imported with \(written)", fix: context.forget("inputBits"))
        },
        Rule(
            "imported-first", .warning, says: "first_layer is set on the first layer and on no other.",
            source: .manual("first_layer"), keeps: Rule.silent
        ) { context in
            guard let written = context.node.imported.firstLayer, written != context.facts.isFirst else {
                return nil
            }
            return Violation(
                context.facts.isFirst
                    ? "is first and was imported without it" : "was imported with it and is not first",
                fix: context.forget("firstLayer"))
        },
        Rule(
            "imported-last", .warning,
            says: "last_layer is set on layers that nothing reads and on no other.",
            source: .manual("last_layer"), keeps: Rule.silent
        ) { context in
            guard let written = context.node.imported.lastLayer, written != context.facts.isLast else {
                return nil
            }
            return Violation(
                context.facts.isLast
                    ? "is last and was imported without it" : "was imported with it and is not last",
                fix: context.forget("lastLayer"))
        },
        Rule(
            "imported-before-lstm", .warning, says: "pre_lstm_layer is set only in front of an LSTM.",
            source: .manual("note", section: "LSTM"), keeps: Rule.silent
        ) { context in
            guard context.node.imported.preLSTMLayer == true, !context.facts.isBeforeLSTM else { return nil }
            return Violation("was imported with it and feeds no LSTM", fix: context.forget("preLstmLayer"))
        },
    ]
}

extension RuleContext {
    /// The bits that arrive, and from where.
    fileprivate var inputBits: String? {
        guard isQuantizedNetwork, let input = facts.inputs.first, !input.isFloat,
            let source = node.inputs.first
        else { return nil }
        return "reads \(input.bits) bits, as \(source) gives them"
    }
}
