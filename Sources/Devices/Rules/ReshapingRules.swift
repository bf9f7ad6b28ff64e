import Graph

/// Flatten, Channel_Split and Pixel_Shuffle.
enum ReshapingRules {
    static let all: [Rule] = [
        Rule(
            "flatten-cover", for: [.flatten], about: .shapes,
            says: "The shape list of a Flatten has the batch as -1, and its other axes cover all elements.",
            source: .manual("shape_list", section: "sample network")
        ) { context in
            guard case .reshape(let list, let elements)? = context.shapeError else { return nil }
            return Violation(
                "has \(list) for \(elements) elements",
                fix: list.count == 2 ? context.set("shape", .integers([-1, elements])) : nil)
        },
        Rule(
            "split-sum", for: [.channelSplit], about: .shapes,
            says: "The parts of a Channel_Split add up to the channels.",
            source: .manual("split")
        ) { context in
            guard case .splitSum(let sum, let channels)? = context.shapeError,
                case .channelSplit(let split) = context.layer
            else { return nil }
            var parts = split.split
            parts[parts.count - 1] += channels - sum
            return Violation(
                "has parts of \(sum) for \(channels) channels",
                fix: parts[parts.count - 1] > 0 ? context.set("split", .integers(parts)) : nil)
        },
        Rule(
            "split-parts", on: [.txx], for: [.channelSplit],
            says: "On Txx each part of a Channel_Split is a multiple of 16.",
            source: .manual("note 2")
        ) { context in
            guard case .channelSplit(let split) = context.layer else { return nil }
            let odd = split.split.indices.filter { !split.split[$0].isMultiple(of: 16) }
            guard let first = odd.first else { return nil }
            let sizes = odd.map { "\(split.split[$0])" }.joined(separator: ", ")
            return Violation(
                "has \(odd.count == 1 ? "a part" : "parts") of \(sizes)",
                fix: context.plans.fix(for: .wire(Source(context.node.name, output: first))))
        },
        Rule(
            "pixel-shuffle-factor", on: shuffling, for: [.pixelShuffle],
            says: "A Pixel_Shuffle has factor 2.",
            source: .manual("upscale_factor")
        ) { context in
            guard case .pixelShuffle(let shuffle) = context.layer, shuffle.factor != 2 else { return nil }
            return Violation("has factor \(shuffle.factor)")
        },
        Rule(
            "pixel-shuffle-channels", on: shuffling, for: [.pixelShuffle], about: .givenChannels,
            says: "A Pixel_Shuffle gives a multiple of 32 channels.", source: .manual("note 1")
        ) { context in
            guard let output = context.output, output.channels % 32 != 0 else { return nil }
            return Violation(
                "gives \(output.channels)", fix: context.plans.fix(for: .wire(Source(context.node.name))))
        },
    ]

    /// The chips that have a Pixel_Shuffle.
    private static let shuffling = Device.allCases.filter { device in
        SupportRow.rows(for: OperatorKind.pixelShuffle.defaultLayer).allSatisfy { $0[device] == .listed }
    }

    /// What the rules ask of the channels of a layer.
    static func demands(of node: Node, on device: Device) -> [ChannelDemand] {
        if case .pixelShuffle = node.layer, shuffling.contains(device) {
            return [ChannelDemand(.wire(Source(node.name)), multiple: 32)]
        }
        if case .channelSplit(let split) = node.layer, device == .txx {
            return split.split.indices.map {
                ChannelDemand(.wire(Source(node.name, output: $0)), multiple: 16)
            }
        }
        return []
    }
}
