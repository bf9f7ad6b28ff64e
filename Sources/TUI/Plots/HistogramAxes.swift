import Editing
import Graph
import Reporting
import Terminal

// The axes of a histogram.
extension HistogramPlot {
    /// A rule with a tick for each level, and signs for zero and clips.
    func drawAxis(in rect: Rect, on canvas: inout Canvas) {
        for column in rect.column..<rect.endColumn {
            canvas.frame[rect.row, column] = Cell(canvas.glyphs.horizontal, .dim)
        }
        if let levels {
            if hasTicks(levels, rect.columns) {
                for level in 0..<levels.count {
                    let value = levels.first + Double(level) * levels.step
                    guard range.contains(value) else { continue }
                    canvas.frame[rect.row, rect.column + column(value, rect.columns)] = Cell(
                        canvas.glyphs.level, Style(.seriesB))
                }
            } else {
                drawLevelCount(levels.count, in: rect, on: &canvas)
            }
        }
        if range.lowerBound < 0, range.upperBound > 0 {
            canvas.frame[rect.row, rect.column + column(0, rect.columns)] = Cell(canvas.glyphs.zero, .text)
        }
    }

    /// Whether there is a column without a tick between any two levels.
    private func hasTicks(_ levels: TensorHistogram.Levels, _ columns: Int) -> Bool {
        levels.count <= columns
            && levels.step / (range.upperBound - range.lowerBound) * Double(columns) >= 2
    }

    /// "256 levels", where they are too many to draw: between zero and the upper end.
    private func drawLevelCount(_ count: Int, in rect: Rect, on canvas: inout Canvas) {
        let text = " \(Figures.grouped(count)) levels "
        let first = rect.column + column(max(0, range.lowerBound), rect.columns) + 2
        let room = rect.endColumn - 8 - first
        guard room >= text.count else { return }
        canvas.frame.put(
            text, rect.row, first + (room - text.count) / 2, Style(.seriesB), end: rect.endColumn)
    }

    /// The ends of the axis, and a clip where there is room, written into it.
    func drawEnds(in rect: Rect, on canvas: inout Canvas) {
        let low = text(range.lowerBound)
        let high = text(range.upperBound)
        guard rect.columns >= low.count + high.count + 4 else { return }
        canvas.frame.put(low, rect.row, rect.column, .dim, end: rect.endColumn)
        canvas.frame.putRight(high, rect.row, end: rect.endColumn, from: rect.column, .dim)
        guard let clip = clips.last, clip < range.upperBound else { return }
        let place = rect.column + column(clip, rect.columns)
        let name = clipText(clip)
        guard place + 2 + name.count < rect.endColumn - high.count else { return }
        canvas.frame[rect.row, place] = Cell(canvas.glyphs.zero, Style(.seriesB))
        canvas.frame.put(name, rect.row, place + 1, Style(.seriesB), end: rect.endColumn)
    }

    private func text(_ value: Double) -> String {
        if value == 0 { return "0" }
        return (range.lowerBound < 0 && value > 0 ? "+" : "") + AxisLabels([value]).text(value)
    }

    /// A clip has a decimal: it need not be whole.
    private func clipText(_ clip: Double) -> String {
        let text = text(clip)
        return text.contains(".") || text.contains("e") ? text : text + ".0"
    }

    /// Values under the axis: zero and clips first, then the ends, then round numbers where there is room.
    func drawValues(under axis: Rect, _ rect: Rect, on canvas: inout Canvas) {
        var taken: [Range<Int>] = []
        func put(
            _ text: String, _ value: Double, _ style: Style, gap: Int = 2, on canvas: inout Canvas
        ) {
            let middle = axis.column + column(value, axis.columns) - (text.count - 1) / 2
            let start = min(max(rect.column, middle), axis.endColumn - text.count)
            let place = start - gap..<start + text.count + gap
            guard start >= rect.column, taken.allSatisfy({ !$0.overlaps(place) }) else { return }
            canvas.frame.put(text, axis.row + 1, start, style, end: axis.endColumn)
            taken.append(start..<start + text.count)
        }
        if range.contains(0) { put("0", 0, .dim, on: &canvas) }
        for clip in clips where range.contains(clip) {
            put(clipText(clip), clip, Style(.seriesB), on: &canvas)
        }
        for end in [range.lowerBound, range.upperBound] { put(text(end), end, .dim, on: &canvas) }
        let ticks = Ticks.linear(range.lowerBound, range.upperBound, most: max(1, axis.columns / 10))
        let labels = AxisLabels(ticks)
        for tick in ticks where tick != 0 {
            let sign = range.lowerBound < 0 && tick > 0 ? "+" : ""
            put(sign + labels.text(tick), tick, .dim, gap: 5, on: &canvas)
        }
    }

    /// How many powers of ten lie between two counts, so that those are at least two rows apart.
    private func decades(_ rows: Int, _ top: Double) -> Int {
        let perDecade = Double(rows) / max(1, Logarithm.ten(1 + top))
        return max(1, Int(held: (2 / max(0.01, perDecade)).rounded(.up)))
    }

    /// Counts at the left: the largest and half of it, or powers of ten at equal distances.
    func drawCounts(_ top: Double, _ area: Rect, _ left: Rect, on canvas: inout Canvas) {
        let axis = left.endColumn - 1
        for row in area.row..<area.endRow { canvas.frame[row, axis] = Cell(canvas.glyphs.vertical, .dim) }
        guard top >= 1 else { return }
        let counts: [Double] =
            isLogarithmic
            ? stride(from: 0, through: Int(held: Logarithm.ten(top)), by: decades(area.rows, top))
                .map { Logarithm.count($0) }.reversed() : [top, top / 2]
        let labels = AxisLabels(counts.map { $0.rounded() })
        var last: Int?
        for count in counts {
            let rows = Double(area.rows) * value(count) / value(top)
            let row = min(area.endRow - 1, max(area.row, area.endRow - Int(held: rows.rounded(.up))))
            guard last.map({ row - $0 >= 2 }) ?? true else { continue }
            last = row
            let power = Int(held: Logarithm.ten(count).rounded())
            let text =
                !isLogarithmic
                ? labels.text(count.rounded()) : power > 1 ? "10^\(power)" : power == 1 ? "10" : "1"
            canvas.frame.putRight(text, row, end: axis, from: left.column, .dim)
            canvas.frame[row, axis] = Cell(canvas.glyphs.teeLeft, .dim)
        }
    }
}
