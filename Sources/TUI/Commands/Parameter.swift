/// What may be typed behind the name of a command.
struct Parameter<Value: Sendable>: Sendable {
    /// In capitals as help shows it, in brackets where it may be left out.
    let usage: String
    /// What a text means; nil where it is wrong or missing.
    let value: @Sendable (String) -> Value?

    /// A parameter that reads every text, also an empty one.
    init(_ usage: String, _ value: @escaping @Sendable (String) -> Value?) {
        self.usage = usage
        self.value = value
    }

    /// A parameter that may be left out: nil is then its value.
    init<Given>(_ usage: String, optional read: @escaping @Sendable (String) -> Given?)
    where Value == Given? {
        self.init(usage) { text in
            if text.isEmpty { return .some(nil) }
            return read(text).map { .some($0) }
        }
    }
}

extension Parameter<String?> {
    /// Any text, which may be left out.
    static func text(_ usage: String) -> Parameter { Parameter(usage, optional: { $0 }) }
}

extension Bool {
    /// "on" or "off"; nil for every other word.
    init?(word: String) {
        guard word == "on" || word == "off" else { return nil }
        self = word == "on"
    }
}
