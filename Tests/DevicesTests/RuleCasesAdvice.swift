import Devices

/// Recommended settings.
extension RuleCase {
    static let advice =
        [
            RuleCase("auto-idle", "Conv2D autoBitwidth=true|false"),
            RuleCase("auto-idle", on: .npu, "Conv2D weightBits=4 autoBitwidth=true|false"),
            RuleCase("auto-idle", on: .simd, "Conv2D weightBits=8|4 autoBitwidth=true"),
            RuleCase("shortcut-clip", "Shortcut(stem,stem) clip=2.5|2.0"),
            RuleCase("shortcut-clip", "Shortcut(stem,stem) clip=2.001|1.5"),
        ] + clip + factor

    private static let clip = [
        RuleCase("clip-recommended", "Conv2D clip=5.0|6.0", "Conv2D"),
        RuleCase("clip-recommended", "Conv2D clip=5.0 autoThreshold=false|true", "Conv2D"),
        RuleCase("clip-recommended", "Conv2D clip=5.0", "- Conv2D"),
        RuleCase("clip-recommended", "Conv2D outputBits=4 clip=3.0|4.0", "Conv2D"),
        RuleCase("clip-recommended", "ConvTranspose2D outputBits=4 clip=6.0|4.0", "Conv2D"),
        RuleCase("clip-recommended", "DepthwiseConv2D outputBits=4 clip=4.0|3.0", "Conv2D"),
        RuleCase("clip-recommended", "Se_Block rate=1 outputBits=4 clip=4.0|3.0", "Conv2D"),
        RuleCase(
            "clip-recommended", "Flatten shape=[-1,32768]", "FullConnected outputBits=4 clip=4.0|3.0",
            "FullConnected outputBits=32"),
        RuleCase(
            "clip-recommended", "Conv2D outputBits=4 clip=4.0",
            "BatchNorm activation=ReLU6 autoThreshold=false clip=6.0|3.0", "Conv2D"),
        RuleCase("clip-recommended", "Conv2D outputBits=2 clip=4.0|2.0", "Conv2D"),
        RuleCase("clip-recommended", "DepthwiseConv2D outputBits=2 clip=3.0|2.0", "Conv2D"),
    ]

    private static let factor = [
        RuleCase("factor-recommended", "Conv2D weightFactor=2.5|3.0"),
        RuleCase("factor-recommended", "Conv2D weightBits=4 weightFactor=2.0|3.0"),
        RuleCase("factor-recommended", "Conv2D weightBits=2 weightFactor=3.0|2.0"),
        RuleCase("factor-recommended", "Conv2D weightBits=8|6 weightFactor=2.5"),
        RuleCase("factor-recommended", "Se_Block rate=1 weightFactor=5.0|3.0"),
        RuleCase("factor-recommended", "Flatten shape=[-1,32,1024]", "LSTM weightFactor=2.0|3.0"),
    ]
}

extension FixReason {
    static let advice: [String: FixReason] = [
        "auto-idle": .safe("the switch did nothing"),
        "clip-recommended": .safe("a number is recommended"),
        "factor-recommended": .safe("a number is recommended"),
        "shortcut-clip": .safe("2.0 acts the same"),
    ]
}
