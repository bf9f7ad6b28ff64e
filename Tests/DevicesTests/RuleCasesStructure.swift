import Devices

/// The network as a whole, and the operators that a chip has.
extension RuleCase {
    static let structure =
        [
            RuleCase("cycle", "Conv2D(a|stem)"),
            RuleCase("cycle", "Conv2D(b|stem)", "Conv2D"),
            RuleCase("cycle", "Route(stem,c|stem)", "Conv2D", "Conv2D"),
            RuleCase("unreachable", "Flatten(|stem) shape=[-1,32768]", also: ["input-count"]),
            RuleCase("unreachable", "Conv2D(|stem)", "Conv2D", also: ["input-count"]),
            RuleCase("input-count", "Conv2D(stem,stem|stem)"),
            RuleCase("input-count", "Route(stem*257|stem*256)"),
            RuleCase("input-count", "input words 8", "p: Preprocess(words)", "Embedding(p,p,p|p,p)"),
            RuleCase("unread-output", "input data 3x8x8", "p: Preprocess(data)", "Conv2D(preprocess|p)"),
            RuleCase(
                "unread-output", "Conv2D outChannels=64", "split: Channel_Split split=[32,32]", "Conv2D",
                "+ Conv2D(split[1])"),
            RuleCase("unread-input", "- input data 3x8x8"),
            RuleCase("head-channels", "Conv2D outChannels=64|32", "head a"),
            RuleCase("head-output", "Conv2D", "head stem|a"),
            RuleCase("head-layer", "Conv2D", "head b|a"),
        ] + shape

    /// One for each way in which a shape can be wrong and that no rule with a place in the manual asks about.
    private static let shape = [
        RuleCase("shape", "Conv2D(stem[1]|stem)"),
        RuleCase("shape", "Maxpool2D kernelHeight=33|32"),
        RuleCase("shape", "Conv2D kernelWidth=33|32 padding=0"),
        RuleCase("shape", "Maxpool2D", "Route(stem,a|stem,stem)"),
        RuleCase("shape", "Maxpool2D", "Mul(stem,a|stem,stem)"),
        RuleCase(
            "shape", "input words 8", "input tags 9|8", "p: Preprocess(words)", "q: Preprocess(tags)",
            "Embedding(p,q)"),
        RuleCase("shape", "Flatten shape=[-1,32768]", "Conv2D(a|stem)"),
        RuleCase("shape", "Flatten shape=[-1,32,1024]", "LSTM(stem|a)"),
        RuleCase("shape", "input data 3x8x8|8", "p: Preprocess(data)", "Embedding"),
        RuleCase("shape", "Flatten shape=[-1,1024,2,16]|[-1,1024,1,32]", "LSTM useSqueeze=true"),
        RuleCase("shape", "Conv2D outChannels=96 groups=3|1"),
        RuleCase("shape", "Conv2D outChannels=64", "Conv2D outChannels=65|64 groups=2"),
        RuleCase("shape", "input data 3x9x8|3x8x8", "p: Preprocess(data)", "Conv2D focus=true"),
        RuleCase("shape", "input data 3x8x9|3x8x8", "p: Preprocess(data)", "Conv2D focus=true"),
        RuleCase("shape", "Se_Block rate=5|1", also: ["channels-32", "channels-16"]),
        RuleCase(
            "shape", "Conv2D outChannels=128", "Pixel_Shuffle factor=3|2", also: ["pixel-shuffle-factor"]),
        RuleCase(
            "shape", "Unpool2D kernelHeight=64 kernelWidth=64", "Unpool2D kernelHeight=3|2 kernelWidth=1"),
    ]

    /// Each letter of the table that is no Y, on some chip; every cell of it is asked elsewhere.
    static let support = [
        RuleCase("operator-unsupported", on: [.t02], "DepthwiseConv2D|Conv2D", "Conv2D"),
        RuleCase("operator-unsupported", on: [.t02] + .simd, "Pixel_Shuffle|Unpool2D"),
        RuleCase("operator-unsupported", on: [.t02], "Shortcut|Route(stem,stem)"),
        RuleCase("operator-unsupported", on: [.t02], "Conv2D(preprocess) focus=true|false"),
        RuleCase("operator-disputed", on: [.t02], "ConvTranspose2D|Conv2D"),
        RuleCase("operator-disputed", on: [.t40, .t41], "Channel_Split|Maxpool2D"),
        RuleCase("operator-disputed", on: [.t41], "Shortcut|Route(stem,stem)"),
        RuleCase("operator-disputed", on: .simd, "Max|Route(stem,stem)"),
    ]
}

extension FixReason {
    static let structure: [String: FixReason] = [
        "cycle": .open("which wire is wrong"),
        "unreachable": .open("what it should read"),
        "input-count": .open("which wire is missing or too many"),
        "shape": .open("which of the layers is wrong"),
        "unread-output": .open("who should read it"),
        "unread-input": .open("who should read it"),
        "head-channels": .safe("nothing reads an output, so no other layer has to follow"),
        "head-output": .open("which of the layers gives the boxes"),
        "head-layer": .open("which layer gives the boxes"),
        "operator-unsupported": .open("what to do without the operator"),
        "operator-disputed": .open("whom to believe"),
    ]
}
