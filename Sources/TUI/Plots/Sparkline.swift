import Editing
import Graph
import Reporting
import Terminal

/// The shape of a histogram in a few cells, scaled to itself.
struct Sparkline {
    let histogram: FineHistogram
    /// Whether heights are logarithms, so that a bin far above all others hides nothing.
    let isLogarithmic: Bool

    /// Counts of bins of one width.
    init(_ counts: [UInt32], isLogarithmic: Bool = false) {
        self.init(FineHistogram(low: 0, high: 1, counts: counts), isLogarithmic: isLogarithmic)
    }

    /// A histogram over its own range.
    init(_ histogram: FineHistogram, isLogarithmic: Bool = false) {
        self.histogram = histogram
        self.isLogarithmic = isLogarithmic
    }

    /// Draws it in the first row of a part, as wide as that is.
    func draw(in rect: Rect, _ style: Style, on canvas: inout Canvas) {
        guard rect.rows > 0, histogram.low < histogram.high else { return }
        let bins = histogram.bins(over: histogram.low...histogram.high, columns: rect.columns)
            .map { isLogarithmic ? Logarithm.ten(1 + $0) : $0 }
        guard let top = bins.max(), top > 0 else { return }
        for (column, value) in bins.enumerated() where value > 0 {
            let height = max(1, Int(held: (value / top * 8).rounded()))
            canvas.frame[rect.row, rect.column + column] = Cell(canvas.glyphs.heights[height], style)
        }
    }
}
