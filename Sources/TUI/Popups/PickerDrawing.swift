import Terminal

// The list with its text, as it is drawn.
extension Picker {
    func draw(_ screen: ScreenState, in body: Rect, on canvas: inout Canvas) {
        let shown = shown
        let height = min(body.rows - 1, max(8, min(shown.count + headings(shown) + 4, 24)))
        var inside = canvas.box(frame(in: body, rows: height, columns: width, margin: 4), title: title)
        let line = inside.takeTop(1)
        canvas.frame.put(":", line.row, line.column - 1, .accent)
        field.draw(on: &canvas, row: line.row, column: line.column, end: line.endColumn)
        let status = inside.takeBottom(statusRows(shown, in: inside.columns))
        drawStatus(shown, in: status, on: &canvas)
        drawEntries(shown, in: inside, on: &canvas)
    }

    /// Rows that headings of groups take; there are none while a text sorts the entries.
    private func headings(_ shown: [Int]) -> Int {
        field.text.isEmpty ? shown.count { !entries[$0].group.isEmpty } : 0
    }

    private func drawEntries(
        _ shown: [Int], in rect: Rect, on canvas: inout Canvas
    ) {
        let hasHeadings = field.text.isEmpty
        var lines: [(heading: String?, entry: Int?, place: Int)] = []
        var chosenLine = 0
        for (place, index) in shown.enumerated() {
            let entry = entries[index]
            if hasHeadings, !entry.group.isEmpty { lines.append((entry.group, nil, place)) }
            if place == selected { chosenLine = lines.count }
            lines.append((nil, index, place))
        }
        let top = Scrolling.top(
            max(0, chosenLine - rect.rows / 2), showing: chosenLine, of: lines.count, room: rect.rows)
        let names = min(30, entries.map(\.title.displayWidth).max() ?? 0)
        for (offset, line) in lines.dropFirst(top).prefix(rect.rows).enumerated() {
            let row = rect.row + offset
            if let heading = line.heading {
                canvas.frame.put(heading, row, rect.column, .dim, end: rect.endColumn)
                continue
            }
            guard let index = line.entry else { continue }
            let entry = entries[index]
            let isChosen = line.place == selected
            if isChosen { canvas.frame[row, rect.column - 1] = Cell(canvas.glyphs.selected, .accent.bold) }
            let style: Style = entry.whyNot != nil ? .dim : isChosen ? .strong : .text
            canvas.frame.put(
                entry.title.shortened(to: names + 4), row, rect.column + 1, style, end: rect.endColumn)
            let noteStart = rect.endColumn - entry.note.displayWidth
            let detail = entry.whyNot.map { "\(entry.detail)  (\($0))" } ?? entry.detail
            let start = rect.column + 1 + names + 2
            canvas.frame.put(
                detail.clipped(to: max(0, noteStart - 1 - start)), row, start, .dim, end: noteStart - 1)
            canvas.frame.put(entry.note, row, noteStart, .accent, end: rect.endColumn)
            if isChosen { canvas.frame.select(row, rect.column - 1..<rect.endColumn + 1) }
            canvas.target(Rect(row: row, column: rect.column, rows: 1, columns: rect.columns)) {
                $0.clickPopup(line.place)
            }
        }
        guard lines.isEmpty else { return }
        let words =
            hasPaths ? "no name here has this; Enter opens it as a path, Tab completes it" : "nothing matches"
        let found = ScreenState.wrapped(candidates.joined(separator: "  ").printable, to: rect.columns - 2)
        for (offset, line) in ([words] + found).enumerated() where offset < rect.rows {
            canvas.frame.put(
                line, rect.row + offset, rect.column + 1, offset == 0 ? .dim : .text, end: rect.endColumn)
        }
    }

    /// Cells that the detail of an entry has in its row.
    private func detailRoom(_ entry: Entry, in columns: Int) -> Int {
        let names = min(30, entries.map(\.title.displayWidth).max() ?? 0)
        return columns - entry.note.displayWidth - 4 - names
    }

    /// The columns of the count in front of what a row has no room for.
    private static let countWidth = 10

    /// Two rows where one has no room for what is said of one of the entries.
    private func statusRows(_ shown: [Int], in columns: Int) -> Int {
        let room = columns - Picker.countWidth
        let isLong = shown.contains { index in
            let entry = entries[index]
            return (entry.whyNot.map(Picker.notNow) ?? entry.detail).displayWidth > room
        }
        return isLong || (problem?.displayWidth ?? 0) > columns ? 2 : 1
    }

    private static func notNow(_ reason: String) -> String { "not now: \(reason)" }

    private func put(
        _ text: String, _ style: Style, from column: Int, in rect: Rect, on canvas: inout Canvas
    ) {
        var lines = ScreenState.wrapped(text, to: rect.endColumn - column)
        if lines.count > rect.rows { lines[rect.rows - 1] = lines[(rect.rows - 1)...].joined(separator: " ") }
        for (offset, line) in lines.prefix(rect.rows).enumerated() {
            canvas.frame.put(line, rect.row + offset, column, style, end: rect.endColumn)
        }
    }

    private func drawStatus(_ shown: [Int], in rect: Rect, on canvas: inout Canvas) {
        if let problem { return put(problem.printable, .error, from: rect.column, in: rect, on: &canvas) }
        let count =
            shown.count == entries.count
            ? "\(shown.count)" : "\(shown.count) of \(entries.count)"
        canvas.frame.put(count, rect.row, rect.column, .dim)
        let column = rect.column + Picker.countWidth
        if let entry = current, let reason = entry.whyNot {
            put(Picker.notNow(reason), .advice, from: column, in: rect, on: &canvas)
        } else if let entry = current, entry.detail.displayWidth > detailRoom(entry, in: rect.columns) {
            // What its row has no room for.
            put(entry.detail, .text, from: column, in: rect, on: &canvas)
        }
    }
}
