import Graph

extension CalibratableNetwork {
    /// A layer that makes an unsigned map signed, for the layer that joins it with signed ones.
    struct SignedLayer {
        var name: String
        var source: Source
        var join: String

        /// What was put in, in a sentence.
        var note: String { "'\(name)' makes '\(source)' signed, as what '\(join)' joins it with" }
    }

    /// A Route or Max joins signed maps or unsigned ones: where it joins both, each unsigned one becomes signed by a
    /// layer of its own.
    mutating func signJoins() throws(CalibrationError) {
        let analysis = analysis
        for index in analysis.order.evaluation {
            let node = analysis.network.nodes[index]
            let signals = analysis.facts.nodes[index].inputs
            guard node.kind == .route || node.kind == .max, !signals.contains(where: \.isFloat),
                Set(signals.map(\.isSigned)).count > 1, let shapes = analysis.shapes.known(index)
            else { continue }
            for (place, source) in node.inputs.enumerated() where !signals[place].isSigned {
                if !signedLayers.contains(where: { $0.source == source }) {
                    let name = network.freeName("\(source.name).signed")
                    let layer = channelwise(
                        like: network[source.name]?.layer, .linear, shapes[place], bits: signals[place].bits)
                    setIdentity(name, channels: shapes[place].channels, weight: layer)
                    try insert([Node(name, layer, inputs: [source])], behind: source.name)
                    signedLayers.append(SignedLayer(name: name, source: source, join: node.name))
                }
                let signed = signedLayers.first { $0.source == source }.map { Source($0.name) } ?? source
                try change(node.name) { $0.reading { $0 == source ? signed : $0 } }
            }
        }
    }
}
