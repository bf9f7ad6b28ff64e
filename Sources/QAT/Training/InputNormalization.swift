package import Graph

/// What the loader does to each value, (x - mean) / variance: as the Preprocess says. Without one, pixels become 0 to 1,
/// and indices for an Embedding stay as they are.
package struct InputNormalization: Hashable {
    package var mean: Double
    package var variance: Double

    init(mean: Double, variance: Double) {
        self.mean = mean
        self.variance = variance
    }

    /// That of a network.
    package init(_ network: Network) {
        for node in network.nodes {
            guard case .preprocess(let settings) = node.layer else { continue }
            self.init(mean: settings.mean, variance: settings.variance)
            return
        }
        let inputs = Set(network.inputs.map(\.name))
        let readsIndices = network.nodes.contains { node in
            node.kind == .embedding && node.inputs.contains { inputs.contains($0.name) }
        }
        self.init(mean: 0, variance: readsIndices ? 1 : 255)
    }
}
