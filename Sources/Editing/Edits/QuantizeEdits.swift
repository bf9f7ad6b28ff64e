public import Graph

/// Quantizing layers, or all of them.
extension EditBuilder {
    /// Turns quantizing on or off in some layers, or in all where none are named.
    ///
    /// A layer that is turned on and would store float gets 8 bits; a last layer's result stays float.
    public func quantizing(_ isOn: Bool, layers: [String]? = nil) throws(EditingError) -> Edit {
        let indices = try layers.map { (names) throws(EditingError) in try self.indices(of: names) }
        var edits: [Edit] = []
        var count = 0
        for index in indices ?? Array(network.nodes.indices) {
            let node = network.nodes[index]
            guard node.layer.value(of: "quantize") != nil else { continue }
            let own = quantizing(isOn, node, isLast: analysis.facts.nodes[index].isLast)
            count += own.isEmpty ? 0 : 1
            edits += own
        }
        let state = isOn ? "on" : "off"
        if let first = layers?.first, layers?.count == 1 {
            guard network[first]?.layer.value(of: "quantize") != nil else { throw .noneHas("quantize") }
            return edits.titled("\(first) quantize \(state)")
        }
        return edits.titled("quantize \(state) in \(counted(count, "layer"))")
    }

    /// Gives quantized layers so many bits for weights and results, and the clips that are advised for them; all of
    /// the network where none are named.
    public func bits(_ bits: Int, layers: [String]? = nil) throws(EditingError) -> Edit {
        let names = try layers.map { (names) throws(EditingError) in
            Set(try indices(of: names).map { network.nodes[$0].name })
        }
        guard Quantization.weightBits.contains(bits), bits != Quantization.float else {
            throw .edit(
                .field("bits", .notOneOf("\(bits)", Quantization.weightBits.dropLast().map(String.init))))
        }
        return network.edit(to: BitWidths(bits), in: names)
    }

    private func quantizing(_ isOn: Bool, _ node: Node, isLast: Bool) -> [Edit] {
        var values: [(String, FieldValue)] = [("quantize", .flag(isOn))]
        let float = FieldValue.integer(Quantization.float)
        if isOn {
            for field in isLast ? ["weightBits"] : ["weightBits", "outputBits"]
            where node.layer.value(of: field) == float {
                values.append((field, .integer(8)))
            }
        }
        return values.filter { node.layer.value(of: $0.0) != $0.1 }.map {
            .set(layer: node.name, field: $0.0, to: $0.1)
        }
    }
}
