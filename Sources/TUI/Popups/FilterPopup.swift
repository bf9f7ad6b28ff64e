import Terminal

/// The text that narrows the rows of a view, which follow while it is typed. Esc brings back the rows from before.
struct FilterPopup: TextPopup {
    let scope = Scope.prompt
    let keys: [KeyLabel] = [.upDown("row"), .enter("keep it"), .escape("as before")]
    private(set) var field: TextField
    private let before: (text: String, layer: String?, run: String?)

    /// The filter of the view on the screen.
    init(on screen: ScreenState) {
        let text = screen.view.filter.text(screen)
        field = TextField(text, isProposed: true)
        before = (text, screen.list.selected, screen.compare.selected)
    }

    func press(_ key: Key, on screen: inout ScreenState) -> Bool {
        if key == .up || key == .down {
            screen.view.move(&screen, .rows(key == .up ? -1 : 1))
            return true
        }
        return type(key, on: &screen)
    }

    func edit(_ field: TextField, on screen: inout ScreenState) {
        change(on: &screen) { $0.field = field }
        screen.view.filter.apply(&screen, field.string)
    }

    func open(on screen: inout ScreenState) { screen.popups.removeLast() }

    func goBack(on screen: inout ScreenState) -> Bool {
        screen.view.filter.apply(&screen, before.text)
        screen.list.selected = before.layer
        screen.compare.selected = before.run
        return false
    }

    /// On the last rows, below what it narrows.
    func draw(_ screen: ScreenState, in body: Rect, on canvas: inout Canvas) {
        var rest = body
        let rect = rest.takeBottom(4)
        let inside = canvas.box(
            Rect(row: rect.row, column: rect.column + 1, rows: rect.rows, columns: min(rect.columns - 2, 86)),
            title: "filter")
        field.draw(on: &canvas, row: inside.row, column: inside.column, end: inside.endColumn, .strong)
        canvas.frame.put(
            screen.view.filter.help(screen).clipped(to: inside.columns), inside.row + 1, inside.column, .dim,
            end: inside.endColumn)
    }

    func heading(on screen: ScreenState) -> String { "filter" }

    func lines(on screen: ScreenState) -> [String] { [screen.view.filter.help(screen)] + row(on: screen) }

    func row(on screen: ScreenState) -> [String] {
        [
            field.string.isEmpty
                ? "type it; an empty line leaves it empty" : "now \(field.string); an empty line keeps it"
        ]
    }

    /// A line is the text; an empty one keeps what there is.
    func enter(_ line: String, on screen: inout ScreenState) -> Bool {
        guard line.isEmpty || PlainInput.keys(amongText: line) == nil else { return false }
        if !line.isEmpty { edit(TextField(line), on: &screen) }
        screen.popups.removeLast()
        return true
    }
}
