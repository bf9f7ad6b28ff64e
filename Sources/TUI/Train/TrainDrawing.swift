import Devices
import Editing
import Graph
import QAT
import Runs
import Terminal

// View 4: loss and range of the shown run over time; what it is doing; which layers saturate; its log.
extension ScreenState {
    func drawTraining(in rect: Rect, on canvas: inout Canvas) {
        guard let run = training.shown, let detail = training.pictured?.detail else {
            return drawNoRun(in: rect, on: &canvas)
        }
        var left = rect
        guard rect.columns >= 100 else { return drawNarrowTraining(run, detail, in: rect, on: &canvas) }
        // On a large screen the lines of the log are whole.
        let right = left.takeRight(rect.columns >= 160 ? 48 : 36)
        let divider = left.takeRight(1)
        canvas.divider(divider.column, divider.row..<divider.endRow)
        let small = ScreenState.smallCurveRows(of: left.rows)
        let found = min(detail.findings.count, max(1, left.rows / 12))
        let curve = left.takeTop((left.rows - 1 - max(1, found) - small) / 2)
        drawCurve(run, detail, in: curve, on: &canvas)
        if small > 0 {
            let rule = left.takeTop(1)
            canvas.rule(rule.row, rule.column..<rule.endColumn)
            canvas.frame[rule.row, divider.column] = Cell(canvas.glyphs.teeLeft, .dim)
            drawSmallCurves(run, detail, in: left.takeTop(small - 1), on: &canvas)
        }
        let rule = left.takeTop(1)
        canvas.rule(rule.row, rule.column..<rule.endColumn)
        canvas.frame[rule.row, divider.column] = Cell(canvas.glyphs.teeLeft, .dim)
        let sentence = left.takeBottom(1)
        let problems = left.takeBottom(max(0, found))
        drawRange(of: training.layer, detail, isFocused: pane.scope == .range, in: left, on: &canvas)
        drawFindings(detail, in: problems, on: &canvas)
        drawRangeSentence(detail, in: sentence, on: &canvas)
        drawRunPane(run, detail, in: right, divider: divider.column, on: &canvas)
    }

    private func drawNarrowTraining(
        _ run: RunSummary, _ detail: RunDetail, in rect: Rect, on canvas: inout Canvas
    ) {
        var rect = rect
        drawProgressLine(run, in: rect.takeTop(1), on: &canvas)
        let sentence = rect.takeBottom(1)
        if pane.scope == .log {
            drawLog(detail, in: rect, on: &canvas)
        } else if pane.scope == .saturation {
            drawSaturation(detail, in: rect.takeTop(rect.rows * 2 / 3), on: &canvas)
            drawLog(detail, in: rect, on: &canvas)
        } else {
            drawCurve(run, detail, in: rect.takeTop((rect.rows + 1) / 2), on: &canvas)
            drawRange(of: training.layer, detail, isFocused: pane.scope == .range, in: rect, on: &canvas)
        }
        if detail.findings.isEmpty {
            drawRangeSentence(detail, in: sentence, on: &canvas)
        } else {
            drawFindings(detail, in: sentence, on: &canvas)
        }
    }

    private func drawNoRun(in rect: Rect, on canvas: inout Canvas) {
        let problem = training.snapshot?.problem
        let lines: [(String, Style)] =
            if let problem {
                ScreenState.wrapped(problem, to: rect.columns - 6).map { ($0, .error) }
            } else if editor.path == nil {
                [
                    ("No runs: this network was never saved.", .text), ("", .text),
                    ("\(key("w").padded(to: 8)) saves it as a session", .text),
                    (
                        "\(key("new-run").padded(to: 8)) sets up a training run; it is recorded in the session",
                        .text
                    ),
                ]
            } else {
                [
                    ("The session has no runs yet.", .text), ("", .text),
                    (
                        "\(key("new-run").padded(to: 8)) sets up a training run; drawn glyphs need no data at all",
                        .text
                    ),
                    ("         Runs started from a shell (magikbench train) show up here too.", .dim),
                ]
            }
        for (offset, line) in lines.enumerated() {
            canvas.frame.put(line.0, rect.row + 2 + offset, rect.column + 3, line.1, end: rect.endColumn)
        }
    }
}

// The plots.
extension ScreenState {
    /// The part of the steps that is shown, as zoom and position have it: all up to the planned end, or a part of what is done.
    func shownSteps(_ detail: RunDetail) -> ClosedRange<Double> {
        let last = max(1, Double(detail.lastStep))
        guard training.zoom > 0 else { return 0...max(last, Double(detail.plannedSteps ?? 0)) }
        let width = last / Double(1 << training.zoom)
        let end = max(width, training.position * last)
        return max(0, end - width)...max(end, 1)
    }

