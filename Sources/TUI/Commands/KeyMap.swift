import Terminal

/// Which key means which command: the keys of the table of commands, or those that a person set in their place.
struct KeyMap: Sendable {
    /// Every command, with the keys that it has here.
    let commands: [Command]
    private let byKey: [Scope: [Key: Command]]

    /// The keys of the table.
    static let standard = KeyMap(Command.all)

    private init(_ commands: [Command]) {
        self.commands = commands
        var table: [Scope: [Key: Command]] = [:]
        for command in commands {
            for (scope, _) in Scope.names where command.scopes.contains(scope) {
                for key in command.keys(in: scope) { table[scope, default: [:]][key] = command }
            }
        }
        byKey = table
    }

    /// The command that a key means in a scope.
    func command(for key: Key, in scope: Scope) -> Command? { byKey[scope]?[key] }

    /// The keys of two commands that are one another's opposite: one sign for both arrows where an arrow is among the keys of
    /// each, else the first key of each.
    func shown(
        _ first: String, _ second: String, _ glyphs: Glyphs,
        as arrows: (first: Key, second: Key, sign: String)
    ) -> String {
        let has = { (name: String, key: Key) in
            commands.first { $0.name == name }?.keys.contains(key) ?? false
        }
        if has(first, arrows.first), has(second, arrows.second) { return arrows.sign }
        return shown(first, glyphs) + shown(second, glyphs)
    }

    /// The first key of a command as it is written; its name behind ":" where it has none.
    func shown(_ name: String, _ glyphs: Glyphs) -> String {
        commands.first { $0.name == name }?.keys.first?.name(glyphs) ?? ":" + name
    }
}

extension KeyMap {
    /// Commands that a screen cannot be used without: each keeps a key.
    static let needed: Set<String> = ["back", "open-row", "palette", "q", "help"]

    /// A map with other keys for some commands, and what cannot be, by the command's name. Commands that are given keys lose
    /// those of the table first, so that two of them can be exchanged. A key that another command has in the same place stays
    /// there.
    static func with(_ keys: [(command: String, keys: [Key])]) -> (map: KeyMap, problems: [String: String]) {
        var commands = Command.all
        var problems: [String: String] = [:]
        var places: [(place: Int, keys: [Key])] = []
        for (name, keys) in keys {
            guard let place = commands.firstIndex(where: { $0.name == name }) else { continue }
            places.append((place, keys))
            commands[place].keys = []
        }
        for (place, keys) in places {
            var taken: [Key] = []
            var refused: [String] = []
            for key in keys where !taken.contains(key) {
                if let other = KeyMap.other(with: key, than: commands[place], among: commands) {
                    refused.append("\(key.name()) is already the key of \(other.name)")
                } else {
                    taken.append(key)
                }
            }
            let command = Command.all[place]
            if taken.isEmpty, !refused.isEmpty || needed.contains(command.name) {
                // Better its own keys than none.
                taken = command.keys.filter {
                    KeyMap.other(with: $0, than: commands[place], among: commands) == nil
                }
                if refused.isEmpty { refused = ["the screen cannot be used without a key for it"] }
            }
            commands[place].keys = taken
            if !refused.isEmpty { problems[command.name] = refused.joined(separator: "; ") }
        }
        return (KeyMap(commands), problems)
    }

    /// A command that has a key in a place where another one would have it too.
    private static func other(with key: Key, than command: Command, among commands: [Command]) -> Command? {
        commands.first { other in
            other.name != command.name
                && Scope.names.contains { scope, _ in
                    other.scopes.contains(scope) && command.scopes.contains(scope)
                        && other.keys(in: scope).contains(key)
                        && !(Scope.typing.contains(scope) && key.isCharacter)
                }
        }
    }
}

extension Key {
    /// Whether it is a character that can be typed.
    var isCharacter: Bool {
        if case .character = self { return true }
        return false
    }

    /// The key of a name, as help and settings write it: "x", "Ctrl-S", "Space", "F5", "PgUp"; nil for any other text.
    init?(name: String) {
        if name.count == 1, let letter = name.first {
            self = Key.named["\(letter)"] ?? .character(letter)
            return
        }
        let lower = name.lowercased()
        if lower.hasPrefix("ctrl-"), lower.count == 6, let letter = lower.last, letter.isASCII,
            letter.isLetter
        {
            self = .control(letter)
        } else if lower.hasPrefix("f"), let number = Int(lower.dropFirst()), (1...12).contains(number) {
            self = .function(number)
        } else if let key = Key.named[lower] {
            self = key
        } else {
            return nil
        }
    }

    private static let named: [String: Key] = {
        let keys: [Key] = [
            .character(" "), .up, .down, .left, .right, .home, .end, .pageUp, .pageDown, .enter, .tab,
            .backTab,
            .backspace, .delete, .insert, .escape,
        ]
        var table: [String: Key] = [:]
        for kind in Glyphs.Kind.allCases {
            for key in keys { table[key.name(Glyphs(kind)).lowercased()] = key }
        }
        return table
    }()
}
