public import Graph

/// How the weights of a network become those of a changed one.
///
/// Every channel of the new network that was there before keeps its weights, wherever it is now; new channels get zeros,
/// so that what reads them beside old ones gives the same numbers. Batch norms and biases that come and go are folded.
public struct Carry {
    /// What happens beyond carrying along, in the order of the new network.
    public let notes: [CarryNote]
    /// Layers whose weights are carried, in the order of the new network.
    public let carried: [String]

    /// The new network.
    package let after: Analysis
    /// The carried tensors, by the names of checkpoints.
    package let numbers: [String: [Float]]
    /// The texts beside the old weights; nil where no weights were given.
    package let metadata: [String: String]?

    /// Compares two networks; `formerNames` has the old names of renamed layers and inputs by their new ones.
    ///
    /// Without the weights of the old network the first channels stay where a layer is narrowed, and notes that depend on
    /// numbers are missing. `padsBothSides` is of the chip of the new network.
    public init(
        from before: Analysis, to after: Analysis, formerNames: [String: String] = [:],
        weights: Safetensors? = nil, padsBothSides: Bool = false
    ) {
        self.after = after
        metadata = weights?.metadata
        let pairs = LayerPairs(before.network, after.network, formerNames: formerNames)
        let channels = CarriedChannels(before, after, pairs, weights: weights)
        var outcomes = after.network.nodes.indices.map { index in
            LayerCarry.Outcome(index, pairs.old[index], before, after, channels)
        }
        var numbers: [String: [Float]] = [:]
        var found: [[CarryNote]] = Array(repeating: [], count: outcomes.count)
        if let weights {
            for (index, outcome) in outcomes.enumerated() {
                guard case .carried(let layer) = outcome else { continue }
                var writer = LayerNumbers(layer, before, after, weights, padsBothSides: padsBothSides)
                if writer.write() {
                    numbers.merge(writer.numbers) { $1 }
                    found[index] = writer.notes
                } else {
                    outcomes[index] = .startsAnew(.hasNone)
                }
            }
        }
        self.numbers = numbers
        let narrowed = Set(outcomes.flatMap { $0.layer.map(channels.droppedRows) ?? [] })
        (notes, carried) = zip(after.network.nodes, zip(outcomes, found)).reduce(into: ([], [])) {
            all, next in
            let (node, (outcome, own)) = next
            switch outcome {
            case .hasNoWeights: break
            case .startsAnew(let reason): all.0.append(.startsAnew(layer: node.name, reason))
            case .carried(let layer):
                all.1.append(node.name)
                all.0 += layer.notes(channels, explained: narrowed) + own
            }
        }
    }

    /// What a change takes from layers without being asked to, and what keeps it: where batch norm goes off and there is no
    /// bias to fold it into, the bias goes on.
    public static func companions(
        from before: Network, to after: Network, formerNames: [String: String] = [:]
    ) -> [Edit] {
        let pairs = LayerPairs(before, after, formerNames: formerNames)
        return after.nodes.indices.compactMap { index in
            guard let old = pairs.old[index], before.nodes[old].kind == after.nodes[index].kind else {
                return nil
            }
            let first = before.nodes[old].layer
            let second = after.nodes[index].layer
            guard first.value(of: "batchNorm") == .flag(true), second.value(of: "batchNorm") == .flag(false),
                first.value(of: "bias") == .flag(false), second.value(of: "bias") == .flag(false)
            else { return nil }
            return .set(layer: after.nodes[index].name, field: "bias", to: .flag(true))
        }
    }
}
