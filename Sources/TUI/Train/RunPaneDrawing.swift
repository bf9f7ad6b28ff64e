import Devices
import Editing
import Graph
import QAT
import Runs
import Terminal

// What a run is doing, beside its curves: numbers, which layers saturate, its log.
extension ScreenState {
    func drawRunPane(
        _ run: RunSummary, _ detail: RunDetail, in rect: Rect, divider: Int, on canvas: inout Canvas
    ) {
        var rect = rect
        drawRunNumbers(run, detail, in: rect.takeTop(min(12, rect.rows / 2)), on: &canvas)
        canvas.join(rect.takeTop(1), divider)
        let layers = detail.rangedLayers.count
        drawSaturation(detail, in: rect.takeTop(min(layers + 2, max(4, rect.rows * 3 / 5))), on: &canvas)
        canvas.join(rect.takeTop(1), divider)
        drawLog(detail, in: rect, on: &canvas)
    }

    private func drawRunNumbers(
        _ run: RunSummary, _ detail: RunDetail, in rect: Rect, on canvas: inout Canvas
    ) {
        var lines: [(String, String, Style)] = []
        let style: Style =
            switch run.activity {
            case .running: .accent
            case .failed, .stalled: .error
            case .paused, .silent: .advice
            case .finished, .interrupted: .text
            }
        canvas.frame.put(
            "\(run.shortName) \(run.remark(upTo: 12))".trimmed, rect.row, rect.column + 1, .strong)
        canvas.frame.putRight(
            "\(run.isLive ? "\(appearance.glyphs.dot) " : "")\(run.word)", rect.row, end: rect.endColumn - 1,
            style)
        if let fraction = run.fraction {
            ProgressBar(fraction).draw(
                in: Rect(row: rect.row + 1, column: rect.column + 1, rows: 1, columns: rect.columns - 2),
                on: &canvas)
        }
        lines.append((run.epochWords, run.stepWords, .text))
        lines.append((run.speedWords, run.leftWords, .text))
        if let message = run.record.message { lines.append((message, "", .error)) }
        lines.append(("", "now     best epoch", .dim))
        lines += detail.numbers.map { row in
            let epoch = row.epoch.map(String.init) ?? ""
            return (
                row.name, row.now.indented(to: 7) + " " + row.best.indented(to: 8) + epoch.indented(to: 6),
                .text
            )
        }
        var row = rect.row + 2
        for (left, right, style) in lines where row < rect.endRow {
            canvas.frame.put(
                left.printable.clipped(to: rect.columns - 2), row, rect.column + 1, style,
                end: rect.endColumn - 1)
            // Two long ones have a line each.
            if !left.isEmpty, left.displayWidth + 1 + right.displayWidth > rect.columns - 2 { row += 1 }
            guard row < rect.endRow else { break }
            canvas.frame.putRight(right, row, end: rect.endColumn - 1, style)
            row += 1
        }
    }

    func drawProgressLine(_ run: RunSummary, in rect: Rect, on canvas: inout Canvas) {
        let name = "\(run.shortName) \(run.remark(upTo: 12))".trimmed
        var column = canvas.frame.put(" \(name) ", rect.row, rect.column, .strong)
        if let fraction = run.fraction {
            ProgressBar(fraction).draw(
                in: Rect(row: rect.row, column: column, rows: 1, columns: 20), on: &canvas)
            column += 22
        }
        let measure = run.evaluation.flatMap { evaluation in
            evaluation.measure.map { "\(evaluation.split.storedName) \($0)" }
        }
        let words = [
            run.isLive && run.word == "running" ? "" : run.word, measure ?? "", run.epochWords, run.leftWords,
            run.speedWords,
        ]
        for word in words where !word.isEmpty && column + word.displayWidth <= rect.endColumn {
            column = canvas.frame.put(word, rect.row, column, .text, end: rect.endColumn) + 2
        }
    }

    func drawSaturation(_ detail: RunDetail, in rect: Rect, on canvas: inout Canvas) {
        var rect = rect
        let head = rect.takeTop(1)
        let shades = String(String.UnicodeScalarView(appearance.glyphs.shades.dropFirst()))
        drawTitle(
            [("SATURATION BY LAYER", .dim)], right: "0 \(shades) 2%", in: head, pane.scope == .saturation,
            on: &canvas)
        let layers = detail.rangedLayers
        let chosen = layers.firstIndex { $0 == training.layer }
        var map = HeatMap(
            labels: layers, rows: layers.map { detail.range(of: $0)?.clipRatio.map { ($0.x, $0.y) } ?? [] },
            xRange: shownSteps(detail), top: 0.02, selected: chosen, perEpoch: detail.stepsPerEpoch)
        map.hasFocus = pane.scope == .saturation
        map.draw(in: rect, on: &canvas)
    }

    func drawLog(_ detail: RunDetail, in rect: Rect, on canvas: inout Canvas) {
        var rect = rect
        let hasFocus = pane.scope == .log
        let count = detail.log.count
        let chosen = hasFocus ? min(training.logLine, max(0, count - 1)) : 0
        drawTitle(
            [("LOG", .dim)], right: hasFocus && count > 0 ? "\(chosen + 1) of \(count)" : "",
            in: rect.takeTop(1), hasFocus, on: &canvas)
        // The newest line is first. With the focus the chosen one is shown whole.
        let lines = detail.log.reversed().enumerated().map { index, line -> (words: [String], style: Style) in
            let text = "\(line.clock) \(line.text)".printable
            let words =
                hasFocus && index == chosen
                ? ScreenState.wrapped(text, to: rect.columns - 2) : [text.clipped(to: rect.columns - 2)]
            return (words, line.isProblem ? .error : index == chosen ? .text : .dim)
        }
        var top = chosen
        var used = lines.isEmpty ? 0 : lines[chosen].words.count
        while top > 0, used + 1 <= rect.rows {
            top -= 1
            used += 1
        }
        if chosen < rect.rows, used <= rect.rows { top = min(top, 0) }
        var row = rect.row
        for (index, line) in lines.enumerated().dropFirst(top) {
            for words in line.words where row < rect.endRow {
                if hasFocus, index == chosen {
                    canvas.frame[row, rect.column] = Cell(appearance.glyphs.selected, .accent.bold)
                }
                canvas.frame.put(words, row, rect.column + 1, line.style, end: rect.endColumn)
                if hasFocus, index == chosen { canvas.frame.select(row, rect.column..<rect.endColumn) }
                row += 1
            }
        }
    }
}

extension RunSummary {
    /// The begin of the user's note on it, in so many cells; "" where there is none.
    func remark(upTo width: Int) -> String { (record.note ?? "").printable.clipped(to: width) }
}
