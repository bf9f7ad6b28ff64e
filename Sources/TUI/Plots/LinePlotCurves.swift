import Runs
import Terminal

extension LinePlot.Series {
    /// Cells that the label takes after the curve's end: a single letter stands close to it.
    var labelWidth: Int {
        let width = label.displayWidth
        return width > 1 ? width + 1 : width
    }

    /// The samples in a window, in order. A line that goes on outside has a sample on the window's edge; a limit holds from
    /// each sample to the next, so that the one before the window counts.
    func forEachSample(in window: ClosedRange<Double>, _ body: (CurvePoint) -> Void) {
        let start = firstSample(from: window.lowerBound)
        if start > 0, style != .dots {
            let before = samples[start - 1]
            if style == .dashed {
                body(CurvePoint(x: window.lowerBound, y: before.y))
            } else if start < samples.count {
                body(LinePlot.Series.between(before, samples[start], at: window.lowerBound))
            }
        }
        var index = start
        while index < samples.count, samples[index].x <= window.upperBound {
            body(samples[index])
            index += 1
        }
        guard style == .line, index > 0, index < samples.count, samples[index - 1].x < window.upperBound
        else {
            return
        }
        body(LinePlot.Series.between(samples[index - 1], samples[index], at: window.upperBound))
    }

    /// The position of the first sample that does not lie before a step.
    private func firstSample(from step: Double) -> Int {
        var low = 0
        var high = samples.count
        while low < high {
            let middle = (low + high) / 2
            if samples[middle].x < step { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func between(_ left: CurvePoint, _ right: CurvePoint, at x: Double) -> CurvePoint {
        let part = right.x > left.x ? (x - left.x) / (right.x - left.x) : 1
        return CurvePoint(x: x, y: left.y + part * (right.y - left.y))
    }

    /// The newest sample at or before a step that is a number.
    func sample(at step: Double) -> CurvePoint? {
        var index = firstSample(from: step)
        if index < samples.count, samples[index].x == step { index += 1 }
        return samples[..<index].last { $0.y.isFinite }
    }
}

// Lines and dots.
extension LinePlot {
    func draw(
        _ series: Series, _ scale: PlotScale, with grid: inout DotGrid, in area: Rect, on canvas: inout Canvas
    ) {
        if series.style == .dots, drawDots(series, scale, on: &canvas) { return }
        // With one sign a cell noise would bury the curve in front of it.
        if series.isBackground, canvas.glyphs.kind == .ascii, self.series.count > 1 { return }
        grid.clear()
        trace(series, scale, into: &grid)
        grid.draw(in: area, Style(series.ink), on: &canvas)
    }

    /// A sign for each sample; false where there are so many that they would run together, which a line shows better.
    private func drawDots(_ series: Series, _ scale: PlotScale, on canvas: inout Canvas) -> Bool {
        var count = 0
        series.forEachSample(in: x.range) { count += value($0.y) == nil ? 0 : 1 }
        guard count * 2 <= scale.area.columns else { return false }
        series.forEachSample(in: x.range) { sample in
            guard let y = value(sample.y) else { return }
            canvas.frame[scale.row(y), scale.column(sample.x)] = Cell(canvas.glyphs.dot, Style(series.ink))
        }
        return true
    }

    /// First, least, greatest and last value of each column of dots, joined: no spike is lost.
    private func trace(_ series: Series, _ scale: PlotScale, into grid: inout DotGrid) {
        var pen = Pen(least: grid.density.rows == 1 ? 2 : 1)
        let width = grid.width
        let height = grid.height
        series.forEachSample(in: x.range) { sample in
            guard let value = value(sample.y) else { return pen.lift(&grid) }
            pen.move(scale.column(sample.x, among: width), scale.row(value, among: height), &grid)
        }
        pen.lift(&grid)
    }

    /// Joins columns of dots.
    private struct Pen {
        /// The rows that values of a column must lie apart to be drawn as a run; where a dot is a cell, less is noise.
        let least: Int
        private var last: (x: Int, y: Int)?
        private var current: (x: Int, first: Int, top: Int, bottom: Int, last: Int)?

        init(least: Int) { self.least = least }

        mutating func move(_ x: Int, _ y: Int, _ grid: inout DotGrid) {
            guard var same = current, same.x == x else {
                close(&grid)
                current = (x, y, y, y, y)
                return
            }
            same.top = min(same.top, y)
            same.bottom = max(same.bottom, y)
            same.last = y
            current = same
        }

        /// The next sample begins anew.
        mutating func lift(_ grid: inout DotGrid) {
            close(&grid)
            last = nil
        }

        private mutating func close(_ grid: inout DotGrid) {
            guard let done = current else { return }
            let isRun = done.bottom - done.top >= least
            if let last { grid.line(from: last, to: (done.x, isRun ? done.first : done.last)) }
            if isRun {
                grid.line(from: (done.x, done.top), to: (done.x, done.bottom))
            } else {
                grid.set(done.x, done.last)
            }
            last = (done.x, done.last)
            current = nil
        }
    }
}
