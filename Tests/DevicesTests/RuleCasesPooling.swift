/// Maxpool2D, AdaptiveAvgpool2D and Unpool2D.
extension RuleCase {
    static let pooling = [
        RuleCase("maxpool-window", "Maxpool2D kernelHeight=3|2"),
        RuleCase("maxpool-window", "Maxpool2D kernelWidth=1|2"),
        RuleCase("maxpool-window", "Maxpool2D stride=1|2"),
        RuleCase("maxpool-window", "Maxpool2D padding=1|0"),
        RuleCase("adaptive-pool-last", "AdaptiveAvgpool2D", "- Conv2D"),
        RuleCase("unpool-window", "Unpool2D kernelHeight=3|2"),
        RuleCase("unpool-window", "Unpool2D kernelWidth=1|2"),
        RuleCase("unpool-bilinear", "Unpool2D mode=bilinear|nearest", "Conv2D"),
        RuleCase("unpool-bilinear", "Unpool2D mode=bilinear|zero", "Conv2D"),
        RuleCase("unpool-bilinear", "Unpool2D mode=bilinear", "- Conv2D"),
    ]
}

extension FixReason {
    static let pooling: [String: FixReason] = [
        "maxpool-window": .safe("T02 has one window"),
        "unpool-bilinear": .safe("nearest has the same shape"),
        "adaptive-pool-last": .open("what else averages the map"),
        "unpool-window": .open("which size is meant"),
    ]
}
