/// A pattern of layer names: `*` is any text, `?` any sign, `[abc]` and `[a-c]` one of some, `[!a]` another.
public struct Glob: Sendable {
    private enum Part: Sendable {
        case anyText
        case one(@Sendable (Character) -> Bool)
    }

    private let parts: [Part]
    /// Whether the pattern has any sign that stands for others.
    public let isPattern: Bool

    /// The pattern that a text describes; a bracket that is never closed stands for itself.
    public init(_ text: String) {
        var parts: [Part] = []
        var rest = Substring(text)
        var isPattern = false
        while let sign = rest.popFirst() {
            switch sign {
            case "*": parts.append(.anyText)
            case "?": parts.append(.one { _ in true })
            case "[":
                guard let end = rest.dropFirst().firstIndex(of: "]") else {
                    parts.append(.one { $0 == "[" })
                    continue
                }
                parts.append(Glob.members(rest[..<end]))
                rest = rest[rest.index(after: end)...]
            default:
                parts.append(.one { $0 == sign })
                continue
            }
            isPattern = true
        }
        self.parts = parts
        self.isPattern = isPattern
    }

    /// Whether the pattern stands for the whole of a name.
    public func matches(_ name: String) -> Bool {
        let characters = Array(name)
        var part = 0
        var position = 0
        var retry: (part: Int, position: Int)?
        while position < characters.count {
            if part < parts.count, case .anyText = parts[part] {
                retry = (part + 1, position)
                part += 1
            } else if part < parts.count, case .one(let isMeant) = parts[part], isMeant(characters[position])
            {
                part = part + 1
                position = position + 1
            } else if let last = retry {
                retry = (last.part, last.position + 1)
                part = last.part
                position = last.position + 1
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy {
            if case .anyText = $0 { return true }
            return false
        }
    }

    private static func members(_ text: Substring) -> Part {
        let isNegated = text.first == "!" || text.first == "^"
        let signs = Array(isNegated ? text.dropFirst() : text)
        var found: [ClosedRange<Character>] = []
        var position = 0
        while position < signs.count {
            if position + 2 < signs.count, signs[position + 1] == "-", signs[position] <= signs[position + 2]
            {
                found.append(signs[position]...signs[position + 2])
                position += 3
            } else {
                found.append(signs[position]...signs[position])
                position += 1
            }
        }
        let ranges = found
        return .one { character in ranges.contains { $0.contains(character) } != isNegated }
    }
}
