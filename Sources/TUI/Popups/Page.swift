import Terminal

/// A text to read.
struct Page: Popup {
    let scope = Scope.page
    let keys: [KeyLabel] = [.upDown("scroll"), .escape("close")]
    var title: String
    var lines: [String]
    /// The first line on the screen.
    var top = 0
    /// Whether it is the help page.
    var isHelp = false
    /// The model that could not be opened, and may be with approximations.
    var model: String?

    init(_ title: String, _ lines: [String]) {
        self.title = title
        self.lines = lines
    }

    func move(_ movement: Movement, on screen: inout ScreenState) {
        let room = max(1, screen.size.rows - 7)
        let next = min(
            screen.moved(top, by: movement, of: lines.count), max(0, lines.count - room))
        change(on: &screen) { $0.top = next }
    }

    func open(on screen: inout ScreenState) { screen.popups.removeLast() }

    func draw(_ screen: ScreenState, in body: Rect, on canvas: inout Canvas) {
        let width = min(body.columns - 2, max(60, (lines.map(\.displayWidth).max() ?? 0) + 4))
        let rect = body.centered(rows: min(body.rows, lines.count + 2), columns: width)
        let inside = canvas.box(rect, title: title)
        let top = min(self.top, max(0, lines.count - inside.rows))
        for (offset, line) in lines.dropFirst(top).prefix(inside.rows).enumerated() {
            let isHeading = !line.isEmpty && line == line.uppercased() && line.first?.isLetter ?? false
            canvas.frame.put(
                line, inside.row + offset, inside.column, isHeading ? .strong : .text, end: inside.endColumn)
        }
        screen.drawScrollBar(
            in: Rect(row: inside.row, column: rect.column + 1, rows: inside.rows, columns: rect.columns - 2),
            top: top, count: lines.count, on: &canvas)
    }
}

extension ScreenState {
    mutating func openHelp() {
        if let page = popups.last as? Page, page.isHelp { return }
        var page = Page("help", KeyHelp.lines(for: pane, glyphs: appearance.glyphs))
        page.isHelp = true
        popups.append(page)
    }
}
