import Devices
import Editing
import Graph
import QAT
import Terminal

// A tensor, large.
extension ScreenState {
    func drawLarge(_ measured: ProbedTensor, of node: Node, in rect: Rect, on canvas: inout Canvas) {
        var rect = rect
        let kind = measured.observation.kind
        let isFocused = pane.scope == (kind == .weight ? .weightPlot : .featurePlot)
        let shown = PredictedQuantization(measured, of: node, in: editor, isStale: probe.isStale)
        drawLargeTitle(shown, of: node, in: rect.takeTop(1), isFocused, on: &canvas)
        let foot = rect.takeBottom(rect.rows >= 10 ? 2 : rect.rows >= 4 ? 1 : 0)
        let area = Rect(row: rect.row, column: rect.column + 1, rows: rect.rows, columns: rect.columns - 2)
        switch ranges.plot {
        case .values, .time:
            var plot = HistogramPlot(
                shown.tensor, isLogarithmic: ranges.logarithmic.contains(kind),
                isDim: probe.isStale && !shown.isPredicted, form: .large)
            plot.clipName =
                kind == .feature ? shown.tensor.observation.clip.map { "clip \(Figures.clip($0))" } ?? "" : ""
            plot.draw(in: area, on: &canvas)
        case .channels:
            guard let channels = measured.channels else { break }
            var plot = ChannelPlot(
                reaches: channels.reaches(isUnsigned: measured.quantizer?.isUnsigned ?? false),
                clip: shown.tensor.observation.clip)
            if kind == .weight { plot.clip = nil }
            plot.dead = Set(channels.dead)
            plot.isDim = probe.isStale
            plot.draw(in: area, on: &canvas)
        }
        let lines = ranges.plot == .channels ? [channelWords(measured)] : valueLines(shown)
        for (offset, words) in lines.enumerated() where offset < foot.rows {
            let line = ScreenState.fitting(words, in: foot.columns - 2)
            canvas.frame.put(
                line.clipped(to: foot.columns - 2), foot.row + offset, foot.column + 1,
                probe.isStale && !shown.isPredicted ? .dim : .text, end: foot.endColumn)
        }
    }

    private func drawLargeTitle(
        _ shown: PredictedQuantization, of node: Node, in rect: Rect, _ isFocused: Bool,
        on canvas: inout Canvas
    ) {
        let kind = shown.tensor.observation.kind
        var words: [(String, Style)] = [
            (kind == .weight ? "WEIGHTS" : "ACTIVATIONS", .dim),
            (kind == .weight ? node.name : "\(node.name) output", .strong),
        ]
        if let quantizer = shown.tensor.quantizer {
            let sign = kind == .feature ? (quantizer.isUnsigned ? " unsigned" : " signed") : ""
            let zero = quantizer.hasExactZero ? "" : ", the grid has no zero"
            words.append(
                ("\(quantizer.bits) bit\(sign)\(zero), step \(Figures.significant(quantizer.step))", .text))
        } else {
            words.append((unquantizedWords(kind, of: node.name), .text))
        }
        let scale =
            ranges.plot == .channels
            ? "largest value by channel"
            : ranges.logarithmic.contains(kind) ? "count by value, log y" : "count by value"
        drawTitle(words, right: scale, in: rect, isFocused, on: &canvas)
    }

    /// What is lost: "SQNR 21.0 dB   clipped 0.6%   16 of 16 levels"; then how the values are spread, and the accumulated SQNR
    /// behind all layers: "max 0.71   sigma 0.109   mse 1.7e-4".
    func valueLines(_ shown: PredictedQuantization) -> [[String]] {
        let seen = shown.tensor.observation
        let tensor = shown.tensor
        var lost: [String] = []
        var lie = ["max \(Figures.significant(max(abs(seen.minimum), abs(seen.maximum))))"]
        if seen.kind == .weight { lie.append("sigma \(Figures.significant(seen.deviation))") }
        if seen.kind == .feature, let high = tensor.quantile(0.999) {
            lie.append("p99.9 \(Figures.significant(high))")
        }
        guard let quantizer = tensor.quantizer else { return [lie] }
        lost.append(
            (shown.isPredicted ? "about " : "")
                + (seen.sqnr.map { "SQNR \(Figures.decibels($0)) dB" } ?? "exact"))
        if let ratio = seen.clipRatio {
            lost.append("\(seen.kind == .feature ? "saturated" : "clipped") \(Figures.percent(ratio))%")
        }
        lost.append("\(shown.levelsUsed) of \(quantizer.levels) levels")
        if seen.kind == .feature { lost.append("zero \(Figures.percent(quantizer.zeroShare))%") }
        guard !shown.isPredicted else { return [lost, lie] }
        lost.append("mse \(Figures.scientific(quantizer.meanSquaredError))")
        if let match = tensor.accumulatedSQNR {
            lie.append("against the float network: \(Figures.decibels(match)) dB")
        }
        if let cosine = tensor.match?.cosine { lie.append("cosine \(Figures.fixed(cosine, decimals: 4))") }
        return [lost, lie]
    }

    /// As many parts from the first on as have room on a line.
    private static func fitting(_ parts: [String], in columns: Int) -> String {
        var line = parts.first ?? ""
        for part in parts.dropFirst() {
            guard line.displayWidth + 3 + part.displayWidth <= columns else { break }
            line += "   " + part
        }
        return line
    }

    func channelWords(_ tensor: ProbedTensor) -> [String] {
        guard let channels = tensor.channels else { return ["not measured by channel"] }
        let reaches = channels.reaches(isUnsigned: tensor.quantizer?.isUnsigned ?? false)
        guard let largest = reaches.indices.max(by: { reaches[$0] < reaches[$1] }) else {
            return ["no channels"]
        }
        let middle = reaches.sorted()[reaches.count / 2]
        var words = [
            counted(reaches.count, "channel"),
            "median of largest values \(Figures.significant(middle))",
            "largest \(Figures.significant(reaches[largest])) in \(largest)",
        ]
        let dead = channels.dead
        if !dead.isEmpty {
            words.append(
                "\(dead.count) dead: " + dead.prefix(8).map(String.init).joined(separator: ", ")
                    + (dead.count > 8 ? " ..." : ""))
        }
        return words
    }
}

extension RangesState.PlotKind {
    /// What the pictures show, in a word.
    var title: String {
        switch self {
        case .values: "values"
        case .channels: "channels"
        case .time: "over time"
        }
    }
}