    func drawTitle(
        _ words: [(String, Style)], right: String, in rect: Rect, _ isFocused: Bool, on canvas: inout Canvas
    ) {
        var column = rect.column + 1
        for (word, style) in words {
            column = canvas.frame.put(word, rect.row, column, style, end: rect.endColumn - 1) + 3
        }
        // Whole or not at all; of several parts the last one counts most.
        let room = rect.endColumn - 1 - column
        let shown = [right, right.split(separator: ", ").last.map(String.init) ?? ""]
        if let words = shown.first(where: { $0.displayWidth <= room }) {
            canvas.frame.putRight(words, rect.row, end: rect.endColumn - 1, from: column, .dim)
        }
        if isFocused {
            canvas.frame[rect.row, rect.column] = Cell(appearance.glyphs.selected, .accent.bold)
            if popups.isEmpty { canvas.frame.cursor = Position(row: rect.row, column: rect.column + 1) }
        }
    }

    var zoomWords: String { training.zoom > 0 ? "   x\(1 << training.zoom)" : "" }

    /// How the range of a layer moved while a run trained, beside its clip, with the stages of the run.
    func drawRange(
        of layer: String?, _ detail: RunDetail, isFocused: Bool, in rect: Rect, on canvas: inout Canvas
    ) {
        var rect = rect
        let head = rect.takeTop(1)
        guard let layer, let range = detail.range(of: layer) else {
            drawTitle([("RANGE", .dim)], right: "", in: head, isFocused, on: &canvas)
            canvas.frame.put(
                "nothing sampled yet", rect.row, rect.column + 8, .dim, end: rect.endColumn)
            return
        }
        let isFine = !range.upper.isEmpty
        drawTitle(
            [
                ("RANGE", .dim),
                ("\(appearance.glyphs.stepDown) \(layer) \(appearance.glyphs.stepUp)", .strong),
                (
                    isFine ? "p99.9 \(appearance.glyphs.horizontal)" : "max \(appearance.glyphs.horizontal)",
                    Style(.seriesA)
                ),
                (
                    "\(isFine ? "median" : "mean") \(appearance.glyphs.horizontal)", Style(.seriesC)
                ),
                ("clip \(appearance.glyphs.dash)", Style(.seriesB)),
            ], right: "value" + zoomWords, in: head, isFocused, on: &canvas)
        var plot = LinePlot(x: .steps(shownSteps(detail), perEpoch: detail.stepsPerEpoch))
        plot.axis = training.rangeAxis
        plot.series.append(.init(isFine ? range.upper : range.maximum, ink: .seriesA, style: .line))
        plot.series.append(.init(isFine ? range.middle : range.mean, ink: .seriesC, style: .line))
        plot.series.append(.init(range.clip, ink: .seriesB, style: .dashed))
        plot.events = detail.stages.map { .init(x: $0.x, text: "") }
        if training.isInspecting { plot.hairline = training.hairline }
        plot.draw(in: rect, on: &canvas)
    }

    private func drawRangeSentence(_ detail: RunDetail, in rect: Rect, on canvas: inout Canvas) {
        guard let layer = training.layer, let range = detail.range(of: layer) else { return }
        let text = rangeSentence(layer, range)
        canvas.frame.put(
            (text.isWarning ? "\(appearance.glyphs.advice) " : "") + text.words, rect.row, rect.column + 1,
            text.isWarning ? .advice : .dim, end: rect.endColumn)
    }

    /// What the range plot says, in a sentence.
    private func rangeSentence(_ layer: String, _ range: RangeSeries) -> (words: String, isWarning: Bool) {
        guard let clip = range.clip.last?.y, clip.isFinite else { return ("\(layer) is not clipped", false) }
        let ratio = range.clipRatio.last?.y ?? 0
        let share = "\(Figures.percent(ratio))% of values saturate"
        guard let crossing = range.crossing else {
            let top = range.maximum.last?.y ?? 0
            return ratio > 0
                ? ("\(share); 99.9% stay below the clip of \(Figures.clip(clip))", false)
                : (
                    "nothing saturates: the largest value is \(Figures.significant(top)), the clip \(Figures.clip(clip))",
                    false
                )
        }
        return ("p99.9 above the clip since step \(Figures.grouped(Int(held: crossing))): \(share)", true)
    }
}
