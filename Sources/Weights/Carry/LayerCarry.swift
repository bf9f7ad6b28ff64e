import Graph

/// A layer whose weights are carried: which old channel each of its new ones is.
struct LayerCarry {
    /// What becomes of the weights of a layer.
    enum Outcome {
        /// It has none.
        case hasNoWeights
        /// They are drawn.
        case startsAnew(CarryNote.Reason)
        /// They are carried.
        case carried(LayerCarry)

        /// The layer, where its weights are carried.
        var layer: LayerCarry? { if case .carried(let layer) = self { layer } else { nil } }
    }

    /// The layer's name now.
    let name: String
    /// Its position in the new network.
    let new: Int
    /// Its position in the old network.
    let old: Int
    /// The channels that its weights read.
    let columns: ChannelMap
    /// The channels that it makes.
    let rows: ChannelMap
    /// Whether it sets its channels of its own accord.
    let setsChannels: Bool
    /// Whether its wire leads elsewhere than before, or Focus stands in between.
    let focuses: Bool
}

extension LayerCarry.Outcome {
    init(
        _ index: Int, _ old: Int?, _ before: Analysis, _ after: Analysis, _ channels: CarriedChannels
    ) {
        let node = after.network.nodes[index]
        guard let inputs = after.shapes.known(index), after.shapes.output(index) != nil,
            !node.layer.settings.parameters(for: inputs, on: after.facts.family).isEmpty
        else {
            self = .hasNoWeights
            return
        }
        guard let old else {
            self = .startsAnew(.isNew)
            return
        }
        let former = before.network.nodes[old]
        guard before.shapes.known(old) != nil, before.shapes.output(old) != nil else {
            self = .startsAnew(.hasNone)
            return
        }
        guard former.layer.sharesWeights(with: node.layer),
            node.kind != .convTranspose2D || before.facts.family == after.facts.family
        else {
            self = .startsAnew(.isOther)
            return
        }
        let focus = [former, node].map { node in
            if case .conv2D(let conv) = node.layer { conv.focus } else { false }
        }
        let reads: ChannelMap? =
            node.kind == .embedding
            ? ChannelMap(keeping: [], of: 0, count: 0)
            : focus[0] == focus[1] ? channels.map(into: index, from: old, focuses: focus[0]) : nil
        guard let reads, let makes = channels.map(outOf: index, from: old) else {
            self = .startsAnew(.readsOthers)
            return
        }
        self = .carried(
            LayerCarry(
                name: node.name, new: index, old: old, columns: reads, rows: makes,
                setsChannels: node.kind.setsChannels, focuses: focus[0]))
    }
}

extension LayerCarry {
    /// What the layer loses of its channels, but for what layers above it no longer make.
    func notes(_ channels: CarriedChannels, explained: Set<Int32>) -> [CarryNote] {
        var notes: [CarryNote] = []
        if setsChannels, !rows.dropped.isEmpty {
            let kept = rows.sources.count { $0 >= 0 }
            notes.append(.keeps(layer: name, channels: kept, of: kept + rows.dropped.count))
        }
        let lost = channels.units(into: old, columns.dropped, focuses: focuses).count {
            !explained.contains($0)
        }
        if lost > 0 { notes.append(.readsFewer(layer: name, channels: lost)) }
        return notes
    }
}
