import Devices
import Graph
import QAT
import Terminal

/// Something that a person can do, as every place that speaks of it reads it: key map, footer, palette, help, `docs/keys.md`.
struct Command: Sendable {
    /// What is typed after ":".
    let name: String
    /// The keys, the one to show first.
    var keys: [Key]
    /// Where the keys live.
    let scopes: Scope
    /// What it does, in one line.
    let help: String
    /// Its word in the footer; nil keeps it out.
    let hint: String?
    /// What may be typed behind its name, in capitals as help shows it; nil for nothing.
    let parameter: String?
    /// Whether undo takes it back.
    let isUndoable: Bool
    /// What it does with the text behind its name; nil where the text is wrong or missing.
    let handler: @Sendable (String) -> Handler?
    /// Why it cannot be done now; nil where it can.
    let whyNot: @Sendable (ScreenState) -> String?

    /// Whether it does nothing without a text behind its name.
    var needsText: Bool { handler("") == nil }

    /// A command without a parameter.
    init(
        _ name: String, _ keys: [Key], in scopes: Scope, _ help: String, hint: String? = nil,
        undo isUndoable: Bool = false,
        unless whyNot: @escaping @Sendable (ScreenState) -> String? = { _ in nil },
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
        unless whyNot: @escaping @Sendable (ScreenState) -> String? = { _ in nil },
        _ handler: @escaping @Sendable (inout ScreenState, Value) -> Void
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
typealias Handler = @Sendable (inout ScreenState) -> Void

extension Command {
    /// Every command. The order is that of footers, palette and help.
    static let all: [Command] =
        moving + View.all.flatMap(\.commands) + plotting + chips + session

    /// The command of that name.
    static func named(_ name: String) -> Command? { byName[name] }

    /// Its keys in a scope: where text is typed, characters are no keys.
    func keys(in scope: Scope) -> [Key] {
        guard Scope.typing.contains(scope) else { return keys }
        return keys.filter { key in
            if case .character = key { return false }
            return true
        }
    }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
