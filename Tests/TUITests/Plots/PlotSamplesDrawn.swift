import Reporting
import Runs

@testable import TUI
@testable import Terminal

extension PlotSample {
    static let lines: [PlotSample] = [
        PlotSample("loss", (84, 15), (80, 12), (40, 7)) { rect, canvas in
            var plot = LinePlot(x: .steps(0...4680, perEpoch: 390, caption: "epoch of 40"))
            plot.series = [
                .init(PlotData.loss, ink: .guide, style: .line),
                .init(PlotData.smoothed, ink: .seriesA, style: .line),
                .init(PlotData.validation, ink: .seriesB, style: .dots),
            ]
            plot.events = [.init(x: 2400, text: "w8 -> w4 here")]
            plot.draw(in: rect, on: &canvas)
        },
        PlotSample("range", (84, 13), (60, 8)) { rect, canvas in
            var plot = LinePlot(x: .steps(0...4680, perEpoch: 390))
            plot.series = [
                .init(PlotData.upper, ink: .seriesA, style: .line, label: "p99.9"),
                .init(PlotData.middle, ink: .seriesC, style: .line, label: "median"),
                .limit(4, label: "clip"),
            ]
            plot.draw(in: rect, on: &canvas)
        },
        PlotSample("runs", (78, 22), (80, 11)) { rect, canvas in
            var plot = LinePlot(x: .steps(0...40, perEpoch: 1))
            plot.isLogarithmic = true
            plot.series = [
                .init(PlotData.run(40, end: 0.79, seed: 6), ink: .seriesC, style: .line, label: "C"),
                .init(PlotData.run(40, end: 0.64, seed: 5), ink: .seriesB, style: .line, label: "B"),
                .init(PlotData.run(12, end: 0.69, seed: 4), ink: .seriesA, style: .line, label: "A"),
            ]
            plot.draw(in: rect, on: &canvas)
        },
        PlotSample("inspected", (84, 12), (60, 8)) { rect, canvas in
            var plot = LinePlot(x: .steps(1000...3000, perEpoch: nil))
            plot.series = [
                .init(PlotData.smoothedLess, ink: .seriesA, style: .line, label: "train"),
                .init(PlotData.validation, ink: .seriesB, style: .dots, label: "val"),
            ]
            plot.hairline = 0.4
            plot.draw(in: rect, on: &canvas)
        },
        PlotSample("gaps", (60, 9)) { rect, canvas in
            let samples = (0..<100).map { step in
                CurvePoint(x: Double(step), y: (40..<55).contains(step) ? .nan : Double((step * step) % 97))
            }
            var plot = LinePlot(x: .steps(0...99, perEpoch: nil))
            plot.series = [.init(samples, ink: .seriesA, style: .line)]
            plot.draw(in: rect, on: &canvas)
        },
        PlotSample("nothing", (60, 8)) { rect, canvas in
            LinePlot(x: .steps(0...1, perEpoch: nil)).draw(in: rect, on: &canvas)
        },
    ]

    static let histograms: [PlotSample] = [
        PlotSample("weights", (84, 13), (44, 4)) { rect, canvas in
            var plot = HistogramPlot(PlotData.weights)
            plot.levels = .init(first: -0.315, step: 0.042, count: 16)
            plot.kept = -0.315...0.315
            plot.clips = [-0.315, 0.315]
            plot.form = .large
            plot.draw(in: rect, on: &canvas)
        },
        PlotSample("activations", (84, 12), (44, 4)) { rect, canvas in
            var plot = HistogramPlot(PlotData.features)
            plot.levels = .init(first: 0, step: 4.0 / 15, count: 16)
            plot.kept = 0...4
            plot.clips = [4]
            plot.clipName = "clip 4.00"
            plot.isLogarithmic = true
            plot.form = rect.rows > 4 ? .large : .compact
            plot.draw(in: rect, on: &canvas)
        },
        PlotSample("eight-bits", (84, 10), (44, 4)) { rect, canvas in
            var plot = HistogramPlot(PlotData.weights)
            plot.levels = .init(first: -0.45, step: 0.9 / 255, count: 256)
            plot.kept = -0.45...0.45
            plot.form = rect.rows > 4 ? .large : .compact
            plot.draw(in: rect, on: &canvas)
        },
        PlotSample("quantized", (84, 10)) { rect, canvas in
            var plot = HistogramPlot(PlotData.weights)
            let step = 0.126
            plot.levels = .init(first: -0.315, step: step, count: 6)
            // All that lies around a level, at the level.
            let fine = PlotData.weights
            var counts = [UInt32](repeating: 0, count: fine.counts.count)
            for (bin, count) in fine.counts.enumerated() {
                let value = fine.low + (Double(bin) + 0.5) / 2048 * 0.9
                let level = max(0, min(5, ((value + 0.315) / step).rounded()))
                counts[Int((level * step - 0.315 + 0.45) / 0.9 * 2048)] += count
            }
            plot.quantized = FineHistogram(low: fine.low, high: fine.high, counts: counts)
            plot.form = .large
            plot.draw(in: rect, on: &canvas)
        },
    ]

