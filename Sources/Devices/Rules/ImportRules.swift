import Graph

/// Flags of an imported file that contradict the wiring; here they are derived and cannot.
enum ImportRules {
    static let all: [Rule] = [
        Rule(
            "input-bits",
            says: "The input bits of a layer are the output bits of the one it reads, 8 after Preprocess.",
            source: .manual("input_bitwidth"), keeps: { $0.inputBits }
        ) { subject in
            guard let written = subject.node.imported.inputBits, let input = subject.facts.inputs.first,
                subject.isQuantizedNetwork, written != input.bits
            else { return nil }
            return Answer(
                "reads \(input.bits) and was imported with \(written)", fix: subject.forget("inputBits"))
        },
        Rule(
            "imported-first", .warning, says: "first_layer is set on the first layer and on no other.",
            source: .manual("first_layer"), keeps: Rule.silent
        ) { subject in
            guard let written = subject.node.imported.firstLayer, written != subject.facts.isFirst else {
                return nil
            }
            return Answer(
                subject.facts.isFirst
                    ? "is first and was imported without it" : "was imported with it and is not first",
                fix: subject.forget("firstLayer"))
        },
        Rule(
            "imported-last", .warning,
            says: "last_layer is set on layers that nothing reads and on no other.",
            source: .manual("last_layer"), keeps: Rule.silent
        ) { subject in
            guard let written = subject.node.imported.lastLayer, written != subject.facts.isLast else {
                return nil
            }
            return Answer(
                subject.facts.isLast
                    ? "is last and was imported without it" : "was imported with it and is not last",
                fix: subject.forget("lastLayer"))
        },
        Rule(
            "imported-before-lstm", .warning, says: "pre_lstm_layer is set only in front of an LSTM.",
            source: .manual("note", section: "LSTM"), keeps: Rule.silent
        ) { subject in
            guard subject.node.imported.preLSTMLayer == true, !subject.facts.isBeforeLSTM else { return nil }
            return Answer("was imported with it and feeds no LSTM", fix: subject.forget("preLstmLayer"))
        },
    ]
}

extension Subject {
    /// The bits that arrive, and from where.
    fileprivate var inputBits: String? {
        guard isQuantizedNetwork, let input = facts.inputs.first, !input.isFloat,
            let source = node.inputs.first
        else { return nil }
        return "reads \(input.bits) bits, as \(source) gives them"
    }
}
