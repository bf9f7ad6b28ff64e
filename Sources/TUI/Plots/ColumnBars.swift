import Graph
import Terminal

/// Columns side by side, each with its label: one for a layer.
struct ColumnBars {
    /// The heights; nil leaves a column empty.
    let values: [Double?]
    /// The column that is set apart.
    let selected: Int?

    /// Cells of a column at least, and from one column to the next; names take up to `widest`.
    static let width = 4
    private static let pitch = 5
    private static let widest = 13

    /// Cells from one of `count` columns to the next, where all of them have the width.
    private static func pitch(of count: Int, in width: Int) -> Int {
        max(pitch, min(widest, (width + 1) / max(1, count)))
    }

    /// Which of `count` columns fit, so that a certain one is among them.
    static func columns(of count: Int, in width: Int, showing chosen: Int?) -> [Int] {
        let room = max(1, (width + 1) / pitch)
        guard count > room else { return Array(0..<max(0, count)) }
        let top = Scrolling.top(max(0, (chosen ?? 0) - room / 2), showing: chosen ?? 0, of: count, room: room)
        return Array(top..<min(count, top + room))
    }

    /// Draws the columns on the lower edge; the largest value fills the height.
    func draw(in rect: Rect, _ style: Style, on canvas: inout Canvas) {
        let top = values.reduce(0) { max($0, $1.flatMap { $0.isFinite ? $0 : nil } ?? 0) }
        guard top > 0 else { return }
        let pitch = ColumnBars.pitch(of: values.count, in: rect.columns)
        for (index, value) in values.enumerated() {
            guard let value, value > 0 else { continue }
            let eighths = max(1, Int(held: (min(1, value / top) * Double(rect.rows * 8)).rounded()))
            let style = index == selected ? style.bold : style
            for level in 0..<rect.rows {
                let filled = min(8, eighths - level * 8)
                guard filled > 0 else { break }
                for column in 0..<pitch - 1 {
                    let place = rect.column + index * pitch + column
                    guard place < rect.endColumn else { continue }
                    canvas.frame[rect.endRow - 1 - level, place] = Cell(canvas.glyphs.heights[filled], style)
                }
            }
        }
    }

    /// The names under the columns, cut to their width; `numbers` are those of the layers.
    static func drawLabels(
        _ names: [String], numbers: [Int], selected: Int?, in rect: Rect, on canvas: inout Canvas
    ) {
        guard rect.rows > 0 else { return }
        let pitch = pitch(of: names.count, in: rect.columns)
        for (index, label) in ShortNames.labels(names, numbers: numbers, to: pitch - 1).enumerated() {
            let start = rect.column + index * pitch
            canvas.frame.put(
                label, rect.row, start, index == selected ? .accent.bold : .dim,
                end: min(rect.endColumn, start + pitch - 1))
        }
    }

    /// Signs at both edges of a row where columns before or after those shown do not fit.
    static func drawMore(_ shown: [Int], of count: Int, in rect: Rect, on canvas: inout Canvas) {
        guard let first = shown.first, let last = shown.last, !rect.isEmpty else { return }
        if first > 0 { canvas.frame[rect.row, rect.column] = Cell(canvas.glyphs.stepDown, .dim) }
        if last < count - 1 {
            canvas.frame[rect.row, rect.endColumn - 1] = Cell(canvas.glyphs.stepUp, .dim)
        }
    }
}
