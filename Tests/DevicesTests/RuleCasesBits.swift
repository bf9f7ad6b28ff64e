/// Bit widths of both families.
extension RuleCase {
    /// The widths of T40 and T02, and the same for T41; every pair of widths is asked elsewhere.
    static let npuBits =
        ["npu", "t41"].flatMap { prefix in
            [
                RuleCase("\(prefix)-weight-bits", "Conv2D weightBits=3|2 weightFactor=2.0"),
                RuleCase("\(prefix)-weight-bits", "Conv2D weightBits=5|4"),
                RuleCase("\(prefix)-weight-bits", "Conv2D weightBits=5|6"),
                RuleCase("\(prefix)-weight-bits", "Conv2D weightBits=7|8"),
                RuleCase("\(prefix)-weight-bits", "Conv2D weightBits=7|32"),
                RuleCase(
                    "\(prefix)-feature-bits", "Conv2D outputBits=4 clip=4.0",
                    "Conv2D outputBits=3|2 quantizeLastFeature=true clip=2.0"),
                RuleCase("\(prefix)-feature-bits", "Conv2D outputBits=5|4 clip=4.0", "Conv2D"),
                RuleCase("\(prefix)-feature-bits", "Conv2D outputBits=6|8", "Conv2D"),
                RuleCase("\(prefix)-feature-bits", "Conv2D outputBits=10|8 quantizeLastFeature=true"),
                RuleCase("\(prefix)-feature-bits", "Conv2D outputBits=7", "- Conv2D"),
                RuleCase(
                    "\(prefix)-feature-bits",
                    "Shortcut(stem,stem) quantizeLastFeature=true outputBits=6|10"),
                RuleCase(
                    "\(prefix)-feature-bits", "Mul(stem,stem) quantizeLastFeature=true outputBits=7|12"),
                RuleCase("\(prefix)-feature-bits", "Avgpool2D outputBits=3|2"),
            ]
        } + [
            RuleCase("npu-bit-pairs", "Conv2D outputBits=2|4", "Conv2D weightBits=4"),
            RuleCase("npu-bit-pairs", "DepthwiseConv2D", "+ Conv2D"),
        ]

    static let simdBits =
        [
            RuleCase("simd-weight-bits", "Conv2D weightBits=3|4"),
            RuleCase("simd-weight-bits", "Conv2D weightBits=2 weightFactor=2.0 autoBitwidth=false|true"),
            RuleCase("simd-feature-bits", "Conv2D outputBits=3|4 clip=4.0", "Conv2D"),
            RuleCase("simd-feature-bits", "Conv2D outputBits=10|8", "Conv2D"),
            RuleCase("simd-feature-bits", "Conv2D outputBits=3 clip=4.0", "- Conv2D"),
        ] + accumulator + automatic

    /// At the bound and above it, and the layers that are free.
    private static let accumulator = [
        // 3 x 3 x 2^4 x 2^4 x 32 = 73728.
        RuleCase("accumulator", "Conv2D outputBits=4 clip=4.0", "Conv2D weightBits=6|5", "Conv2D"),
        RuleCase(
            "accumulator", "Conv2D outputBits=4 clip=4.0", "Conv2D kernelWidth=4|3 weightBits=5", "Conv2D"),
        RuleCase(
            "accumulator", "Conv2D outputBits=4 clip=4.0 outChannels=64",
            "Conv2D outChannels=64 weightBits=5 groups=1|2", "Conv2D"),
        // 4 x 4 x 2^8 x 2^4 = 65536.
        RuleCase("accumulator", "DepthwiseConv2D kernelHeight=4 kernelWidth=4 weightBits=6|5", "Conv2D"),
        RuleCase("accumulator", "DepthwiseConv2D kernelHeight=5|4 kernelWidth=4 weightBits=5", "Conv2D"),
        // 2^4 x 2^5 x 128 = 65536.
        RuleCase(
            "accumulator", "Conv2D outputBits=4 clip=4.0 outChannels=128",
            "AdaptiveAvgpool2D keepDimensions=false", "FullConnected weightBits=7|6",
            "FullConnected outputBits=32"),
        RuleCase("accumulator", "Conv2D weightBits=7|8", "Conv2D"),
        RuleCase("accumulator", "Conv2D weightBits=4", "- Conv2D"),
        RuleCase("accumulator", "Conv2D(stem|preprocess) weightBits=4", "Conv2D"),
        // 12 channels after Focus: 3 x 3 x 2^8 x 2^3 x 12 = 221184.
        RuleCase("accumulator", "BatchNorm(preprocess)", "Conv2D focus=true|false weightBits=4", "Conv2D"),
    ]

    /// The most output channels by the larger side of the kernel.
    private static let automatic =
        [
            ("Conv2D kernelHeight=1 kernelWidth=1", 512), ("Conv2D kernelHeight=2 kernelWidth=1", 128),
            ("Conv2D kernelHeight=2 kernelWidth=2", 128), ("Conv2D kernelHeight=1 kernelWidth=3", 64),
            ("Conv2D", 64), ("Conv2D kernelHeight=5 kernelWidth=5", 64), ("ConvTranspose2D", 512),
            ("Conv2D(preprocess)", 64),
        ].map { line, limit in
            RuleCase(
                "auto-channels", "\(line) outChannels=\(limit + 1)|\(limit) weightBits=4 autoBitwidth=true")
        } + [
            RuleCase(
                "auto-channels", "Flatten shape=[-1,32768]",
                "FullConnected outputBits=32 outChannels=513|512 weightBits=4 autoBitwidth=true"),
            RuleCase(
                "auto-channels", "Conv2D outChannels=513|512",
                "DepthwiseConv2D weightBits=4 autoBitwidth=true",
                also: ["channels-16"]),
            RuleCase("auto-channels", "Conv2D outChannels=96 weightBits=4 autoBitwidth=true|false"),
        ]
}

extension FixReason {
    static let bits: [String: FixReason] = [
        "npu-weight-bits": .safe("the next wider bits lose nothing"),
        "npu-feature-bits": .safe("the next wider bits lose nothing"),
        "t41-weight-bits": .safe("the next wider bits lose nothing"),
        "t41-feature-bits": .safe("the next wider bits lose nothing"),
        "npu-bit-pairs": .safe("the next wider bits that go together lose nothing"),
        "simd-weight-bits": .safe("the nearest bits of the chip"),
        "simd-feature-bits": .safe("the nearest bits of the chip"),
        "auto-channels": .safe("the bits are as stated once the switch is off"),
        "accumulator": .open("whether bits or channels should go"),
    ]
}
