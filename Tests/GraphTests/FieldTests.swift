import Graph
import TestSupport
import TestTraits
import Testing

/// A field of an operator, as an argument of a test.
struct OperatorField: Sendable, CustomTestStringConvertible {
    let kind: OperatorKind
    let field: LayerField
    var testDescription: String { "\(kind.rawValue).\(field.name)" }

    static let all = OperatorKind.allCases.flatMap { kind in
        kind.fields.map { OperatorField(kind: kind, field: $0) }
    }
}

@Suite(.limited)
struct FieldTests {
    @Test("an operator says what it is and what it is called", arguments: OperatorKind.allCases)
    func operators(kind: OperatorKind) {
        #expect(kind.type.kind == kind)
        #expect(kind.defaultLayer.kind == kind)
        #expect(OperatorKind(name: kind.rawValue) == kind)
        #expect(!kind.summary.isEmpty && !kind.summary.hasSuffix("."))
        #expect(kind.inputs.lowerBound >= 1)
    }

    @Test("FullConnected goes by the manual's other name too")
    func otherName() {
        #expect(OperatorKind(name: "FullyConnected") == .fullConnected)
        #expect(OperatorKind(name: "conv2d") == nil)
    }

    @Test("the fields of an operator have names of their own", arguments: OperatorKind.allCases)
    func names(kind: OperatorKind) {
        let names = kind.fields.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(Set(names).isDisjoint(with: ["name", "type", "inputs", "imported", "note"]))
    }

    @Test("a field has the manual's argument, a sentence of help and a range", arguments: OperatorField.all)
    func help(item: OperatorField) {
        let field = item.field
        #expect(!field.argument.isEmpty && !field.argument.contains(" "))
        #expect(field.help.hasSuffix(".") && field.help.count > 10)
        #expect(!field.kind.range.isEmpty)
        #expect(field.section == item.kind.rawValue)
    }

    @Test("a field takes its own default", arguments: OperatorField.all)
    func defaults(item: OperatorField) throws {
        let layer = item.kind.defaultLayer
        #expect(layer.value(of: item.field.name) == item.field.defaultValue)
        #expect(try layer.setting(item.field.name, to: item.field.defaultValue) == layer)
    }

    @Test("a field gives back what was stored in it, and stores in no other", arguments: OperatorField.all)
    func storing(item: OperatorField) throws {
        let layer = item.kind.defaultLayer
        for value in item.field.kind.acceptable {
            let changed = try layer.setting(item.field.name, to: value)
            #expect(changed.value(of: item.field) == value)
            for other in item.kind.fields where other.name != item.field.name {
                #expect(changed.value(of: other) == layer.value(of: other), "\(other.name) changes too")
            }
        }
    }

    @Test(
        "a field refuses what is out of its range and leaves the layer as it was",
        arguments: OperatorField.all)
    func refusing(item: OperatorField) {
        var layer = item.kind.defaultLayer
        for value in item.field.kind.refusable {
            #expect(throws: EditError.self, "\(value)") { try layer.set(item.field.name, to: value) }
        }
        #expect(layer == item.kind.defaultLayer)
    }

    @Test("a command line reads a value back from its own description", arguments: OperatorField.all)
    func parsing(item: OperatorField) throws {
        for value in item.field.kind.acceptable {
            #expect(try item.field.kind.parsed(value.description) == value)
        }
    }

    @Test("a file must state what the manual gives no default for")
    func required() {
        let required = OperatorField.all.filter(\.field.isRequired).map(\.testDescription)
        #expect(
            required == [
                "Conv2D.outChannels", "ConvTranspose2D.outChannels", "FullConnected.outChannels",
                "Flatten.shape",
                "Se_Block.rate", "Channel_Split.split", "Pixel_Shuffle.factor", "LSTM.hiddenSize",
                "Embedding.vocabularySize", "Embedding.embeddingSize",
            ])
    }

    @Test(
        "the samples of an operator set every field to something else than its default",
        arguments: OperatorField.all)
    func samples(item: OperatorField) {
        let layers = OperatorSample.samples(of: item.kind).map(\.layer)
        #expect(layers.contains { $0.value(of: item.field) != item.field.defaultValue })
        #expect(layers.allSatisfy { $0.kind == item.kind })
    }

    @Test("a layer has no value for a field of another operator")
    func foreign() {
        #expect(OperatorKind.route.defaultLayer.value(of: "stride") == nil)
        #expect(throws: EditError.noSuchField("stride", of: .route)) {
            try OperatorKind.route.defaultLayer.setting("stride", to: .integer(1))
        }
    }
}

@Suite(.limited)
struct FieldTextTests {
    private static let stride = FieldKind.integer(1...64)
    private static let bits = FieldKind.bits([2, 4, 8, 32])
    private static let kept = FieldKind.optionalBits([4, 8])
    private static let words = FieldKind.choice(["ReLU", "ReLU6", "none"])
    private static let list = FieldKind.integers(count: 1...3, each: 1...100)

