import Graph

/// Which layer of a changed network was which one before.
struct LayerPairs {
    /// For each new layer, the old one, or nil.
    let old: [Int?]
    /// For each new input, the old one, or nil.
    let oldInputs: [Int?]

    /// Pairs by name; `formerNames` has the old names of renamed layers and inputs by their new ones.
    init(_ before: Network, _ after: Network, formerNames: [String: String]) {
        let renamed = Set(formerNames.values)
        func former(_ name: String) -> String? {
            formerNames[name] ?? (renamed.contains(name) ? nil : name)
        }
        old = after.nodes.map { node in former(node.name).flatMap { before.index(of: $0) } }
        oldInputs = after.inputs.map { input in
            guard case .input(let index)? = former(input.name).flatMap({ before.place(of: $0) }) else {
                return nil
            }
            return index
        }
    }
}

extension Layer {
    /// Whether the layer's weights mean the same as another's: of one operator, or of a convolution in as many groups as
    /// channels and a depthwise one.
    func sharesWeights(with other: Layer) -> Bool {
        if kind == other.kind { return true }
        let kinds: Set = [kind, other.kind]
        return kinds == [.conv2D, .depthwiseConv2D]
    }
}
