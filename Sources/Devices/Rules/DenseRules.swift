import Graph

/// FullConnected.
enum DenseRules {
    static let all: [Rule] = [
        Rule(
            "dense-input", for: [.fullConnected], about: .shapes,
            says: "A FullConnected reads a vector, or a sequence after an LSTM.", source: .manual("note 1"),
            keeps: { subject in
                subject.input.map { "reads \($0.dimensions.count == 1 ? "a vector" : "a sequence") of \($0)" }
            }
        ) { subject in
            guard let input = subject.input else { return nil }
            switch input {
            case .vector: return nil
            case .map: return Answer("reads a map of \(input)", fix: flattened(input, subject))
            case .sequence:
                let follows = subject.firstAncestor { $0.kind == .lstm } != nil
                return follows ? nil : Answer("reads a sequence of \(input), and there is no LSTM before it")
            }
        }
    ]

    /// Puts a Flatten of all elements in front of the layer.
    private static func flattened(_ input: Shape, _ subject: Subject) -> Fix {
        let name = subject.analysis.network.freeName("flatten")
        let title = "flatten \(input) in front of \(subject.node.name)"
        var flatten = Flatten()
        flatten.shape = [-1, input.elements]
        return Fix(
            title,
            .all(
                title,
                [
                    .insert(Node(name, .flatten(flatten), inputs: subject.node.inputs), at: subject.index),
                    .rewire(layer: subject.node.name, inputs: [Source(name)]),
                ]))
    }
}