    @Test(
        "a word of a command line becomes a value",
        arguments: [
            (stride, "2", FieldValue.integer(2)), (bits, "32", .integer(32)), (kept, "8", .integer(8)),
            (kept, "unset", .unset),
            (.optionalInteger(0...9), "unset", .unset), (.number(0...10), "2", .number(2)),
            (.number(0...10), "2.5", .number(2.5)),
            (.flag, "on", .flag(true)), (.flag, "yes", .flag(true)), (.flag, "true", .flag(true)),
            (.flag, "off", .flag(false)),
            (.flag, "no", .flag(false)), (.flag, "false", .flag(false)), (words, "ReLU6", .choice("ReLU6")),
            (words, "relu", .choice("ReLU")), (words, "None", .choice("none")),
            (list, "1,2,3", .integers([1, 2, 3])),
            (list, "[1, 2]", .integers([1, 2])), (list, "7", .integers([7])),
        ] as [(FieldKind, String, FieldValue)])
    func parsed(kind: FieldKind, text: String, value: FieldValue) throws {
        #expect(try kind.parsed(text) == value)
    }

    @Test(
        "a refused value is answered with what would be right",
        arguments: [
            (stride, "0", "0 is below 1"), (stride, "65", "65 is above 64"),
            (stride, "two", "'two' is not a whole number"),
            (stride, "1.5", "'1.5' is not a whole number"),
            (stride, "unset", "'unset' is not a whole number"),
            (stride, "99999999999999999999", "'99999999999999999999' is not a whole number"),
            (bits, "7", "'7' is not one of 2, 4, 8, 32"), (bits, "33", "'33' is not one of 2, 4, 8, 32"),
            (kept, "x", "'x' is not a number of bits or unset"),
            (.number(0.5...10), "0.25", "0.25 is below 0.5"),
            (.number(0...10), "nan", "'nan' is not a number"),
            (.number(0...10), "inf", "'inf' is not a number"),
            (.number(0...10), "1e999", "'1e999' is not a number"),
            (.flag, "maybe", "'maybe' is not true or false"),
            (words, "ReLU7", "'ReLU7' is not one of ReLU, ReLU6, none; did you mean 'ReLU'?"),
            (words, "Softmax", "'Softmax' is not one of ReLU, ReLU6, none"),
            (list, "1,x", "'1,x' is not a list of whole numbers"),
            (list, "", "has 0 entries, takes 1 to 3"), (list, "1,2,3,4", "has 4 entries, takes 1 to 3"),
            (list, "1,101", "101 is above 100"),
        ])
    func refused(kind: FieldKind, text: String, message: String) {
        #expect {
            try kind.parsed(text)
        } throws: {
            "\($0)" == message
        }
    }

    @Test(
        "a field says its range in words",
        arguments: [
            (stride, "1 to 64"), (.optionalInteger(0...9), "0 to 9, or unset"),
            (.number(0.5...2), "0.5 to 2.0"),
            (.flag, "true or false"), (words, "ReLU, ReLU6, none"), (bits, "2, 4, 8, 32"),
            (kept, "4, 8, or unset"),
            (list, "1 to 3 numbers, each 1 to 100"),
        ] as [(FieldKind, String)])
    func range(kind: FieldKind, words: String) {
        #expect(kind.range == words)
    }

    @Test(
        "a value of another kind is refused",
        arguments: [
            (stride, FieldValue.flag(true), "true is not a whole number"),
            (stride, .unset, "unset is not a whole number"),
            (stride, .number(2), "2.0 is not a whole number"), (.flag, .integer(1), "1 is not true or false"),
            (words, .integers([1]), "[1] is not a word"), (.number(0...1), .choice("x"), "x is not a number"),
        ] as [(FieldKind, FieldValue, String)])
    func otherKind(kind: FieldKind, value: FieldValue, message: String) {
        #expect {
            try kind.validated(value)
        } throws: {
            "\($0)" == message
        }
    }
}

extension FieldKind {
    /// Values that the field takes, from the ends of its range too.
    fileprivate var acceptable: [FieldValue] {
        switch self {
        case .integer(let range): [.integer(range.lowerBound), .integer(range.upperBound)]
        case .optionalInteger(let range): [.integer(range.lowerBound), .integer(range.upperBound), .unset]
        case .number(let range): [.number(range.lowerBound), .number(range.upperBound)]
        case .flag: [.flag(true), .flag(false)]
        case .choice(let words): words.map(FieldValue.choice)
        case .bits(let widths): widths.map(FieldValue.integer)
        case .optionalBits(let widths): widths.map(FieldValue.integer) + [.unset]
        case .integers(let count, let each):
            [count.lowerBound, count.upperBound].flatMap { length in
                [each.lowerBound, each.upperBound].map { .integers(Array(repeating: $0, count: length)) }
            }
        }
    }

    /// Values just outside, and of other kinds.
    fileprivate var refusable: [FieldValue] {
        switch self {
        case .integer(let range):
            [.integer(range.lowerBound - 1), .integer(range.upperBound + 1), .unset, .flag(true)]
        case .optionalInteger(let range):
            [.integer(range.lowerBound - 1), .integer(range.upperBound + 1), .number(1.5)]
        case .number(let range):
            [.number(range.lowerBound - 1), .number(range.upperBound + 1), .number(.nan), .unset]
        case .flag: [.integer(1), .choice("true"), .unset]
        case .choice: [.choice("Softmax"), .choice(""), .integer(0), .unset]
        case .bits: [.integer(0), .integer(1), .integer(9), .integer(33), .unset]
        case .optionalBits: [.integer(0), .integer(1), .integer(9), .integer(33), .flag(false)]
        case .integers(let count, let each):
            [
                .integers(Array(repeating: each.upperBound, count: count.lowerBound - 1)),
                .integers(Array(repeating: each.upperBound, count: count.upperBound + 1)),
                .integers(Array(repeating: each.lowerBound - 1, count: count.lowerBound)), .integer(1),
                .unset,
            ]
        }
    }
}
