/// The change of a network that makes channels multiples of a number, widening with them all that is tied to them.
///
/// The new channels lie behind the old ones of their segment, so that with zeros for their weights every old channel
/// keeps its numbers. What leaves the network keeps its shape, and so do images that enter; maps of more channels than an
/// image's get more, which their data leaves at zero.
public struct ChannelPlan: Hashable, Sendable {
    /// The change.
    public let edit: Edit
    /// What it does, in words.
    public let title: String
    /// The demands that it does not meet.
    public let unmet: [ChannelDemand]

    /// The plan that meets as many demands as can be; nil where that changes nothing.
    ///
    /// A convolution in groups that stands between a demand and a result of the network is taken apart, so that what it
    /// reads can grow while the result stays.
    public init?(_ demands: [ChannelDemand], in analysis: Analysis) {
        var trial = Trial(demands, in: analysis, ungrouping: [])
        let blamed = Set(
            trial.unmet.flatMap { demand -> [String] in
                guard case .wire(let wire) = demand.place else { return [] }
                return analysis.network.readers(of: wire.name).filter {
                    $0.inputs.first == wire && $0.convolvesInGroups
                }.map(\.name)
            })
        if !blamed.isEmpty {
            let other = Trial(demands, in: analysis, ungrouping: blamed)
            if other.unmet.count < trial.unmet.count { trial = other }
        }
        let edits = trial.edits(of: analysis)
        guard !edits.isEmpty else { return nil }
        unmet = trial.unmet
        title = ChannelPlan.title(edits, multiple: demands.map(\.multiple).max() ?? 1)
        edit = edits.count == 1 ? edits[0] : .all(title, edits)
    }

    /// One way to meet demands.
    private struct Trial {
        let segments: TiedChannels
        let sizes: [Int]
        let ungrouped: Set<String>
        let unmet: [ChannelDemand]
        private let inner: [String: Int]

        init(_ demands: [ChannelDemand], in analysis: Analysis, ungrouping ungrouped: Set<String>) {
            self.ungrouped = ungrouped
            segments = TiedChannels(analysis, ungrouping: ungrouped)
            var wanted: [(strands: [ChannelStrand], multiple: Int)] = []
            var kept: [ChannelDemand] = []
            var unmet: [ChannelDemand] = []
            for demand in demands {
                let wire: Source? =
                    switch demand.place {
                    case .wire(let wire): wire
                    // With whole blocks read there is a rate that leaves whole blocks inside.
                    case .inner(let layer): analysis.network[layer]?.inputs.first
                    }
                guard let wire, let strands = segments.strands(on: wire) else {
                    unmet.append(demand)
                    continue
                }
                wanted.append((strands, demand.multiple))
                kept.append(demand)
            }
            let growth = ChannelGrowth(segments, wanted)
            sizes = growth.sizes
            unmet += growth.unmet.sorted().map { kept[$0] }
            self.unmet = unmet
            inner = Dictionary(
                demands.compactMap { demand -> (String, Int)? in
                    if case .inner(let layer) = demand.place, !unmet.contains(demand) {
                        return (layer, demand.multiple)
                    }
                    return nil
                }
            ) { Int.commonMultiple($0, $1) }
        }

        func edits(of analysis: Analysis) -> [Edit] {
            SegmentEdits(segments, sizes: sizes, inner: inner, ungrouping: ungrouped, of: analysis).edits
        }
    }

    private static func title(_ edits: [Edit], multiple: Int) -> String {
        let settings = edits.compactMap { edit -> String? in
            if case .set(let layer, let field, let value) = edit {
                "\(layer).\(field) to \(value)"
            } else {
                nil
            }
        }
        let replaced = edits.compactMap { edit -> String? in
            if case .replace(let layer, _) = edit { layer } else { nil }
        }
        let layers = Set(
            edits.compactMap { edit -> String? in
                if case .set(let layer, "outChannels", _) = edit { layer } else { nil }
            })
        let widening =
            settings.count <= 3
            ? "set " + settings.joined(separator: ", ")
            : "widen \(counted(layers.count, "layer")) to whole blocks of \(multiple) channels"
        let names = replaced.count > 3 ? "\(replaced.count) layers" : replaced.joined(separator: ", ")
        let inputs = edits.compactMap { edit -> String? in
            guard case .reshapeInput(let input, let shape) = edit else { return nil }
            return "give \(input) \(shape.channels) channels, zeros behind its data"
        }
        let parts =
            inputs + (settings.isEmpty ? [] : [widening])
            + (replaced.isEmpty ? [] : ["make \(names) Conv2D"])
        return parts.joined(separator: "; ")
    }
}

extension Node {
    /// Whether the layer convolves its channels in groups or alone.
    fileprivate var convolvesInGroups: Bool {
        if case .conv2D(let conv) = layer { conv.groups > 1 } else { kind == .depthwiseConv2D }
    }
}
