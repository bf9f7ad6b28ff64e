import Graph

/// Why a document cannot be read on, and where.
struct JSONFault: Error {
    /// The byte.
    let place: Int
    let reason: String
}

/// Reads a JSON document member by member, without keeping it: what is not asked for is passed over.
///
/// Label files have hundreds of megabytes, most of them outlines that are not needed.
struct JSONScanner {
    private let bytes: [UInt8]
    /// The byte that is read next.
    private(set) var place = 0

    /// Lists and objects may go this deep.
    static let depthLimit = 64

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Calls `body` at each value of an object with its key; it has to read the value or pass over it.
    mutating func members(
        _ body: (inout JSONScanner, String) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        guard take("{") else { throw fault("an object is expected") }
        if take("}") { return }
        repeat {
            guard let key = try text() else { throw fault("a key in quotes is expected") }
            guard take(":") else { throw fault("':' is expected after the key \(quoted(key))") }
            try body(&self, key)
        } while take(",")
        guard take("}") else { throw fault("',' or '}' is expected") }
    }

    /// Calls `body` at each value of a list with its index; it has to read the value or pass over it.
    mutating func elements(
        _ body: (inout JSONScanner, Int) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        guard take("[") else { throw fault("a list is expected") }
        if take("]") { return }
        var index = 0
        repeat {
            try body(&self, index)
            index += 1
        } while take(",")
        guard take("]") else { throw fault("',' or ']' is expected") }
    }

    /// The number that comes next; nil where another value does, which is passed over.
    mutating func number() throws(JSONFault) -> Double? {
        skipSpace()
        let start = place
        while let byte = peek, "+-.eE0123456789".utf8.contains(byte) { place += 1 }
        guard place > start else {
            try skip()
            return nil
        }
        guard let number = Double(String(decoding: bytes[start..<place], as: UTF8.self)), number.isFinite
        else { throw JSONFault(place: start, reason: "a number is expected") }
        return number
    }

    /// The whole number that comes next; nil where another value does, which is passed over.
    mutating func whole() throws(JSONFault) -> Int? {
        guard let number = try number(), abs(number) < 9e15, number == number.rounded() else { return nil }
        return Int(held: number)
    }

    /// The text that comes next; nil where another value does, which is passed over.
    mutating func text() throws(JSONFault) -> String? {
        skipSpace()
        guard peek == UInt8(ascii: "\"") else {
            try skip()
            return nil
        }
        let start = place
        let isPlain = try skipText()
        let content = bytes[start..<place]
        if isPlain {
            guard let text = String(validating: content.dropFirst().dropLast(), as: UTF8.self) else {
                throw JSONFault(place: start, reason: "the text is not UTF-8")
            }
            return text
        }
        do {
            guard case .string(let text) = try JSON(bytes: content) else { return nil }
            return text
        } catch {
            throw JSONFault(place: start, reason: error.message)
        }
    }

    /// The numbers of the list that comes next; nil where another value does, which is passed over.
    mutating func numbers() throws(JSONFault) -> [Double]? {
        skipSpace()
        guard peek == UInt8(ascii: "[") else {
            try skip()
            return nil
        }
        var numbers: [Double] = []
        var isOther = false
        try elements { (scanner, _) throws(JSONFault) in
            if let number = try scanner.number() { numbers.append(number) } else { isOther = true }
        }
        return isOther ? nil : numbers
    }

    /// Whether a list comes next.
    mutating func isAtList() -> Bool {
        skipSpace()
        return peek == UInt8(ascii: "[")
    }

    /// Whether an object comes next.
    mutating func isAtObject() -> Bool {
        skipSpace()
        return peek == UInt8(ascii: "{")
    }

    /// Passes over the value that comes next. Brackets are counted, not paired by their kind.
    mutating func skip() throws(JSONFault) {
        var depth = 0
        repeat {
            skipSpace()
            guard let byte = peek else { throw fault("a value is expected") }
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                guard depth <= Self.depthLimit else {
                    throw fault("lists and objects go deeper than \(Self.depthLimit)")
                }
                place += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard depth > 0 else { throw fault("a value is expected") }
                depth -= 1
                place += 1
            case UInt8(ascii: "\""): _ = try skipText()
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                guard depth > 0 else { throw fault("a value is expected") }
                place += 1
            default:
                let start = place
                while let next = peek, !" \t\r\n,:[]{}\"".utf8.contains(next) { place += 1 }
                guard place > start else { throw fault("a value is expected") }
            }
        } while depth > 0
    }

    /// Throws where something stands behind the document.
    mutating func finish() throws(JSONFault) {
        skipSpace()
        guard place == bytes.count else { throw fault("there is more after the end of the document") }
    }

    /// Passes over a text; whether it has no escapes.
    private mutating func skipText() throws(JSONFault) -> Bool {
        let start = place
        var isPlain = true
        place += 1
        while let byte = peek, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw fault("a control character stands in a text") }
            if byte == UInt8(ascii: "\\") {
                isPlain = false
                place += 1
            }
            place += 1
        }
        guard place < bytes.count else {
            throw JSONFault(place: start, reason: "the text that starts here never ends")
        }
        place += 1
        return isPlain
    }

    private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard peek == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
    }

    private func fault(_ expected: String) -> JSONFault {
        JSONFault(
            place: min(place, bytes.count),
            reason: place < bytes.count ? expected : "\(expected), the file ends; is it cut short?")
    }
}
