/// A layer of a network: a name, an operator with its settings, and the wires it reads.
public struct Node: Hashable, Sendable {
    /// The name, unique in its network.
    public internal(set) var name: String
    /// The operator with its settings.
    public var layer: Layer
    /// Where its inputs come from, in order.
    public internal(set) var inputs: [Source]
    /// What an imported file said where the wiring decides.
    public var imported: ImportedFlags
    /// A person's remark.
    public var note: String

    /// A layer that reads the given outputs.
    public init(
        _ name: String, _ layer: Layer, inputs: [Source] = [], imported: ImportedFlags = ImportedFlags(),
        note: String = ""
    ) {
        self.name = name
        self.layer = layer
        self.inputs = inputs
        self.imported = imported
        self.note = note
    }

    /// Which operator it is.
    public var kind: OperatorKind { layer.kind }
}

/// An output that a layer reads: a network input, or a layer with the number of its output.
public struct Source: Hashable, Sendable {
    /// The name of a layer or of a network input.
    public var name: String
    /// Which output, counted from 0; only Channel_Split and an LSTM with states have several.
    public var output: Int

    /// An output of a layer; the first unless said.
    public init(_ name: String, output: Int = 0) { (self.name, self.output) = (name, output) }

    /// The source that a text like "conv0" or "split[1]" names.
    public init?(text: String) {
        // Scalars, not characters: some letters make one character with a bracket behind them.
        guard text.hasSuffix("]"), let bracket = text.unicodeScalars.firstIndex(of: "[") else {
            guard Network.isName(text) else { return nil }
            self.init(text)
            return
        }
        let name = String(text[..<bracket])
        let digits = String(text.unicodeScalars[bracket...].dropFirst().dropLast())
        guard Network.isName(name), digits.allSatisfy({ $0.isASCII && $0.isNumber }), digits.count <= 4,
            let output = Int(digits)
        else { return nil }
        self.init(name, output: output)
    }
}

extension Source: CustomStringConvertible {
    /// The name, with the output's number where it is not the first.
    public var description: String { output == 0 ? name : "\(name)[\(output)]" }
}

extension Source: ExpressibleByStringLiteral {
    /// The first output of the layer of that name.
    public init(stringLiteral name: String) { self.init(name) }
}

/// Data that enters the network: its name and the shape of one sample.
public struct Input: Hashable, Sendable {
    /// The name, unique among inputs and layers.
    public var name: String
    /// The shape of one sample.
    public var shape: Shape

    /// The axes that a shape may have.
    public static let axes = FieldKind.integers(count: 1...3, each: 1...65536)

    /// An input of the given shape.
    public init(_ name: String, _ shape: Shape) { (self.name, self.shape) = (name, shape) }
}

/// Arguments of an imported file that the wiring decides here, kept where the two disagree, so that a check can say so.
public struct ImportedFlags: Hashable, Sendable {
    /// `input_bitwidth`.
    public var inputBits: Int?
    /// `first_layer`.
    public var firstLayer: Bool?
    /// `last_layer`.
    public var lastLayer: Bool?
    /// `pre_lstm_layer`.
    public var preLSTMLayer: Bool?
    /// `multi_inputs` of an Embedding.
    public var multiInputs: Bool?
    /// `batch_first` of an LSTM.
    public var batchFirst: Bool?
    /// `num_layers` of an LSTM.
    public var numLayers: Int?

    /// Nothing imported.
    public init() {}

    /// Whether there is no remark.
    public var isEmpty: Bool { self == ImportedFlags() }

    /// One imported argument, as files and edits name it.
    public struct Flag: Sendable {
        /// The name in `network.json`.
        public let name: String
        /// The argument of the manual's constructor.
        public let argument: String
        /// What values it takes.
        public let kind: FieldKind
        let read: @Sendable (ImportedFlags) -> FieldValue
        let write: @Sendable (inout ImportedFlags, FieldValue) -> Void
    }

    /// All imported arguments, in the order of files.
    public static let flags: [Flag] = [
        number("inputBits", \.inputBits, 1...64, argument: "input_bitwidth"),
        flag("firstLayer", \.firstLayer, argument: "first_layer"),
        flag("lastLayer", \.lastLayer, argument: "last_layer"),
        flag("preLstmLayer", \.preLSTMLayer, argument: "pre_lstm_layer"),
        flag("multiInputs", \.multiInputs, argument: "multi_inputs"),
        flag("batchFirst", \.batchFirst, argument: "batch_first"),
        number("numLayers", \.numLayers, 1...64, argument: "num_layers"),
    ]

    /// The value of one argument; `unset` where the import agreed.
    public func value(of flag: Flag) -> FieldValue { flag.read(self) }

    /// Stores a value that the flag's kind has accepted, or `unset`.
    public mutating func set(_ flag: Flag, to value: FieldValue) { flag.write(&self, value) }

    private static func number(
        _ name: String, _ path: any WritableKeyPath<ImportedFlags, Int?> & Sendable,
        _ range: ClosedRange<Int>,
        argument: String
    ) -> Flag {
        Flag(name: name, argument: argument, kind: .integer(range)) {
            $0[keyPath: path].map(FieldValue.integer) ?? .unset
        } write: {
            if case .integer(let value) = $1 { $0[keyPath: path] = value } else { $0[keyPath: path] = nil }
        }
    }

    private static func flag(
        _ name: String, _ path: any WritableKeyPath<ImportedFlags, Bool?> & Sendable, argument: String
    ) -> Flag {
        Flag(name: name, argument: argument, kind: .flag) {
            $0[keyPath: path].map(FieldValue.flag) ?? .unset
        } write: {
            if case .flag(let value) = $1 { $0[keyPath: path] = value } else { $0[keyPath: path] = nil }
        }
    }
}
