import Graph
import QAT
import Terminal
import Workbench

// View 3: the shapes of all layers, and one of them large: weights above, results below, against clip and levels.
extension Interface {
    func drawRanges(in rect: Rect, on canvas: inout Canvas) {
        guard let layer = probedLayer, let node = bench.network[layer] else {
            canvas.frame.put(
                bench.network.nodes.isEmpty
                    ? "The network is empty; 1 and a add a layer."
                    : "No layer that is shown has values; / filters.",
                rect.row + 2, rect.column + 3, .text, end: rect.endColumn)
            return
        }
        var right = rect
        if rect.columns >= 100 {
            let left = right.takeLeft(33)
            let divider = right.takeLeft(1)
            canvas.divider(divider.column, divider.row..<divider.endRow)
            drawShapes(showing: layer, in: left, on: &canvas)
            drawLargePair(of: node, in: right, divider: divider.column, on: &canvas)
        } else if rect.columns >= 76 {
            // Names alone; the picture needs the rest.
            let left = right.takeLeft(13)
            let divider = right.takeLeft(1)
            canvas.divider(divider.column, divider.row..<divider.endRow)
            drawShapes(showing: layer, in: left, on: &canvas)
            drawLargePair(of: node, in: right, divider: divider.column, on: &canvas)
        } else {
            drawLargePair(of: node, in: right, divider: nil, on: &canvas)
        }
    }

    /// A row for each layer: a sign where it stands out, its name, and where there is room its shapes.
    private func drawShapes(showing layer: String, in rect: Rect, on canvas: inout Canvas) {
        var rect = rect
        let hasShapes = rect.columns >= 33
        let legend = rect.takeBottom(hasShapes && rect.rows >= 20 ? 7 : 0)
        canvas.frame.put(" layer", rect.row, rect.column + 1, .dim)
        if hasShapes {
            canvas.frame.put("weights", rect.row, rect.column + 13, .dim)
            canvas.frame.put("activ.", rect.row, rect.column + 24, .dim)
        }
        _ = rect.takeTop(1)
        let layers = probedLayers
        let chosen = layers.firstIndex(of: layer) ?? 0
        let top = Scrolling.top(ranges.top, showing: chosen, of: layers.count, room: rect.rows)
        for (offset, index) in (top..<min(layers.count, top + rect.rows)).enumerated() {
            let (name, row) = (layers[index], rect.row + offset)
            if index == chosen {
                let hasFocus = pane.scope == .shapes && popups.isEmpty
                canvas.frame[row, rect.column] = Cell(
                    hasFocus ? look.glyphs.selected : look.glyphs.selectedAway, .accent.bold)
                if hasFocus { canvas.frame.cursor = Position(row: row, column: rect.column + 2) }
            }
            if !diagnoses(of: name).isEmpty {
                canvas.frame[row, rect.column + 1] = Cell(look.glyphs.advice, .advice)
            }
            canvas.frame.put(
                name.shortened(to: 10), row, rect.column + 2, index == chosen ? .strong : .text,
                end: rect.column + 12)
            canvas.target(Rect(row: row, column: rect.column, rows: 1, columns: rect.columns)) {
                $0.clickProbed(index)
            }
            guard hasShapes else { continue }
            let part = shownPart(of: name)
            for (place, tensor) in [(13, part?.weight), (24, part?.feature)] {
                guard let tensor else {
                    canvas.frame[row, rect.column + place] = Cell(look.glyphs.none, .dim)
                    continue
                }
                let spark = Rect(row: row, column: rect.column + place, rows: 1, columns: 9)
                Sparkline(
                    HistogramPlot(tensor, isLogarithmic: false, isDim: false).histogram,
                    isLogarithmic: tensor.observation.kind == .feature
                ).draw(in: spark, probe.isStale ? .dim : .text, on: &canvas)
            }
        }
        drawScrollBar(in: rect, top: top, count: layers.count, on: &canvas)
        drawLegend(in: legend, on: &canvas)
    }

