import Graph
import Terminal

// Every command by name, key or help.
extension ScreenState {
    /// Opens the list of commands, with a text that narrows it.
    mutating func openPalette(typing text: String = "") {
        let scope = pane.scope
        let all = settings.keyMap.commands.filter {
            !$0.scopes.isDisjoint(with: .views) && $0.name != "palette"
        }
        .map { command in
            Picker.Entry(
                title: ":" + command.name + (command.parameter.map { " \($0)" } ?? ""),
                detail: command.help,
                note: command.keys.first.map { $0.name(appearance.glyphs) } ?? "",
                whyNot: command.whyNot(self)
                    ?? (command.scopes.contains(scope) || command.keys.isEmpty
                        ? nil : scopeProblem(command)),
                completion: command.name
            ) { screen in
                screen.remember(command)
                // A command that needs a text is completed, so that the text can be typed.
                if command.needsText {
                    screen.openPalette(typing: command.name + " ")
                } else {
                    screen.run(command)
                }
            }
        }
        var recent = recentCommands.compactMap { name in all.first { $0.completion == name } }
        var rest = all
        if !recent.isEmpty {
            rest.removeAll { entry in recent.contains { $0.completion == entry.completion } }
            recent[0].group = "RECENT"
            rest[0].group = "ALL OTHERS"
        }
        var picker = Picker("commands", recent + rest, width: 96)
        picker.field = TextField(text)
        picker.searchesFirstWord = true
        picker.named = { word in ScreenState.command(named: word)?.name }
        picker.pickText = { picker in
            guard let typed = ScreenState.typedCommand(in: picker) else { return nil }
            return { screen in
                screen.remember(typed.command)
                screen.run(typed.command, typed.argument)
            }
        }
        popups.append(picker)
    }

    /// Puts a command first among the recent ones.
    private mutating func remember(_ command: Command) {
        recentCommands.removeAll { $0 == command.name }
        recentCommands.insert(command.name, at: 0)
        recentCommands = Array(recentCommands.prefix(ScreenState.recentLimit))
    }

    /// How many commands are remembered.
    static let recentLimit = 6

    /// The command that a word names exactly; a number is the row to go to.
    private static func command(named word: String) -> Command? {
        Command.named(Int(word) == nil ? word : "row")
    }

    /// The command that a text names as a whole, with what stands behind its name: "set conv0.stride=2", "target T41", "w", "12".
    private static func typedCommand(_ text: String) -> (command: Command, argument: String)? {
        let typed = text.trimmed
        let name = typed.prefix { $0 != " " }
        guard let command = command(named: String(name)) else { return nil }
        let argument = Int(name) == nil ? typed.dropFirst(name.count).drop { $0 == " " } : name
        return (command, String(argument))
    }

    private static func typedCommand(in picker: Picker) -> (command: Command, argument: String)? {
        guard let typed = typedCommand(picker.field.string) else { return nil }
        // The cursor was moved on purpose: what it is on counts.
        if typed.argument.isEmpty, picker.selected > 0 { return nil }
        return typed.argument.isEmpty && typed.command.needsText ? nil : typed
    }

    /// Does what a text names; returns false where it names no command.
    mutating func runTyped(_ text: String) -> Bool {
        guard let typed = ScreenState.typedCommand(text) else { return false }
        remember(typed.command)
        run(typed.command, typed.argument)
        return true
    }

    /// A command of another view is done there; one of another pane of this view works all the same.
    private func scopeProblem(_ command: Command) -> String? {
        let views = View.all.filter { !command.scopes.isDisjoint(with: $0.scope) }
        return views.contains(view) || views.isEmpty
            ? nil : "it belongs to view \(views[0].number) \(views[0].title)"
    }
}
