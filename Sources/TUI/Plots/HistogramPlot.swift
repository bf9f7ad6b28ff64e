import QAT
import Terminal
import Workbench

/// How the values of a tensor are spread, against the levels and the range of its quantizer.
///
/// The last row is the axis: its ends are written out, each level is a tick, zero has a sign of its own. Bars beyond the
/// range are values that the quantizer cuts off.
struct HistogramPlot {
    private let seen: TensorObservation
    private let quantizer: ProbedQuantizer?
    private let isLogarithmic: Bool
    private let isDim: Bool

    init(_ tensor: ProbedTensor, isLogarithmic: Bool, isDim: Bool) {
        (seen, quantizer) = (tensor.observation, tensor.quantizer)
        (self.isLogarithmic, self.isDim) = (isLogarithmic, isDim)
    }

    /// The values at the ends of the axis: zero in the middle for weights, at the left for values without a sign.
    var range: ClosedRange<Double> {
        let reach = [
            seen.minimum, seen.maximum, quantizer?.lower ?? 0, quantizer?.upper ?? 0, seen.clip ?? 0,
        ]
        let (low, high) = (reach.min() ?? 0, reach.max() ?? 0)
        if seen.kind == .weight {
            let end = max(abs(low), abs(high), 1e-12)
            return -end...end
        }
        // Without a sign the quantizer is the activation: what lies below zero becomes zero.
        let isUnsigned = low >= 0 || quantizer.map { $0.lower >= 0 } ?? false
        return isUnsigned ? 0...max(high, 1e-12) : low...max(high, low + 1e-12)
    }

    /// Draws bars and axis.
    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard rect.rows >= 2, rect.columns >= 16 else { return }
        var rect = rect
        let axis = rect.takeBottom(1)
        let range = range
        drawBars(range, in: rect, on: &canvas)
        drawClip(range, in: rect, on: &canvas)
        drawAxis(range, in: axis, on: &canvas)
    }

    /// The column of a value.
    private func column(_ value: Double, _ range: ClosedRange<Double>, _ columns: Int) -> Int {
        let part = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
        return min(columns - 1, max(0, Int(part * Double(columns))))
    }

    /// Where the quantizer's range begins and ends; nil without one.
    private var ends: ClosedRange<Double>? {
        guard let quantizer else { return nil }
        if seen.kind == .feature, let clip = seen.clip { return min(0, quantizer.lower)...max(clip, 0) }
        return quantizer.lower <= quantizer.upper ? quantizer.lower...quantizer.upper : nil
    }

    private func drawBars(_ range: ClosedRange<Double>, in rect: Rect, on canvas: inout Canvas) {
        var bins = [Double](repeating: 0, count: rect.columns)
        let width = (seen.maximum - seen.minimum) / Double(max(1, seen.histogram.count))
        for (index, count) in seen.histogram.enumerated() where count > 0 {
            let center = seen.minimum + (Double(index) + 0.5) * width
            bins[column(center, range, rect.columns)] += Double(count)
        }
        let heights = bins.map { isLogarithmic ? Logarithm.ten(1 + $0) : $0 }
        guard let top = heights.max(), top > 0 else { return }
        let style: Style = isDim ? .dim : Style(.seriesA)
        let step = (range.upperBound - range.lowerBound) / Double(rect.columns)
        for (column, height) in heights.enumerated() where height > 0 {
            let eighths = max(1, Int((height / top * Double(rect.rows * 8)).rounded()))
            let middle = range.lowerBound + (Double(column) + 0.5) * step
            let isLost = ends.map { middle < $0.lowerBound - step || middle > $0.upperBound + step } ?? false
            for level in 0..<rect.rows {
                let filled = min(8, max(0, eighths - level * 8))
                guard filled > 0 else { break }
                let cell =
                    isLost
                    ? Cell(canvas.glyphs.lost, .error) : Cell(canvas.glyphs.heights[filled], style)
                canvas.frame[rect.endRow - 1 - level, rect.column + column] = cell
            }
        }
    }

    private func drawClip(_ range: ClosedRange<Double>, in rect: Rect, on canvas: inout Canvas) {
        guard let ends, seen.clip != nil else { return }
        let marks =
            seen.kind == .weight || ends.lowerBound < 0
            ? [ends.lowerBound, ends.upperBound] : [ends.upperBound]
        for mark in marks where mark > range.lowerBound && mark < range.upperBound {
            let place = rect.column + column(mark, range, rect.columns)
            for row in rect.row..<rect.endRow where canvas.frame[row, place].scalar == " " {
                canvas.frame[row, place] = Cell(canvas.glyphs.clip, Style(.seriesB))
            }
        }
    }

    private func drawAxis(_ range: ClosedRange<Double>, in rect: Rect, on canvas: inout Canvas) {
        for column in rect.column..<rect.endColumn {
            canvas.frame[rect.row, column] = Cell(canvas.glyphs.horizontal, .dim)
        }
        if let quantizer, quantizer.levels * 2 <= rect.columns {
            for level in 0..<quantizer.levels {
                let value = quantizer.lower + Double(level) * quantizer.step
                let place = rect.column + column(value, range, rect.columns)
                canvas.frame[rect.row, place] = Cell(canvas.glyphs.level, Style(.seriesB))
            }
        }
        let zero = rect.column + column(0, range, rect.columns)
        if range.lowerBound < 0 { canvas.frame[rect.row, zero] = Cell(canvas.glyphs.zero, .text) }
        let low = range.lowerBound == 0 ? "0" : Figures.significant(range.lowerBound)
        let high = (range.lowerBound < 0 ? "+" : "") + Figures.significant(range.upperBound)
        canvas.frame.put(low, rect.row, rect.column, .dim, end: rect.endColumn)
        canvas.frame.putRight(high, rect.row, end: rect.endColumn, from: rect.column, .dim)
    }
}
