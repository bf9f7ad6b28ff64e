/// Shortcut, Mul, Max and Route.
extension RuleCase {
    static let combining =
        [
            RuleCase("shortcut-inputs", "Shortcut(stem|stem,stem)"),
            RuleCase("shortcut-inputs", "Shortcut(stem,stem,stem|stem,stem)"),
            RuleCase("mul-inputs", "Mul(stem|stem,stem)"),
            RuleCase("mul-inputs", "Mul(stem,stem,stem|stem,stem)"),
            RuleCase("max-inputs", "Max(stem|stem,stem)"),
            RuleCase("max-inputs", "Max(stem,stem,stem|stem,stem)"),
            RuleCase("shortcut-shape", "Conv2D outChannels=64|32", "Shortcut(stem,a)"),
            RuleCase("shortcut-shape", "Conv2D stride=2|1", "Shortcut(stem,a)"),
            RuleCase("max-shape", "Conv2D outChannels=64|32", "Max(stem,a)"),
            RuleCase("max-shape", "Conv2D stride=2|1", "Max(stem,a)"),
            RuleCase(
                "shortcut-bits", "Conv2D outputBits=4|8", "Shortcut(stem,a)", also: ["clip-recommended"]),
            RuleCase("shortcut-bits", "Conv2D outputBits=4 clip=4.0", "Shortcut(stem,a|stem,stem)"),
            RuleCase("shortcut-bits", "Conv2D outputBits=4 clip=4.0", "Shortcut(stem,a|a,a)"),
            RuleCase("join-bits", "Conv2D outputBits=4|8", "Route(stem,a)", also: ["clip-recommended"]),
            RuleCase("join-bits", "Conv2D outputBits=4 clip=4.0", "Route(stem,a|stem,stem)"),
            RuleCase("join-bits", "Conv2D outputBits=4 clip=4.0", "Route(stem,a|a,a)"),
            RuleCase("join-bits", "Conv2D outputBits=4 clip=4.0", "Max(stem,a|stem,stem)"),
            RuleCase("join-bits", "Conv2D quantize=false|true", "Route(stem,a)", also: ["quantize-all"]),
            RuleCase("join-sign", "Conv2D activation=Linear|ReLU6", "Route(stem,a)"),
            RuleCase("join-sign", "Conv2D activation=PReLU|Hsigmoid", "Max(stem,a)"),
            RuleCase("join-sign", "Conv2D activation=LeakyReLU", "Route(a,stem|a,a)"),
            RuleCase("route-fan-in", "Route(stem*9|stem*8)"),
        ] + keptBits

    /// Output bits of their own against their input's, stated or not.
    private static let keptBits = [
        "Shortcut(stem,stem)", "Mul(stem,stem)", "Avgpool2D", "AdaptiveAvgpool2D",
    ].flatMap { line in
        [
            RuleCase("kept-bits", "\(line) outputBits=4|unset", "Conv2D"),
            RuleCase("kept-bits", "\(line) outputBits=4|8", "Conv2D"),
        ]
    }
}

extension FixReason {
    static let combining: [String: FixReason] = [
        "shortcut-bits": .safe("the narrower producer gets the wider one's bits"),
        "join-bits": .safe("the narrower producer gets the wider one's bits"),
        "kept-bits": .safe("without bits of its own it keeps its input's"),
        "shortcut-inputs": .open("which input is meant"),
        "mul-inputs": .open("which input is meant"),
        "max-inputs": .open("which input is meant"),
        "shortcut-shape": .open("which shape is meant"),
        "max-shape": .open("which shape is meant"),
        "join-sign": .open("which sign is meant"),
        "route-fan-in": .open("which maps to join first"),
    ]
}
