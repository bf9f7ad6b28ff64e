import Graph

/// Conv2D, DepthwiseConv2D and ConvTranspose2D.
enum ConvolutionRules {
    static let all: [Rule] = [
        Rule(
            "convolution-activation", for: [.conv2D, .convTranspose2D],
            says:
                "The activation of a convolution is ReLU, ReLU6, Linear, LeakyReLU, PReLU, Hsigmoid or none.",
            source: .manual("activation_fn", also: .kit),
            keeps: { context in context.layer.settings.activation.map { "has the activation \($0.rawValue)" }
            }
        ) { context in
            context.layer.settings.activation == .hswish ? Violation("has Hswish") : nil
        },
        Rule(
            "convolution-depthwise", for: [.conv2D], .warning,
            says: "A convolution with as many groups as channels in and out is a DepthwiseConv2D.",
            source: .manual("note 3"), keeps: Rule.silent
        ) { context in
            guard case .conv2D(let conv) = context.layer, let input = context.input, conv.groups > 1,
                conv.groups == conv.outChannels, conv.groups == input.channels * (conv.focus ? 4 : 1)
            else { return nil }
            return Violation("has \(conv.groups) groups, as many as channels", fix: depthwise(conv, context))
        },
        Rule(
            "convolution-kernel", on: [.t02], for: [.conv2D], says: "T02 convolves with 3x3 kernels only.",
            source: .kit(), keeps: { _ in "has a 3x3 kernel" }
        ) { context in
            guard case .conv2D(let conv) = context.layer, conv.kernelHeight != 3 || conv.kernelWidth != 3
            else {
                return nil
            }
            return Violation(
                "has a \(conv.kernelHeight)x\(conv.kernelWidth) kernel",
                fix: conv.kernelHeight == 1 && conv.kernelWidth == 1
                    ? context.set(
                        [
                            ("kernelHeight", .integer(3)), ("kernelWidth", .integer(3)),
                            ("padding", .integer(1)),
                        ], keepsNumbers: true)
                    : nil)
        },
        Rule(
            "convolution-dilation", on: .simd, for: [.conv2D],
            says: "Txx, Xs1 and Xs2 have no dilated convolution.",
            source: .kit("dilation"), keeps: Rule.silent
        ) { context in
            guard case .conv2D(let conv) = context.layer, conv.dilation > 1 else { return nil }
            return Violation("has dilation \(conv.dilation)")
        },
        Rule(
            "convolution-groups", on: [.t40, .t41], for: [.conv2D], about: .channelGroups,
            says: "Each group of a convolution has a multiple of 32 channels, in and out.",
            source: .kit("groups"), keeps: groups
        ) { context in
            guard case .conv2D(let conv) = context.layer, conv.groups > 1, let input = context.input else {
                return nil
            }
            let channels = input.channels * (conv.focus ? 4 : 1)
            let read = channels / conv.groups
            let made = conv.outChannels / conv.groups
            guard channels % conv.groups == 0, conv.outChannels % conv.groups == 0,
                read % 32 != 0 || made % 32 != 0
            else { return nil }
            return Violation(
                "has \(read) channels in and \(made) out in each of \(conv.groups) groups",
                fix: context.set("groups", .integer(1), keepsNumbers: true))
        },
        Rule(
            "convolution-stride", on: .npu, for: [.conv2D], .warning,
            says: "A convolution has stride 1 or 2; the first layer's may have up to 4.",
            source: .venus("stride"),
            keeps: { context in context.layer.value(of: "stride").map { "has stride \($0)" } }
        ) { context in
            guard case .conv2D(let conv) = context.layer, conv.stride > (context.facts.isFirst ? 4 : 2) else {
                return nil
            }
            return Violation("has stride \(conv.stride)")
        },
        Rule(
            "focus-first", for: [.conv2D],
            says: "Focus stands only in front of the first convolution, as part of it.",
            source: .manual("notes 1 and 2", section: "Focus"), keeps: Rule.silent
        ) { context in
            guard case .conv2D(let conv) = context.layer, conv.focus else { return nil }
            let before = context.firstAncestor { $0.convolves }
            return before.map { Violation("has Focus on, but '\($0.name)' convolves before it") }
        },
    ]

    private static func groups(_ context: RuleContext) -> String? {
        guard case .conv2D(let conv) = context.layer, conv.groups > 1, let input = context.input else {
            return nil
        }
        return
            "has \(input.channels / conv.groups) channels in and \(conv.outChannels / conv.groups) out a group"
    }

    /// The DepthwiseConv2D that computes the same; nil where it has no setting for something in use.
    private static func depthwise(_ conv: Conv2D, _ context: RuleContext) -> Fix? {
        guard conv.dilation == 1, !conv.focus else { return nil }
        var depthwise = DepthwiseConv2D()
        depthwise.kernelHeight = conv.kernelHeight
        depthwise.kernelWidth = conv.kernelWidth
        depthwise.stride = conv.stride
        depthwise.padding = conv.padding
        depthwise.batchNorm = conv.batchNorm
        depthwise.bias = conv.bias
        depthwise.activationFunction = conv.activationFunction
        depthwise.quantizers = conv.quantizers
        let title = "make \(context.node.name) a DepthwiseConv2D"
        return Fix(
            title, .replace(layer: context.node.name, with: .depthwiseConv2D(depthwise)), keepsNumbers: true)
    }
}

extension Node {
    /// Whether the operator convolves.
    fileprivate var convolves: Bool { [.conv2D, .depthwiseConv2D, .convTranspose2D].contains(kind) }
}

extension RuleContext {
    /// The nearest layer above this one that a question is true of.
    func firstAncestor(where isMeant: (Node) -> Bool) -> Node? {
        var waiting = analysis.order.producers[index].compactMap { $0 }
        var seen = Set(waiting)
        while !waiting.isEmpty {
            let next = waiting.removeFirst()
            if isMeant(analysis.network.nodes[next]) { return analysis.network.nodes[next] }
            for producer in analysis.order.producers[next].compactMap({ $0 })
            where seen.insert(producer).inserted {
                waiting.append(producer)
            }
        }
        return nil
    }
}
