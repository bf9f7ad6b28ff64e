public import Graph

/// Removing and copying layers.
extension EditBuilder {
    /// Removes layers; who read one reads what it read.
    public func deletion(of names: [String]) throws(EditingError) -> Edit {
        let indices = try indices(of: names)
        guard let first = indices.first else { throw .nothingSelected }
        let edits = indices.map { Edit.remove(layer: network.nodes[$0].name) }
        return edits.titled(
            indices.count == 1
                ? "remove \(network.nodes[first].name)" : "remove \(counted(indices.count, "layer"))")
    }

    /// Copies layers behind themselves: the copies read what the layers give, and the readers read the copies.
    ///
    /// Where shapes do not take that, the copies stand beside the layers, read the same and are read by nothing.
    public func duplication(of names: [String]) throws(EditingError) -> Edit {
        let indices = try indices(of: names)
        guard let last = indices.last else { throw .nothingSelected }
        let newNames = copyNames(of: indices)
        let title =
            indices.count == 1
            ? "duplicate \(network.nodes[last].name)" : "duplicate \(counted(indices.count, "layer"))"
        let flow = order(indices)
        if let first = flow.first, let exit = flow.last, outputCount(exit) == 1,
            let entry = network.nodes[first].inputs.first
        {
            let result = Source(network.nodes[exit].name)
            let copies = self.copies(of: indices, newNames, entry: (entry, result))
            let readers = wires(reading: result).filter { reader in
                !indices.contains { network.nodes[$0].name == reader.layer }
            }
            let copyOfExit = Source(newNames[result.name] ?? result.name)
            let inserted = copies.enumerated().map { Edit.insert($1, at: last + 1 + $0) }
            let edit = (inserted + rewirings(readers, to: copyOfExit)).titled(title)
            if keepsShapes(edit) { return edit }
        }
        let copies = self.copies(of: indices, newNames, entry: nil)
        return copies.enumerated().map { Edit.insert($1, at: last + 1 + $0) }.titled(title)
    }

    /// The positions of layers, in the order of the file, each once.
    func indices(of names: [String]) throws(EditingError) -> [Int] {
        var found: Set<Int> = []
        for name in names {
            if case .input? = network.place(of: name) { throw .input(name) }
            found.insert(try index(of: name))
        }
        return found.sorted()
    }

    /// Changes of wires to another source.
    private func rewirings(_ takeovers: [(layer: String, wires: [Int])], to source: Source) -> [Edit] {
        takeovers.map { layer, wires in
            var inputs = network[layer]?.inputs ?? []
            for wire in wires { inputs[wire] = source }
            return .rewire(layer: layer, inputs: inputs)
        }
    }

    /// Some layers in the order of evaluation; in that of the file where there is none.
    private func order(_ indices: [Int]) -> [Int] {
        let places = Dictionary(
            uniqueKeysWithValues: analysis.order.evaluation.enumerated().map { ($1, $0) })
        return indices.sorted { (places[$0] ?? .max, $0) < (places[$1] ?? .max, $1) }
    }

    /// Names for the copies: a block as a whole gets the next prefix, others the next name of their kind.
    private func copyNames(of indices: [Int]) -> [String: String] {
        var names = NewNames(network)
        let nodes = indices.map { network.nodes[$0] }
        let prefixes = Set(nodes.map { NewNames.prefix(of: $0.name) })
        let isWhole = { (prefix: String) in
            network.nodes.count { NewNames.prefix(of: $0.name) == prefix } == nodes.count
        }
        if prefixes.count == 1, let prefix = prefixes.first ?? nil, isWhole(prefix) {
            let next = names.prefix(near: indices.last)
            return Dictionary(
                uniqueKeysWithValues: nodes.map {
                    ($0.name, names.claim(next + $0.name.dropFirst(prefix.count + 1)))
                })
        }
        return Dictionary(
            uniqueKeysWithValues: nodes.map { node in
                let isPart = NewNames.prefix(of: node.name) != nil
                return (node.name, isPart ? names.name(besides: node.name) : names.name(for: node.kind))
            })
    }

    /// Copies of layers with wires between each other as the layers have them.
    private func copies(
        of indices: [Int], _ newNames: [String: String], entry: (old: Source, new: Source)?
    ) -> [Node] {
        // In the order of evaluation, so that each wire leads to a layer that is there when it is inserted.
        order(indices).map { index in
            let node = network.nodes[index]
            let inputs = node.inputs.map { wire -> Source in
                if let copy = newNames[wire.name] { return Source(copy, output: wire.output) }
                return wire == entry?.old ? entry?.new ?? wire : wire
            }
            return Node(newNames[node.name] ?? node.name, node.layer, inputs: inputs, note: node.note)
        }
    }

    /// Whether every layer that has a shape still has one after a change.
    private func keepsShapes(_ edit: Edit) -> Bool {
        guard let changed = try? network.applying(edit) else { return false }
        let shapes = NetworkShapes(changed, order: NetworkOrder(changed))
        let broken = { (shapes: NetworkShapes) in shapes.outputs.count { (try? $0.get()) == nil } }
        return broken(shapes) <= broken(analysis.shapes)
    }
}
