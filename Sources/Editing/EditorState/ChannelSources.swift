import Graph

/// The layers that decide how many channels a wire carries, found by following the wires back.
///
/// Pools, norms, sums and products hand channels on; convolutions, matrices, recurrent layers and tables set them.
struct ChannelSources {
    private let analysis: Analysis

    init(_ analysis: Analysis) { self.analysis = analysis }

    /// Fields that would make the channels of a wire a multiple of a number, rounded up or down, with their values.
    ///
    /// Nil where it is impossible: the data of an input, the parts of a split, or a layer that would have none left.
    func rounded(_ source: Source, toMultiple multiple: Int, isUp: Bool) -> [FieldPlace: Int]? {
        var values: [FieldPlace: Int] = [:]
        var seen: Set<Source> = []
        guard collect(source, multiple, isUp, &values, &seen) else { return nil }
        return values
    }

    /// The fields as changes of a network, those that change anything.
    func edits(_ values: [FieldPlace: Int]) -> [Edit] {
        analysis.network.nodes.flatMap { node in
            values.filter {
                $0.key.layer == node.name && node.layer.value(of: $0.key.field) != .integer($0.value)
            }
            .map { Edit.set(layer: node.name, field: $0.key.field, to: .integer($0.value)) }
        }
    }

    /// From a wire back to the nearest layer that sets the channels, that one last; empty where an input does.
    func path(from source: Source) -> [Int] {
        var path: [Int] = []
        var next: Source? = source
        while let wire = next, let index = analysis.network.index(of: wire.name), !path.contains(index) {
            path.append(index)
            if setter(of: index) != nil || analysis.network.nodes[index].kind == .route { return path }
            next = analysis.network.nodes[index].inputs.first
        }
        return []
    }

    /// A field of a layer.
    struct FieldPlace: Hashable {
        let layer: String
        let field: String
    }

    /// The field that sets a layer's channels, and how many channels come of each unit of it.
    private func setter(of index: Int) -> (place: FieldPlace, factor: Int)? {
        let node = analysis.network.nodes[index]
        switch node.layer {
        case .conv2D, .convTranspose2D, .fullConnected:
            return (FieldPlace(layer: node.name, field: "outChannels"), 1)
        case .lstm(let lstm): return (FieldPlace(layer: node.name, field: "hiddenSize"), lstm.directions)
        case .embedding:
            return (FieldPlace(layer: node.name, field: "embeddingSize"), max(1, node.inputs.count))
        case .preprocess, .depthwiseConv2D, .batchNorm, .flatten, .route, .shortcut, .maxpool2D, .avgpool2D,
            .adaptiveAvgpool2D, .unpool2D, .seBlock, .mul, .channelSplit, .pixelShuffle, .max:
            return nil
        }
    }

    private func collect(
        _ source: Source, _ multiple: Int, _ isUp: Bool, _ values: inout [FieldPlace: Int],
        _ seen: inout Set<Source>
    ) -> Bool {
        guard seen.insert(source).inserted else { return true }
        guard let index = analysis.network.index(of: source.name),
            case .success(let shapes) = analysis.shapes.outputs[index], shapes.indices.contains(source.output)
        else { return false }
        let node = analysis.network.nodes[index]
        if let (place, factor) = setter(of: index) {
            var unit = multiple / Int.gcd(multiple, factor)
            if case .conv2D(let conv) = node.layer { unit = Int.lcm(unit, conv.groups) }
            let old = shapes[source.output].channels / factor
            let new = isUp ? (old + unit - 1) / unit * unit : old / unit * unit
            guard new > 0, new <= 65536 else { return false }
            values[place] = new
            return true
        }
        var unit = multiple
        switch node.layer {
        case .channelSplit, .preprocess: return false
        case .flatten:
            guard let read = analysis.shapes.inputs[index].first ?? nil else { return false }
            unit = multiple / Int.gcd(multiple, read.elements / max(1, read.channels))
        case .pixelShuffle(let shuffle): unit = multiple * shuffle.factor * shuffle.factor
        case .seBlock(let gate): unit = Int.lcm(multiple, gate.rate)
        case .conv2D, .convTranspose2D, .depthwiseConv2D, .fullConnected, .batchNorm, .route, .shortcut,
            .maxpool2D, .avgpool2D, .adaptiveAvgpool2D, .unpool2D, .mul, .lstm, .embedding, .max:
            break
        }
        return !node.inputs.isEmpty
            && node.inputs.allSatisfy { collect($0, unit, isUp, &values, &seen) }
    }
}

extension Int {
    /// The greatest common divisor of two positive numbers.
    static func gcd(_ first: Int, _ second: Int) -> Int {
        var (first, second) = (first, second)
        while second != 0 { (first, second) = (second, first % second) }
        return Swift.max(1, first)
    }

    /// The least common multiple of two positive numbers.
    static func lcm(_ first: Int, _ second: Int) -> Int { first / gcd(first, second) * second }
}