    private func drawLegend(in rect: Rect, on canvas: inout Canvas) {
        let glyphs = look.glyphs
        let samples = probe.report.map { "\($0.samples) samples" } ?? "no samples yet"
        let lines: [(String, String)] = [
            ("", ""), ("sorted", list.order.title + "   o"), ("shows", ranges.subject.title + "   p"),
            ("on", samples + "   R"), ("", probeSource),
            ("", "\(glyphs.lost) lost to the clip   \(glyphs.marked) values"),
            ("", "\(glyphs.level) a value the chip can store"),
        ]
        for (offset, line) in lines.enumerated() where offset < rect.rows {
            canvas.frame.put(line.0, rect.row + offset, rect.column + 1, .dim)
            canvas.frame.put(
                line.1.shortened(to: rect.columns - (line.0.isEmpty ? 2 : 10)), rect.row + offset,
                rect.column + (line.0.isEmpty ? 1 : 9), line.0.isEmpty ? .dim : .text, end: rect.endColumn)
        }
    }

    private func drawLargePair(of node: Node, in rect: Rect, divider: Int?, on canvas: inout Canvas) {
        var rect = rect
        let part = shownPart(of: node.name)
        let lines = adviceLines(of: node.name, width: rect.columns - 2).count
        let advice = rect.takeBottom(min(max(1, lines), rect.rows >= 24 ? 4 : rect.rows >= 18 ? 3 : 2))
        drawAdvice(of: node.name, in: advice, on: &canvas)
        if ranges.subject == .time {
            return drawOverTime(of: node.name, in: rect, on: &canvas)
        }
        guard let part, part.weight != nil || part.feature != nil else {
            for (offset, line) in Interface.wrapped(missingWords(node), to: rect.columns - 4).enumerated() {
                canvas.frame.put(line, rect.row + 1 + offset, rect.column + 2, .dim, end: rect.endColumn)
            }
            return
        }
        let both = [(TensorObservation.Kind.weight, part.weight), (.feature, part.feature)]
            .compactMap { kind, tensor in tensor.map { (kind: kind, tensor: $0) } }
        let focused = both.first { $0.kind == rangedKind } ?? both[0]
        if ranges.isZoomed || both.count == 1 || rect.rows < 13 {
            return drawLarge(focused.tensor, of: node, in: rect, on: &canvas)
        }
        drawLarge(both[0].tensor, of: node, in: rect.takeTop((rect.rows - 1) / 2), on: &canvas)
        let rule = rect.takeTop(1)
        if let divider {
            canvas.join(rule, divider)
        } else {
            canvas.rule(rule.row, rule.column..<rule.endColumn)
        }
        drawLarge(both[1].tensor, of: node, in: rect, on: &canvas)
    }

    private func drawOverTime(of layer: String, in rect: Rect, on canvas: inout Canvas) {
        guard let detail = training.pictured?.detail, let run = training.shown else {
            canvas.frame.put(
                "no run of the session has been recorded; 4 and n train", rect.row + 1, rect.column + 2, .dim,
                end: rect.endColumn)
            return
        }
        var rect = rect
        let head = rect.takeTop(1)
        canvas.frame.put(
            " run \(run.shortName), \(run.word)", head.row, head.column, .dim, end: head.endColumn)
        canvas.frame.putRight("4 and a show another", head.row, end: head.endColumn - 1, .dim)
        let flips = detail.flips(of: layer)
        if !flips.isEmpty, rect.rows >= 12 {
            drawFlips(flips, detail, in: rect.takeBottom(rect.rows * 2 / 5), on: &canvas)
        }
        drawRange(of: layer, detail, isFocused: pane.scope != .shapes, in: rect, on: &canvas)
    }

