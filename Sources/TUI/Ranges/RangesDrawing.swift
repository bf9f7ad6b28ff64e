import Editing
import Graph
import Probing
import QAT
import Runs
import Terminal

// View 3: the shapes of all layers, and one of them large: weights above, results below, against clip and levels.
extension ScreenState {
    func drawRanges(in rect: Rect, on canvas: inout Canvas) {
        guard let layer = probedLayer, let node = editor.network[layer] else {
            canvas.frame.put(
                editor.network.nodes.isEmpty
                    ? "The network is empty; \(key("network")) and \(key("add")) add a layer."
                    : "No layer that is shown has values; \(key("filter")) filters.",
                rect.row + 2, rect.column + 3, .text, end: rect.endColumn)
            return
        }
        var right = rect
        if rect.columns >= 100 {
            let left = right.takeLeft(rect.columns >= 160 ? 61 : 40)
            let divider = right.takeLeft(1)
            canvas.divider(divider.column, divider.row..<divider.endRow)
            drawShapes(showing: layer, in: left, on: &canvas)
            drawLargePair(of: node, in: right, divider: divider.column, on: &canvas)
        } else if rect.columns >= 76 {
            // Names with their SQNR; the picture needs the rest.
            let left = right.takeLeft(19)
            let divider = right.takeLeft(1)
            canvas.divider(divider.column, divider.row..<divider.endRow)
            drawShapes(showing: layer, in: left, on: &canvas)
            drawLargePair(of: node, in: right, divider: divider.column, on: &canvas)
        } else {
            drawLargePair(of: node, in: right, divider: nil, on: &canvas)
        }
    }

