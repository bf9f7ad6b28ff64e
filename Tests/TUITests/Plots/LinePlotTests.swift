import Runs
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

@Suite("Line plots", .limited)
struct LinePlotTests {
    private func plot(_ samples: [CurvePoint], _ range: ClosedRange<Double>) -> LinePlot {
        var plot = LinePlot(x: .steps(range, perEpoch: nil))
        plot.series = [.init(samples, ink: .seriesA, style: .line)]
        return plot
    }

    /// The rows of the curves alone, without axes.
    private func curves(_ plot: LinePlot, _ kind: Glyphs.Kind, columns: Int = 60, rows: Int = 12) -> [String]
    {
        var canvas = Canvas(Size(rows: rows, columns: columns), Glyphs(kind))
        plot.draw(in: canvas.frame.bounds, on: &canvas)
        return (0..<rows - 2).map { row in
            String(
                String.UnicodeScalarView(
                    (LinePlot.margin + 1..<columns - 1).map {
                        let cell = canvas.frame[row, $0]
                        return cell.style == .dim ? " " : cell.scalar
                    }))
        }
    }

    @Test("one spike among 100,000 samples is seen", arguments: Glyphs.Kind.allCases)
    func spike(kind: Glyphs.Kind) {
        var samples = (0..<100_000).map { CurvePoint(x: Double($0), y: 1) }
        samples[70_321].y = 9
        let rows = curves(plot(samples, 0...99_999), kind)
        #expect(rows[1].contains { $0 != " " }, "\(rows)")
        let column = rows[2].firstIndex { $0 != " " }.map {
            rows[2].distance(from: rows[2].startIndex, to: $0)
        }
        // 70 % of 52 columns.
        #expect(column == 36)
    }

    @Test("where a value is not a number the curve has a gap", arguments: Glyphs.Kind.allCases)
    func gap(kind: Glyphs.Kind) {
        let samples = (0..<101).map { CurvePoint(x: Double($0), y: (40..<60).contains($0) ? .nan : 1) }
        let row = curves(plot(samples, 0...100), kind).first { $0.contains { $0 != " " } } ?? ""
        let parts = row.split(separator: " ")
        #expect(parts.count == 2, "'\(row)'")
        // 20 of 100 steps are a fifth of 52 columns.
        #expect((10...11).contains(row.count - parts.reduce(0) { $0 + $1.count }), "'\(row)'")
    }

    @Test("a gap narrower than a column of dots is still no line across")
    func narrowGap() {
        let plain = [(0, 0), (50, 0), (51, 9), (100, 9)].map { CurvePoint(x: $0.0, y: $0.1) }
        let broken = plain[..<2] + [CurvePoint(x: 50.5, y: .nan)] + plain[2...]
        let filled = { (samples: [CurvePoint]) in
            curves(plot(samples, 0...100), .braille).filter { $0.contains { $0 != " " } }.count
        }
        #expect(filled(plain) > 5)
        #expect(filled(Array(broken)) == 2)
    }

    @Test("few samples are joined across empty columns", arguments: Glyphs.Kind.allCases)
    func sparse(kind: Glyphs.Kind) {
        let rows = curves(plot([CurvePoint(x: 0, y: 0), CurvePoint(x: 10, y: 5)], 0...10), kind)
        for column in 0..<52 {
            let isDrawn = rows.contains { Array($0)[column] != " " }
            #expect(isDrawn, "column \(column)")
        }
    }

    @Test("a lone sample is a point")
    func lone() {
        let rows = curves(plot([CurvePoint(x: 5, y: 1)], 0...10), .ascii)
        #expect(rows.joined().filter { $0 != " " } == "*")
    }

    @Test("a zoomed line runs to both edges, with the values that it has there")
    func zoomed() throws {
        let samples = [CurvePoint(x: 0, y: 0), CurvePoint(x: 100, y: 100)]
        let extent = try #require(plot(samples, 40...60).extent)
        #expect(extent == (40, 60))
        let rows = curves(plot(samples, 40...60), .braille)
        #expect(rows.contains { $0.first != " " } && rows.contains { $0.last != " " })
        // Dots are single: none is made up.
        var dots = plot(samples, 40...60)
        dots.series[0].style = .dots
        #expect(dots.extent == nil)
    }

