import Editing
import Reporting
import Runs
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

@Suite("Axes", .limited)
struct AxisTests {
    @Test("an axis grows at once and shrinks only after twenty updates that need little of it")
    func hysteresis() {
        var axis = AxisRange()
        axis.take(0, 10)
        let whole = axis
        axis.take(0, 30)
        #expect((axis.high ?? 0) >= 30)
        let grown = axis
        for _ in 1..<AxisRange.patience { axis.take(0, 10) }
        #expect(axis.high == grown.high)
        axis.take(0, 10)
        #expect((axis.low, axis.high) == (whole.low, whole.high))
    }

    @Test("one update that needs the axis begins the patience anew")
    func patience() {
        var axis = AxisRange()
        axis.take(0, 30)
        for turn in 0..<3 * AxisRange.patience {
            axis.take(0, turn.isMultiple(of: AxisRange.patience - 1) ? 25 : 5)
            #expect((axis.high ?? 0) >= 30)
        }
    }

    @Test(
        "the ends of an axis have room and are short",
        arguments: [
            (0.0, 2.63, 0.0, 2.8), (0.66, 2.63, 0, 2.8), (2, 2.63, 1.95, 2.7), (-1, 1, -1.2, 1.2),
            (90, 90, 81, 99), (0, 0, 0, 1), (-3, -1, -3.2, 0),
        ])
    func ends(least: Double, greatest: Double, low: Double, high: Double) {
        let range = AxisRange.padded(least, greatest)
        #expect(abs(range.low - low) < 1e-9 && abs(range.high - high) < 1e-9, "\(range)")
    }

    @Test("the ends of a logarithmic axis are numbers of two digits around the data")
    func logarithms() {
        let range = AxisRange.paddedLogarithms(Logarithm.ten(0.641), Logarithm.ten(2.31))
        #expect(Figures.power(range.low) == "0.6" && Figures.power(range.high) == "2.5")
    }

    @Test("numbers that are none change no axis")
    func noNumbers() {
        var axis = AxisRange()
        axis.take(.nan, 1)
        axis.take(0, .infinity)
        axis.take(2, 1)
        #expect(axis == AxisRange())
    }

    @Test(
        "steps are 1, 2, 2.5 or 5 times a power of ten",
        arguments: [
            (0.0, 10.0, 4, [0.0, 2.5, 5, 7.5, 10]), (0, 1, 10, (0...10).map { Double($0) / 10 }),
            (-3, 3, 3, [-2, 0, 2]), (0.2, 0.9, 3, [0.25, 0.5, 0.75]),
            (390, 4680, 5, [1000, 2000, 3000, 4000]),
        ])
    func ticks(low: Double, high: Double, most: Int, expected: [Double]) {
        let ticks = Ticks.linear(low, high, most: most)
        #expect(ticks.count == expected.count)
        #expect(zip(ticks, expected).allSatisfy { abs($0 - $1) < 1e-9 }, "\(ticks)")
    }

    @Test("what is counted has no halves")
    func whole() {
        #expect(Ticks.linear(0, 12, most: 5, areWhole: true) == [0, 5, 10])
        #expect(Ticks.linear(0, 2, most: 40, areWhole: true) == [0, 1, 2])
    }

    @Test("a logarithmic axis has ticks at decades, and at 2 and 5 where there are few")
    func decades() {
        #expect(Ticks.logarithmic(-2, 3) == [-2, -1, 0, 1, 2, 3])
        let few = Ticks.logarithmic(Logarithm.ten(0.3), Logarithm.ten(7)).map(Figures.power)
        #expect(few == ["0.5", "1", "2", "5"])
    }

    @Test(
        "numbers of a logarithmic axis have two digits, whatever their size",
        arguments: [
            (0.01, "0.01"), (0.0012, "0.0012"), (0.62, "0.62"), (2, "2"), (47, "47"), (200, "200"),
            (350, "350"), (2000, "2000"), (1e5, "10^5"), (1e-5, "10^-5"), (2.3e4, "2.3e4"),
        ])
    func powers(number: Double, text: String) { #expect(Figures.power(Logarithm.ten(number)) == text) }

    @Test("labels of an axis share decimals and letter")
    func labels() {
        let texts = { (values: [Double]) in values.map(AxisLabels(values).text) }
        #expect(texts([2.5, 1, 0]) == ["2.5", "1.0", "0.0"])
        #expect(texts([100, 50, 0]) == ["100", "50", "0"])
        #expect(texts([25_000, 10_000]) == ["25k", "10k"])
        #expect(texts([2.5e6, 1e6]) == ["2.5M", "1.0M"])
        #expect(texts([3.1e-4, 1e-4, 0]) == ["3.1e-4", "1.0e-4", "0"])
        #expect(texts([4.512345, 2]) == ["4.51", "2.00"])
    }

    @Test(
        "labels of a narrow axis have as many decimals as tell them apart",
        arguments: [
            ([2.3, 2.301, 2.302, 2.3035], ["2.300", "2.301", "2.302", "2.304"]),
            ([0.5, 0.5002], ["0.5000", "0.5002"]), ([100, 100.2, 100], ["100.0", "100.2", "100.0"]),
            ([10_010, 10_020], ["10.01k", "10.02k"]), ([2.31e-3, 2.32e-3], ["2.31e-3", "2.32e-3"]),
        ])
    func narrow(values: [Double], expected: [String]) {
        #expect(values.map(AxisLabels(values).text) == expected)
    }

    @Test("a curve that hardly moves has different labels all along its axis")
    func flat() {
        var plot = LinePlot(x: .steps(0...100, perEpoch: nil))
        let samples = (0...100).map { CurvePoint(x: Double($0), y: 2.3 + Double($0 % 7) * 0.0004) }
        plot.series.append(.init(samples, ink: .seriesA, style: .line))
        var canvas = Canvas(Size(rows: 18, columns: 60), Glyphs(.braille))
        plot.draw(in: canvas.frame.bounds, on: &canvas)
        let labels = canvas.frame.description.split(separator: "\n").map { $0.prefix(LinePlot.margin) }
            .map { $0.filter { $0.isNumber || $0 == "." } }.filter { $0.hasPrefix("2.") }
        #expect(labels.count >= 3 && Set(labels).count == labels.count, "\(labels)")
    }

    @Test("smoothing begins with the first value, and follows its formula exactly")
    func smoothing() {
        let samples = [4.0, 2, .nan, 8].enumerated().map { CurvePoint(x: Double($0), y: $1) }
        let smoothed = Smoothing.smoothed(samples, 0.6).map(\.y)
        #expect(smoothed[0] == 4)
        // m = 0.6 * 1.6 + 0.4 * 2, divided by 1 - 0.36; then a value that does not count.
        #expect(abs(smoothed[1] - 1.76 / 0.64) < 1e-12)
        #expect(smoothed[2].isNaN)
        #expect(abs(smoothed[3] - (0.6 * 1.76 + 0.4 * 8) / (1 - 0.216)) < 1e-12)
        #expect(Smoothing.smoothed(samples.filter { !$0.y.isNaN }, 0).map(\.y) == [4, 2, 8])
        for weight in Smoothing.weights {
            let constant = (0..<500).map { CurvePoint(x: Double($0), y: 3) }
            #expect(Smoothing.smoothed(constant, weight).allSatisfy { abs($0.y - 3) < 1e-9 })
        }
    }
}
