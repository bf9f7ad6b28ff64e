/// A JSON document, with the members of objects in their order.
///
/// Foundation's readers lose that order, take the last of two equal keys without a word, and cannot say where in the
/// file an error is; a session file needs all three.
public enum JSON: Hashable, Sendable {
    /// null
    case null
    /// true or false
    case boolean(Bool)
    /// A number without fraction or exponent that fits 64 bits.
    case integer(Int)
    /// Any other number; always finite.
    case number(Double)
    /// Text.
    case string(String)
    /// Values in order.
    case array([JSON])
    /// Members in order, each key once.
    case object([Member])

    /// One key with its value.
    public struct Member: Hashable, Sendable {
        /// The key.
        public let key: String
        /// The value.
        public let value: JSON

        /// A key with its value.
        public init(_ key: String, _ value: JSON) { (self.key, self.value) = (key, value) }
    }

    /// The value of a key, where this is an object that has it.
    public subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// What kind of value this is, in words.
    public var kind: String {
        switch self {
        case .null: "null"
        case .boolean: "true or false"
        case .integer, .number: "a number"
        case .string: "a text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// true or false.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    /// A list.
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// An object with the members in the order written.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
    /// null.
    public init(nilLiteral: ()) { self = .null }
}

/// What is wrong with a file, and where: a place inside the document such as `layers[3].stride`, or a line.
public struct FileError: Error, Hashable, Sendable {
    /// The path inside the document, or "line 3, column 7" where it cannot be read as one.
    public let place: String
    /// What is wrong and what would be right.
    public let message: String

    /// An error at a place; whatever the two repeat of the file ends up on one short line.
    public init(_ place: String, _ message: String) {
        self.place = place.oneLine(upTo: 200)
        self.message = message.oneLine(upTo: 1000)
    }
}

extension FileError: CustomStringConvertible {
    /// "layers[3].stride: 0 is below 1".
    public var description: String { "\(place): \(message)" }
}

extension JSON {
    /// The text of a member; nil where there is none, or something else.
    public func text(of key: String) -> String? {
        guard case .string(let value)? = self[key] else { return nil }
        return value
    }

    /// The whole number of a member; nil where there is none, or something else.
    public func whole(of key: String) -> Int? {
        guard case .integer(let value)? = self[key] else { return nil }
        return value
    }

    /// The number of a member, whole or not; nil where there is none, or something else.
    public func real(of key: String) -> Double? {
        switch self[key] {
        case .number(let value)?: value
        case .integer(let value)?: Double(value)
        case .null, .boolean, .string, .array, .object, nil: nil
        }
    }
}
