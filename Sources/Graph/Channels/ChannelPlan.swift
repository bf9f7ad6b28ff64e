/// The change of a network that makes channels multiples of a number, widening with them all that is tied to them.
///
/// The new channels lie behind the old ones of their segment, so that with zeros for their weights every old channel
/// keeps its numbers. What enters the network and what leaves it keep their shapes.
public struct ChannelPlan: Hashable, Sendable {
    /// The change.
    public let edit: Edit
    /// What it does, in words.
    public let title: String
    /// The demands that it does not meet.
    public let unmet: [ChannelDemand]

    /// The plan that meets as many demands as can be; nil where that changes nothing.
    public init?(_ demands: [ChannelDemand], in analysis: Analysis) {
        let segments = ChannelSegments(analysis)
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
        unmet += growth.unmet.sorted().map { kept[$0] }
        let inner = Dictionary(
            demands.compactMap { demand -> (String, Int)? in
                if case .inner(let layer) = demand.place, !unmet.contains(demand) {
                    return (layer, demand.multiple)
                }
                return nil
            }
        ) { Int.commonMultiple($0, $1) }
        let edits = SegmentEdits(segments, sizes: growth.sizes, inner: inner, of: analysis).edits
        guard !edits.isEmpty else { return nil }
        self.unmet = unmet
        title = ChannelPlan.title(edits, multiple: demands.map(\.multiple).max() ?? 1)
        edit = edits.count == 1 ? edits[0] : .all(title, edits)
    }

    private static func title(_ edits: [Edit], multiple: Int) -> String {
        let settings = edits.compactMap { edit -> String? in
            if case .set(let layer, let field, let value) = edit {
                "\(layer).\(field) to \(value)"
            } else {
                nil
            }
        }
        if settings.count <= 3 { return "set " + settings.joined(separator: ", ") }
        let layers = Set(
            edits.compactMap { edit -> String? in
                if case .set(let layer, "outChannels", _) = edit { layer } else { nil }
            })
        return "widen \(counted(layers.count, "layer")) to whole blocks of \(multiple) channels"
    }
}

/// The settings that give segments other sizes.
struct SegmentEdits {
    private let segments: ChannelSegments
    private let sizes: [Int]
    private let inner: [String: Int]
    private let analysis: Analysis

    /// `inner` has what the inner channels of an Se_Block should be a multiple of, by layer.
    init(_ segments: ChannelSegments, sizes: [Int], inner: [String: Int], of analysis: Analysis) {
        (self.segments, self.sizes, self.inner, self.analysis) = (segments, sizes, inner, analysis)
    }

    /// One change for each setting that differs, in the order of the network.
    var edits: [Edit] {
        analysis.network.nodes.indices.flatMap { index -> [Edit] in
            let node = analysis.network.nodes[index]
            return settings(of: node, index).filter { node.layer.value(of: $0.0) != $0.1 }.map {
                .set(layer: node.name, field: $0.0, to: $0.1)
            }
        }
    }

    private func settings(of node: Node, _ index: Int) -> [(String, FieldValue)] {
        guard let wire = node.inputs.first, let read = segments.strands(on: wire),
            let made = segments.outputs[index].first
        else { return [] }
        let (taken, given) = (segments.channels(read, sizes), segments.channels(made, sizes))
        switch node.layer {
        case .conv2D(let conv):
            let before = segments.channels(read, segments.sizes)
            let groups = conv.groups > 1 && !conv.focus ? taken / max(1, before / conv.groups) : conv.groups
            return [("outChannels", .integer(given)), ("groups", .integer(groups))]
        case .convTranspose2D, .fullConnected: return [("outChannels", .integer(given))]
        case .lstm(let lstm): return [("hiddenSize", .integer(given / lstm.directions))]
        case .embedding: return [("embeddingSize", .integer(given / max(1, node.inputs.count)))]
        case .channelSplit:
            return [
                ("split", .integers(segments.outputs[index].map { segments.channels($0, sizes) }))
            ]
        case .flatten(let flatten): return [("shape", .integers(list(flatten, index, given)))]
        case .seBlock(let gate):
            let before = segments.channels(read, segments.sizes) / gate.rate
            return [("rate", .integer(rate(gate, taken, atLeast: before, of: inner[node.name] ?? 1)))]
        case .preprocess, .depthwiseConv2D, .batchNorm, .route, .shortcut, .maxpool2D, .avgpool2D,
            .adaptiveAvgpool2D, .unpool2D, .mul, .pixelShuffle, .max:
            return []
        }
    }

    /// The shape list for so many channels: an axis that is left open stays so.
    private func list(_ flatten: Flatten, _ index: Int, _ channels: Int) -> [Int] {
        var list = flatten.shape
        guard let shape = analysis.shapes.output(index), list.count > 1 else { return list }
        let axis: Int =
            switch shape {
            case .map, .vector: 1
            case .sequence: 2
            }
        if list.indices.contains(axis), list[axis] == shape.channels { list[axis] = channels }
        return list
    }

    /// The largest rate up to the present one that divides the channels and leaves at least so many inside, a multiple
    /// of a number; the present one where there is none.
    private func rate(_ gate: SeBlock, _ channels: Int, atLeast least: Int, of multiple: Int) -> Int {
        (1...max(1, gate.rate)).last { rate in
            channels.isMultiple(of: rate) && channels / rate >= least
                && (channels / rate).isMultiple(of: multiple)
        } ?? gate.rate
    }
}
