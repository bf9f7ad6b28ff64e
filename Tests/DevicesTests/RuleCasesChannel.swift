/// Channels in blocks: each operator that reads them, on both families, and the exemptions.
extension RuleCase {
    static let channels = [("channels-32", 16, 32), ("channels-16", 8, 16)].flatMap { rule, narrow, block in
        let channels = "outChannels=\(narrow)|\(block)"
        let wide = "Conv2D outChannels=\(2 * block)"
        return [
            RuleCase(rule, "Conv2D \(channels)", "Conv2D"),
            RuleCase(rule, "Conv2D outChannels=\(block + 1)|\(block)", "Conv2D"),
            RuleCase(rule, "Conv2D \(channels)", "ConvTranspose2D"),
            RuleCase(rule, "Conv2D \(channels)", "DepthwiseConv2D"),
            RuleCase(
                rule, "Flatten shape=[-1,32768]", "FullConnected \(channels)", "FullConnected outputBits=32"),
            RuleCase(rule, "Conv2D \(channels)", "BatchNorm activation=ReLU6"),
            RuleCase(rule, "Conv2D \(channels)", "Avgpool2D"),
            RuleCase(rule, "Conv2D \(channels)", "AdaptiveAvgpool2D"),
            RuleCase(rule, "Conv2D \(channels)", "Se_Block rate=1"),
            RuleCase(rule, wide, "Se_Block rate=4|2"),
            RuleCase(rule, "Conv2D \(channels)", "Mul(a,a)"),
            RuleCase(rule, "Conv2D \(channels) activation=PReLU"),
            RuleCase(rule, "Conv2D \(channels) activation=Hsigmoid"),
            RuleCase(rule, "Conv2D outChannels=\(narrow) activation=PReLU|ReLU6"),
            RuleCase(rule, "ConvTranspose2D \(channels) activation=PReLU"),
            RuleCase(rule, "BatchNorm(preprocess) activation=Hsigmoid|ReLU6"),
            // Layers that only pass channels on, or only make them, are free.
            RuleCase(rule, "Conv2D outChannels=\(narrow)", "Maxpool2D", "Conv2D(b|stem)"),
            // Focus makes four channels of each.
            RuleCase(
                rule, "input data \(block / 4 + 1)x8x8|\(block / 4)x8x8", "p: Preprocess(data)",
                "Conv2D focus=true"),
        ] + exemptions(rule)
    }

    /// 1 to 3 channels into Conv2D and BatchNorm, and 12 after Focus.
    private static func exemptions(_ rule: String) -> [RuleCase] {
        let input = "input data 4x8x8|3x8x8"
        return [
            RuleCase(rule, input, "p: Preprocess(data)", "Conv2D"),
            RuleCase(rule, input, "p: Preprocess(data)", "BatchNorm"),
            RuleCase(rule, "input data 5x8x8|3x8x8", "p: Preprocess(data)", "Conv2D focus=true"),
            RuleCase(rule, "input data 1x8x8|3x8x8", "p: Preprocess(data)", "Conv2D focus=true"),
        ]
            + [
                "DepthwiseConv2D", "ConvTranspose2D", "Avgpool2D", "AdaptiveAvgpool2D", "Se_Block rate=1",
                "Mul(a,a)",
            ].map { RuleCase(rule, "Conv2D outChannels=3|32", $0) }
    }
}

extension FixReason {
    static let channel: [String: FixReason] = [
        "channels-32": .safe("the layer that makes the channels makes more"),
        "channels-16": .safe("the layer that makes the channels makes more"),
    ]
}
