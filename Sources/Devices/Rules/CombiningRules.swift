import Graph

/// Shortcut, Mul, Max and Route.
enum CombiningRules {
    static let all: [Rule] = [
        twoInputs("shortcut-inputs", .shortcut, .manual("note 2")),
        twoInputs("mul-inputs", .mul, .manual("note 1")), twoInputs("max-inputs", .max, .manual()),
        equalShapes("shortcut-shape", .shortcut, .manual("note 1")),
        equalShapes("max-shape", .max, .manual()),
        Rule(
            "shortcut-bits", for: [.shortcut], about: .equalBits,
            says: "The inputs of a Shortcut have equal bits.",
            source: .manual("note 2"), keeps: equalBits
        ) { context in
            let bits = context.facts.inputs.map(\.bits)
            guard context.quantization != nil, Set(bits).count > 1 else { return nil }
            return Violation("reads \(listed(bits)) bits", fix: equalize(context))
        },
        Rule(
            "join-bits", for: [.route, .max], about: .equalBits,
            says: "All inputs of a Route or Max have equal bits.",
            source: .kit(), keeps: equalBits
        ) { context in
            let bits = context.facts.inputs.map(\.bits)
            guard context.isQuantizedNetwork, Set(bits).count > 1 else { return nil }
            return Violation("reads \(listed(bits)) bits", fix: equalize(context))
        },
        Rule(
            "join-sign", for: [.route, .max], about: .sign,
            says: "All inputs of a Route or Max are signed, or all are unsigned.",
            source: .kit(),
            keeps: { context in
                context.facts.inputs.first.map { "all its inputs are \($0.isSigned ? "signed" : "unsigned")" }
            }
        ) { context in
            let inputs = context.facts.inputs
            guard context.isQuantizedNetwork, !inputs.contains(where: \.isFloat),
                Set(inputs.map(\.isSigned)).count > 1
            else { return nil }
            let signed = zip(context.node.inputs, inputs).filter(\.1.isSigned).map { "'\($0.0)'" }
            return Violation(
                "only \(signed.joined(separator: ", ")) \(signed.count == 1 ? "is" : "are") signed")
        },
        Rule(
            "route-fan-in", on: [.t02], for: [.route], says: "On T02 a Route joins at most 8 feature maps.",
            source: .manual("note"), keeps: { "joins \($0.node.inputs.count) of at most 8" }
        ) { context in
            let count = context.node.inputs.count
            return count <= 8 ? nil : Violation("joins \(count)")
        },
        Rule(
            "kept-bits", for: [.shortcut, .mul, .avgpool2D, .adaptiveAvgpool2D], .warning, about: .bitsRead,
            says:
                "The manual lets an operator without weights have output bits of its own; the training kit keeps "
                + "its input's.",
            source: .manual("output_bitwidth", also: .kit), keeps: Rule.silent
        ) { context in
            guard let bits = context.quantization?.outputBits, !context.facts.output.isFloat,
                let widest = context.facts.inputs.map(\.bits).max(), bits != widest
            else { return nil }
            return Violation("has \(bits) for inputs of \(widest)", fix: context.set("outputBits", .unset))
        },
    ]

    private static func twoInputs(_ id: String, _ kind: OperatorKind, _ source: Citation) -> Rule {
        Rule(
            id, for: [kind],
            says: "A \(kind.rawValue) reads exactly two inputs.",
            source: source, keeps: Rule.silent
        ) { context in
            let count = context.node.inputs.count
            return count == 2 ? nil : Violation("reads \(counted(count, "input"))")
        }
    }

    private static func equalShapes(_ id: String, _ kind: OperatorKind, _ source: Citation) -> Rule {
        Rule(
            id, for: [kind], about: .shapes,
            says: "The inputs of a \(kind.rawValue) have equal width, height and channels.", source: source,
            keeps: { context in context.input.map { "both its inputs are \($0)" } }
        ) { context in
            guard case .unequal(let first, let second)? = context.shapeError else { return nil }
            return Violation("reads \(first) and \(second)")
        }
    }

    private static func equalBits(_ context: RuleContext) -> String? {
        guard context.isQuantizedNetwork, let input = context.facts.inputs.first, !input.isFloat else {
            return nil
        }
        return "all its inputs have \(input.bits) bits"
    }

    private static func listed(_ numbers: [Int]) -> String {
        let texts = numbers.map { $0 == Quantization.float ? "float" : "\($0)" }
        guard let last = texts.last, texts.count > 1 else { return texts.joined() }
        return texts.dropLast().joined(separator: ", ") + " and " + last
    }

    /// Gives the narrower producers the widest one's output bits, where they have such a field.
    private static func equalize(_ context: RuleContext) -> Fix? {
        let inputs = context.facts.inputs
        let quantized = inputs.map(\.bits).filter { $0 != Quantization.float }
        guard let widest = quantized.max(), quantized.count == inputs.count else { return nil }
        let narrow = zip(context.producers, inputs).filter { $0.1.bits != widest }.map(\.0)
        let names = narrow.compactMap { node in
            node.flatMap { $0.layer.value(of: "outputBits") == nil ? nil : $0.name }
        }
        guard names.count == narrow.count, !names.isEmpty else { return nil }
        let title = "set " + names.map { "\($0).outputBits to \(widest)" }.joined(separator: ", ")
        let edits = names.map { Edit.set(layer: $0, field: "outputBits", to: .integer(widest)) }
        return Fix(title, edits.count == 1 ? edits[0] : .all(title, edits))
    }
}
