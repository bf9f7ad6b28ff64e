import Editing
import Graph
import Terminal

// The commands of the session and of the screen as a whole.
extension Command {
    static let session: [Command] = [
        Command(
            "undo", ["u"], in: .views, "undoes the last change", hint: "undo", unless: { $0.whyNoUndo }
        ) { $0.undo() },
        Command(
            "redo", [.control("r")], in: .views, "redoes the change that was undone last",
            unless: { $0.whyNoRedo }
        ) { $0.redo() },
        Command(
            "w", [.control("s")], in: .everywhere, "saves the session, under another name where one is given",
            parameter: .text("[NAME]")
        ) { screen, name in
            if let name { screen.saveAs(name, then: .stay) } else { screen.save(then: .stay) }
        },
        Command(
            "save-as", [], in: .views, "saves the session under another name", parameter: .text("[NAME]")
        ) { screen, name in
            if let name { screen.saveAs(name, then: .stay) } else { screen.askForName(then: .stay) }
        },
        Command(
            "open", [.control("o")], in: .views, "opens a session, a sample or an empty network",
            parameter: .text("[NAME]")
        ) { screen, path in
            if let path { screen.open(path: path) } else { screen.openStart() }
        },
        Command(
            "export", ["E"], in: .views, "writes the network for another program", hint: "export",
            parameter: .text("[FORMAT]"), unless: { $0.whyNoExport }
        ) { screen, format in
            if let format { screen.askForExportPath(format) } else { screen.openExport() }
        },
        Command(
            "report", ["P"], in: .views, "writes a page of all that is known of the session",
            parameter: .text("[FILE]"), unless: { $0.whyNoReport }
        ) { screen, path in
            if let path {
                screen.writeReport(to: path, overwriting: false)
            } else {
                screen.askForReportPath()
            }
        },
        Command(
            "approximate", ["a"], in: .page,
            "opens the model with operators that come near to those that no chip has",
            unless: { $0.whyNotApproximate }
        ) { $0.approximate() },
        Command(
            "cut", ["c"], in: .page,
            "opens the part of the model before what no chip has, and leaves the rest to the host",
            unless: { $0.whyNotCut }
        ) { $0.openUpToRefused() },
        Command("copy", ["y"], in: .views, "copies what is selected, as text, to the clipboard") {
            $0.copy()
        },
        Command(
            "palette", [":"], in: .views, "every command by name, key or help", hint: "command"
        ) { $0.openPalette() },
        Command(
            "help", ["?", .function(1)],
            in: [.views, .page, .form, .sweep, .calibration, .rangeTest, .chips], "what every key does here",
            hint: "help"
        ) { $0.openHelp() },
        Command("lines", [], in: .views, "all that the pane shows, as lines") { $0.openLines() },
        Command("messages", ["M"], in: .views, "what the screen has said, newest first, each line whole") {
            $0.openMessages()
        },
        Command("redraw", [.control("l")], in: .everywhere, "draws the screen anew") {
            $0.effects.append(.redraw)
        },
        Command("suspend", [.control("z")], in: .everywhere, "back to the shell; fg returns") {
            $0.effects.append(.suspend)
        },
        Command(
            "mouse", [], in: .views, "the mouse on or off; off lets the terminal select text",
            parameter: Parameter("on|off") { Bool(word: $0) }
        ) { screen, isOn in screen.setMouse(isOn) },
        Command(
            "theme", [], in: .views,
            "the colours: auto, dark, light, high-contrast, colour-blind-safe or 16-colours",
            parameter: Parameter("THEME") { Theme(rawValue: $0) }
        ) { screen, theme in screen.setTheme(theme) },
        Command(
            "settings", [], in: .views, "the settings that hold, and where config.json is"
        ) { $0.openSettings() },
        Command(
            "plots", [], in: .views, "how plots are drawn",
            parameter: Parameter("braille|block|ascii") { Glyphs.Kind(rawValue: $0) }
        ) { screen, kind in screen.appearance.glyphs = Glyphs(kind) },
        Command(
            "q", ["q", .control("c")], in: .views, "quits; asks only where changes are not saved",
            hint: "quit"
        ) { $0.quit() },
        Command("wq", [], in: .views, "saves the session, then quits") { $0.save(then: .quit) },
        Command("x", [], in: .views, "saves the session where it has changes, then quits") { screen in
            if screen.editor.history.isChanged {
                screen.save(then: .quit)
            } else {
                screen.effects.append(.leave)
            }
        },
        Command("q!", [], in: .views, "quits without saving; unsaved changes are lost") {
            $0.effects.append(.leave)
        },
        Command(
            "row", [], in: .views, "to the row or layer of that number; :12 alone does the same",
            parameter: Parameter("NUMBER") { Int($0).flatMap { $0 > 0 ? $0 : nil } }
        ) { screen, number in screen.view.goToRow(&screen, number) },
    ]
}

// Why commands cannot be done now; nil where they can.
extension ScreenState {
    var whyNotEditable: String? {
        editor.readOnly.map { "the session is read-only: \($0)" }
    }

    var whyNoUndo: String? {
        if editor.history.nextUndo != nil { return nil }
        return editor.history.nextRedo == nil
            ? "nothing was changed yet" : "every change is undone already; \(key("redo")) redoes"
    }

    var whyNoRedo: String? { editor.history.nextRedo == nil ? "nothing was undone" : nil }
}
