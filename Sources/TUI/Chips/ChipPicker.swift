import Devices
import Editing
import Graph
import Terminal

/// The table of chips to choose the target from; the findings behind it follow the cursor.
struct ChipPicker: Popup {
    let scope = Scope.chips
    let keys: [KeyLabel] = [.upDown("chip"), .enter("choose"), .escape("leave it as it was")]
    var meanings: [String] { ChipPicker.assumptions }
    private let summaries: [ChipSummary]
    /// The session's chip.
    private let target: Device
    private(set) var order = ChipTable.SortOrder.chip
    /// The chip under the cursor.
    private var selected: Device

    /// A row for each summary, the cursor on the session's chip.
    init(_ summaries: [ChipSummary], current: Device) {
        self.summaries = summaries
        target = current
        selected = current
    }

    /// The rows in their order.
    var rows: [ChipSummary] { ChipTable(summaries, by: order).rows }

    /// The row under the cursor.
    var current: ChipSummary? { summaries.first { $0.device == selected } }

    private var place: Int { rows.firstIndex { $0.device == selected } ?? 0 }
}

// Keys.
extension ChipPicker {
    func move(_ movement: Movement, on screen: inout ScreenState) {
        let rows = rows
        let next = screen.moved(place, by: movement, of: rows.count)
        change(on: &screen) { $0.selected = rows[next].device }
    }

    func click(_ row: Int, on screen: inout ScreenState) {
        guard rows.indices.contains(row) else { return }
        if row == place { return open(on: &screen) }
        change(on: &screen) { $0.selected = rows[row].device }
    }

    func open(on screen: inout ScreenState) {
        screen.popups.removeLast()
        screen.setDevice(selected)
    }

    /// Orders the rows by the next column.
    func sort(on screen: inout ScreenState) {
        let all = ChipTable.SortOrder.allCases
        let next = all[((all.firstIndex(of: order) ?? 0) + 1) % all.count]
        change(on: &screen) { $0.order = next }
    }
}

// In lines.
extension ChipPicker {
    func heading(on screen: ScreenState) -> String { "target chip, by \(order.rawValue)" }

    func lines(on screen: ScreenState) -> [String] {
        rows.map { $0.line + ($0.device == target ? ", the target" : "") } + ChipSummary.assumptions
            + ["type a chip's name to choose it; \(screen.key("back")) leaves it as it was"]
    }

    func row(on screen: ScreenState) -> [String] {
        guard let current else { return [] }
        return ["selected: \(current.line)"] + ChipTable.sentences(current)
    }

    /// A line is the name of the chip to choose.
    func enter(_ line: String, on screen: inout ScreenState) -> Bool {
        guard let device = Device(name: line.trimmed), rows.contains(where: { $0.device == device }) else {
            return false
        }
        change(on: &screen) { $0.selected = device }
        (screen.popups.last as? ChipPicker)?.open(on: &screen)
        return true
    }
}

// Drawing.
extension ChipPicker {
    func draw(_ screen: ScreenState, in body: Rect, on canvas: inout Canvas) {
        let width = min(body.columns - 2, 112)
        let isWide = width > 100
        let sign = canvas.glyphs.kind == .ascii ? "*" : canvas.glyphs.unfolded.description
        let (lines, left) = ChipTable(summaries, by: order).lines(
            fitting: width - 6, names: isWide, sign: sign)
        let most = body.rows - (body.rows > 14 ? 4 : 0)
        let room = most - lines.count - (body.rows > 24 ? 3 : 2)
        let notes = notes(on: screen, fitting: width - 4, rows: room, without: left)
        // The findings above must stay in sight.
        let height = min(most, lines.count + notes.count + (body.rows > 24 ? 3 : 2))
        var inside = canvas.box(
            Rect(
                row: body.endRow - height, column: body.endColumn - width - 1, rows: height, columns: width),
            title: "target chip: the findings follow the cursor")
        let head = inside.takeTop(1)
        let column = canvas.frame.put(lines[0], head.row, head.column + 2, .dim, end: head.endColumn)
        if !left.isEmpty, column + 1 < head.endColumn {
            canvas.frame[head.row, column + 1] = Cell(canvas.glyphs.ellipsis, .dim)
        }
        let rows = rows
        for (index, line) in lines.dropFirst().enumerated() where inside.rows > 0 {
            draw(line, rows[index], index, in: inside.takeTop(1), on: &canvas)
        }
        if body.rows > 24 { _ = inside.takeTop(1) }
        for (note, style) in notes where inside.rows > 0 {
            let row = inside.takeTop(1).row
            canvas.frame.put(note, row, inside.column, style, end: inside.endColumn)
        }
    }

    private func draw(
        _ line: String, _ row: ChipSummary, _ index: Int, in rect: Rect, on canvas: inout Canvas
    ) {
        let isChosen = row.device == selected
        if isChosen {
            canvas.frame[rect.row, rect.column] = Cell(canvas.glyphs.selected, .accent.bold)
            canvas.frame.cursor = Position(row: rect.row, column: rect.column + 2)
        } else if row.device == target {
            canvas.frame[rect.row, rect.column] = Cell(canvas.glyphs.stepUp, .accent)
        }
        let style: Style = isChosen ? .strong : row.errors > 0 ? .dim : .text
        canvas.frame.put(line, rect.row, rect.column + 2, style, end: rect.endColumn)
        if isChosen { canvas.frame.select(rect.row, rect.column..<rect.endColumn) }
        canvas.target(rect) { $0.clickPopup(index) }
    }

    /// Which chip is the cheapest, what is said of the one under the cursor, what has no room, and what the numbers take for
    /// granted.
    private func notes(
        on screen: ScreenState, fitting width: Int, rows: Int, without left: [String]
    ) -> [(String, Style)] {
        let answer = ScreenState.wrapped(ChipTable.answer(summaries) + ".", to: width)
        let said = current.map(ChipTable.sentences) ?? []
        let chip = ScreenState.wrapped(said.joined(separator: "; ") + ".", to: width)
        let missing = left.isEmpty ? [] : ["No room for \(Figures.listed(left))."]
        var assumed = (missing + ChipPicker.assumptions).flatMap { ScreenState.wrapped($0, to: width) }
        if answer.count + chip.count + assumed.count > rows {
            assumed = (missing + ["\(screen.key("help")) says what the numbers mean"]).flatMap {
                ScreenState.wrapped($0, to: width)
            }
        }
        return answer.map { ($0, .strong) } + chip.map { ($0, .text) } + assumed.map { ($0, .dim) }
    }

    private static let assumptions =
        ["Memory is for features, in KiB; ? not published."] + ChipSummary.assumptions
}
