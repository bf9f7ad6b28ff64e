/// Reads one object of a file member by member, and refuses unknown members, by name.
public struct ObjectReader {
    /// The path of the object inside the document; empty for the document itself.
    public let path: String
    private var members: [String: JSON]
    private let order: [String]
    private var known: [String] = []

    /// Starts on an object; throws where the value is none.
    public init(_ json: JSON, at path: String) throws(FileError) {
        guard case .object(let members) = json else {
            throw FileError(path.isEmpty ? "document" : path, "is \(json.kind), an object is expected")
        }
        self.path = path
        self.members = Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }
        order = members.map(\.key)
    }

    /// The place of a member, as errors name it.
    public func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// Takes a member if it is there; null counts as absent.
    public mutating func take(_ key: String) -> JSON? {
        known.append(key)
        let value = members.removeValue(forKey: key)
        return value == .null ? nil : value
    }

    /// Takes a member that must be there.
    public mutating func require(_ key: String) throws(FileError) -> JSON {
        guard let value = take(key) else { throw FileError(place(key), "is missing") }
        return value
    }

    /// Takes a text that must be there.
    public mutating func requireText(_ key: String) throws(FileError) -> String {
        let value = try require(key)
        guard case .string(let text) = value else {
            throw FileError(place(key), "is \(value.kind), a text is expected")
        }
        return text
    }

    /// Takes a text if it is there.
    public mutating func takeText(_ key: String) throws(FileError) -> String? {
        guard let value = take(key) else { return nil }
        guard case .string(let text) = value else {
            throw FileError(place(key), "is \(value.kind), a text is expected")
        }
        return text
    }

    /// Takes a list; an absent one is empty unless it is required.
    public mutating func takeList(_ key: String, required: Bool = false) throws(FileError) -> [JSON] {
        guard let value = take(key) else {
            if required { throw FileError(place(key), "is missing") }
            return []
        }
        guard case .array(let values) = value else {
            throw FileError(place(key), "is \(value.kind), a list is expected")
        }
        return values
    }

    /// Refuses the first member that was not read.
    public func finish(_ thing: String) throws(FileError) {
        for key in order where members[key] != nil && !known.contains(key) {
            throw FileError(
                place(key), "\(thing) has no field \(quoted(key))" + didYouMean(key, among: known)
            )
        }
    }
}

extension FieldValue {
    /// The value that a member of a file stands for, where the kinds fit; a field's range is not checked here.
    init?(_ json: JSON, for kind: FieldKind) {
        switch json {
        case .null: self = .unset
        case .boolean(let flag): self = .flag(flag)
        case .integer(let number): self = .integer(number)
        case .number(let number): self = .number(number)
        case .string(let word): self = .choice(word)
        case .array(let values):
            var numbers: [Int] = []
            for value in values {
                guard case .integer(let number) = value else { return nil }
                numbers.append(number)
            }
            self = .integers(numbers)
        case .object: return nil
        }
    }

    /// The value as a member of a file.
    public var json: JSON {
        switch self {
        case .integer(let number): .integer(number)
        case .number(let number): .number(number)
        case .flag(let flag): .boolean(flag)
        case .choice(let word): .string(word)
        case .integers(let numbers): .array(numbers.map(JSON.integer))
        case .unset: .null
        }
    }
}