    /// How many weights of a layer changed their code between looks: many that go on doing so swing to and fro.
    private func drawFlips(
        _ flips: [Sample], _ detail: RunDetail, in rect: Rect, on canvas: inout Canvas
    ) {
        var rect = rect
        let last = flips.last.map { "\(Figures.percent($0.y))% of codes changed since the look before" } ?? ""
        drawTitle(
            [("FLIPS", .dim), ("weights, % \(look.glyphs.horizontal)", Style(.seriesA))], right: last,
            in: rect.takeTop(1), false, on: &canvas)
        var plot = LinePlot(x: .steps(shownSteps(detail), perEpoch: detail.stepsPerEpoch))
        plot.series.append(
            .init(flips.map { Sample(x: $0.x, y: $0.y * 100) }, ink: .seriesA, style: .line))
        plot.events = detail.stages.map { .init(x: $0.x, text: "") }
        plot.draw(in: rect, on: &canvas)
    }

    /// What stands out in a layer, and a better clip; as many lines as `adviceRows` counts.
    private func drawAdvice(of layer: String, in rect: Rect, on canvas: inout Canvas) {
        for (offset, line) in adviceLines(of: layer, width: rect.columns - 2).prefix(rect.rows).enumerated() {
            canvas.frame.put(line.text, rect.row + offset, rect.column + 1, line.style, end: rect.endColumn)
        }
    }

    private func adviceLines(of layer: String, width: Int) -> [(text: String, style: Style)] {
        var lines: [(text: String, style: Style)] = []
        if let reason = probe.report?.dataFailure {
            let words =
                "\(look.glyphs.advice) the data of the run cannot be read, generated data stands in: \(reason)"
            lines += Interface.wrapped(words, to: width).map { ($0, .advice) }
        }
        var isFirst = true
        for diagnosis in diagnoses(of: layer) {
            let key = diagnosis.edit != nil && isFirst ? "   Enter does it" : ""
            if diagnosis.edit != nil { isFirst = false }
            let words = "\(look.glyphs.advice) \(diagnosis.sentence)\(key)"
            lines += Interface.wrapped(words, to: width).map { ($0, .advice) }
        }
        if let suggestion = suggestion(for: layer), let then = suggestion.expected.sqnr, isFirst {
            let words =
                "\(look.glyphs.arrow) clip \(Figures.clip(suggestion.clip)) would give about \(Figures.decibels(then)) dB (+\(Figures.decibels(suggestion.gain))) and saturate \(Figures.percent(suggestion.expected.clipRatio))%   Enter takes it"
            lines += Interface.wrapped(words, to: width).map { ($0, .accent) }
        }
        return lines
    }
}

// A tensor, large.
extension Interface {
    private func drawLarge(_ measured: ProbedTensor, of node: Node, in rect: Rect, on canvas: inout Canvas) {
        var rect = rect
        let kind = measured.observation.kind
        let isFocused = pane.scope == (kind == .weight ? .weightPlot : .featurePlot)
        let shown = Foretold(measured, of: node, in: bench, isStale: probe.isStale)
        drawLargeTitle(shown, of: node, in: rect.takeTop(1), isFocused, on: &canvas)
        let foot = rect.takeBottom(rect.rows >= 10 ? 2 : rect.rows >= 4 ? 1 : 0)
        let area = Rect(row: rect.row, column: rect.column + 1, rows: rect.rows, columns: rect.columns - 2)
        switch ranges.subject {
        case .values, .time:
            var plot = HistogramPlot(
                shown.tensor, isLogarithmic: ranges.logarithmic.contains(kind),
                isDim: probe.isStale && !shown.isForetold, form: .large)
            plot.clipName =
                kind == .feature ? shown.tensor.observation.clip.map { "clip \(Figures.clip($0))" } ?? "" : ""
            plot.draw(in: area, on: &canvas)
        case .channels:
            guard let channels = measured.channels else { break }
            var plot = ChannelPlot(
                reaches: channels.reaches(isUnsigned: measured.quantizer?.isUnsigned ?? false),
                clip: shown.tensor.observation.clip)
            if kind == .weight { plot.clip = nil }
            (plot.dead, plot.isDim) = (Set(channels.dead), probe.isStale)
            plot.draw(in: area, on: &canvas)
        }
        let lines = ranges.subject == .channels ? [channelWords(measured)] : valueLines(shown)
        for (offset, words) in lines.enumerated() where offset < foot.rows {
            let line = Interface.fitting(words, in: foot.columns - 2)
            canvas.frame.put(
                line.clipped(to: foot.columns - 2), foot.row + offset, foot.column + 1,
                probe.isStale && !shown.isForetold ? .dim : .text, end: foot.endColumn)
        }
    }

