import Terminal

/// The help page and `docs/keys.md`, both written from the list of commands.
public enum KeyHelp {
    private static let views: [(title: String, scopes: Scope)] =
        View.all.map { ("View \($0.number), \($0.title)", $0.scope) } + [("Popups", .popups)]

    /// The help page of the pane with the focus: what its own keys do now, then the keys of everywhere, then those of its own
    /// that do nothing now, with the reason.
    static func lines(on screen: ScreenState) -> [String] {
        if let popup = screen.popups.last, !(popup is Page) { return lines(of: popup, on: screen) }
        return keys(on: screen)
            + ["", "THE SIGNS", ""] + signs(screen) + ["", "THE COLUMNS OF VIEW 1", ""]
            + columns
            + ["", "THE MOUSE", ""] + mouse(screen)
    }

    /// The part of the help page about keys.
    static func keys(on screen: ScreenState) -> [String] {
        let pane = screen.pane
        let glyphs = screen.appearance.glyphs
        let scope = pane.scope
        let bound = screen.settings.keyMap.commands.filter { $0.scopes.contains(scope) }
        let own = bound.filter { !$0.scopes.contains(.views) }
        let now = own.filter { $0.whyNot(screen) == nil }
        let common = bound.filter { $0.scopes.contains(.views) }
        let others = own.compactMap { command in
            command.whyNot(screen).map { row(command, in: scope, glyphs) + ": " + $0 }
        }
        return ["KEYS OF THIS PANE: \(pane.name.uppercased())", ""] + table(now, in: scope, screen)
            + ["", "KEYS OF EVERY VIEW", ""] + table(common, in: scope, screen)
            + (others.isEmpty ? [] : ["", "NOT NOW, IN THIS PANE", ""] + others)
    }

    /// The help page of a popup: its keys, those that do nothing now last, and what its words mean.
    private static func lines(of popup: any Popup, on screen: ScreenState) -> [String] {
        let glyphs = screen.appearance.glyphs
        let scope = popup.scope
        let name = Scope.names.first { $0.0 == scope }?.1 ?? ""
        // What the popup says of its keys itself.
        let labelled =
            ["up", "down", "open-row", "back", "next-pane", "previous-pane"]
            + popup.keys.compactMap { if case .command(let name, _) = $0 { name } else { nil } }
        let bound = screen.settings.keyMap.commands.filter { command in
            command.scopes.contains(scope) && !command.keys(in: scope).isEmpty
                && !labelled.contains(command.name)
        }
        let labels = popup.keys.map { key in
            let (keys, label) = key.words(screen.settings.keyMap, glyphs)
            return keys.padded(to: 22) + " " + label
        }
        let now = bound.filter { $0.whyNot(screen) == nil }
        let others = bound.compactMap { command in
            command.whyNot(screen).map { row(command, in: scope, glyphs) + ": " + $0 }
        }
        return ["KEYS OF THIS POPUP: \(name.uppercased())", ""] + labels
            + table(now.filter { !$0.scopes.contains(.everywhere) }, in: scope, screen)
            + (popup.meanings.isEmpty ? [] : ["", "WHAT THE WORDS MEAN", ""] + popup.meanings)
            + (others.isEmpty ? [] : ["", "NOT NOW", ""] + others)
            + ["", "KEYS OF EVERY VIEW", ""]
            + table(now.filter { $0.scopes.contains(.everywhere) }, in: scope, screen)
    }

    private static let columns = [
        "w, a       bits of a weight, bits of the result; fp is float, a dot where there are none",
        "clip       where the range of the result's quantizer ends",
        "KiB, MAC   of a wide screen: bytes of the weights, products in a sample",
        "sat, zero  of a wide screen: results beyond the clip, and results that are zero, in %",
        "SQNR       signal to quantization noise of the layer by itself, in dB: the lower one of its",
        "           weights' and its result's. 6 dB are one bit. Noise in % of the signal is 10^(-SQNR/20)",
    ]