    static let bars: [PlotSample] = [
        PlotSample("bars", (40, 8)) { rect, canvas in
            for row in 0..<rect.rows {
                let part = Rect(row: rect.row + row, column: rect.column, rows: 1, columns: rect.columns)
                Bar(value: 6 + Double(row) * 5.7, of: 48).draw(in: part, Style(.seriesA), on: &canvas)
            }
        },
        PlotSample("progress", (35, 6)) { rect, canvas in
            for (row, fraction) in [0, 0.003, 0.3, 0.5, 0.999, 1].enumerated() where row < rect.rows {
                let part = Rect(row: rect.row + row, column: rect.column, rows: 1, columns: rect.columns)
                ProgressBar(fraction).draw(in: part, on: &canvas)
            }
        },
        PlotSample("sparklines", (11, 3), (8, 3)) { rect, canvas in
            let lines = [
                Sparkline(PlotData.weights), Sparkline(PlotData.features),
                Sparkline(PlotData.features, isLogarithmic: true),
            ]
            for (row, line) in lines.enumerated() where row < rect.rows {
                let part = Rect(row: rect.row + row, column: rect.column, rows: 1, columns: rect.columns)
                line.draw(in: part, .text, on: &canvas)
            }
        },
        PlotSample("columns", (72, 7), (30, 7)) { rect, canvas in
            let names = [
                "stem", "b1.dw", "b1.pw", "b2.dw", "b2.pw", "b3.dw", "b3.pw", "add", "b4.dw", "b4.pw",
                "b5.conv", "b5.mid", "b6.conv", "fc",
            ]
            let noise: [Double?] = [20, 14, 11, 14, 9, 15, 5, nil, 19, 12, 5, 7, 8, 1]
            let bytes: [Double?] = [1, 1, 1, 1, 1, 1, 2, nil, 1, 4, 72, 5, 92, 2.5]
            var rect = rect
            let shown = ColumnBars.columns(of: names.count, in: rect.columns, showing: 10)
            let selected = shown.firstIndex(of: 10)
            ColumnBars(values: shown.map { noise[$0] }, selected: selected).draw(
                in: rect.takeTop(3), Style(.seriesB), on: &canvas)
            let labels = rect.takeTop(1)
            ColumnBars.drawLabels(
                shown.map { names[$0] }, numbers: shown.map { $0 + 1 }, selected: selected, in: labels,
                on: &canvas)
            ColumnBars(values: shown.map { bytes[$0] }, selected: selected).draw(
                in: rect, Style(.seriesA), on: &canvas)
        },
        PlotSample("saturation", (34, 10), (24, 5)) { rect, canvas in
            let labels = ["stem", "b1.pw", "b2.pw", "b3.pw", "b4.pw", "b5.conv", "b5.mid", "b6.conv", "fc"]
            let rows = labels.indices.map { layer in
                (0..<60).map { step -> (Double, Double) in
                    let value = layer == 7 ? Double(step) / 2000 : Double((step * layer * 7) % 11) / 2500
                    return (Double(step * 78), value)
                }
            }
            HeatMap(
                labels: labels, rows: rows, xRange: 0...4680, top: 0.02, selected: 7, perEpoch: 390
            ).draw(in: rect, on: &canvas)
        },
    ]
}
