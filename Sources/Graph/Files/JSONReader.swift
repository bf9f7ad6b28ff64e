extension JSON {
    /// Files above this size are refused before they are read.
    public static let sizeLimit = 64 << 20
    /// Lists and objects inside each other may go this deep.
    public static let depthLimit = 64

    /// Reads a document as RFC 8259 defines it, with unique keys; the error says the line and column.
    public init(bytes: some Collection<UInt8>, limit: Int = sizeLimit) throws(FileError) {
        guard bytes.count <= limit else {
            throw FileError(
                "line 1, column 1", "the file has \(bytes.count) bytes, at most \(limit) are read")
        }
        var reader = JSONReader(bytes: Array(bytes))
        self = try reader.document()
    }

    /// Reads a document, and where each member of its objects stands: by the keys that lead to it.
    public static func withPlaces(
        bytes: [UInt8], limit: Int = sizeLimit
    ) throws(FileError) -> (JSON, [[String]: FilePlace]) {
        guard bytes.count <= limit else {
            throw FileError(
                "line 1, column 1", "the file has \(bytes.count) bytes, at most \(limit) are read")
        }
        var reader = JSONReader(bytes: bytes)
        reader.starts = [:]
        let json = try reader.document()
        return (json, (reader.starts ?? [:]).mapValues { FilePlace(of: $0, in: bytes) })
    }

    /// Reads a document from text.
    public init(text: String) throws(FileError) { try self.init(bytes: text.utf8) }
}

private struct JSONReader {
    let bytes: [UInt8]
    var position = 0
    /// Where members begin, by the keys that lead to them; nil where that is not asked for.
    var starts: [[String]: Int]?
    private var keys: [String] = []

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(FileError) -> JSON {
        skipSpace()
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw error("there is more after the end of the document") }
        return value
    }

    private mutating func value(depth: Int) throws(FileError) -> JSON {
        guard depth <= JSON.depthLimit else {
            throw error("lists and objects go deeper than \(JSON.depthLimit)")
        }
        guard let byte = peek else {
            throw error("the file ends where a value is expected; is it cut short?")
        }
        switch byte {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw error("a value is expected, found \(shown(byte))")
        }
    }

    private mutating func object(depth: Int) throws(FileError) -> JSON {
        position += 1
        var members: [JSON.Member] = []
        var keys: Set<String> = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            guard peek == UInt8(ascii: "\"") else {
                throw error("a key in quotes is expected, found \(shown(peek))")
            }
            let start = position
            let key = try string()
            guard keys.insert(key).inserted else {
                position = start
                throw error("the key \"\(key.oneLine(upTo: 64))\" stands twice in one object")
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else {
                throw error("':' is expected after the key, found \(shown(peek))")
            }
            skipSpace()
            if starts != nil {
                self.keys.append(key)
                starts?[self.keys] = start
            }
            members.append(JSON.Member(key, try value(depth: depth + 1)))
            if starts != nil { self.keys.removeLast() }
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw error("',' or '}' is expected, found \(shown(peek))") }
            skipSpace()
        }
    }

    private mutating func array(depth: Int) throws(FileError) -> JSON {
        position += 1
        var values: [JSON] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(values) }
        while true {
            values.append(try value(depth: depth + 1))
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(values) }
            guard take(UInt8(ascii: ",")) else { throw error("',' or ']' is expected, found \(shown(peek))") }
            skipSpace()
        }
    }

    private mutating func word(_ word: String, _ value: JSON) throws(FileError) -> JSON {
        guard bytes[position...].starts(with: word.utf8) else {
            throw error("a value is expected; is '\(word)' meant?")
        }
        position += word.utf8.count
        return value
    }

    private mutating func number() throws(FileError) -> JSON {
        let start = position
        var isWhole = true
        _ = take(UInt8(ascii: "-"))
        if take(UInt8(ascii: "0")) {
            if digits() > 0 { throw error("a number does not start with 0") }
        } else if digits() == 0 {
            throw error("a digit is expected, found \(shown(peek))")
        }
        if take(UInt8(ascii: ".")) {
            isWhole = false
            if digits() == 0 { throw error("a digit is expected after the point, found \(shown(peek))") }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isWhole = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            if digits() == 0 { throw error("a digit is expected in the exponent, found \(shown(peek))") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let number = Int(text) { return .integer(number) }
        guard let number = Double(text), number.isFinite else {
            position = start
            throw error("the number is too large")
        }
        return .number(number)
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }

    private mutating func string() throws(FileError) -> String {
        let start = position
        position += 1
        var content: [UInt8] = []
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let text = String(validating: content, as: UTF8.self) else {
                    position = start
                    throw error("the text is not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"): try escape(into: &content)
            case 0..<0x20: throw error("a control character stands in a text; is its closing quote missing?")
            default:
                content.append(byte)
                position += 1
            }
        }
        position = start
        throw error("the text that starts here never ends")
    }

    private mutating func escape(into content: inout [UInt8]) throws(FileError) {
        position += 1
        guard let byte = peek else { return }
        let simple: [UInt8: UInt8] = [
            UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F,
            UInt8(ascii: "b"): 0x08,
            UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D,
            UInt8(ascii: "t"): 0x09,
        ]
        if let plain = simple[byte] {
            content.append(plain)
            position += 1
            return
        }
        guard byte == UInt8(ascii: "u") else {
            throw error("'\\' is followed by \(shown(byte)), which means nothing")
        }
        position += 1
        var code = try hexadecimal()
        if (0xD800..<0xDC00).contains(code), bytes[position...].starts(with: "\\u".utf8) {
            position += 2
            let low = try hexadecimal()
            guard (0xDC00..<0xE000).contains(low) else {
                throw error("half of a surrogate pair stands alone")
            }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw error("half of a surrogate pair stands alone") }
        content += Array(String(Character(scalar)).utf8)
    }

    private mutating func hexadecimal() throws(FileError) -> UInt32 {
        guard position + 4 <= bytes.count,
            bytes[position..<position + 4].allSatisfy({
                Character(Unicode.Scalar($0)).isHexDigit && $0 < 0x80
            }),
            let code = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw error("four hexadecimal digits are expected after \\u") }
        position += 4
        return code
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func shown(_ byte: UInt8?) -> String {
        guard let byte else { return "the end of the file; is it cut short?" }
        return (0x21..<0x7F).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    }

    private func error(_ message: String) -> FileError {
        FileError("\(FilePlace(of: position, in: bytes))", message)
    }
}
