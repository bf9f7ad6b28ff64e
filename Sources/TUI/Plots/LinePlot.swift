import Terminal
import Workbench

/// Curves over steps: titled by whoever draws it, with an axis at the left and one below.
struct LinePlot {
    /// The part of the steps that is shown.
    struct Steps {
        var range: ClosedRange<Double>
        /// Steps in an epoch; nil writes steps on the axis.
        var perEpoch: Double?

        static func steps(_ range: ClosedRange<Double>, perEpoch: Double?) -> Steps {
            Steps(range: range, perEpoch: perEpoch)
        }
    }

    /// One curve.
    struct Series {
        enum Style { case line, dots, dashed }

        var samples: [Sample]
        var ink: Ink
        var style: Style

        init(_ samples: [Sample], ink: Ink, style: Style) {
            (self.samples, self.ink, self.style) = (samples, ink, style)
        }
    }

    /// Something that happened at a step.
    struct Event {
        var x: Double
        var text: String
    }

    var x: Steps
    var series: [Series] = []
    var events: [Event] = []
    var isLogarithmic = false
    var axis = AxisRange()
    /// Where the hairline is, as a part of the shown steps.
    var hairline: Double?

    /// Columns of the labels at the left.
    static let margin = 6

    init(x: Steps) { self.x = x }

