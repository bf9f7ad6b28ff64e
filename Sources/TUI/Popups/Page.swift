import Graph
import Terminal

/// A text to read.
struct Page: Popup {
    let scope = Scope.page
    var keys: [KeyLabel] {
        (model == nil ? [] : [.command("approximate", "open with approximations")])
            + (cut.isEmpty ? [] : [.command("cut", "open what lies before")]) + [
                .upDown("scroll"), .command("find", "find"), .escape(find.isEmpty ? "close" : "all lines"),
                .command("close", "close"),
            ]
    }
    var title: String
    var lines: [String]
    /// Only lines with this text are shown; all where it is empty.
    var find = ""
    /// The first line on the screen.
    var top = 0
    /// Whether it is the help page.
    var isHelp = false
    /// The model that could not be opened, and may be with approximations.
    var model: String?
    /// The tensors at which the model could end.
    var cut: [String] = []
    /// What was typed to read the model.
    var typed = ""
    /// The commands of the view below that the text advises: their keys close the page and do what they say.
    var advised: Set<String> = []

    init(_ title: String, _ lines: [String]) {
        self.title = title
        self.lines = lines
    }

    func move(_ movement: Movement, on screen: inout ScreenState) {
        let room = max(1, screen.size.rows - 7) * columns(in: screen.size.columns)
        let count = shown(in: textWidth(in: screen.size.columns), on: screen).count
        let next = min(screen.moved(top, by: movement, of: count), max(0, count - room))
        change(on: &screen) { $0.top = next }
    }

    func open(on screen: inout ScreenState) { screen.popups.removeLast() }

    func press(_ key: Key, on screen: inout ScreenState) -> Bool {
        guard let command = screen.settings.keyMap.command(for: key, in: screen.pane.scope),
            advised.contains(command.name)
        else { return false }
        screen.popups.removeLast()
        screen.run(command)
        return true
    }

    func goBack(on screen: inout ScreenState) -> Bool {
        guard !find.isEmpty else { return false }
        change(on: &screen) { page in (page.find, page.top) = ("", 0) }
        return true
    }

    /// The columns that the text stands in: two of the help page where a screen has room for them.
    private func columns(in columns: Int) -> Int { isHelp && columns >= 160 ? 2 : 1 }

    /// The cells that a line of the text has.
    private func textWidth(in columns: Int) -> Int {
        let count = self.columns(in: columns)
        return ((count > 1 ? columns - 2 : width(in: columns)) - 4 - 3 * (count - 1)) / count
    }

    private func width(in columns: Int) -> Int {
        min(columns - 2, max(60, min(124, (lines.map(\.displayWidth).max() ?? 0) + 4)))
    }

    /// The lines that are shown, none wider than `width` cells. What does not fit goes on in the next line, below the text.
    func shown(in width: Int, on screen: ScreenState) -> [String] {
        let wanted = find.lowercased()
        let found = find.isEmpty ? lines : lines.filter { $0.lowercased().contains(wanted) }
        return (found.isEmpty ? ["no line has '\(find.printable)'; \(screen.key("back")) shows all"] : found)
            .flatMap { Page.folded($0, to: width) }
    }

    /// A line in lines of at most `width` cells; those behind the first are indented as far as its last column.
    private static func folded(_ line: String, to width: Int) -> [String] {
        guard line.displayWidth > width else { return [line] }
        let letters = Array(line)
        let gap = letters.indices.dropFirst(2).last { place in
            place < min(width / 2, letters.count) && letters[place] != " "
                && letters[place - 1] == " " && letters[place - 2] == " "
        }
        // Behind a sign as far in as its text.
        let hasSign = letters.count > 2 && letters[1] == " " && !letters[0].isLetter && !letters[0].isNumber
        let indent = gap ?? (hasSign && letters[0] != " " ? 2 : letters.prefix { $0 == " " }.count)
        let head = String(letters[..<indent])
        let rest = ScreenState.wrapped(String(letters[indent...]), to: max(8, width - head.displayWidth))
        let blank = String(repeating: " ", count: head.displayWidth)
        return rest.enumerated().map { ($0 == 0 ? head : blank) + $1 }
    }

    func heading(on screen: ScreenState) -> String { title }

    func lines(on screen: ScreenState) -> [String] { lines }

    func draw(_ screen: ScreenState, in body: Rect, on canvas: inout Canvas) {
        let count = columns(in: body.columns)
        let room = textWidth(in: body.columns)
        let lines = shown(in: room, on: screen)
        let rect = frame(
            in: body, rows: (lines.count + count - 1) / count + 2,
            columns: count > 1 ? body.columns : width(in: body.columns))
        let inside = canvas.box(
            rect, title: find.isEmpty ? title : "\(title): lines with '\(find.printable)'")
        let top = min(self.top, max(0, lines.count - inside.rows * count))
        for (offset, line) in lines.dropFirst(top).prefix(inside.rows * count).enumerated() {
            let column = inside.column + offset / max(1, inside.rows) * (room + 3)
            let isHeading = !line.isEmpty && line == line.uppercased() && line.first?.isLetter ?? false
            canvas.frame.put(
                line, inside.row + offset % max(1, inside.rows), column, isHeading ? .strong : .text,
                end: inside.endColumn)
        }
        screen.drawScrollBar(
            in: Rect(row: inside.row, column: rect.column + 1, rows: inside.rows, columns: rect.columns - 2),
            top: top, count: lines.count, on: &canvas)
    }
}

extension ScreenState {
    /// Asks for a text, and leaves only the lines of the page on top that have it.
    mutating func findInPage() {
        guard let page = popups.last as? Page else { return }
        popups.append(
            Prompt("find", help: "only lines with this text are shown; empty shows all", text: page.find) {
                screen, text in
                (screen.popups.last as? Page)?.change(on: &screen) { page in
                    page.find = text.trimmed
                    page.top = 0
                }
            })
    }

    mutating func openHelp() {
        if let page = popups.last as? Page, page.isHelp { return }
        var page = Page("help", appearance.isPlain ? PlainHelp.lines(on: self) : KeyHelp.lines(on: self))
        page.isHelp = true
        popups.append(page)
    }
}
