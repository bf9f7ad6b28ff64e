import Graph
import Terminal

/// A value as a bar to the right, in eighths of a cell.
struct Bar {
    let value: Double
    /// The value that fills the row.
    let of: Double

    /// Draws it from the left edge.
    func draw(in rect: Rect, _ style: Style, on canvas: inout Canvas) {
        guard value.isFinite, of > 0, rect.rows > 0 else { return }
        let eighths = Int(held: (min(1, max(0, value / of)) * Double(rect.columns * 8)).rounded())
        for column in 0..<rect.columns {
            let filled = min(8, eighths - column * 8)
            guard filled > 0 else { return }
            let sign = canvas.glyphs.widths[filled]
            // ASCII has no narrow bars: what is under this one stays.
            guard sign != " " else { return }
            canvas.frame[rect.row, rect.column + column] = Cell(sign, style)
        }
    }
}

/// How much of something is done: a bar on dots, and the number.
struct ProgressBar {
    let fraction: Double

    init(_ fraction: Double) { self.fraction = min(1, max(0, fraction.isFinite ? fraction : 0)) }

    /// The number takes the last five columns: a blank and "100%".
    func draw(in rect: Rect, on canvas: inout Canvas) {
        let room = rect.columns - 5
        guard room > 2, rect.rows > 0 else { return }
        for column in 0..<room {
            canvas.frame[rect.row, rect.column + column] = Cell(canvas.glyphs.none, .guides)
        }
        // Rounded down as the number is: only what is done is full.
        let eighths = (fraction * Double(room * 8)).rounded(.down)
        Bar(value: eighths, of: Double(room * 8)).draw(
            in: Rect(row: rect.row, column: rect.column, rows: 1, columns: room), .accent, on: &canvas)
        canvas.frame.putRight("\(Int(held: (fraction * 100).rounded(.down)))%", rect.row, end: rect.endColumn)
    }
}
