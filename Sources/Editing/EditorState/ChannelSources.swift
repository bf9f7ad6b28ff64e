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
        return node.layer.settings.channelField(inputs: node.inputs.count).map {
            (FieldPlace(layer: node.name, field: $0.name), $0.factor)
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
        let read = analysis.shapes.inputs[index].first ?? nil
        guard let unit = node.layer.settings.inputMultiple(for: multiple, reading: read) else { return false }
        return !node.inputs.isEmpty
            && node.inputs.allSatisfy { collect($0, unit, isUp, &values, &seen) }
    }
}
