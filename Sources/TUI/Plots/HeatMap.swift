import Editing
import Graph
import Terminal

/// Rows over time, shaded by a value: which layer, since when.
struct HeatMap {
    let labels: [String]
    /// Steps and values of each row, in order.
    let rows: [[(Double, Double)]]
    let xRange: ClosedRange<Double>
    /// The value that is all black.
    let top: Double
    /// The row that is set apart.
    let selected: Int?
    /// Whether the keys go here.
    var hasFocus = true
    /// Steps in an epoch; nil writes steps on the axis.
    var perEpoch: Double?

    init(
        labels: [String], rows: [[(Double, Double)]], xRange: ClosedRange<Double>, top: Double,
        selected: Int?,
        perEpoch: Double? = nil
    ) {
        self.labels = labels
        self.rows = rows
        self.xRange = xRange
        self.top = top
        self.selected = selected
        self.perEpoch = perEpoch
    }

    /// Names at the left, one row each, and time below; the selected row is among those that fit.
    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard rect.rows >= 2, !labels.isEmpty else { return }
        let names = min(12, labels.reduce(0) { max($0, $1.displayWidth) })
        let start = rect.column + names + 3
        let columns = rect.endColumn - 1 - start
        guard columns > 2 else { return }
        let room = rect.rows - 1
        let first = Scrolling.top(0, showing: selected ?? 0, of: labels.count, room: room)
        for (offset, index) in (first..<min(labels.count, first + room)).enumerated() {
            let row = rect.row + offset
            if index == selected {
                canvas.frame[row, rect.column + 1] = Cell(
                    hasFocus ? canvas.glyphs.selected : canvas.glyphs.selectedAway, .accent.bold)
            }
            canvas.frame.put(
                labels[index].shortened(to: names), row, rect.column + 2,
                index == selected ? .strong : .text, end: start - 1)
            guard index < rows.count else { continue }
            for (column, value) in greatest(rows[index], columns).enumerated() where value > 0 {
                canvas.frame[row, start + column] = Cell(
                    canvas.glyphs.shades[shade(value)], Style(.seriesB))
            }
        }
        drawSteps(rect.row + min(room, labels.count), start..<start + columns, on: &canvas)
    }

    /// The shade of a value above zero.
    private func shade(_ value: Double) -> Int {
        1 + (top > 0 ? min(3, Int(held: min(1, value / top) * 3)) : 3)
    }

    private func drawSteps(_ row: Int, _ columns: Range<Int>, on canvas: inout Canvas) {
        let unit = perEpoch.flatMap { $0 > 0 ? $0 : nil } ?? 1
        let labels = [xRange.lowerBound, xRange.upperBound].map { Figures.tick(($0 / unit).rounded()) }
        let next = canvas.frame.put(labels[0], row, columns.lowerBound, .dim, end: columns.upperBound)
        let caption = unit == 1 ? "step " : "epoch "
        let end = [caption + labels[1], labels[1]].first { next + 1 + $0.count <= columns.upperBound }
        if let end { canvas.frame.putRight(end, row, end: columns.upperBound, .dim) }
    }

    /// The greatest value of each column; a column without any takes the one before, one before all others is zero.
    private func greatest(_ samples: [(Double, Double)], _ columns: Int) -> [Double] {
        var values = [Double](repeating: -1, count: columns)
        let span = xRange.upperBound - xRange.lowerBound
        var last = -1
        for (x, y) in samples where xRange.contains(x) && y.isFinite {
            let part = span > 0 ? (x - xRange.lowerBound) / span : 0
            let column = min(columns - 1, Int(held: part * Double(columns)))
            values[column] = max(values[column], y)
            last = max(last, column)
        }
        for column in 0..<columns where values[column] < 0 {
            values[column] = column > 0 && column <= last ? values[column - 1] : 0
        }
        return values
    }
}