    private func drawLargeTitle(
        _ shown: Foretold, of node: Node, in rect: Rect, _ isFocused: Bool, on canvas: inout Canvas
    ) {
        let kind = shown.tensor.observation.kind
        var words: [(String, Style)] = [
            (kind == .weight ? "WEIGHTS" : "ACTIVATIONS", .dim),
            (kind == .weight ? node.name : "\(node.name) output", .strong),
        ]
        if let quantizer = shown.tensor.quantizer {
            let sign = kind == .feature ? (quantizer.isUnsigned ? " unsigned" : " signed") : ""
            let zero = quantizer.hasExactZero ? "" : ", no zero"
            words.append(
                ("\(quantizer.bits) bit\(sign)\(zero), step \(Figures.significant(quantizer.step))", .text))
        } else {
            words.append(("float", .text))
        }
        let scale = ranges.subject == .values && ranges.logarithmic.contains(kind) ? "log y" : ""
        drawTitle(words, right: scale, in: rect, isFocused, on: &canvas)
    }

    /// What is lost: "SQNR 21.0 dB   clipped 0.6%   16 of 16 levels"; then how the values lie, and what is left of them
    /// behind all layers: "max 0.71   sigma 0.109   mse 1.7e-4".
    private func valueLines(_ shown: Foretold) -> [[String]] {
        let (seen, tensor) = (shown.tensor.observation, shown.tensor)
        var lost: [String] = []
        var lie = ["max \(Figures.significant(max(abs(seen.minimum), abs(seen.maximum))))"]
        if seen.kind == .weight { lie.append("sigma \(Figures.significant(seen.deviation))") }
        if seen.kind == .feature, let high = tensor.quantile(0.999) {
            lie.append("p99.9 \(Figures.significant(high))")
        }
        guard let quantizer = tensor.quantizer else { return [lie] }
        lost.append(
            (shown.isForetold ? "about " : "")
                + (seen.sqnr.map { "SQNR \(Figures.decibels($0)) dB" } ?? "exact"))
        if let ratio = seen.clipRatio {
            lost.append("\(seen.kind == .feature ? "saturated" : "clipped") \(Figures.percent(ratio))%")
        }
        lost.append("\(shown.levelsUsed) of \(quantizer.levels) levels")
        if seen.kind == .feature { lost.append("zero \(Figures.percent(quantizer.zeroShare))%") }
        guard !shown.isForetold else { return [lost, lie] }
        lost.append("mse \(Figures.scientific(quantizer.meanSquaredError))")
        if let match = tensor.accumulatedSQNR {
            lie.append("beside the float network \(Figures.decibels(match)) dB")
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

    private func channelWords(_ tensor: ProbedTensor) -> [String] {
        guard let channels = tensor.channels else { return ["not looked at by channel"] }
        let reaches = channels.reaches(isUnsigned: tensor.quantizer?.isUnsigned ?? false)
        guard let largest = reaches.indices.max(by: { reaches[$0] < reaches[$1] }) else {
            return ["no channels"]
        }
        let middle = reaches.sorted()[reaches.count / 2]
        var words = [
            counted(reaches.count, "channel"), "median reach \(Figures.significant(middle))",
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

extension RangesState.Subject {
    /// What the pictures show, in a word.
    var title: String {
        switch self {
        case .values: "values"
        case .channels: "channels"
        case .time: "over time"
        }
    }
}
