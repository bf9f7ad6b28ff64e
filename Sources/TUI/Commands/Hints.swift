import Devices
import Graph
import QAT
import Terminal

/// A key with its word, as the footer shows it.
struct Hint: Sendable {
    let keys: String
    let label: String
    /// What a click on it does; nil where it stands for several keys.
    let handler: Handler?
    let isEnabled: Bool
}

extension ScreenState {
    /// The key of a command as messages name it; its name behind ":" where it has none.
    func key(_ command: String) -> String { settings.keyMap.shown(command, appearance.glyphs) }

    /// The footer of the focused pane or popup: how to go about and its own commands, of which as many are shown as fit;
    /// and those that are always shown.
    var hints: (own: [Hint], common: [Hint]) {
        let scope = scope
        let bound = settings.keyMap.commands.filter {
            $0.hint != nil && $0.scopes.contains(scope) && !$0.keys.isEmpty
        }
        let common = ScreenState.common.compactMap { name in bound.first { $0.name == name } }
        // Enter, then what only this view does, then what it shares: those are the last to go on a narrow screen.
        let others = bound.filter { !ScreenState.common.contains($0.name) }
        let isGeneral = { (command: Command) in
            command.name != "open-row" && command.scopes.isSuperset(of: .views)
        }
        let names = Set(view.commands.map(\.name) + ["open-row"])
        let isOwn = { (command: Command) in names.contains(command.name) }
        let special = others.filter { !isGeneral($0) }
        let own = special.filter(isOwn) + special.filter { !isOwn($0) } + others.filter(isGeneral)
        if popups.isEmpty, view == .train {
            // A run changes what can be done seldom: only that is named.
            return (movement + own.compactMap(hint).filter(\.isEnabled), common.compactMap(hint))
        }
        guard popups.isEmpty else {
            // A popup says by itself what Enter and Tab do in it.
            let shown = own.filter { !["open-row", "next-pane"].contains($0.name) }
            return (movement + shown.compactMap(hint).filter(\.isEnabled), common.compactMap(hint))
        }
        return (movement + own.compactMap(hint), common.compactMap(hint))
    }

    /// Commands that every footer of a view ends with, however little room there is.
    private static let common = ["undo", "palette", "help", "q"]

    private func hint(_ command: Command) -> Hint? {
        guard let key = command.keys(in: scope).first, var label = command.hint else { return nil }
        if command.name == "open-row" { label = pane.enter ?? view.enterLabel }
        var handler: Handler?
        if !command.needsText { handler = { screen in screen.run(command) } }
        return Hint(
            keys: key.name(appearance.glyphs), label: label, handler: handler,
            isEnabled: command.whyNot(self) == nil)
    }

    /// What the footer says of the keys that move about.
    private var movement: [Hint] {
        (popups.last?.keys ?? pane.keys).map { key in
            let (keys, label) = key.words(settings.keyMap, appearance.glyphs)
            return Hint(keys: keys, label: label, handler: nil, isEnabled: true)
        }
    }
}

/// Keys that every pane and popup has, with what they do in it.
enum KeyLabel: Hashable, Sendable {
    case upDown(String)
    /// With the commands of the key to the left and the one to the right.
    case leftRight(String, String, String)
    /// A key that is no command's.
    case key(Key, String)
    /// The key of a command, by its name.
    case command(String, String)
    case enter(String)
    case escape(String)

    /// The keys as the footer writes them, and what they do.
    func words(_ map: KeyMap, _ glyphs: Glyphs) -> (keys: String, label: String) {
        switch self {
        case .upDown(let label):
            (map.shown("up", "down", glyphs, as: (.up, .down, glyphs.upDown)), label)
        case .leftRight(let label, let left, let right):
            (map.shown(left, right, glyphs, as: (.left, .right, glyphs.leftRight)), label)
        case .key(let key, let label): (key.name(glyphs), label)
        case .command(let name, let label): (map.shown(name, glyphs), label)
        case .enter(let label): (map.shown("open-row", glyphs), label)
        case .escape(let label): (map.shown("back", glyphs), label)
        }
    }
}
