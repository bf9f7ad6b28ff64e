import Reporting
import Runs
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

@Suite("Bounds of plots", .limited)
struct PlotBoundsTests {
    @Test(
        "no plot writes outside its part, whatever its size", arguments: PlotSample.all, Glyphs.Kind.allCases)
    func inside(sample: PlotSample, kind: Glyphs.Kind) {
        // Every size in one set; in the others, which differ in signs and dots alone, those at every turn.
        let rows = kind == .braille ? Array(0...20) : [0, 1, 2, 3, 4, 5, 6, 9, 20]
        let columns = kind == .braille ? Array(0...60) : [0, 1, 2, 3, 5, 8, 14, 15, 20, 21, 22, 23, 30, 60]
        for rows in rows {
            for columns in columns {
                expectInside(Size(rows: rows, columns: columns), kind, sample.draw)
            }
        }
    }

    @Test("values of any size are drawn, or left out, and break nothing", arguments: Glyphs.Kind.allCases)
    func extremes(kind: Glyphs.Kind) {
        let odd: [Double] = [
            0, -0.0, 1, -1, .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
            .leastNonzeroMagnitude, 1e-300, 1e300, -1e18, 1e18,
        ]
        let size = Size(rows: 9, columns: 50)
        for a in odd {
            for b in odd {
                for isLogarithmic in [false, true] {
                    expectInside(size, kind) { rect, canvas in
                        var plot = LinePlot(x: .steps(0...2, perEpoch: nil))
                        plot.isLogarithmic = isLogarithmic
                        let samples = [a, b, a].enumerated().map { CurvePoint(x: Double($0), y: $1) }
                        plot.series = [
                            .init(samples, ink: .seriesA, style: .line, label: "a"),
                            .init(samples, ink: .seriesB, style: .dots), .limit(b, label: "clip"),
                        ]
                        plot.hairline = a
                        plot.draw(in: rect, on: &canvas)
                    }
                    expectInside(size, kind) { rect, canvas in
                        var plot = HistogramPlot(FineHistogram(low: a, high: b, counts: [1, 2, 3]))
                        plot.isLogarithmic = isLogarithmic
                        plot.levels = .init(first: a, step: b, count: 4)
                        plot.clips = [a, b]
                        plot.form = .large
                        plot.draw(in: rect, on: &canvas)
                    }
                }
                expectInside(size, kind) { rect, canvas in
                    HeatMap(labels: ["a"], rows: [[(0, a), (1, b)]], xRange: 0...1, top: a, selected: nil)
                        .draw(in: rect, on: &canvas)
                    Bar(value: a, of: b).draw(in: rect, .text, on: &canvas)
                    ProgressBar(a).draw(in: rect, on: &canvas)
                    ColumnBars(values: [a, b], selected: 0).draw(in: rect, .text, on: &canvas)
                }
            }
        }
    }

    @Test("an axis without a length, or with one beyond all numbers, breaks nothing")
    func noLength() {
        let most = Double.greatestFiniteMagnitude
        for range in [0...0, 1e18...1e18, -most...most, 0...most] {
            expectInside(Size(rows: 9, columns: 50), .braille) { rect, canvas in
                var plot = LinePlot(x: .steps(range, perEpoch: 0))
                plot.series = [
                    .init([CurvePoint(x: 0, y: 1), CurvePoint(x: 1, y: 2)], ink: .seriesA, style: .line)
                ]
                plot.events = [.init(x: 0, text: "here")]
                plot.draw(in: rect, on: &canvas)
                var histogram = HistogramPlot(PlotData.weights)
                histogram.range = range
                histogram.levels = .init(first: 0, step: 0, count: 1 << 16)
                histogram.draw(in: rect, on: &canvas)
                HeatMap(labels: ["a"], rows: [[(0, 1)]], xRange: range, top: 1, selected: 0)
                    .draw(in: rect, on: &canvas)
            }
        }
    }

    private func expectInside(
        _ size: Size, _ kind: Glyphs.Kind, _ draw: (Rect, inout Canvas) -> Void,
        location: SourceLocation = #_sourceLocation
    ) {
        var canvas = Canvas(Size(rows: size.rows + 4, columns: size.columns + 4), Glyphs(kind))
        let part = Rect(row: 2, column: 2, rows: size.rows, columns: size.columns)
        var rest = canvas.frame.bounds
        let fence = [rest.takeTop(2), rest.takeBottom(2), rest.takeLeft(2), rest.takeRight(2)]
        for post in fence { canvas.frame.fill(post, with: Cell("Ω")) }
        draw(part, &canvas)
        let isWhole = fence.allSatisfy { post in
            (post.row..<post.endRow).allSatisfy { row in
                (post.column..<post.endColumn).allSatisfy { canvas.frame[row, $0].scalar == "Ω" }
            }
        }
        #expect(isWhole, "\(size)", sourceLocation: location)
        let isEmptyBraille = canvas.frame.cells.contains { $0.scalar == "\u{2800}" }
        #expect(!isEmptyBraille, "\(size)", sourceLocation: location)
    }
}
