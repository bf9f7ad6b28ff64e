import Graph

/// FullConnected.
enum DenseRules {
    static let all: [Rule] = [
        Rule(
            "dense-input", for: [.fullConnected], about: .shapes,
            says: "A FullConnected reads a vector, or a sequence after an LSTM.", source: .manual("note 1"),
            keeps: { context in
                context.input.map { "reads \($0.dimensions.count == 1 ? "a vector" : "a sequence") of \($0)" }
            }
        ) { context in
            guard let input = context.input else { return nil }
            switch input {
            case .vector: return nil
            case .map: return Violation("reads a map of \(input)", fix: flattened(input, context))
            case .sequence:
                let follows = context.firstAncestor { $0.kind == .lstm } != nil
                return follows
                    ? nil : Violation("reads a sequence of \(input), and there is no LSTM before it")
            }
        }
    ]

    /// Puts a Flatten of all elements in front of the layer.
    private static func flattened(_ input: Shape, _ context: RuleContext) -> Fix {
        let name = context.analysis.network.freeName("flatten")
        let title = "flatten \(input) in front of \(context.node.name)"
        var flatten = Flatten()
        flatten.shape = [-1, input.elements]
        return Fix(
            title,
            .all(
                title,
                [
                    .insert(Node(name, .flatten(flatten), inputs: context.node.inputs), at: context.index),
                    .rewire(layer: context.node.name, inputs: [Source(name)]),
                ]))
    }
}
