/// A reader for the little of Python that stands in the header of an array: a dictionary of texts, flags and tuples
/// of whole numbers.
struct PythonText {
    enum Value: Hashable {
        case text(String)
        case flag(Bool)
        case numbers([Int])
    }

    private let bytes: [UInt8]
    /// The byte that is read next; where reading stopped, if it did.
    private(set) var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The dictionary that the text is; nil where it is none.
    mutating func dictionary() -> [String: Value]? {
        guard skip("{") else { return nil }
        var fields: [String: Value] = [:]
        while !skip("}") {
            guard let key = text(), skip(":"), let value = value(),
                fields.updateValue(value, forKey: key) == nil
            else { return nil }
            guard skip(",") || peek() == UInt8(ascii: "}") else { return nil }
        }
        return peek() == nil ? fields : nil
    }

    private mutating func value() -> Value? {
        switch peek() {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): text().map(Value.text)
        case UInt8(ascii: "("): numbers().map(Value.numbers)
        case UInt8(ascii: "T"): skip("True") ? .flag(true) : nil
        case UInt8(ascii: "F"): skip("False") ? .flag(false) : nil
        default: nil
        }
    }

    private mutating func text() -> String? {
        guard let quote = peek(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
            return nil
        }
        guard let end = bytes[(place + 1)...].firstIndex(of: quote) else { return nil }
        defer { place = end + 1 }
        return String(decoding: bytes[(place + 1)..<end], as: UTF8.self)
    }

    private mutating func numbers() -> [Int]? {
        guard skip("(") else { return nil }
        var numbers: [Int] = []
        while !skip(")") {
            guard let number = number(), numbers.count < 64 else { return nil }
            numbers.append(number)
            guard skip(",") || peek() == UInt8(ascii: ")") else { return nil }
        }
        return numbers
    }

    private mutating func number() -> Int? {
        guard peek() != nil else { return nil }
        let digits = bytes[place...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        place += digits.count
        return Int(String(decoding: digits, as: UTF8.self))
    }

    /// The next byte that is no space, without going on; nil at the end.
    private mutating func peek() -> UInt8? {
        while place < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[place]) { place += 1 }
        return place < bytes.count ? bytes[place] : nil
    }

    /// Goes on behind a word where it comes next.
    private mutating func skip(_ word: String) -> Bool {
        guard peek() != nil, bytes[place...].starts(with: word.utf8) else { return false }
        place += word.utf8.count
        return true
    }
}
