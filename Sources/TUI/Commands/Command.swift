import Graph
import QAT
import Workbench
import Devices
import Terminal

/// Something that a person can do, as every place that speaks of it reads it: key map, footer, palette, help, `docs/keys.md`.
struct Command: Sendable {
    /// What is typed after ":".
    let name: String
    /// The keys, the one to show first.
    let keys: [Key]
    /// Where the keys live.
    let scopes: Scope
    /// What it does, in one line.
    let help: String
    /// Its word in the footer; nil keeps it out.
    let hint: String?
    /// Whether it does nothing without a text behind its name.
    var needsText: Bool { handler("") == nil }
    /// What may be typed behind its name, in capitals as help shows it; nil for nothing.
    let parameter: String?
    /// Whether undo takes it back.
    let isUndoable: Bool
    /// What it does with the text behind its name; nil where the text is wrong or missing.
    let handler: @Sendable (String) -> Handler?
    /// Why it cannot be done now; nil where it can.
    let whyNot: @Sendable (Interface) -> String?

    /// A command without a parameter.
    init(
        _ name: String, _ keys: [Key], in scopes: Scope, _ help: String, hint: String? = nil,
        undo isUndoable: Bool = false,
        unless whyNot: @escaping @Sendable (Interface) -> String? = { _ in nil },
        _ handler: @escaping Handler
    ) {
        self.name = name
        self.keys = keys
        self.scopes = scopes
        self.help = help
        self.hint = hint
        self.parameter = nil
        self.isUndoable = isUndoable
        self.handler = { $0.isEmpty ? handler : nil }
        self.whyNot = whyNot
    }

    /// A command whose handler also takes what is typed behind the name.
    init<Value: Sendable>(
        _ name: String, _ keys: [Key], in scopes: Scope, _ help: String, hint: String? = nil,
        parameter: Parameter<Value>, undo isUndoable: Bool = false,
        unless whyNot: @escaping @Sendable (Interface) -> String? = { _ in nil },
        _ handler: @escaping @Sendable (inout Interface, Value) -> Void
    ) {
        self.name = name
        self.keys = keys
        self.scopes = scopes
        self.help = help
        self.hint = hint
        self.parameter = parameter.usage
        self.isUndoable = isUndoable
        self.handler = { text in
            guard let value = parameter.value(text) else { return nil }
            return { screen in handler(&screen, value) }
        }
        self.whyNot = whyNot
    }
}

/// What a key, a click or a picked row does to the screen.
typealias Handler = @Sendable (inout Interface) -> Void

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

extension Command {
    /// Every command. The order is that of footers, palette and help.
    static let all: [Command] =
        moving + layers + values + rules + ranges + training + comparing + plotting + session

    /// The command of that name.
    static func named(_ name: String) -> Command? { byName[name] }

    /// The command that a key means in a scope.
    static func bound(to key: Key, in scope: Scope) -> Command? { byKey[scope]?[key] }

    /// Its keys in a scope: where text is typed, characters are no keys.
    func keys(in scope: Scope) -> [Key] {
        guard Scope.typing.contains(scope) else { return keys }
        return keys.filter { key in
            if case .character = key { return false }
            return true
        }
    }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    private static let byKey: [Scope: [Key: Command]] = {
        var table: [Scope: [Key: Command]] = [:]
        for command in all {
            for (scope, _) in Scope.names where command.scopes.contains(scope) {
                for key in command.keys(in: scope) { table[scope, default: [:]][key] = command }
            }
        }
        return table
    }()
}
