public import Graph

/// Moving layers up and down the list.
extension EditBuilder {
    /// Moves a layer past its neighbour in the file.
    ///
    /// Where one of the two reads only the other, and no other layer does, they change places in the flow of data too, so
    /// that data goes on flowing down the list. Where they are wired in another way, they stay.
    public func move(_ name: String, isUp: Bool) throws(EditingError) -> Edit {
        if case .input? = network.place(of: name) { throw .input(name) }
        let index = try index(of: name)
        let neighbour = isUp ? index - 1 : index + 1
        guard network.nodes.indices.contains(neighbour) else { throw .atEdge(name, isUp: isUp) }
        let upper = network.nodes[min(index, neighbour)]
        let lower = network.nodes[max(index, neighbour)]
        let title = "move \(name) \(isUp ? "up" : "down")"
        let moved = Edit.move(layer: name, to: neighbour)
        guard lower.inputs.contains(where: { $0.name == upper.name }) else { return [moved].titled(title) }
        try checkChain(upper, lower, at: min(index, neighbour))
        var edits = [moved, .rewire(layer: lower.name, inputs: upper.inputs)]
        edits.append(.rewire(layer: upper.name, inputs: [Source(lower.name)]))
        for (reader, wires) in wires(reading: Source(lower.name)) {
            var inputs = network[reader]?.inputs ?? []
            for wire in wires { inputs[wire] = Source(upper.name) }
            edits.append(.rewire(layer: reader, inputs: inputs))
        }
        return edits.titled(title)
    }

    /// Throws where two layers, of which the lower reads the upper, are no plain chain.
    private func checkChain(_ upper: Node, _ lower: Node, at index: Int) throws(EditingError) {
        let refusal = { (obstacle: SwapObstacle) in
            EditingError.inseparable(lower.name, reads: upper.name, obstacle)
        }
        guard lower.inputs.count == 1 else { throw refusal(.readsOthers) }
        guard upper.inputs.count == 1 else { throw refusal(.readsSeveral(upper.inputs.count)) }
        if let other = network.readers(of: upper.name).first(where: { $0.name != lower.name }) {
            throw refusal(.isReadByOthers(other.name))
        }
        for (layer, place) in [(upper, index), (lower, index + 1)] where outputCount(place) > 1 {
            throw refusal(.hasOutputs(layer.name))
        }
        // A wire to a second output, of a layer that has none as long as its own shape is unknown.
        guard lower.inputs[0].output == 0 else { throw refusal(.hasOutputs(upper.name)) }
        if network.nodes.contains(where: { node in
            node.inputs.contains { $0.name == lower.name && $0.output > 0 }
        }) {
            throw refusal(.hasOutputs(lower.name))
        }
    }
}
