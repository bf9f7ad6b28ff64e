import Graph

/// Flatten, Channel_Split and Pixel_Shuffle.
enum ReshapingRules {
    static let all: [Rule] = [
        Rule(
            "flatten-cover", for: [.flatten],
            says: "The shape list of a Flatten has the batch as -1, and its other axes cover all elements.",
            source: .manual("shape_list", section: "sample network")
        ) { subject in
            guard case .reshape(let list, let elements)? = subject.shapeError else { return nil }
            return Answer(
                "has \(list) for \(elements) elements",
                fix: list.count == 2 ? subject.set("shape", .integers([-1, elements])) : nil)
        },
        Rule(
            "split-sum", for: [.channelSplit], says: "The parts of a Channel_Split add up to the channels.",
            source: .manual("split")
        ) { subject in
            guard case .splitSum(let sum, let channels)? = subject.shapeError,
                case .channelSplit(let split) = subject.layer
            else { return nil }
            var parts = split.split
            parts[parts.count - 1] += channels - sum
            return Answer(
                "has parts of \(sum) for \(channels) channels",
                fix: parts[parts.count - 1] > 0 ? subject.set("split", .integers(parts)) : nil)
        },
        Rule(
            "split-parts", on: [.txx], for: [.channelSplit],
            says: "On Txx each part of a Channel_Split is a multiple of 16.",
            source: .manual("note 2")
        ) { subject in
            guard case .channelSplit(let split) = subject.layer else { return nil }
            let odd = split.split.filter { !$0.isMultiple(of: 16) }
            return odd.isEmpty
                ? nil
                : Answer(
                    "has \(odd.count == 1 ? "a part" : "parts") of \(odd.map(String.init).joined(separator: ", "))"
                )
        },
        Rule(
            "pixel-shuffle-factor", on: [.t40, .t41], for: [.pixelShuffle],
            says: "A Pixel_Shuffle has factor 2.",
            source: .manual("upscale_factor")
        ) { subject in
            guard case .pixelShuffle(let shuffle) = subject.layer, shuffle.factor != 2 else { return nil }
            return Answer("has factor \(shuffle.factor)")
        },
        Rule(
            "pixel-shuffle-channels", on: [.t40, .t41], for: [.pixelShuffle],
            says: "A Pixel_Shuffle gives a multiple of 32 channels.", source: .manual("note 1")
        ) { subject in
            guard let output = subject.output, output.channels % 32 != 0 else { return nil }
            return Answer(
                "gives \(output.channels)", fix: widened(subject, to: (output.channels / 32 + 1) * 32))
        },
    ]

    /// Gives the layer in front so many channels that the shuffle leaves `channels`.
    private static func widened(_ subject: Subject, to channels: Int) -> Fix? {
        guard case .pixelShuffle(let shuffle) = subject.layer, let producer = subject.producers.first ?? nil,
            producer.layer.value(of: "outChannels") != nil
        else { return nil }
        let needed = channels * shuffle.factor * shuffle.factor
        return Fix(
            "set \(producer.name).outChannels to \(needed)",
            .set(layer: producer.name, field: "outChannels", to: .integer(needed)))
    }
}
