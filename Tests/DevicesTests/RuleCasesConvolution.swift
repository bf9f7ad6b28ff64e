import Devices
import Graph

/// Conv2D, DepthwiseConv2D and ConvTranspose2D.
extension RuleCase {
    static let convolution =
        [
            RuleCase("convolution-depthwise", "Conv2D groups=32|1", also: ["convolution-groups"]),
            RuleCase("convolution-depthwise", "Conv2D outChannels=32|64 groups=32", "Conv2D"),
            RuleCase(
                "convolution-depthwise", "Conv2D(preprocess) focus=true outChannels=12|24 groups=12"),
            RuleCase("convolution-kernel", "Conv2D kernelHeight=1|3"),
            RuleCase("convolution-kernel", "Conv2D kernelWidth=5|3"),
            RuleCase("convolution-kernel", "- Conv2D kernelHeight=1 kernelWidth=1", "Conv2D(stem)"),
            RuleCase("convolution-dilation", "Conv2D dilation=2|1"),
            RuleCase("convolution-groups", "Conv2D outChannels=64", "Conv2D outChannels=64 groups=4|2"),
            RuleCase("convolution-groups", "Conv2D outChannels=64", "Conv2D outChannels=96|64 groups=2"),
            RuleCase("convolution-groups", "Conv2D outChannels=32|64", "Conv2D outChannels=64 groups=2"),
            RuleCase("convolution-stride", "Conv2D stride=3|2"),
            RuleCase("convolution-stride", "Conv2D(preprocess) stride=5|4"),
            RuleCase("convolution-stride", "Conv2D(stem|preprocess) stride=4"),
            RuleCase("focus-first", "Conv2D(stem|preprocess) focus=true"),
            RuleCase("focus-first", "Maxpool2D(stem|preprocess)", "Conv2D focus=true"),
        ] + activation

    /// Hswish against each of the activations that the manual lists for a convolution.
    private static let activation = Activation.allCases.filter { $0 != .hswish }.flatMap { other in
        ["Conv2D", "ConvTranspose2D"].map { kind in
            RuleCase(
                "convolution-activation", "\(kind) activation=Hswish|\(other.rawValue)", "Conv2D")
        }
    }
}

extension FixReason {
    static let convolution: [String: FixReason] = [
        "convolution-depthwise": .safe("a DepthwiseConv2D computes the same"),
        "convolution-kernel": .safe("a 3x3 kernel with zeros around its middle is a 1x1 kernel"),
        "convolution-groups": .safe("one group has all channels"),
        "convolution-activation": .open("what should take Hswish's place"),
        "convolution-dilation": .open("how to see as far without"),
        "convolution-stride": .open("where to lose the size"),
        "focus-first": .open("where the size should go to depth"),
    ]
}
