/// Flags of an import against the wiring, and quantizing as a whole.
extension RuleCase {
    static let imports = [
        RuleCase("input-bits", "Conv2D imported.inputBits=4|8"),
        RuleCase(
            "input-bits", "Conv2D outputBits=4|8", "Conv2D imported.inputBits=8",
            also: ["clip-recommended"]),
        RuleCase("input-bits", "Conv2D(preprocess) imported.inputBits=32|8"),
        RuleCase("imported-first", "Conv2D imported.firstLayer=true|false"),
        RuleCase("imported-first", "Conv2D(preprocess) imported.firstLayer=false|true"),
        RuleCase("imported-first", "Conv2D(stem|preprocess) imported.firstLayer=true"),
        RuleCase("imported-last", "Conv2D imported.lastLayer=false|true"),
        RuleCase("imported-last", "Conv2D imported.lastLayer=true", "- Conv2D"),
        RuleCase("imported-before-lstm", "Conv2D imported.preLstmLayer=true|false"),
        RuleCase(
            "imported-before-lstm", "Conv2D imported.preLstmLayer=true", "Flatten(stem|a) shape=[-1,32,1024]",
            "LSTM"),
    ]

    static let quantize =
        [
            RuleCase("quantize-all", "Conv2D weightBits=32|8", "Conv2D"),
            RuleCase("quantize-none", "stem quantize=false|true"),
            RuleCase("quantize-all", "Conv2D outputBits=32|8", "Conv2D"),
            RuleCase("quantize-all", "Conv2D quantize=false", "- Conv2D"),
            RuleCase("quantize-all", "Conv2D weightBits=32 outputBits=32", "- Conv2D"),
            RuleCase("quantize-all", "Shortcut(stem,stem) outputBits=32|unset", "Conv2D"),
            RuleCase(
                "quantize-all", "Flatten shape=[-1,32768]", "FullConnected quantize=false|true",
                "FullConnected outputBits=32"),
            RuleCase(
                "quantize-all", "Flatten shape=[-1,32,1024]", "LSTM quantize=false|true",
                "FullConnected outputBits=32"),
            RuleCase(
                "quantize-all", "input words 8", "p: Preprocess(words)",
                "Embedding embeddingSize=32 quantize=false|true", "LSTM"),
        ]
        + [
            "Conv2D", "ConvTranspose2D", "DepthwiseConv2D", "BatchNorm activation=ReLU6",
            "Shortcut(stem,stem)", "Mul(stem,stem)", "Avgpool2D", "AdaptiveAvgpool2D", "Unpool2D",
            "Se_Block rate=1",
        ].map { RuleCase("quantize-all", "\($0) quantize=false|true", "Conv2D") }
}

extension FixReason {
    static let imports: [String: FixReason] = [
        "input-bits": .safe("an export writes the bits as the wiring has them"),
        "imported-first": .safe("an export writes the flag as the wiring has it"),
        "imported-last": .safe("an export writes the flag as the wiring has it"),
        "imported-before-lstm": .safe("an export writes the flag as the wiring has it"),
        "quantize-all": .safe("8 bits are what a quantized network starts with"),
        "quantize-none": .safe("8 bits are what a quantized network starts with"),
    ]
}
