import Graph

/// LSTM and Embedding; most of it can only be broken by an import.
enum RecurrentRules {
    static let all: [Rule] = [
        Rule(
            "lstm-layers", for: [.lstm], says: "An LSTM has one layer.", source: .manual("num_layers"),
            keeps: Rule.silent
        ) {
            context in
            guard let count = context.node.imported.numLayers, count != 1 else { return nil }
            return Violation("was imported with \(count)")
        },
        Rule(
            "lstm-batch-first", for: [.lstm], says: "An LSTM reads the batch first.",
            source: .manual("batch_first"), keeps: Rule.silent
        ) {
            context in
            context.node.imported.batchFirst == false ? Violation("was imported with batch_first off") : nil
        },
        Rule(
            "lstm-producer", .warning, says: "The layer in front of an LSTM has pre_lstm_layer set.",
            source: .manual("note", section: "LSTM"), keeps: Rule.silent
        ) { context in
            guard context.facts.isBeforeLSTM, context.node.imported.preLSTMLayer == false else { return nil }
            return Violation("feeds an LSTM and was imported without it", fix: context.forget("preLstmLayer"))
        },
        Rule(
            "embedding-inputs", for: [.embedding],
            says: "multi_inputs of an Embedding matches the number of its inputs.",
            source: .manual("note"), keeps: Rule.silent
        ) { context in
            let count = context.node.inputs.count
            guard let several = context.node.imported.multiInputs, several != (count > 1) else { return nil }
            return Violation(
                "reads \(counted(count, "input")) and was imported with multi_inputs \(several ? "on" : "off")",
                fix: context.forget("multiInputs"))
        },
    ]
}