    /// Draws axes, events and curves; the last curve lies on top.
    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard rect.columns > LinePlot.margin + 8, rect.rows >= 3 else { return }
        var area = rect
        let foot = area.takeBottom(2)
        let left = area.takeLeft(LinePlot.margin + 1)
        guard let scale = scale(rows: area.rows) else {
            drawFrame(area, left, foot, on: &canvas)
            canvas.frame.put(
                "no data yet", area.row + area.rows / 2, area.column + 2, .dim, end: area.endColumn)
            return
        }
        drawFrame(area, left, foot, on: &canvas)
        drawLabels(scale, area, left, on: &canvas)
        drawEvents(in: area, on: &canvas)
        for series in series { draw(series, scale, in: area, on: &canvas) }
        if let hairline { drawHairline(hairline, scale, in: area, on: &canvas) }
    }

    /// What the curve's value is on the axis: itself, or its logarithm.
    private func value(_ y: Double) -> Double? {
        guard y.isFinite else { return nil }
        guard isLogarithmic else { return y }
        return y > 0 ? Logarithm.ten(y) : nil
    }

    /// The least and the greatest value on the axis, or nil where there is nothing to show.
    private func scale(rows: Int) -> (low: Double, high: Double)? {
        var (least, greatest) = (Double.infinity, -Double.infinity)
        for series in series {
            for sample in series.samples where x.range.contains(sample.x) {
                guard let y = value(sample.y) else { continue }
                (least, greatest) = (min(least, y), max(greatest, y))
            }
        }
        guard least <= greatest else { return nil }
        if isLogarithmic {
            let pad = max(0.02, 0.05 * (greatest - least))
            return (least - pad, greatest + pad)
        }
        var axis = axis
        axis.take(least, greatest)
        guard let low = axis.low, let high = axis.high else { return AxisRange.padded(least, greatest) }
        return (low, high)
    }

    private func drawFrame(_ area: Rect, _ left: Rect, _ foot: Rect, on canvas: inout Canvas) {
        let axis = left.endColumn - 1
        for row in area.row..<area.endRow { canvas.frame[row, axis] = Cell(canvas.glyphs.vertical, .dim) }
        canvas.frame[foot.row, axis] = Cell(canvas.glyphs.corners.2, .dim)
        for column in area.column..<area.endColumn - 1 {
            canvas.frame[foot.row, column] = Cell(canvas.glyphs.horizontal, .dim)
        }
        drawSteps(area, foot.row + 1, on: &canvas)
    }

    private func drawSteps(_ area: Rect, _ row: Int, on canvas: inout Canvas) {
        let unit = x.perEpoch ?? 1
        let (low, high) = (x.range.lowerBound / unit, x.range.upperBound / unit)
        let name = x.perEpoch == nil ? "step" : "epoch"
        let nameStart = area.endColumn - 1 - name.count
        var free = area.column
        for tick in Ticks.linear(low, high, most: max(2, area.columns / 12)) {
            let label = Figures.tick(tick)
            let place = area.column + Int((tick - low) / (high - low) * Double(area.columns - 1))
            let start = min(place, area.endColumn - label.count)
            guard start >= free, start + label.count < nameStart else { continue }
            canvas.frame.put(label, row, start, .dim, end: area.endColumn)
            free = start + label.count + 1
        }
        canvas.frame.put(name, row, nameStart, .dim, end: area.endColumn)
    }

    private func drawLabels(
        _ scale: (low: Double, high: Double), _ area: Rect, _ left: Rect, on canvas: inout Canvas
    ) {
        let rows = area.rows
        let ticks =
            isLogarithmic
            ? Ticks.logarithmic(scale.low, scale.high)
            : Ticks.linear(scale.low, scale.high, most: max(2, (rows + 2) / 3))
        var taken: Set<Int> = []
        for tick in ticks {
            let row = area.row + row(tick, scale, rows)
            guard taken.isDisjoint(with: [row - 1, row, row + 1]) else { continue }
            taken.insert(row)
            let text = isLogarithmic ? Figures.power(tick) : Figures.tick(tick)
            canvas.frame.putRight(text, row, end: left.endColumn - 1, from: left.column, .dim)
            canvas.frame[row, left.endColumn - 1] = Cell(canvas.glyphs.teeLeft, .dim)
        }
    }

    /// The row of cells of a value, from the top of the plot.
    private func row(_ value: Double, _ scale: (low: Double, high: Double), _ rows: Int) -> Int {
        let part = (scale.high - value) / (scale.high - scale.low)
        return min(rows - 1, max(0, Int(part * Double(rows - 1) + 0.5)))
    }

    private func drawEvents(in area: Rect, on canvas: inout Canvas) {
        for event in events where x.range.contains(event.x) {
            let part = (event.x - x.range.lowerBound) / (x.range.upperBound - x.range.lowerBound)
            let column = area.column + Int(part * Double(area.columns - 1))
            for row in area.row..<area.endRow {
                canvas.frame[row, column] = Cell(canvas.glyphs.clip, .guides)
            }
            guard !event.text.isEmpty else { continue }
            let room = area.endColumn - column - 2
            let start = room >= event.text.displayWidth ? column + 2 : column - 1 - event.text.displayWidth
            canvas.frame.put(event.text, area.row, max(area.column, start), .dim, end: area.endColumn)
        }
    }

    private func draw(
        _ series: Series, _ scale: (low: Double, high: Double), in area: Rect, on canvas: inout Canvas
    ) {
        var grid = DotGrid(rows: area.rows, columns: area.columns, canvas.glyphs)
        let span = x.range.upperBound - x.range.lowerBound
        // Copies: the functions below run while the grid is written.
        let (wide, tall, density) = (grid.width, grid.height, grid.density)
        func column(_ x: Double) -> Int { Int((x - self.x.range.lowerBound) / span * Double(wide - 1) + 0.5) }
        func height(_ y: Double) -> Int {
            let part = (scale.high - y) / (scale.high - scale.low)
            return min(tall - 1, max(0, Int(part * Double(tall - 1) + 0.5)))
        }
        if series.style == .dots {
            for sample in series.samples where x.range.contains(sample.x) {
                guard let y = value(sample.y) else { continue }
                let cell = column(sample.x) / density.columns
                canvas.frame[area.row + height(y) / density.rows, area.column + cell] = Cell(
                    canvas.glyphs.dot, Style(series.ink))
            }
            return
        }
        if series.style == .dashed {
            return drawDashes(series, height: { height($0) / density.rows }, in: area, on: &canvas)
        }
        trace(series.samples, column, height, into: &grid)
        grid.draw(in: area, Style(series.ink), on: &canvas)
    }

    /// First, least, greatest and last value of each column of dots, joined: no spike is lost.
    private func trace(
        _ samples: [Sample], _ column: (Double) -> Int, _ height: (Double) -> Int, into grid: inout DotGrid
    ) {
        var last: (x: Int, y: Int)?
        var current: (x: Int, first: Int, least: Int, greatest: Int, last: Int)?
        func close(_ grid: inout DotGrid) {
            guard let done = current else { return }
            if let last {
                grid.line(from: last, to: (done.x, done.first))
            } else {
                grid.set(done.x, done.first)
            }
            if done.least < done.greatest {
                grid.line(from: (done.x, done.least), to: (done.x, done.greatest))
            }
            last = (done.x, done.last)
            current = nil
        }
        for sample in samples where x.range.contains(sample.x) {
            guard let value = value(sample.y) else {
                close(&grid)
                last = nil
                continue
            }
            let (x, y) = (column(sample.x), height(value))
            if var same = current, same.x == x {
                (same.least, same.greatest, same.last) = (min(same.least, y), max(same.greatest, y), y)
                current = same
            } else {
                close(&grid)
                current = (x, y, y, y, y)
            }
        }
        close(&grid)
    }

    /// A limit that changes now and then: a dashed rule at its value from each sample to the next.
    private func drawDashes(
        _ series: Series, height: (Double) -> Int, in area: Rect, on canvas: inout Canvas
    ) {
        let span = x.range.upperBound - x.range.lowerBound
        var index = 0
        var level: Double?
        for offset in 0..<area.columns {
            let x = self.x.range.lowerBound + span * Double(offset) / Double(max(1, area.columns - 1))
            while index < series.samples.count, series.samples[index].x <= x || level == nil {
                level = value(series.samples[index].y)
                index += 1
            }
            guard let level else { continue }
            canvas.frame[area.row + height(level), area.column + offset] = Cell(
                canvas.glyphs.dash, Style(series.ink))
        }
        guard let level, let number = series.samples.last?.y else { return }
        let text = " \(Figures.significant(number)) "
        let row = area.row + height(level)
        canvas.frame.putRight(text, row, end: area.endColumn, from: area.column, Style(series.ink))
    }

    private func drawHairline(
        _ part: Double, _ scale: (low: Double, high: Double), in area: Rect, on canvas: inout Canvas
    ) {
        let column = area.column + Int(part * Double(area.columns - 1))
        for row in area.row..<area.endRow {
            canvas.frame[row, column] = Cell(canvas.glyphs.vertical, .accent)
        }
        let x = self.x.range.lowerBound + part * (self.x.range.upperBound - self.x.range.lowerBound)
        let name =
            self.x.perEpoch.map { "epoch \(Figures.tick(x / $0))" } ?? "step \(Figures.tick(x.rounded()))"
        let values = series.filter { $0.ink != .dim }.compactMap { series -> String? in
            series.samples.last { $0.x <= x }.map { Figures.significant($0.y) }
        }
        let text = " " + ([name] + values).joined(separator: "  ") + " "
        let fits = column + text.count < area.endColumn
        canvas.frame.put(
            text, area.row, fits ? column + 1 : max(area.column, column - text.count), .accent.bold,
            end: area.endColumn)
    }
}
