import Graph

/// The labels of all channels of a network before and after a change.
struct CarriedChannels {
    private let before: LabelWalk
    private let after: LabelWalk

    init(_ before: Analysis, _ after: Analysis, _ pairs: LayerPairs, weights: Safetensors?) {
        let ungrouped = CarriedChannels.ungrouped(before, after, pairs)
        let segments = TiedChannels(before, ungrouping: ungrouped)
        let kept = KeptChannels(
            segments, before: before, after: after, pairs: pairs,
            norms: weights.map { ChannelNorms(before, $0) })
        self.before = LabelWalk(
            before, inputs: segments.inputs.map(kept.formerLabels),
            numbers: before.network.nodes.indices.map { Int32($0) }
        ) { index, output, _ in
            kept.formerLabels(segments.outputs[index][output])
        }
        let former = self.before
        let count = Int32(before.network.nodes.count)
        self.after = LabelWalk(
            after,
            inputs: after.network.inputs.enumerated().map { index, input in
                pairs.oldInputs[index].flatMap {
                    kept.labels(segments.inputs[$0], channels: input.shape.channels)
                } ?? []
            },
            numbers: pairs.old.enumerated().map { index, old in old.map { Int32($0) } ?? count + Int32(index)
            }
        ) { index, output, channels in
            guard let old = pairs.old[index], former.outputs[old].indices.contains(output),
                before.network.nodes[old].layer.sharesWeights(with: after.network.nodes[index].layer)
            else { return [] }
            return kept.labels(segments.outputs[old][output], channels: channels)
                ?? CarriedChannels.grown(
                    former.outputs[old][output], to: channels,
                    groups: CarriedChannels.sharedGroups(
                        before.network.nodes[old], after.network.nodes[index]))
        }
    }

    /// Which old channel each new one on the wire of a layer is; nil where they are others. Focus reads four of each.
    func map(into index: Int, from old: Int, focuses: Bool) -> ChannelMap? {
        let new = after[wire: 0, of: index]
        let former = before[wire: 0, of: old]
        guard focuses else { return ChannelMap(new, of: former) }
        return ChannelMap(CarriedChannels.quartered(new), of: CarriedChannels.quartered(former))
    }

    /// Which old channel each new one of a layer's result is; nil where they are others.
    func map(outOf index: Int, from old: Int) -> ChannelMap? {
        guard let new = after.outputs[index].first, let former = before.outputs[old].first else { return nil }
        return ChannelMap(new, of: former)
    }

    /// What the channels hold that a layer of its own accord no longer makes.
    func droppedRows(of layer: LayerCarry) -> [Int32] {
        guard layer.setsChannels else { return [] }
        return layer.rows.dropped.map { before.outputs[layer.old][0][$0].unit }
    }

    /// The units in old channels that a layer read.
    func units(into old: Int, _ channels: [Int], focuses: Bool) -> [Int32] {
        let labels = before[wire: 0, of: old]
        return channels.map { labels[focuses ? $0 % labels.count : $0].unit }
    }

    private static func quartered(_ labels: [ChannelLabel]) -> [ChannelLabel] {
        (0..<4).flatMap { quarter in
            labels.map { label in
                var label = label
                label.part = label.part * 4 + Int32(quarter)
                label.extent = label.extent * 4
                return label
            }
        }
    }

    /// Labels with room for more channels behind them, or without the last ones: in each group.
    private static func grown(_ labels: [ChannelLabel], to count: Int, groups: Int) -> [ChannelLabel] {
        let old = labels.count / groups
        let new = count / groups
        return (0..<groups).flatMap { group in
            let own = labels[group * old..<(group + 1) * old].prefix(new)
            return own + Array(repeating: .none, count: new - own.count)
        }
    }

    /// The groups of two convolutions where they are the same and more than one, else 1.
    private static func sharedGroups(_ old: Node, _ new: Node) -> Int {
        guard case .conv2D(let first) = old.layer, case .conv2D(let second) = new.layer,
            first.groups == second.groups
        else { return 1 }
        return first.groups
    }

    /// Convolutions whose groups have another size now: their results no longer grow with what they read.
    private static func ungrouped(_ before: Analysis, _ after: Analysis, _ pairs: LayerPairs) -> Set<String> {
        var names: Set<String> = []
        for (index, old) in pairs.old.enumerated() {
            guard let old, case .conv2D(let first) = before.network.nodes[old].layer, first.groups > 1,
                let read = before.shapes.known(old)?.first, let now = after.shapes.known(index)?.first
            else { continue }
            let size = read.channels / first.groups
            if case .conv2D(let second) = after.network.nodes[index].layer,
                now.channels / second.groups != size
                    || second.outChannels / second.groups != first.outChannels / first.groups
            {
                names.insert(before.network.nodes[old].name)
            }
        }
        return names
    }
}
