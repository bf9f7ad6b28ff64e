import Editing
import Graph
import Reporting
import Terminal

/// How values are spread, against the levels and the range of a quantizer.
///
/// Each level is a tick on the axis, zero has a sign of its own. Bars beyond the range are values that the quantizer cuts off.
struct HistogramPlot {
    /// How much is written around the bars.
    enum Form {
        /// One row for the axis, with its ends written into it.
        case compact
        /// Counts at the left, and a row for values under the axis.
        case large
    }

    /// The values.
    var histogram: FineHistogram
    /// The same values after the quantizer; drawn as lines on top.
    var quantized: FineHistogram?
    /// The values at the ends of the axis.
    var range: ClosedRange<Double>
    /// The levels that are ticks on the axis; nil without a quantizer.
    var levels: TensorHistogram.Levels?
    /// Where the quantizer's range ends; nil without one.
    var kept: ClosedRange<Double>?
    /// Where lines are drawn through the plot.
    var clips: [Double] = []
    /// What stands beside the last of them; empty for nothing.
    var clipName = ""
    var isLogarithmic = false
    /// Whether the picture is of something that has changed since.
    var isDim = false
    var form = Form.compact

    /// Counts over their own range.
    init(_ histogram: FineHistogram) {
        self.histogram = histogram
        let isRange = histogram.low.isFinite && histogram.high.isFinite && histogram.low < histogram.high
        range = isRange ? histogram.low...histogram.high : -1...1
    }

    /// Draws bars and axis; a part without room for both gets the bars alone.
    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard !rect.isEmpty, (range.upperBound - range.lowerBound).isFinite else { return }
        guard range.lowerBound < range.upperBound else { return }
        var area = rect
        let isLarge = form == .large && rect.rows >= 5 && rect.columns >= LinePlot.margin + 16
        let foot = area.takeBottom(rect.rows < 2 || rect.columns < 8 ? 0 : isLarge ? 2 : 1)
        let left = area.takeLeft(isLarge ? LinePlot.margin + 1 : 0)
        let bars = bars(area)
        drawClips(in: area, on: &canvas)
        draw(bars, in: area, on: &canvas)
        if isLarge { drawCounts(bars.top, area, left, on: &canvas) }
        drawClipName(in: area, on: &canvas)
        guard foot.rows > 0 else { return }
        let axis = Rect(row: foot.row, column: area.column, rows: 1, columns: area.columns)
        drawAxis(in: axis, on: &canvas)
        if isLarge {
            canvas.frame[axis.row, left.endColumn - 1] = Cell(canvas.glyphs.corners.2, .dim)
            drawValues(under: axis, rect, on: &canvas)
        } else {
            drawEnds(in: axis, on: &canvas)
        }
    }

    /// The column of a value among `columns`, the nearest for one outside.
    func column(_ value: Double, _ columns: Int) -> Int {
        let part = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
        return part.isFinite ? min(columns - 1, Int(held: max(0, min(1, part)) * Double(columns))) : 0
    }

    // MARK: Bars

    /// The heights of a plot, in eighths of a cell.
    private struct Bars {
        var heights: [Int]
        var quantized: [Int]
        /// The count that fills the plot.
        var top: Double
    }

    /// What a count is on the axis: itself or log10(1 + n), which is zero for none.
    func value(_ count: Double) -> Double { isLogarithmic ? Logarithm.ten(1 + count) : count }

    private func bars(_ area: Rect) -> Bars {
        let counts = histogram.bins(over: range, columns: area.columns)
        // A level has the values of all columns up to the next: spread over those, its height can be compared.
        let pitch = levels.map { $0.step / (range.upperBound - range.lowerBound) * Double(area.columns) } ?? 1
        let spread = (quantized?.bins(over: range, columns: area.columns) ?? []).map { $0 / max(1, pitch) }
        let top = (counts + spread).max() ?? 0
        let eighths = { (count: Double) -> Int in
            guard count > 0, top > 0 else { return 0 }
            return max(1, Int(held: (value(count) / value(top) * Double(area.rows * 8)).rounded()))
        }
        return Bars(heights: counts.map(eighths), quantized: spread.map(eighths), top: top)
    }

    private func draw(_ bars: Bars, in area: Rect, on canvas: inout Canvas) {
        let first = kept.map { column($0.lowerBound, area.columns) } ?? 0
        let last = kept.map { column($0.upperBound, area.columns) } ?? area.columns
        // Where the plot ends at the clip or before it nothing is lost.
        let low = kept.map { $0.lowerBound <= range.lowerBound ? 0 : first } ?? 0
        for (column, height) in bars.heights.enumerated() {
            let isLost = column < low || column > last
            draw(
                height, isDim ? .dim : Style(.seriesA), isLost: isLost, area.column + column, in: area,
                on: &canvas)
        }
        for (column, height) in bars.quantized.enumerated() where height > 0 {
            // A sign of its own: colour alone would say nothing without colours.
            for row in area.endRow - max(1, (height + 4) / 8)..<area.endRow {
                canvas.frame[row, area.column + column] = Cell(
                    canvas.glyphs.vertical, isDim ? .dim : Style(.seriesB))
            }
        }
    }

    private func draw(
        _ eighths: Int, _ style: Style, isLost: Bool, _ column: Int, in area: Rect, on canvas: inout Canvas
    ) {
        for level in 0..<area.rows {
            let filled = min(8, eighths - level * 8)
            guard filled > 0 else { return }
            // The texture has no eighths.
            if isLost, filled < 4, level > 0 { return }
            canvas.frame[area.endRow - 1 - level, column] =
                isLost ? Cell(canvas.glyphs.lost, .error) : Cell(canvas.glyphs.heights[filled], style)
        }
    }

    private func drawClips(in area: Rect, on canvas: inout Canvas) {
        for clip in clips where clip > range.lowerBound && clip < range.upperBound {
            let place = area.column + column(clip, area.columns)
            for row in area.row..<area.endRow {
                canvas.frame[row, place] = Cell(canvas.glyphs.clip, Style(.seriesB))
            }
        }
    }

    /// Beside the line of the last clip, where no bar is in the way.
    private func drawClipName(in area: Rect, on canvas: inout Canvas) {
        guard let clip = clips.last, !clipName.isEmpty, clip < range.upperBound else { return }
        let place = area.column + column(clip, area.columns)
        let width = clipName.displayWidth
        let start = [place - 1 - width, place + 2].first { start in
            start >= area.column && start + width <= area.endColumn
                && (start..<start + width).allSatisfy { canvas.frame[area.row, $0].scalar == " " }
        }
        if let start { canvas.frame.put(clipName, area.row, start, Style(.seriesB), end: area.endColumn) }
    }
}
