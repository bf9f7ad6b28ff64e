import Graph

extension JSON {
    /// The keys of an object, in their order.
    var keys: [String] {
        guard case .object(let members) = self else { return [] }
        return members.map(\.key)
    }

    /// The values of a list.
    var values: [JSON] {
        guard case .array(let values) = self else { return [] }
        return values
    }

    /// The text, where this is one.
    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The whole number, where this is one.
    var count: Int? {
        guard case .integer(let number) = self else { return nil }
        return number
    }
}
