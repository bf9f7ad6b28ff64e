/// FullConnected, and layers whose result is the network's.
extension RuleCase {
    static let dense = [
        RuleCase("dense-input", "Flatten shape=[-1,32768]", "FullConnected(stem|a) outputBits=32"),
        RuleCase(
            "dense-input", "Flatten shape=[-1,32,1024]|[-1,32768]", "FullConnected outputBits=32"),
        RuleCase(
            "dense-input", "Flatten shape=[-1,32,1024]", "LSTM(a)", "FullConnected(a|b) outputBits=32"),
    ]

    static let lastLayer = [
        RuleCase("last-activation", "Conv2D activation=Linear|none"),
        RuleCase("last-activation", "ConvTranspose2D activation=Linear|none"),
        RuleCase("last-activation", "DepthwiseConv2D activation=Linear|none"),
        RuleCase(
            "last-activation", "Flatten shape=[-1,32768]",
            "FullConnected outputBits=32 activation=Linear|none"),
        RuleCase("last-activation", "Conv2D activation=Linear", "+ Conv2D"),
        RuleCase(
            "last-dense-feature", "Flatten shape=[-1,32768]",
            "FullConnected outputBits=32 quantizeLastFeature=true|false"),
        RuleCase(
            "last-dense-feature", "Flatten shape=[-1,32768]",
            "FullConnected outChannels=32 quantizeLastFeature=true",
            "+ FullConnected outputBits=32", also: ["last-dense-bits"]),
        RuleCase("last-dense-bits", "Flatten shape=[-1,32768]", "FullConnected outputBits=8|32"),
        RuleCase(
            "last-dense-bits", "Flatten shape=[-1,32768]", "FullConnected outChannels=32",
            "+ FullConnected outputBits=32"),
    ]
}

extension FixReason {
    static let dense: [String: FixReason] = [
        "dense-input": .safe("a Flatten of all elements comes in between"),
        "last-activation": .safe("none computes the same in float"),
        "last-dense-feature": .safe("the switch goes off"),
        "last-dense-bits": .safe("32 bits are float"),
    ]
}
