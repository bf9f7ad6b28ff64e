/// Flatten, Channel_Split and Pixel_Shuffle.
extension RuleCase {
    static let reshaping = [
        RuleCase("flatten-cover", "Flatten shape=[-1,100]|[-1,32768]"),
        RuleCase("flatten-cover", "Flatten shape=[-1,32769]|[-1,32768]"),
        RuleCase("flatten-cover", "Flatten shape=[-1,-1,32]|[-1,1024,32]"),
        RuleCase("flatten-cover", "Flatten shape=[-1,-1]|[1,-1]"),
        RuleCase("flatten-cover", "Flatten shape=[2,16384]|[1,32768]"),
        RuleCase("flatten-cover", "Flatten shape=[1,-1,3]|[1,-1,2]"),
        RuleCase("flatten-cover", "Flatten shape=[-1,0,32]|[-1,1024,32]"),
        RuleCase("split-sum", "Channel_Split split=[16]|[32]"),
        RuleCase("split-sum", "Channel_Split split=[16,32]|[16,16]"),
        RuleCase("split-parts", "Channel_Split split=[8,24]|[16,16]"),
        RuleCase("split-parts", "Channel_Split split=[16,8,8]|[16,16]"),
        RuleCase("split-parts", "Channel_Split split=[8,24]|[16,16]", "Route(a,a[1])", "Conv2D"),
        // 1152 / 9 and 1152 / 4 are multiples of 32.
        RuleCase("pixel-shuffle-factor", "Conv2D outChannels=1152", "Pixel_Shuffle factor=3|2"),
        RuleCase("pixel-shuffle-channels", "Conv2D outChannels=64|128", "Pixel_Shuffle"),
        RuleCase("pixel-shuffle-channels", "Conv2D outChannels=132|128", "Pixel_Shuffle"),
        RuleCase("pixel-shuffle-channels", "Conv2D outChannels=8|128", "Pixel_Shuffle", "Conv2D"),
    ]
}

extension FixReason {
    static let reshaping: [String: FixReason] = [
        "flatten-cover": .safe("a vector of all elements covers them"),
        "split-sum": .safe("the last part takes what is left"),
        "split-parts": .safe("the layers that make the parts make more"),
        "pixel-shuffle-channels": .safe("the layer in front makes more channels"),
        "pixel-shuffle-factor": .open("which size is meant"),
    ]
}
