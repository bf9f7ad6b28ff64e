import Graph

/// Channels come in blocks: of 32 on the NPU family, of 16 on the SIMD family.
enum ChannelRules {
    static let all: [Rule] = [
        wholeBlocks("channels-32", .npu, on: "T40, T41 and T02"),
        wholeBlocks("channels-16", .simd, on: "Txx, Xs1 and Xs2"),
    ]

    private static func wholeBlocks(_ id: String, _ family: ArithmeticFamily, on chips: String) -> Rule {
        let block = family.channelBlock
        return Rule(
            id, on: Device.allCases.filter { $0.family == family }, about: .channelBlocks,
            says:
                "On \(chips) channels come in multiples of \(block): the ones that layers with weights, means and "
                + "products read (but 1 to 3 into Conv2D and BatchNorm, and 12 after Focus), the inner ones of a "
                + "Se_Block, and those that PReLU and Hsigmoid act on.",
            source: .kit("in_channels"), keeps: { keeps($0, block) }
        ) { check($0, block) }
    }

    private static func check(_ context: RuleContext, _ block: Int) -> Violation? {
        guard let input = context.input else { return nil }
        if let read = channelsRead(context.layer, input), read % block != 0 {
            return Violation(
                "reads \(read) channels, not a multiple of \(block)",
                fix: context.plans.fix(for: .wire(context.node.inputs[0])),
                says:
                    "\(context.node.kind.rawValue) reads a multiple of \(block) channels on \(context.device)."
            )
        }
        if case .seBlock(let se) = context.layer, input.channels / se.rate % block != 0 {
            return Violation(
                "has \(input.channels) / \(se.rate) = \(input.channels / se.rate) inner channels, not a multiple of \(block)",
                fix: context.plans.fix(for: .inner(layer: context.node.name)),
                says: "The inner channels of a Se_Block are a multiple of \(block) on \(context.device).")
        }
        guard let activation = context.layer.settings.activation,
            activation == .prelu || activation == .hsigmoid,
            let output = context.output, output.channels % block != 0
        else { return nil }
        return Violation(
            "has \(activation.rawValue) on \(output.channels) channels, not a multiple of \(block)",
            fix: context.plans.fix(for: .wire(Source(context.node.name))),
            says: "\(activation.rawValue) acts on a multiple of \(block) channels on \(context.device).")
    }

    private static func keeps(_ context: RuleContext, _ block: Int) -> String? {
        guard let input = context.input, reading.contains(context.layer.kind) else { return nil }
        guard let read = channelsRead(context.layer, input) else {
            return "reads \(input.channels) channels, as few as an image has"
        }
        return "reads \(read) channels, a multiple of \(block)"
    }

    /// Operators that read whole blocks of channels.
    private static let reading: [OperatorKind] = [
        .conv2D, .batchNorm, .convTranspose2D, .depthwiseConv2D, .fullConnected, .avgpool2D,
        .adaptiveAvgpool2D,
        .seBlock, .mul,
    ]

    /// The channels that the rule is about, or nil where the layer is free or exempt.
    private static func channelsRead(_ layer: Layer, _ input: Shape) -> Int? {
        guard reading.contains(layer.kind) else { return nil }
        if case .conv2D(let conv) = layer, conv.focus {
            return input.channels == 3 ? nil : input.channels * 4
        }
        let isExempt = input.channels < 4 && (layer.kind == .conv2D || layer.kind == .batchNorm)
        return isExempt ? nil : input.channels
    }

    /// What the rule asks of the channels of a layer.
    static func demands(of node: Node, reading input: Shape, on device: Device) -> [ChannelDemand] {
        let block = device.family.channelBlock
        var demands: [ChannelDemand] = []
        if let wire = node.inputs.first, channelsRead(node.layer, input) != nil {
            // What Focus reads is data, and stays as it is.
            demands.append(ChannelDemand(.wire(wire), multiple: block))
        }
        if node.kind == .seBlock { demands.append(ChannelDemand(.inner(layer: node.name), multiple: block)) }
        if let activation = node.layer.settings.activation, activation == .prelu || activation == .hsigmoid {
            demands.append(ChannelDemand(.wire(Source(node.name)), multiple: block))
        }
        return demands
    }
}
