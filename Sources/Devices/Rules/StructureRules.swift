import Graph

/// What every network needs to be computed at all, whatever the chip.
enum StructureRules {
    static let all: [Rule] = [
        Rule(
            "cycle", says: "No layer reads its own result, directly or through others.", source: .structure,
            keeps: Rule.silent
        ) { context in
            context.analysis.order.cyclic.contains(context.index) ? Violation("lies on a cycle") : nil
        },
        Rule(
            "unreachable", says: "Every layer reads data that enters the network.", source: .structure,
            keeps: Rule.silent
        ) {
            context in
            guard context.analysis.order.unreachable.contains(context.index) else { return nil }
            return Violation(context.node.inputs.isEmpty ? "reads nothing" : "no input reaches it")
        },
        Rule(
            "input-count", says: "A layer reads as many wires as its operator takes.", source: .structure,
            keeps: Rule.silent
        ) {
            context in
            guard case .inputCount? = context.shapeError,
                ![.shortcut, .mul, .max].contains(context.node.kind)
            else {
                return nil
            }
            return context.shapeError.map { Violation("\($0)") }
        },
        Rule(
            "shape", about: .shapes, says: "A layer takes the shapes that reach it.", source: .structure,
            keeps: shapes
        ) {
            context in
            guard let error = context.shapeError, !isNamedElsewhere(error, context.node.kind) else {
                return nil
            }
            return Violation("\(error)")
        },
        Rule(
            "unread-output", .warning,
            says: "Every output of a layer is read, or the layer is the network's last.",
            source: .structure, keeps: Rule.silent
        ) { context in unread(context).map { Violation($0) } },
        unreadInput,
    ]

    private static func shapes(_ context: RuleContext) -> String? {
        let inputs = context.analysis.shapes.inputs[context.index].compactMap { $0?.description }
        guard let output = context.output, !inputs.isEmpty else { return nil }
        return "takes \(inputs.joined(separator: " and ")), gives \(output)"
    }

    private static let unreadInput = Rule(
        "unread-input", for: [], .warning, says: "Every input of the network is read.", source: .structure,
        keeps: Rule.silent
    ) { _ in nil }

    /// What is wrong with the network as a whole.
    static func networkFindings(_ analysis: Analysis, on device: Device) -> [Finding] {
        analysis.order.unreadInputs.map { index in
            Finding(
                rule: unreadInput.id, topic: unreadInput.topic, device: device,
                severity: unreadInput.severity, layer: nil,
                message: unreadInput.says, actual: "nothing reads '\(analysis.network.inputs[index].name)'",
                citation: unreadInput.source.text(for: nil), sources: unreadInput.source.sources,
                proposal: nil)
        }
    }

    /// Whether a rule with a place in the manual asks about this error.
    private static func isNamedElsewhere(_ error: ShapeError, _ kind: OperatorKind) -> Bool {
        switch error {
        case .inputCount, .waits, .splitSum, .reshape, .notVector: true
        case .unequal: kind == .shortcut || kind == .max
        case .noSuchOutput, .windowTooLarge, .unjoinable, .notMap, .notSequence, .notIndices, .notSqueezable,
            .indivisible, .paddingIndex, .tooLarge:
            false
        }
    }

    private static func unread(_ context: RuleContext) -> String? {
        let readers = context.analysis.order.readers[context.index]
        if context.node.kind == .preprocess { return readers.isEmpty ? "nothing reads it" : nil }
        guard case .channelSplit(let split) = context.layer, !readers.isEmpty else { return nil }
        let read = Set(
            readers.flatMap { context.analysis.network.nodes[$0].inputs }
                .filter { $0.name == context.node.name }.map(\.output))
        let unread = split.split.indices.filter { !read.contains($0) }
        return unread.isEmpty ? nil : "nothing reads " + unread.map { "part \($0)" }.joined(separator: ", ")
    }
}
