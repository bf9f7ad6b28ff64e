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
