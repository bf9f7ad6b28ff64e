import Reporting
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

@Suite("Histograms", .limited)
struct HistogramTests {
    @Test("bins are shared by their width, and nothing is lost", arguments: 1...90)
    func shared(columns: Int) {
        let even = FineHistogram(low: -1, high: 1, counts: [UInt32](repeating: 10, count: 2048))
        let bins = even.bins(over: -1...1, columns: columns)
        #expect(abs(bins.reduce(0, +) - 20_480) < 1e-6)
        // Without a ripple: every column has the same.
        #expect(bins.allSatisfy { abs($0 - 20_480 / Double(columns)) < 1e-6 })
    }

    @Test("a part of the range has the values of that part")
    func part() {
        let histogram = FineHistogram(low: 0, high: 4, counts: [1, 2, 3, 4])
        #expect(histogram.bins(over: 1...3, columns: 2) == [2, 3])
        #expect(histogram.bins(over: -4...0, columns: 3) == [0, 0, 0])
        #expect(histogram.bins(over: 3...5, columns: 4) == [2, 2, 0, 0])
        #expect(FineHistogram(low: 2, high: 2, counts: [7]).bins(over: 0...4, columns: 4) == [0, 0, 7, 0])
    }

    @Test("without a sign all that lies below zero is zero")
    func rectified() {
        let histogram = FineHistogram(low: -2, high: 2, counts: [1, 2, 3, 4])
        #expect(histogram.rectified == FineHistogram(low: 0, high: 2, counts: [6, 4]))
        #expect(FineHistogram(low: -2, high: -1, counts: [1, 2]).rectified.counts == [3])
        #expect(FineHistogram(low: 1, high: 2, counts: [1]).rectified.low == 1)
    }

    @Test("each level is a tick in the column of its value", arguments: [20, 44, 60, 77, 120])
    func levels(columns: Int) {
        var plot = HistogramPlot(PlotData.weights)
        plot.range = -1...1
        plot.levels = .init(first: -0.9, step: 0.2, count: 10)
        var canvas = Canvas(Size(rows: 4, columns: columns), Glyphs(.braille))
        plot.drawAxis(in: Rect(row: 3, column: 0, rows: 1, columns: columns), on: &canvas)
        let ticks = (0..<columns).filter { canvas.frame[3, $0].scalar == canvas.glyphs.level }
        let expected = (0..<10).map { Int((-0.9 + Double($0) * 0.2 + 1) / 2 * Double(columns)) }
        #expect(ticks == expected)
        // A grid without zero lies to both sides of it.
        #expect(canvas.frame[3, columns / 2].scalar == canvas.glyphs.zero)
    }

    @Test("levels that do not fit are counted in words", arguments: Glyphs.Kind.allCases)
    func manyLevels(kind: Glyphs.Kind) {
        var plot = HistogramPlot(PlotData.weights)
        plot.levels = .init(first: -0.45, step: 0.9 / 255, count: 256)
        var canvas = Canvas(Size(rows: 4, columns: 60), Glyphs(kind))
        plot.draw(in: canvas.frame.bounds, on: &canvas)
        #expect(canvas.frame.text(row: 3).contains(" 256 levels "))
        #expect(!canvas.frame.cells.contains { $0.scalar == canvas.glyphs.level })
    }

    @Test("a single value among millions is seen", arguments: [false, true])
    func single(isLogarithmic: Bool) {
        var counts = [UInt32](repeating: 0, count: 2048)
        (counts[0], counts[2047]) = (50_000_000, 1)
        var plot = HistogramPlot(FineHistogram(low: 0, high: 1, counts: counts))
        plot.isLogarithmic = isLogarithmic
        var canvas = Canvas(Size(rows: 5, columns: 40), Glyphs(.braille))
        plot.draw(in: canvas.frame.bounds, on: &canvas)
        #expect(canvas.frame[3, 39].scalar == "▁")
        #expect(canvas.frame[0, 0].scalar == "█")
        #expect((1..<39).allSatisfy { canvas.frame[3, $0].scalar == " " })
    }

