import Editing
import Graph
import Reporting
import Runs
import Terminal

/// Curves over steps, with an axis at the left and one below; the caller draws the title.
///
/// Guides lie under limits, limits under curves, and the last curve on top of the others; cells are not mixed.
struct LinePlot {
    /// The part of the steps that is shown.
    struct Steps {
        var range: ClosedRange<Double>
        /// Steps in an epoch; nil writes steps on the axis.
        var perEpoch: Double?
        /// What stands at the end of the axis; nil for "epoch" or "step".
        var caption: String?
        /// Whether the range is one of logarithms to the base of ten, whose numbers stand on the axis.
        var isLogarithmic = false

        /// Logarithms of numbers in place of steps.
        static func logarithms(of range: ClosedRange<Double>, caption: String) -> Steps {
            Steps(
                range: Logarithm.ten(range.lowerBound)...Logarithm.ten(range.upperBound), caption: caption,
                isLogarithmic: true)
        }

        static func steps(_ range: ClosedRange<Double>, perEpoch: Double?, caption: String? = nil) -> Steps {
            Steps(range: range, perEpoch: perEpoch.flatMap { $0 > 0 ? $0 : nil }, caption: caption)
        }
    }

    /// One curve.
    struct Series {
        /// A line, single dots, or a limit: a dashed rule at the value of the newest sample, with the value on the axis.
        enum Style { case line, dots, dashed }

        var samples: [CurvePoint]
        var ink: Ink
        var style: Style
        /// What stands at the end of the curve; empty for nothing.
        var label: String

        init(_ samples: [CurvePoint], ink: Ink, style: Style, label: String = "") {
            self.samples = samples
            self.ink = ink
            self.style = style
            self.label = label
        }

        /// A limit that stays the same.
        static func limit(_ value: Double, ink: Ink = .seriesB, label: String = "") -> Series {
            Series([CurvePoint(x: -.infinity, y: value)], ink: ink, style: .dashed, label: label)
        }

        /// Whether it lies behind another curve and has nothing to say itself.
        var isBackground: Bool { ink == .dim || ink == .guide }
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

    /// Draws axes, limits, events and curves; a part that is too small for axes gets the curves alone.
    func draw(in rect: Rect, on canvas: inout Canvas) {
        var area = rect
        let hasMargin = rect.columns >= LinePlot.margin + 14 && rect.rows >= 3
        let foot = area.takeBottom(!hasMargin ? 0 : rect.rows >= 6 ? 2 : rect.rows >= 4 ? 1 : 0)
        let left = area.takeLeft(hasMargin ? LinePlot.margin + 1 : 0)
        let widest = series.reduce(0) { max($0, $1.style == .dashed ? 0 : $1.labelWidth) }
        // Names stand behind the curves; without any a blank keeps the axis from what is at its right.
        _ = area.takeRight(widest > 0 && area.columns > 3 * widest + 12 ? widest : hasMargin ? 1 : 0)
        guard !area.isEmpty else { return }
        drawFrame(area, left, foot, on: &canvas)
        guard let scale = scale(area) else {
            let words = "no data yet"
            guard area.columns > words.count + 2 else { return }
            canvas.frame.put(words, area.row + area.rows / 2, area.column + 2, .dim, end: area.endColumn)
            return
        }
        drawLabels(scale, left, on: &canvas)
        drawHairlines(scale, on: &canvas)
        for series in series where series.style == .dashed { drawLimit(series, scale, on: &canvas) }
        var grid = DotGrid(rows: area.rows, columns: area.columns, canvas.glyphs)
        for series in series where series.style != .dashed {
            draw(series, scale, with: &grid, in: area, on: &canvas)
        }
        drawNames(scale, end: rect.endColumn, on: &canvas)
        drawEventTexts(scale, on: &canvas)
        if let hairline { drawInspector(hairline, scale, on: &canvas) }
    }

    /// The least and the greatest value that the shown steps have on the axis, as it takes them; nil without any.
    var extent: (least: Double, greatest: Double)? {
        var least = Double.infinity
        var greatest = -Double.infinity
        for series in series {
            series.forEachSample(in: x.range) { sample in
                guard let y = value(sample.y) else { return }
                least = min(least, y)
                greatest = max(greatest, y)
            }
        }
        return least <= greatest ? (least, greatest) : nil
    }

    /// What a value is on the axis: itself, or its logarithm; nil where it has no place there.
    func value(_ y: Double) -> Double? {
        guard y.isFinite else { return nil }
        guard isLogarithmic else { return y }
        return y > 0 ? Logarithm.ten(y) : nil
    }

    private func scale(_ area: Rect) -> PlotScale? {
        guard let extent else { return nil }
        var axis = axis
        axis.take(extent.least, extent.greatest, isLogarithmic: isLogarithmic)
        guard let low = axis.low, let high = axis.high, low < high else { return nil }
        return PlotScale(
            x: x.range, low: low, high: high, least: extent.least, greatest: extent.greatest, area: area)
    }
}

/// Where steps and values lie in the part of the screen that curves are drawn in.
struct PlotScale {
    let x: ClosedRange<Double>
    let low: Double
    let high: Double
    /// The least and the greatest value that is shown, between the ends of the axis.
    let least: Double
    let greatest: Double
    let area: Rect

    /// The place of a part of a whole among `count`, inside it in any case.
    private static func place(_ part: Double, among count: Int) -> Int {
        part.isFinite ? Int(held: min(1, max(0, part)) * Double(count - 1) + 0.5) : 0
    }

    /// Among `count` columns from the left.
    func column(_ x: Double, among count: Int) -> Int {
        PlotScale.place((x - self.x.lowerBound) / (self.x.upperBound - self.x.lowerBound), among: count)
    }

    /// Among `count` rows from the top, of a value on the axis.
    func row(_ value: Double, among count: Int) -> Int {
        PlotScale.place((high - value) / (high - low), among: count)
    }

    /// The column of the screen.
    func column(_ x: Double) -> Int { area.column + column(x, among: area.columns) }

    /// The row of the screen.
    func row(_ value: Double) -> Int { area.row + row(value, among: area.rows) }
}
