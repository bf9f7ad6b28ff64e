public import QAT
public import Workbench

/// Other people's formats as the screen sees them: what can be read and written, and how. The program gives it, so that
/// no view knows a format.
public struct Exchange: Sendable {
    /// A format that a network can be written in.
    public struct Format: Hashable, Sendable {
        /// Its name as the command has it.
        public var name: String
        /// What it is for.
        public var purpose: String
        /// What it keeps of a session, and what it leaves out.
        public var keeps: String
        /// The ending of its files, with the dot.
        public var ending: String

        /// A format.
        public init(name: String, purpose: String, keeps: String, ending: String) {
            self.name = name
            self.purpose = purpose
            self.keeps = keeps
            self.ending = ending
        }
    }

    /// What a file has become.
    public struct Imported: Sendable {
        /// The document; nil where something in the file has no counterpart.
        public var document: Document?
        /// Its weights, where the file has them.
        public var weights: Safetensors?
        /// What the host computes from the network's results, as the bytes of an ONNX file; nil where that is nothing.
        public var host: [UInt8]?
        /// Remarks on it, in lines; a page breaks those that are too long.
        public var lines: [String]

        /// What a file has become.
        public init(document: Document?, weights: Safetensors?, host: [UInt8]? = nil, lines: [String]) {
            self.document = document
            self.weights = weights
            self.host = host
            self.lines = lines
        }
    }

    /// The formats that can be written.
    public var formats: [Format]
    /// Endings of files that are read as networks, with the dot; those that are programs and are run to be read.
    public var models: [String]
    public var programs: [String]
    /// Reads a network. For a program also with what was typed: "ARGUMENTS; SHAPE"; for a model `approximately`, or nothing.
    public var read: @Sendable (_ path: String, _ typed: String) throws -> Imported
    /// Writes a document with its weights to a path, and says what was written.
    public var write:
        @Sendable (
            _ format: String, _ document: Document, _ weights: Safetensors?, _ name: String, _ path: String
        )
            throws -> String

    /// Formats, and how they are read and written.
    public init(
        formats: [Format], models: [String], programs: [String],
        read: @escaping @Sendable (_ path: String, _ typed: String) throws -> Imported,
        write:
            @escaping @Sendable (
                _ format: String, _ document: Document, _ weights: Safetensors?, _ name: String,
                _ path: String
            ) throws -> String
    ) {
        self.formats = formats
        self.models = models
        self.programs = programs
        self.read = read
        self.write = write
    }

    /// What is typed to read a model with operators that come near to those that no chip has.
    public static let approximately = "approximate"

    /// None at all.
    public static let none = Exchange(
        formats: [], models: [], programs: [],
        read: { _, _ in Imported(document: nil, weights: nil, lines: []) },
        write: { _, _, _, _, _ in "" })
}

/// The formats of other programs that the screen can read and write.
struct ExchangeState: Hashable, Sendable {
    /// The formats that can be written.
    var formats: [Exchange.Format] = []
    /// Endings of files that are read as networks, and of those that are run to be read.
    var models: [String] = []
    var programs: [String] = []
    /// The file that is being read or written.
    var busy: String?

    /// What a path is: a model, a program, or neither.
    func isModel(_ path: String) -> Bool { models.contains { path.lowercased().hasSuffix($0) } }
    func isProgram(_ path: String) -> Bool { programs.contains { path.lowercased().hasSuffix($0) } }
}
