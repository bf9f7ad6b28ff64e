import Editing
import Reporting
import Runs
import Terminal

// The axes of a line plot and what is written on them.
extension LinePlot {
    /// The lines of both axes, and steps or epochs under the lower one.
    func drawFrame(_ area: Rect, _ left: Rect, _ foot: Rect, on canvas: inout Canvas) {
        guard !left.isEmpty else { return }
        let axis = left.endColumn - 1
        for row in area.row..<area.endRow { canvas.frame[row, axis] = Cell(canvas.glyphs.vertical, .dim) }
        guard foot.rows > 0 else { return }
        canvas.frame[foot.row, axis] = Cell(canvas.glyphs.corners.2, .dim)
        for column in area.column..<area.endColumn {
            canvas.frame[foot.row, column] = Cell(canvas.glyphs.horizontal, .dim)
        }
        if foot.rows > 1 { drawSteps(area, foot.row + 1, on: &canvas) }
    }

    private func drawSteps(_ area: Rect, _ row: Int, on canvas: inout Canvas) {
        let caption = x.caption ?? (x.perEpoch == nil ? "step" : "epoch")
        let captionStart = area.endColumn - caption.displayWidth
        guard captionStart > area.column else { return }
        canvas.frame.put(caption, row, captionStart, .dim, end: area.endColumn)
        let unit = x.perEpoch ?? 1
        let low = x.range.lowerBound / unit
        let high = x.range.upperBound / unit
        let scale = PlotScale(x: x.range, low: 0, high: 1, least: 0, greatest: 1, area: area)
        // Epochs and steps are counted: there is no half of them, unless nothing else is in sight.
        let values =
            x.isLogarithmic
            ? Ticks.logarithmic(low, high)
            : Ticks.linear(
                low, high, most: max(1, area.columns / 10), areWhole: x.perEpoch == nil || high - low >= 2)
        let labels = AxisLabels(values)
        let texts = x.isLogarithmic ? Figures.powers(values) : values.map(labels.text)
        var free = area.column - 1
        for (value, label) in zip(values, texts) {
            let middle = scale.column(value * unit) - (label.count - 1) / 2
            let start = max(area.column, middle)
            guard start > free, start + label.count < captionStart - 1 else { continue }
            canvas.frame.put(label, row, start, .dim, end: area.endColumn)
            free = start + label.count + 2
        }
    }

    /// Evenly spaced values of a part of the axis, three rows apart, or closer where that part has few rows; none where two do not
    /// fit there.
    private func evenTicks(
        _ low: Double, _ high: Double, _ scale: PlotScale, _ row: (Double) -> Int
    ) -> [Double] {
        let most = max(1, (scale.area.rows - 2) / 3)
        for finer in [1, 2, 4] {
            let ticks = Ticks.linear(scale.low, scale.high, most: most * finer)
                .filter { $0 >= low && $0 <= high }
            let gap = zip(ticks, ticks.dropFirst()).map { row($0) - row($1) }.min() ?? 0
            if ticks.count > 1, finer == 1 || gap >= 3 { return ticks }
        }
        return []
    }

    /// The values at the left: limits in their own ink, and evenly spaced values among those that are shown, zero at the end of
    /// an axis with them; the least and the greatest value where those are fewer than two.
    func drawLabels(_ scale: PlotScale, _ left: Rect, on canvas: inout Canvas) {
        guard !left.isEmpty else { return }
        let limits = series.filter { $0.style == .dashed }.compactMap { limit -> (Double, Ink)? in
            limit.sample(at: x.range.upperBound).flatMap { value($0.y) }.map { ($0, limit.ink) }
        }
        let low = scale.low == 0 && !isLogarithmic ? 0 : scale.least
        let high = scale.high == 0 && !isLogarithmic ? 0 : scale.greatest
        // Values in the middle between two rows all go to the lower one, so that distances stay equal.
        let row = { (value: Double) in scale.row(value - 1e-9 * (scale.high - scale.low)) }
        let ticks =
            isLogarithmic ? Ticks.logarithmic(low, high) : evenTicks(low, high, scale, row)
        let ends = ticks.count < 2 ? [high, low] : []
        let values = Ticks.spaced(
            limits.map(\.0) + ends.filter { end in limits.allSatisfy { row($0.0) != row(end) } },
            ticks.count < 2 ? [] : ticks,
            gap: ticks.count < 2 ? 3 : isLogarithmic ? 2 : 1, row: row)
        let labels = AxisLabels(values, decimals: 1)
        let texts = isLogarithmic ? Figures.powers(values) : values.map(labels.text)
        for (value, text) in zip(values, texts) {
            let limit = limits.first { $0.0 == value }
            let style = limit.map { Style($0.1) } ?? .dim
            canvas.frame.putRight(text, row(value), end: left.endColumn - 1, from: left.column, style)
            canvas.frame[row(value), left.endColumn - 1] = Cell(canvas.glyphs.teeLeft, .dim)
        }
    }
}
