import Graph

/// Preprocess and BatchNorm.
enum NormalizationRules {
    static let all: [Rule] = [
        Rule(
            "preprocess-first", says: "Every input passes through one Preprocess before any other layer.",
            source: .manual("note 1", section: "Preprocess"), keeps: isPreprocessed, check: passesPreprocess),
        Rule(
            "preprocess-variance", for: [.preprocess],
            says: "Mean and variance are finite and the variance is not 0.",
            source: .manual("note 2"), keeps: Rule.silent
        ) { context in
            guard case .preprocess(let preprocess) = context.layer else { return nil }
            guard preprocess.mean.isFinite, preprocess.variance.isFinite else {
                return Violation("has mean \(preprocess.mean) and variance \(preprocess.variance)")
            }
            return preprocess.variance == 0 ? Violation("has variance 0") : nil
        },
        Rule(
            "batch-norm-linear", for: [.batchNorm], .warning,
            says: "A BatchNorm without an activation has Linear, not none.", source: .manual("note 1"),
            keeps: Rule.silent
        ) { context in
            guard context.layer.settings.activation == Activation.none else { return nil }
            return Violation(
                "has activation none", fix: context.set("activation", .choice("Linear"), keepsNumbers: true))
        },
        Rule(
            "batch-norm-negative", for: [.batchNorm], .warning, about: .sign,
            says:
                "A BatchNorm keeps its input's sign: after an unsigned input PReLU, LeakyReLU and Linear lose "
                + "their negatives. (The first layer's Linear is the manual's own setting, note 1.)",
            source: .kit(), keeps: Rule.silent, check: losesNegatives),
        Rule(
            "batch-norm-relu", for: [.batchNorm], .warning,
            says:
                "A BatchNorm keeps its input's sign, and ReLU and ReLU6 are the range of an unsigned quantizer: after a "
                + "signed input negatives pass, which they do not in float.",
            source: .kit(), keeps: Rule.silent, check: passesNegatives),
    ]

    private static func passesNegatives(_ context: RuleContext) -> Violation? {
        guard context.quantization != nil, let activation = context.layer.settings.activation,
            let input = context.facts.inputs.first, !input.isFloat, input.isSigned
        else { return nil }
        guard activation.slopeBelowZero == 0 else { return nil }
        return Violation("has \(activation.rawValue) on a signed input")
    }

    private static func losesNegatives(_ context: RuleContext) -> Violation? {
        guard context.quantization != nil, let activation = context.layer.settings.activation,
            let input = context.facts.inputs.first, !input.isFloat, !input.isSigned
        else { return nil }
        guard activation.isSigned, activation.isProportional, activation != .linear || !context.facts.isFirst
        else { return nil }
        return Violation("has \(activation.rawValue) on an unsigned input")
    }

    private static func passesPreprocess(_ context: RuleContext) -> Violation? {
        let network = context.analysis.network
        let name = context.node.name
        guard context.node.kind == .preprocess else {
            guard let input = context.node.inputs.first(where: { isInput($0, of: network) }) else {
                return nil
            }
            return Violation("reads the input '\(input.name)' directly", fix: route(input, through: network))
        }
        guard let source = context.node.inputs.first else { return nil }
        guard isInput(source, of: network) else {
            return Violation("reads the layer '\(source.name)', not an input")
        }
        let first = network.nodes.first { $0.kind == .preprocess && $0.inputs.first?.name == source.name }
        guard let first, first.name != name else { return nil }
        return Violation("reads '\(source.name)', which passes through '\(first.name)' already")
    }

    private static func isPreprocessed(_ context: RuleContext) -> String? {
        context.node.kind == .preprocess ? "reads an input, the only Preprocess that does" : nil
    }

    private static func isInput(_ source: Source, of network: Network) -> Bool {
        if case .input = network.place(of: source.name) { return true }
        return false
    }

    /// Lets every layer that reads an input directly read its Preprocess instead, adding one where there is none.
    private static func route(_ input: Source, through network: Network) -> Fix {
        let readers = network.readers(of: input.name)
        let existing = readers.first { $0.kind == .preprocess }
        let preprocess = existing?.name ?? network.freeName("preprocess")
        let rewired = readers.filter { $0.kind != .preprocess }.map { reader in
            Edit.rewire(
                layer: reader.name,
                inputs: reader.inputs.map { $0.name == input.name ? Source(preprocess) : $0 })
        }
        let title = "read '\(input.name)' through \(existing == nil ? "a new Preprocess" : "'\(preprocess)'")"
        let added = Edit.insert(
            Node(preprocess, OperatorKind.preprocess.defaultLayer, inputs: [input]), at: 0)
        return Fix(title, .all(title, (existing == nil ? [added] : []) + rewired))
    }
}
