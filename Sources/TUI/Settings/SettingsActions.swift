import Graph
import Terminal

// Settings on the screen.
extension ScreenState {
    /// Says what is wrong in `config.json`: the first of it in one line; `M` shows all.
    mutating func tell(_ problems: [SettingsProblem]) {
        guard let first = problems.first else { return }
        for problem in problems.dropFirst().reversed() { refuse("\(problem)") }
        let key = settings.keyMap.shown("messages", appearance.glyphs)
        let others = problems.count > 1 ? " (and \(problems.count - 1) more: \(key))" : ""
        refuse("\(first)\(others)")
    }

    mutating func setTheme(_ theme: Theme) {
        settings.theme = theme
        effects.append(.theme(theme))
        say("theme \(theme.rawValue): \(theme.help)")
    }

    /// A page of the settings that hold.
    mutating func openSettings() {
        let file = settingsFile
        let table = SettingsTable(file, hasColour: true, plots: appearance.glyphs.kind)
        let path = file.path ?? "config.json"
        popups.append(
            Page(
                "settings",
                table.lines + file.problems.map { "\($0)" } + [
                    "", "They are kept in \(path);", "magikbench config set NAME=VALUE writes it.",
                ]))
    }
}
