import Graph

/// What a channel of a tensor holds, in terms of the network that the weights are of; two channels of the two networks
/// with the same label hold the same thing.
struct ChannelLabel: Hashable {
    /// The unit of a segment, counted over all segments; negative for a channel that holds nothing of that network.
    var unit: Int32
    /// Which of the channels that a Flatten made of it.
    var part: Int32 = 0
    /// How many those are.
    var extent: Int32 = 1
    /// How many units a Pixel_Shuffle put together.
    var gathered: Int32 = 1
    /// The layer that computed it.
    var layer: Int32 = -1

    /// A channel that holds nothing of the network before.
    static let none = ChannelLabel(unit: -1)

    /// Whether it holds nothing of the network before.
    var isNone: Bool { unit < 0 }

    /// The label without the layer that computed it: sums and the tensors that they are of are alike.
    var place: ChannelLabel {
        var place = self
        place.layer = -1
        return place
    }
}

/// Which channel of a tensor each channel of another was.
struct ChannelMap: Hashable {
    /// For each new channel, the old one, or -1.
    let sources: [Int32]
    /// The old channels that have labels and are in no new one.
    let dropped: [Int]
    /// Whether every new channel is the old one of its position.
    let isIdentity: Bool

    /// Matches labels: first channels of the same layer, then those of the same place, each old one once. Where nothing
    /// matches and there are as many, by position; nil where there are not as many.
    init?(_ new: [ChannelLabel], of old: [ChannelLabel]) {
        var sources = [Int32](repeating: -1, count: new.count)
        if new == old {
            self.init(sources: (0..<Int32(new.count)).map { $0 }, dropped: [])
            return
        }
        var taken = [Bool](repeating: false, count: old.count)
        for key in [{ (label: ChannelLabel) in label }, { (label: ChannelLabel) in label.place }] {
            var waiting: [ChannelLabel: [Int]] = [:]
            for index in old.indices.reversed() where !taken[index] && !old[index].isNone {
                waiting[key(old[index]), default: []].append(index)
            }
            for index in new.indices where sources[index] < 0 && !new[index].isNone {
                guard let source = waiting[key(new[index])]?.popLast() else { continue }
                sources[index] = Int32(source)
                taken[source] = true
            }
        }
        if taken.contains(true) {
            let dropped = old.indices.filter { !taken[$0] && !old[$0].isNone }
            self.init(sources: sources, dropped: dropped)
        } else {
            guard new.count == old.count else { return nil }
            self.init(sources: (0..<Int32(new.count)).map { $0 }, dropped: [])
        }
    }

    private init(sources: [Int32], dropped: [Int]) {
        self.sources = sources
        self.dropped = dropped
        isIdentity = dropped.isEmpty && sources.enumerated().allSatisfy { Int($1) == $0 }
    }

    /// The given old channels of so many, and new ones behind them.
    init(keeping channels: [Int], of old: Int, count: Int) {
        let kept = Set(channels.prefix(count))
        self.init(
            sources: (0..<count).map { $0 < channels.count ? Int32(channels[$0]) : -1 },
            dropped: (0..<old).filter { !kept.contains($0) })
    }
}
