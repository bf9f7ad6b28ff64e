import Terminal
import Workbench

/// A value as a bar to the right, in eighths of a cell.
struct Bar {
    let value: Double
    let of: Double

    /// Draws it from the left edge; `of` fills the row.
    func draw(in rect: Rect, _ style: Style, on canvas: inout Canvas) {
        guard value.isFinite, of > 0 else { return }
        let eighths = Int((min(1, max(0, value / of)) * Double(rect.columns * 8)).rounded())
        for column in 0..<rect.columns {
            let filled = min(8, max(0, eighths - column * 8))
            guard filled > 0 else { break }
            canvas.frame[rect.row, rect.column + column] = Cell(canvas.glyphs.widths[filled], style)
        }
    }
}

/// How much of something is done: a bar on dots, and the number.
struct ProgressBar {
    let fraction: Double

    init(_ fraction: Double) { self.fraction = min(1, max(0, fraction.isFinite ? fraction : 0)) }

    func draw(in rect: Rect, on canvas: inout Canvas) {
        let room = rect.columns - 5
        guard room > 2 else { return }
        for column in 0..<room {
            canvas.frame[rect.row, rect.column + column] = Cell(canvas.glyphs.none, .guides)
        }
        Bar(value: fraction, of: 1).draw(
            in: Rect(row: rect.row, column: rect.column, rows: 1, columns: room), .accent, on: &canvas)
        canvas.frame.putRight("\(Int((fraction * 100).rounded(.down)))%", rect.row, end: rect.endColumn)
    }
}

/// The shape of a histogram in a few cells, scaled to itself.
struct Sparkline {
    let counts: [UInt32]

    init(_ counts: [UInt32]) { self.counts = counts }

    func draw(in rect: Rect, _ style: Style, on canvas: inout Canvas) {
        let bins = Binning.bins(counts, into: rect.columns)
        guard let top = bins.max(), top > 0 else { return }
        for (column, count) in bins.enumerated() where count > 0 {
            let height = max(1, Int((Double(count) / Double(top) * 8).rounded()))
            canvas.frame[rect.row, rect.column + column] = Cell(canvas.glyphs.heights[height], style)
        }
    }
}

/// Fine counts into coarser ones.
enum Binning {
    /// Sums of neighbours; a bin that lies across two goes to the one that has its middle.
    static func bins(_ counts: [UInt32], into columns: Int) -> [UInt64] {
        guard columns > 0, !counts.isEmpty else { return [] }
        var bins = [UInt64](repeating: 0, count: columns)
        for (index, count) in counts.enumerated() {
            bins[(2 * index + 1) * columns / (2 * counts.count)] += UInt64(count)
        }
        return bins
    }
}

/// Columns side by side, each with its label: one for a layer.
struct ColumnBars {
    /// The heights; nil leaves a column empty.
    let values: [Double?]
    /// The column that is set apart.
    let selected: Int?

    /// Columns of a bar, and of the gap behind it.
    static let width = 4
    private static let pitch = 5

    /// Which of `count` bars fit, so that a certain one is among them.
    static func columns(of count: Int, in width: Int, showing chosen: Int?) -> [Int] {
        let room = max(1, (width + 1) / pitch)
        guard count > room else { return Array(0..<count) }
        let top = Scrolling.top(max(0, (chosen ?? 0) - room / 2), showing: chosen ?? 0, of: count, room: room)
        return Array(top..<min(count, top + room))
    }

    /// Draws the bars on the lower edge; the largest fills the height.
    func draw(in rect: Rect, _ style: Style, on canvas: inout Canvas) {
        let top = values.compactMap { $0 }.max() ?? 0
        guard top > 0 else { return }
        for (index, value) in values.enumerated() {
            guard let value, value > 0 else { continue }
            let eighths = max(1, Int((value / top * Double(rect.rows * 8)).rounded()))
            let style = index == selected ? style.bold : style
            for level in 0..<rect.rows {
                let filled = min(8, max(0, eighths - level * 8))
                guard filled > 0 else { break }
                for column in 0..<ColumnBars.width {
                    let place = rect.column + index * ColumnBars.pitch + column
                    guard place < rect.endColumn else { continue }
                    canvas.frame[rect.endRow - 1 - level, place] = Cell(canvas.glyphs.heights[filled], style)
                }
            }
        }
    }

    /// The names under the bars, cut to their width.
    static func drawLabels(_ names: [String], selected: Int?, in rect: Rect, on canvas: inout Canvas) {
        for (index, name) in names.enumerated() {
            let start = rect.column + index * pitch
            canvas.frame.put(
                label(name), rect.row, start, index == selected ? .accent.bold : .dim,
                end: min(rect.endColumn, start + width))
        }
    }

    /// A name in four cells: start and end tell layers apart, dots go first.
    static func label(_ name: String) -> String {
        let bare = name.filter { $0 != "." && $0 != "_" && $0 != "/" }
        guard bare.displayWidth > width else { return bare }
        let digits = String(bare.reversed().prefix { $0.isNumber }.reversed()).suffix(2)
        var start = ""
        for letter in bare where start.displayWidth + letter.displayWidth + digits.count <= width {
            start.append(letter)
        }
        return start + digits
    }
}

/// Rows over time, shaded by a value: which layer, since when.
struct HeatMap {
    let labels: [String]
    let rows: [[(Double, Double)]]
    let xRange: ClosedRange<Double>
    /// The value that is all black.
    let top: Double
    let selected: Int?

    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard rect.rows >= 2, !labels.isEmpty else { return }
        let names = min(12, labels.map(\.displayWidth).max() ?? 0)
        let start = rect.column + names + 3
        let columns = rect.endColumn - 1 - start
        guard columns > 2 else { return }
        let room = rect.rows - 1
        let first = Scrolling.top(0, showing: selected ?? 0, of: labels.count, room: room)
        for (offset, index) in (first..<min(labels.count, first + room)).enumerated() {
            let row = rect.row + offset
            if index == selected {
                canvas.frame[row, rect.column + 1] = Cell(canvas.glyphs.selected, .accent.bold)
            }
            canvas.frame.put(
                labels[index].shortened(to: names), row, rect.column + 2, index == selected ? .strong : .text)
            let shades = canvas.glyphs.shades
            for (column, value) in greatest(rows[index], columns).enumerated() {
                guard let value, value > 0 else { continue }
                let shade = min(shades.count - 1, 1 + Int(value / top * Double(shades.count - 2)))
                canvas.frame[row, start + column] = Cell(shades[shade], Style(.seriesB))
            }
        }
        let axis = rect.row + min(room, labels.count)
        canvas.frame.put(Figures.tick(xRange.lowerBound), axis, start, .dim)
        canvas.frame.putRight(
            "step " + Figures.tick(xRange.upperBound), axis, end: start + columns, from: start + 4, .dim)
    }

    /// The greatest value of each column; a column without any takes the one before.
    private func greatest(_ samples: [(Double, Double)], _ columns: Int) -> [Double?] {
        var values = [Double?](repeating: nil, count: columns)
        let span = xRange.upperBound - xRange.lowerBound
        var last = 0
        for (x, y) in samples where xRange.contains(x) && y.isFinite {
            let column = min(columns - 1, Int((x - xRange.lowerBound) / span * Double(columns)))
            values[column] = max(values[column] ?? 0, y)
            last = max(last, column)
        }
        for column in 0..<columns where values[column] == nil && column > 0 && column <= last {
            values[column] = values[column - 1]
        }
        return values
    }
}