    /// What every sign of the views means.
    private static func signs(_ screen: ScreenState) -> [String] {
        let glyphs = screen.appearance.glyphs
        let rows: [(String, String)] = [
            (
                "\(glyphs.selected) \(glyphs.selectedAway)",
                "the selected row, in the pane with the focus and in another one"
            ),
            ("\(glyphs.marked)", "a marked layer; edits are made for all that are marked"),
            (
                "\(glyphs.feeds) \(glyphs.reads)",
                "before a layer's name: the selected layer reads it; it reads the selected layer"
            ),
            (
                "\(glyphs.vertical) \(glyphs.dot) \(glyphs.ellipsis)",
                "left of the layers: a wire; the layer on its wire; more wires than fit"
            ),
            ("\(glyphs.mustFix) \(glyphs.advice) \(glyphs.pass)", "must be fixed; to consider; kept"),
            (
                "\(glyphs.stepDown) \(glyphs.stepUp)",
                "a value that \(screen.key("less")) and \(screen.key("more")) step"
            ),
            (
                "\(glyphs.folded) \(glyphs.unfolded)",
                "several findings of one rule, as one row and one by one"
            ),
            ("\(glyphs.none)", "has none"),
            ("\(glyphs.dot)", "a run is training; in a plot, an evaluation"),
            ("\(glyphs.lost)", "values that the clip cuts off"),
            ("\(glyphs.level)", "a value that the chip can store"),
            ("\(glyphs.clip)", "where the clip is, or a stage of a run begins"),
            ("\(glyphs.zero)", "zero"),
        ]
        return rows.map { $0.0.padded(to: 10) + " " + $0.1 }
    }

    private static func mouse(_ screen: ScreenState) -> [String] {
        [
            "A click selects, a click on the selected row is \(screen.key("open-row")), the wheel scrolls. Tabs, keys in the",
            "last row and the arrows beside a value act on clicks. Shift-drag selects text; :mouse off",
            "leaves the mouse to the terminal.",
        ]
    }

    private static func table(_ commands: [Command], in pane: Scope, _ screen: ScreenState) -> [String] {
        commands.map { command in
            row(command, in: pane, screen.appearance.glyphs)
                + (command.isUndoable ? " (\(screen.key("undo")) undoes it)" : "")
        }
    }

    private static func row(_ command: Command, in pane: Scope, _ glyphs: Glyphs) -> String {
        let keys = command.keys(in: pane).map { $0.name(glyphs) }.joined(separator: " ")
        let name = ":" + command.name + (command.parameter.map { " \($0)" } ?? "")
        return (keys.isEmpty ? name : keys).padded(to: 22) + " " + command.help
    }

    /// `docs/keys.md`.
    public static var document: String {
        var text = """
            # Keys

            Written by `make docs` from the commands in `Sources/TUI`; the help page, the footer and the
            palette read the same list. A command can also be typed after `:`, with its parameter. Where text is typed
            (pickers and text fields), letters are text.

            """
        for view in views {
            text += "\n## \(view.title)\n\n| keys | command | does | where | undo |\n|---|---|---|---|---|\n"
            let scopes = Scope.names.filter { view.scopes.contains($0.0) }
            for command in Command.all {
                let places = scopes.filter { command.scopes.contains($0.0) }
                guard !places.isEmpty else { continue }
                let keys = Set(places.flatMap { command.keys(in: $0.0) })
                let shown = command.keys.filter(keys.contains)
                if view.scopes == .popups, shown.isEmpty { continue }
                let names = shown.map { "`\($0.name() == "`" ? "``" : $0.name())`" }.joined(separator: " ")
                let name = ":" + command.name + (command.parameter.map { " \($0)" } ?? "")
                let place = places.count == scopes.count ? "" : places.map(\.1).joined(separator: ", ")
                text +=
                    "| \(names) | `\(name.replacing("|", with: "\\|"))` | \(command.help) | \(place) | "
                    + "\(command.isUndoable ? "yes" : "") |\n"
            }
        }
        return text
    }
}
