import Terminal

// Moving through rows, panes and views.
extension Command {
    static let moving: [Command] =
        [
            Command(
                "up", [.up, "k"], in: [.views, .picker, .path, .page, .form, .sweep, .calibration, .chips],
                "one row up; in view 4 the layer before"
            ) { $0.move(.rows(-1)) },
            Command(
                "down", [.down, "j"],
                in: [.views, .picker, .path, .page, .form, .sweep, .calibration, .chips],
                "one row down; in view 4 the next layer"
            ) { $0.move(.rows(1)) },
            Command(
                "page-up", [.pageUp, .control("u")],
                in: [.views, .picker, .path, .page, .form, .sweep, .calibration, .chips], "a page up"
            ) {
                $0.move(.pages(-1))
            },
            Command(
                "page-down", [.pageDown, .control("d")],
                in: [.views, .picker, .path, .page, .form, .sweep, .calibration, .chips], "a page down"
            ) { $0.move(.pages(1)) },
            Command(
                "top", [.home, "g"], in: [.views, .page, .form, .sweep, .calibration, .chips],
                "to the first row"
            ) { $0.move(.first) },
            Command(
                "bottom", [.end, "G"], in: [.views, .page, .form, .sweep, .calibration, .chips],
                "to the last row"
            ) { $0.move(.last) },
            Command(
                "open-row", [.enter], in: [.views, .popups],
                "type the value, apply the fix, take what is picked", hint: "edit"
            ) { $0.openRow() },
            Command(
                "back", [.escape], in: .everywhere,
                "back: out of a popup or field, or filter and marks off; never quits"
            ) { $0.goBack() },
            Command(
                "next-pane", [.tab], in: [.views, .form, .sweep], "to the next pane, or the next setting",
                hint: "pane"
            ) { $0.changePane(1) },
            Command(
                "previous-pane", [.backTab], in: [.views, .form, .sweep], "to the pane or setting before"
            ) {
                $0.changePane(-1)
            },
            Command("find", ["/"], in: .page, "shows only lines with a text") { $0.findInPage() },
            Command(
                "close", ["q"], in: .page, "closes the page",
                unless: { $0.popups.isEmpty ? "no page is open" : nil }
            ) { _ = $0.popups.popLast() },
            Command("start", ["s"], in: .form, "starts what the form sets up") { $0.startForm() },
            Command("complete", [.tab], in: [.picker, .prompt, .path], "completes what is typed") {
                $0.changePane(1)
            },
            Command(
                "browse", [.control("o")], in: .path, "lists the files of the folder, to pick one",
                hint: "files"
            ) { $0.browse() },
        ]
        + View.all.map(opening)

    /// The command that opens a view.
    private static func opening(_ view: View) -> Command {
        let name = view.title.lowercased()
        let help = "view \(view.number): \(view.help)"
        let keys: [Key] = [.character(Character("\(view.number)"))]
        guard let argument = view.argument else {
            return Command(name, keys, in: .views, help) { $0.show(view) }
        }
        return Command(name, keys, in: .views, help, parameter: .text(argument.usage)) { screen, text in
            screen.show(view)
            if let text { argument.show(&screen, text) }
        }
    }
}
