import Graph

/// Which of the two networks that a text stands for.
enum Variant: Sendable, CaseIterable {
    case broken
    case kept

    /// The side of `broken|kept` that is meant; a text without a bar is both.
    func side(of text: Substring) -> Substring {
        guard let bar = text.firstIndex(of: "|") else { return text }
        return self == .broken ? text[..<bar] : text[text.index(after: bar)...]
    }

    /// The line where it belongs to this network: "-" marks lines of the broken one, "+" of the kept one.
    func line(_ line: String) -> Substring? {
        if line.hasPrefix("- ") { return self == .broken ? line.dropFirst(2) : nil }
        if line.hasPrefix("+ ") { return self == .kept ? line.dropFirst(2) : nil }
        return line[...]
    }
}

/// The small networks that rules are asked about, written a line a layer in the words of files and commands.
///
/// Above the lines stand the input `image` of 3x32x32, its `preprocess`, and `stem`, a convolution to 32
/// channels. A line is `name: Operator(inputs) field=value imported.flag=value`. Without a name it is called
/// `a`, `b` ... by its position, without inputs it reads the line above. It is quantized with 8 bits, and
/// convolutions are padded, unless it says otherwise. `input name 3x8x8` adds an input; `stem field=value` changes the stem.
/// `head name` gives the network a task with a head of 32 channels that reads the layer. `broken|kept`, as
/// operator, inputs or value, is one decision taken both ways.
extension Network {
    init(lines: [String], _ variant: Variant = .kept) throws {
        var inputs = [Input("image", .map(channels: 3, height: 32, width: 32))]
        var nodes = [
            Node("preprocess", .preprocess(Preprocess()), inputs: ["image"]),
            Node("stem", try .quantized(.conv2D), inputs: ["preprocess"]),
        ]
        var heads: [DetectionHead] = []
        for (index, line) in lines.enumerated() {
            guard let text = variant.line(line) else { continue }
            if text.hasPrefix("input ") {
                inputs.append(try Input(text, variant))
            } else if text.hasPrefix("stem ") {
                try nodes[1].set(text.split(separator: " ").dropFirst(), variant, in: text)
            } else if text.hasPrefix("head ") {
                heads.append(.anchored(String(variant.side(of: text.dropFirst(5)))))
            } else {
                let above = nodes[nodes.count - 1].name
                nodes.append(try Node(text, variant, name: Node.name(at: index), above: above))
            }
        }
        try self.init(inputs: inputs, nodes: nodes)
        guard !heads.isEmpty else { return }
        let classes = (1...27).map(String.init)
        self = try applying(.setTask(.detection(DetectionTask(classes: classes, heads: heads))))
    }
}

extension DetectionHead {
    /// A head of one anchor, which with 27 classes reads 32 channels.
    fileprivate static func anchored(_ layer: String) -> DetectionHead {
        .yolov5(AnchorHead(layer: HeadPart(layer), anchors: [BoxSize(width: 8, height: 8)]))
    }
}

/// A line that is no layer.
struct LineError: Error {
    let line: Substring
    let problem: String
}

extension Layer {
    /// The manual's defaults, but quantized with 8 bits that no chip changes, and padded.
    static func quantized(_ kind: OperatorKind) throws -> Layer {
        var layer = kind.defaultLayer
        var values: [(String, FieldValue)] = [
            ("quantize", .flag(true)), ("weightBits", .integer(8)), ("outputBits", .integer(8)),
            ("autoBitwidth", .flag(false)),
        ]
        if kind.learns { values.append(("padding", .integer(1))) }
        for (field, value) in values {
            // Operators that can keep their input's bits do.
            guard let stored = layer.value(of: field), stored != .unset else { continue }
            try layer.set(field, to: value)
        }
        return layer
    }
}

extension Input {
    /// `input name 3x8x8`.
    fileprivate init(_ line: Substring, _ variant: Variant) throws {
        let words = line.split(separator: " ")
        guard words.count == 3 else { throw LineError(line: line, problem: "is no input") }
        let axes = variant.side(of: words[2]).split(separator: "x").compactMap { Int($0) }
        guard let shape = Shape(dimensions: axes) else {
            throw LineError(line: line, problem: "has no shape")
        }
        self.init(String(words[1]), shape)
    }
}

extension Node {
    /// The name of a line that gives none.
    fileprivate static func name(at index: Int) -> String {
        String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index)))
    }

    fileprivate init(_ line: Substring, _ variant: Variant, name: String, above: String) throws {
        var words = line.split(separator: " ")[...]
        var name = name
        if let first = words.first, first.hasSuffix(":") {
            name = String(first.dropLast())
            words.removeFirst()
        }
        guard let head = words.popFirst() else { throw LineError(line: line, problem: "is empty") }
        let parts = head.split(separator: "(", maxSplits: 1)
        guard let kind = OperatorKind(rawValue: String(variant.side(of: parts[0]))) else {
            throw LineError(line: line, problem: "names no operator")
        }
        var sources = [Source(above)]
        if parts.count == 2 {
            sources = try Node.sources(variant.side(of: parts[1].dropLast()), in: line)
        }
        self.init(name, try .quantized(kind), inputs: sources)
        try set(words, variant, in: line)
    }

    /// Takes `field=value` settings.
    fileprivate mutating func set(
        _ words: ArraySlice<Substring>, _ variant: Variant, in line: Substring
    ) throws {
        for word in words {
            let pair = word.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { throw LineError(line: line, problem: "'\(word)' is no setting") }
            try set(String(pair[0]), to: String(variant.side(of: pair[1])), in: line)
        }
    }

    /// "stem,split[1]"; "stem*9" is nine wires.
    private static func sources(_ text: Substring, in line: Substring) throws -> [Source] {
        try text.split(separator: ",").flatMap { word in
            let parts = word.split(separator: "*")
            guard let source = Source(text: String(parts[0])) else {
                throw LineError(line: line, problem: "'\(word)' is no wire")
            }
            return Array(repeating: source, count: parts.count == 2 ? Int(parts[1]) ?? 0 : 1)
        }
    }

    private mutating func set(_ name: String, to value: String, in line: Substring) throws {
        if let field = kind.fields.first(where: { $0.name == name }) {
            try layer.set(name, to: try field.kind.parsed(value))
        } else if let flag = ImportedFlags.flags.first(where: { "imported." + $0.name == name }) {
            imported.set(flag, to: try flag.kind.parsed(value))
        } else {
            throw LineError(line: line, problem: "\(kind.rawValue) has no '\(name)'")
        }
    }
}
