/// LSTM and Embedding.
extension RuleCase {
    static let recurrent = [
        RuleCase("lstm-layers", "Flatten shape=[-1,32,1024]", "LSTM imported.numLayers=2|1"),
        RuleCase("lstm-batch-first", "Flatten shape=[-1,32,1024]", "LSTM imported.batchFirst=false|true"),
        RuleCase(
            "lstm-producer", "Conv2D imported.preLstmLayer=false|true", "Flatten shape=[-1,32,1024]", "LSTM"),
        RuleCase(
            "lstm-producer", "Conv2D imported.preLstmLayer=false", "Flatten(a|stem) shape=[-1,32,1024]",
            "LSTM"),
        RuleCase(
            "embedding-inputs", "input words 8", "p: Preprocess(words)",
            "Embedding(p) imported.multiInputs=true|false"),
        RuleCase(
            "embedding-inputs", "input words 8", "p: Preprocess(words)",
            "Embedding(p,p) imported.multiInputs=false|true"),
        RuleCase(
            "embedding-inputs", "input words 8", "p: Preprocess(words)",
            "Embedding(p|p,p) imported.multiInputs=true"),
    ]
}

extension FixReason {
    static let recurrent: [String: FixReason] = [
        "lstm-producer": .safe("an export writes the flag as the wiring has it"),
        "embedding-inputs": .safe("an export writes the flag as the wiring has it"),
        "lstm-layers": .open("what the second layer had learned"),
        "lstm-batch-first": .open("what the axes mean"),
    ]
}
