public import Graph

/// Where a new layer goes, as seen from the selected one.
public enum InsertionPlace: String, CaseIterable, Hashable, Sendable {
    /// Behind it, between it and all that read it.
    case after
    /// In front of it, on its first wire.
    case before
    /// Beside it: reads it, and nothing reads the new layer yet.
    case branch
}

/// Layers that are not in a network yet: the first reads an entry, and the layers behind read the result.
struct PendingLayers {
    /// The layers, each after those that it reads.
    var nodes: [Node] = []
    /// What they give in the end.
    var result: Source

    /// Nothing yet: the result is the entry.
    init(entry: Source) { result = entry }

    /// Adds a layer that reads the result so far, or other wires, and makes its output the result.
    mutating func add(_ name: String, _ layer: Layer, reading inputs: [Source]? = nil) {
        nodes.append(Node(name, layer, inputs: inputs ?? [result]))
        result = Source(name)
    }
}

extension EditBuilder {
    /// Adds a layer of a kind beside a selected layer or input; nil where the network has neither.
    ///
    /// Operators that read two get the nearest layer before with a fitting shape as the second, or none where there is
    /// none. A matrix behind a map gets a Flatten in front.
    public func insertion(
        of kind: OperatorKind, _ place: InsertionPlace, _ selected: String?
    ) throws(EditingError) -> Edit {
        guard let selected else { return .insert(firstNode(kind), at: network.nodes.count) }
        let spot = try spot(place, selected)
        var names = NewNames(network)
        guard let entry = spot.entry else {
            let layer = newLayer(kind, near: spot.near, reading: nil, isLast: spot.isLast)
            return try edit(for: [Node(names.name(for: kind), layer)], at: spot, "add \(kind.rawValue)")
        }
        var draft = PendingLayers(entry: entry)
        var shape = shape(of: entry)
        if kind == .fullConnected, case .map? = shape, let elements = shape?.elements {
            let flatten = newLayer(.flatten, near: spot.near, reading: shape, isLast: false)
            draft.add(names.name(for: .flatten), flatten)
            shape = .vector(elements)
        }
        let layer = newLayer(kind, near: spot.near, reading: shape, isLast: spot.isLast)
        let second =
            kind.inputs.upperBound > 1 && kind != .embedding
            ? companion(for: layer, of: entry, before: spot) : nil
        let name = names.name(for: kind)
        draft.add(name, layer, reading: [draft.result] + (second.map { [$0] } ?? []))
        return try edit(for: draft.nodes, at: spot, "add \(name) (\(kind.rawValue))")
    }

    /// Adds a block beside a selected layer or input.
    public func insertion(
        of block: Block, _ place: InsertionPlace, _ selected: String?
    ) throws(EditingError) -> Edit {
        guard let selected else { throw .nothingSelected }
        let spot = try spot(place, selected)
        guard let entry = spot.entry else {
            throw .needs("\(block.title) reads \(block.reads)", of: selected, found: nil)
        }
        var names = NewNames(network)
        let prefix = names.prefix(near: spot.near)
        let draft = try draft(of: block, reading: entry, named: prefix, near: spot.near)
        return try edit(for: draft.nodes, at: spot, "add \(prefix.dropLast()) (\(block.title))")
    }

    /// A layer of a network that has nothing to read.
    private func firstNode(_ kind: OperatorKind) -> Node {
        var names = NewNames(network)
        let layer = newLayer(kind, near: nil, reading: nil, isLast: true)
        return Node(names.name(for: kind), layer)
    }
}

// Where new layers go.
extension EditBuilder {
    /// A place between wires.
    struct Spot {
        /// What is read there, or nil where the selected layer reads nothing.
        var entry: Source?
        /// The position of the file where new layers go.
        var position: Int
        /// The position of the selected layer, or nil where it is an input.
        var near: Int?
        /// Layers whose wires change, with those wires.
        var takeovers: [(layer: String, wires: [Int])]
        /// Whether nothing will read what is added.
        var isLast: Bool { takeovers.isEmpty }
    }

    func spot(_ place: InsertionPlace, _ selected: String) throws(EditingError) -> Spot {
        let found = network.place(of: selected)
        switch (place, found) {
        case (_, nil): throw .noSuchLayer(selected)
        case (.before, .input): throw .input(selected)
        case (.before, .node(let index)):
            let takeovers = [(layer: selected, wires: [0])]
            return Spot(
                entry: network.nodes[index].inputs.first, position: index, near: index, takeovers: takeovers)
        case (.after, .node(let index)):
            let entry = Source(selected)
            return Spot(entry: entry, position: index + 1, near: index, takeovers: wires(reading: entry))
        case (.after, .input):
            let entry = Source(selected)
            return Spot(entry: entry, position: 0, near: nil, takeovers: wires(reading: entry))
        case (.branch, .node(let index)):
            return Spot(entry: Source(selected), position: index + 1, near: index, takeovers: [])
        case (.branch, .input): return Spot(entry: Source(selected), position: 0, near: nil, takeovers: [])
        }
    }

    /// All wires that read an output.
    func wires(reading source: Source) -> [(layer: String, wires: [Int])] {
        network.nodes.compactMap { node in
            let wires = node.inputs.indices.filter { node.inputs[$0] == source }
            return wires.isEmpty ? nil : (node.name, wires)
        }
    }

    /// Inserts layers in the file and gives the wires of a spot to the last of them.
    func edit(for nodes: [Node], at spot: Spot, _ title: String) throws(EditingError) -> Edit {
        var edits = nodes.enumerated().map { Edit.insert($1, at: spot.position + $0) }
        if let result = nodes.last {
            for (layer, wires) in spot.takeovers {
                var inputs = network[layer]?.inputs ?? []
                for wire in wires {
                    if inputs.indices.contains(wire) { inputs[wire] = Source(result.name) }
                    if inputs.isEmpty { inputs = [Source(result.name)] }
                }
                edits.append(.rewire(layer: layer, inputs: inputs))
            }
        }
        let edit = edits.titled(title)
        do {
            _ = try network.applying(edit)
        } catch {
            throw .edit(error)
        }
        return edit
    }

    /// The nearest layer before a spot whose result can be the second input beside an entry.
    private func companion(for layer: Layer, of entry: Source, before spot: Spot) -> Source? {
        guard let shape = shape(of: entry) else { return nil }
        // What reads the new layer comes behind the entry, so nothing before the entry can depend on it.
        let order = analysis.order.evaluation
        let end = network.index(of: entry.name).flatMap { order.firstIndex(of: $0) } ?? 0
        for index in order[..<end].reversed() where outputCount(index) == 1 {
            guard let other = analysis.shapes.output(index), network.nodes[index].kind != .preprocess else {
                continue
            }
            do {
                _ = try layer.settings.outputShapes(of: [shape, other])
                return Source(network.nodes[index].name)
            } catch {
                // Another one may fit.
            }
        }
        return nil
    }
}
