import Graph
import Terminal

/// What a typed line means where the screen is lines.
enum PlainInput {
    /// The keys that a line names, separated by blanks: "[ [", "Tab", "Ctrl-S"; nil where one of its words names none.
    static func keys(_ line: String) -> [Key]? {
        let words = line.split(separator: " ").map(String.init)
        let keys = words.compactMap { Key(name: $0) }
        return words.isEmpty || keys.count < words.count ? nil : keys
    }

    /// The key that a line names where text is typed: a named one and no character.
    static func keys(amongText line: String) -> [Key]? {
        guard let keys = keys(line), keys.count == 1, !keys[0].isCharacter else { return nil }
        return keys
    }
}

extension ScreenState {
    /// Acts on a line that was typed in place of keys: what the popup on top takes, keys by their names, or a command with
    /// what it is about. ":" before a command's name is needed only where it is also a key's. Time in seconds.
    public mutating func enter(_ line: String, at time: Double) {
        now = time
        if message?.until == nil { message = nil }
        defer { updateDerivedState() }
        if let popup = popups.last, popup.enter(line, on: &self) { return }
        let typed = line.trimmed
        guard !typed.isEmpty else { return }
        if typed.count > 1, typed.hasPrefix(":") { return enterCommand(String(typed.dropFirst())) }
        if let keys = PlainInput.keys(typed) {
            for key in keys { handle(.key(key), at: time, on: nil) }
        } else {
            enterCommand(typed)
        }
    }

    /// Does what a text names, or lists the commands that it may mean.
    private mutating func enterCommand(_ text: String) {
        guard popups.isEmpty else {
            return refuse(
                "'\(text)' is no key here; \(key("help")) in a view lists keys, \(key("back")) closes")
        }
        if !runTyped(text) {
            openPalette(typing: text)
            refuse("no command is named '\(text)'; these come near")
        }
    }
}