    @Test("what lies beyond the kept range has another sign and ink, the rest has not")
    func lost() {
        var plot = HistogramPlot(FineHistogram(low: -1, high: 1, counts: [UInt32](repeating: 5, count: 200)))
        plot.kept = -0.5...0.5
        plot.clips = [-0.5, 0.5]
        var canvas = Canvas(Size(rows: 5, columns: 40), Glyphs(.ascii))
        plot.draw(in: canvas.frame.bounds, on: &canvas)
        let lost = (0..<40).filter { canvas.frame[2, $0] == Cell("x", .error) }
        #expect(lost == Array(0..<10) + Array(31..<40))
        #expect((10...30).allSatisfy { canvas.frame[2, $0].style.ink == .seriesA })
    }

    @Test("labels under the axis never touch", arguments: 24...110)
    func labels(columns: Int) {
        var plot = HistogramPlot(PlotData.weights)
        plot.form = .large
        for clip in stride(from: 0.0, through: 0.45, by: 0.05) {
            plot.clips = [-clip, clip]
            var canvas = Canvas(Size(rows: 8, columns: columns), Glyphs(.braille))
            plot.draw(in: canvas.frame.bounds, on: &canvas)
            let text = canvas.frame.text(row: 7)
            for label in text.split(separator: " ") {
                #expect(Double(label) != nil, "'\(text)'")
            }
        }
    }
}

@Suite("Bars and maps", .limited)
struct BarTests {
    @Test("a bar fills by eighths of a cell")
    func eighths() {
        for eighths in 0...80 {
            var canvas = Canvas(Size(rows: 1, columns: 10), Glyphs(.block))
            Bar(value: Double(eighths), of: 80).draw(in: canvas.frame.bounds, .text, on: &canvas)
            let full = String(repeating: "█", count: eighths / 8)
            let rest = eighths % 8 == 0 ? "" : String(canvas.glyphs.widths[eighths % 8])
            #expect(canvas.frame.description == full + rest)
        }
    }

    @Test("only what is done is 100 %, and only that fills the bar")
    func progress() {
        let text = { (fraction: Double) in
            var canvas = Canvas(Size(rows: 1, columns: 25), Glyphs(.braille))
            ProgressBar(fraction).draw(in: canvas.frame.bounds, on: &canvas)
            return canvas.frame.description
        }
        #expect(text(1).hasSuffix("█ 100%"))
        #expect(text(0.9999).hasSuffix("▉  99%"))
        #expect(text(.nan).hasSuffix("·   0%"))
    }

    @Test("columns scroll so that the chosen one is shown", arguments: 0..<30)
    func columns(chosen: Int) {
        let shown = ColumnBars.columns(of: 30, in: 40, showing: chosen)
        #expect(shown.count == 8 && shown.contains(chosen))
        #expect(ColumnBars.columns(of: 3, in: 40, showing: nil) == [0, 1, 2])
    }

    @Test(
        "names in four cells keep their start and the number at their end",
        arguments: [
            ("stem", "stem"), ("b1.dw", "b1dw"), ("b5.conv", "b5co"), ("layer10", "la10"),
            ("conv_12", "co12"),
            ("fc", "fc"), ("数据层一", "数据"),
        ])
    func names(name: String, short: String) { #expect(ShortNames.label(name, to: ColumnBars.width) == short) }

    @Test("one high value among many is not averaged away in a map")
    func heat() {
        var samples = (0..<10_000).map { (Double($0), 0.0) }
        samples[5000].1 = 1
        var canvas = Canvas(Size(rows: 2, columns: 30), Glyphs(.braille))
        HeatMap(labels: ["a"], rows: [samples], xRange: 0...9999, top: 1, selected: nil)
            .draw(in: canvas.frame.bounds, on: &canvas)
        #expect(canvas.frame.text(row: 0).filter { $0 == "█" }.count == 1)
    }

    @Test("the selected row of a map is shown, however many there are", arguments: [0, 7, 39])
    func scrolled(selected: Int) {
        let labels = (0..<40).map { "layer\($0)" }
        var canvas = Canvas(Size(rows: 6, columns: 30), Glyphs(.ascii))
        HeatMap(
            labels: labels, rows: labels.map { _ in [] }, xRange: 0...1, top: 1, selected: selected
        ).draw(in: canvas.frame.bounds, on: &canvas)
        #expect(canvas.frame.description.contains(">layer\(selected)"))
    }
}