    /// A row for each layer: a sign where it stands out, its name, where there is room its shapes, its SQNR in dB, and on a wide
    /// screen the share of its results that saturates.
    private func drawShapes(showing layer: String, in rect: Rect, on canvas: inout Canvas) {
        var rect = rect
        let hasShapes = rect.columns >= 33
        let hasSaturation = rect.columns >= 55
        let legend = rect.takeBottom(hasShapes && rect.rows >= 20 ? 8 : 0)
        let names = rect.columns - 9 - (hasShapes ? 21 : 0) - (hasSaturation ? 7 : 0)
        let numbersEnd = rect.endColumn - 2
        let sqnrEnd = numbersEnd - (hasSaturation ? 7 : 0)
        canvas.frame.put(
            list.filter.isEmpty ? " layer" : "/\(list.filter.printable)".clipped(to: names), rect.row,
            rect.column + 1, list.filter.isEmpty ? .dim : .accent)
        if hasShapes {
            canvas.frame.put("weights", rect.row, rect.column + names + 3, .dim)
            canvas.frame.put("activ.", rect.row, rect.column + names + 14, .dim)
        }
        canvas.frame.putRight("SQNR", rect.row, end: sqnrEnd, .dim)
        if hasSaturation { canvas.frame.putRight("sat", rect.row, end: numbersEnd, .dim) }
        _ = rect.takeTop(1)
        let layers = probedLayers
        let chosen = layers.firstIndex(of: layer) ?? 0
        let top = Scrolling.top(ranges.top, showing: chosen, of: layers.count, room: rect.rows)
        for (offset, index) in (top..<min(layers.count, top + rect.rows)).enumerated() {
            let name = layers[index]
            let row = rect.row + offset
            if index == chosen {
                let hasFocus = pane.scope == .shapes && popups.isEmpty
                canvas.frame[row, rect.column] = Cell(
                    hasFocus ? appearance.glyphs.selected : appearance.glyphs.selectedAway, .accent.bold)
                if hasFocus { canvas.frame.cursor = Position(row: row, column: rect.column + 2) }
                if hasFocus, name.displayWidth > names { canvas.whole = name }
            }
            if !diagnoses(of: name).isEmpty {
                canvas.frame[row, rect.column + 1] = Cell(appearance.glyphs.advice, .advice)
            }
            canvas.frame.put(
                name.shortened(to: names), row, rect.column + 2, index == chosen ? .strong : .text,
                end: rect.column + 2 + names)
            canvas.target(Rect(row: row, column: rect.column, rows: 1, columns: rect.columns)) {
                $0.clickProbed(index)
            }
            defer {
                if index == chosen, pane.scope == .shapes {
                    canvas.frame.select(row, rect.column..<rect.endColumn)
                }
            }
            let part = shownPart(of: name)
            let style: Style = probe.isStale ? .dim : index == chosen ? .strong : .text
            canvas.frame.putRight(
                probe.sqnr(of: name).map(Figures.decibels) ?? Figures.none, row, end: sqnrEnd, style)
            if hasSaturation {
                let ratio = part?.feature?.observation.clipRatio
                canvas.frame.putRight(
                    ratio.map { Figures.percent($0) + "%" } ?? Figures.none, row, end: numbersEnd, style)
            }
            guard hasShapes else { continue }
            for (place, tensor) in [(names + 3, part?.weight), (names + 14, part?.feature)] {
                guard let tensor else {
                    canvas.frame[row, rect.column + place] = Cell(appearance.glyphs.none, .dim)
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
        let glyphs = appearance.glyphs
        let samples = probe.report.map { counted($0.samples, "sample") } ?? "no samples yet"
        let lines: [(String, String)] = [
            ("", ""), ("sorted", list.order.title + "   \(key("sort"))"),
            ("shows", ranges.plot.title + "   \(key("per"))"),
            ("on", samples + "   \(key("samples"))"), ("", probeSource),
            ("", "\(glyphs.lost) lost to the clip   \(glyphs.marked) values"),
            ("", "\(glyphs.level) a value the chip can store"),
            ("", "SQNR in dB, sat: beyond the clip"),
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
        if ranges.plot == .time {
            return drawOverTime(of: node.name, in: rect, on: &canvas)
        }
        guard let part, part.weight != nil || part.feature != nil else {
            for (offset, line) in ScreenState.wrapped(missingWords(node), to: rect.columns - 4).enumerated() {
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
                "no run of the session has been recorded; \(key("train")) and \(key("new-run")) train",
                rect.row + 1, rect.column + 2, .dim,
                end: rect.endColumn)
            return
        }
        var rect = rect
        let head = rect.takeTop(1)
        canvas.frame.put(
            " run \(run.shortName), \(run.word)", head.row, head.column, .dim, end: head.endColumn)
        canvas.frame.putRight(
            "\(key("train")) and \(key("attach")) show another", head.row, end: head.endColumn - 1, .dim)
        let flips = detail.flips(of: layer)
        if !flips.isEmpty, rect.rows >= 12 {
            drawFlips(flips, detail, in: rect.takeBottom(rect.rows * 2 / 5), on: &canvas)
        }
        drawRange(of: layer, detail, isFocused: pane.scope != .shapes, in: rect, on: &canvas)
    }

    /// How many weights of a layer changed their code between observations: many that go on doing so swing to and fro.
    private func drawFlips(
        _ flips: [CurvePoint], _ detail: RunDetail, in rect: Rect, on canvas: inout Canvas
    ) {
        var rect = rect
        let last =
            flips.last.map { "\(Figures.percent($0.y))% of codes changed since the sample before" } ?? ""
        drawTitle(
            [("FLIPS", .dim), ("weights, % \(appearance.glyphs.horizontal)", Style(.seriesA))], right: last,
            in: rect.takeTop(1), false, on: &canvas)
        var plot = LinePlot(x: .steps(shownSteps(detail), perEpoch: detail.stepsPerEpoch))
        plot.series.append(
            .init(flips.map { CurvePoint(x: $0.x, y: $0.y * 100) }, ink: .seriesA, style: .line))
        plot.events = detail.stages.map { .init(x: $0.x, text: "") }
        plot.draw(in: rect, on: &canvas)
    }

    /// Shows what stands out in the layer and what is advised, whole.
    mutating func openAdvice() {
        guard let layer = probedLayer else { return }
        let lines = adviceLines(of: layer, width: 400).map(\.text)
        popups.append(Page(layer, lines.isEmpty ? ["nothing stands out"] : lines))
    }

    /// What stands out in a layer, and a better clip; as many lines as there is room for, the last with the key that
    /// shows all where they are more.
    private func drawAdvice(of layer: String, in rect: Rect, on canvas: inout Canvas) {
        let lines = adviceLines(of: layer, width: rect.columns - 2)
        for (offset, line) in lines.prefix(rect.rows).enumerated() {
            let isCut = offset == rect.rows - 1 && lines.count > rect.rows
            let text = isCut ? line.text.clipped(to: rect.columns - 15) : line.text
            let end = canvas.frame.put(
                text, rect.row + offset, rect.column + 1, line.style, end: rect.endColumn)
            guard isCut else { continue }
            canvas.frame.put(key("advice"), rect.row + offset, end + 2, .accent, end: rect.endColumn)
            canvas.frame.put(
                "all of it", rect.row + offset, end + 3 + key("advice").displayWidth, .dim,
                end: rect.endColumn)
        }
    }

    func adviceLines(of layer: String, width: Int) -> [(text: String, style: Style)] {
        var lines: [(text: String, style: Style)] = []
        if let reason = probe.report?.dataFailure {
            let words =
                "\(appearance.glyphs.advice) the data of the run cannot be read, generated data stands in: \(reason)"
            lines += ScreenState.wrapped(words, to: width).map { ($0, .advice) }
        }
        var isFirst = true
        for diagnosis in diagnoses(of: layer) {
            let key = diagnosis.edit != nil && isFirst ? ". \(key("open-row")) applies this" : ""
            if diagnosis.edit != nil { isFirst = false }
            let words = "\(appearance.glyphs.advice) \(diagnosis.sentence)\(key)"
            lines += ScreenState.wrapped(words, to: width).map { ($0, .advice) }
        }
        if let suggestion = suggestion(for: layer), let then = suggestion.expected.sqnr, isFirst {
            let words =
                "\(appearance.glyphs.arrow) clip \(Figures.clip(suggestion.clip)) would give about \(Figures.decibels(then)) dB (+\(Figures.decibels(suggestion.gain))) and saturate \(Figures.percent(suggestion.expected.clipRatio))%. \(key("open-row")) applies this"
            lines += ScreenState.wrapped(words, to: width).map { ($0, .accent) }
        } else if isFirst, let worst = worstLayer(layer) {
            let words =
                "\(appearance.glyphs.arrow) \(worst.words)"
                + (worst.edit == nil ? "" : ". \(key("open-row")) applies this")
            lines += ScreenState.wrapped(words, to: width).map { ($0, .accent) }
        }
        return lines
    }
}