    @Test("the last curve lies on top, and a limit under all curves")
    func order() {
        var canvas = Canvas(Size(rows: 10, columns: 40), Glyphs(.braille))
        var plot = LinePlot(x: .steps(0...10, perEpoch: nil))
        let flat = [CurvePoint(x: 0, y: 5), CurvePoint(x: 10, y: 5)]
        plot.series = [
            .init(flat, ink: .seriesA, style: .line), .init(flat, ink: .seriesB, style: .line),
            .limit(5, ink: .seriesC, label: "clip"),
        ]
        plot.draw(in: canvas.frame.bounds, on: &canvas)
        let inks = Set(
            canvas.frame.cells.filter { $0.scalar.value > 0x2800 && $0.scalar.value < 0x2900 }.map(
                \.style.ink))
        #expect(inks == [.seriesB])
        #expect(!canvas.frame.cells.contains { $0.scalar == canvas.glyphs.dash })
        #expect(!canvas.frame.description.contains("clip"))
        #expect(canvas.frame.description.contains("5.0"))
    }

    @Test("the inspector reads the newest values at or before its step")
    func inspector() {
        var canvas = Canvas(Size(rows: 10, columns: 80), Glyphs(.braille))
        var plot = plot([(0, 1), (40, 2), (60, 3), (100, 4)].map { CurvePoint(x: $0.0, y: $0.1) }, 0...100)
        plot.series[0].label = "loss"
        plot.series.insert(.init([CurvePoint(x: 0, y: 7)], ink: .guide, style: .line), at: 0)
        plot.hairline = 0.5
        plot.draw(in: canvas.frame.bounds, on: &canvas)
        #expect(canvas.frame.text(row: 0).contains("step 50  loss 2.00"))
        #expect(!canvas.frame.text(row: 0).contains("7.00"))
    }

    @Test("labels at the left are evenly spaced, at least three rows apart, limits aside", arguments: 3...40)
    func labels(rows: Int) {
        for high in [0.0012, 0.31, 1, 2.63, 9.99, 47, 100, 4821, 91_000, 7.7e6] {
            var canvas = Canvas(Size(rows: rows, columns: 60), Glyphs(.block))
            plot([CurvePoint(x: 0, y: high / 2), CurvePoint(x: 9, y: high)], 0...9).draw(
                in: canvas.frame.bounds, on: &canvas)
            let labelled = (0..<rows).filter {
                canvas.frame[$0, LinePlot.margin].scalar == canvas.glyphs.teeLeft
            }
            let curveRows = rows - (rows >= 6 ? 2 : rows >= 4 ? 1 : 0)
            let gaps = zip(labelled, labelled.dropFirst()).map { $1 - $0 }
            #expect(labelled.count >= 2, "\(high) in \(rows) rows")
            #expect((gaps.max() ?? 0) - (gaps.min() ?? 0) <= 1, "\(high) in \(rows) rows: \(labelled)")
            for (row, next) in zip(labelled, labelled.dropFirst()) where curveRows > 3 {
                #expect(next - row >= 3, "\(high) in \(rows) rows: \(labelled)")
            }
            for row in labelled {
                let label = (0..<LinePlot.margin).map { canvas.frame[row, $0].scalar }
                #expect(label.contains { $0 != " " })
            }
        }
    }

    @Test("labels under the axis keep two blanks between them", arguments: 21...120)
    func stepLabels(columns: Int) {
        for (last, perEpoch) in [(12.0, nil), (4680, 390.0), (1e6, nil), (37, 1.0), (123_456, nil)] {
            var canvas = Canvas(Size(rows: 8, columns: columns), Glyphs(.braille))
            let plot = LinePlot(x: .steps(0...last, perEpoch: perEpoch))
            plot.draw(in: canvas.frame.bounds, on: &canvas)
            let text = canvas.frame.text(row: 7)
            let words = text.split(separator: " ")
            #expect(words.last == (perEpoch == nil ? "step" : "epoch"))
            #expect(
                !zip(text, zip(text.dropFirst(), text.dropFirst(2))).contains {
                    $0.0 != " " && $0.1.0 == " " && $0.1.1 != " "
                }, "'\(text)'")
            // Every label is a number of its own.
            #expect(Set(words).count == words.count, "'\(text)'")
        }
    }
}
