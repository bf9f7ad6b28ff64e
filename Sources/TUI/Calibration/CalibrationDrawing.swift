import Editing
import Graph
import QAT
import Terminal

// How quantizing from data goes, then every layer before and after.
extension ScreenState {
    func drawCalibration(in rect: Rect, on canvas: inout Canvas) {
        var inside = canvas.box(rect, title: "quantize \(editor.name)")
        if let problem = calibration.problem {
            for (offset, line) in ScreenState.wrapped(problem.printable, to: inside.columns).enumerated() {
                canvas.frame.put(line, inside.row + offset, inside.column, .error, end: inside.endColumn)
            }
            return
        }
        guard let result = calibration.result else { return drawProgress(in: inside, on: &canvas) }
        drawResults(of: result, in: &inside, on: &canvas)
        drawCalibrated(result.rows, in: inside, on: &canvas)
    }

    private func drawProgress(in rect: Rect, on canvas: inout Canvas) {
        canvas.frame.put(
            calibration.progressWords, rect.row, rect.column, .accent, end: rect.endColumn)
        ProgressBar(min(1, max(0, calibration.progress?.share ?? 0))).draw(
            in: Rect(row: rect.row + 1, column: rect.column, rows: 1, columns: min(60, rect.columns)),
            on: &canvas)
        canvas.frame.put(
            "The network stays as it is until \(key("open-row")) takes the result; \(key("stop-quantize")) stops.",
            rect.row + 3, rect.column, .dim, end: rect.endColumn)
    }

    /// "scores 12.3 -> 34.5 dB": the results, those that are the worst now first.
    private func drawResults(of result: CalibrationResult, in rect: inout Rect, on canvas: inout Canvas) {
        let room = max(2, rect.rows / 3)
        let words = ScreenState.wrapped(result.sqnrWords, to: rect.columns).prefix(room)
        let notes = [counted(result.samples, "sample")] + result.notes
        let rest = ScreenState.wrapped(notes.joined(separator: "; "), to: rect.columns)
            .prefix(max(1, room - words.count))
        for (lines, style) in [(words, Style.strong), (rest, Style.dim)] {
            for line in lines {
                let row = rect.takeTop(1)
                canvas.frame.put(line, row.row, row.column, style, end: row.endColumn)
            }
        }
    }

    private func drawCalibrated(
        _ rows: [CalibrationResult.Row], in rect: Rect, on canvas: inout Canvas
    ) {
        let columns: [(title: String, width: Int, text: (CalibrationResult.Row) -> String)] = [
            ("largest", 9, { $0.largest.map { Figures.significant($0) } ?? "" }),
            ("range", 9, { $0.range.map { Figures.significant($0) } ?? "" }),
            ("clip", 6, { $0.clip.map(Figures.clip) ?? "" }),
            ("factor", 7, { $0.factor.map(Figures.clip) ?? "" }),
            ("before dB", 10, { $0.before.map(Figures.decibels) ?? Figures.none }),
            ("after dB", 9, { $0.after.map(Figures.decibels) ?? Figures.none }),
        ]
        let wide = rect.columns >= 60
        let shown = wide ? columns : columns.filter { ["before dB", "after dB"].contains($0.title) }
        let names = max(8, rect.columns - shown.reduce(0) { $0 + $1.width })
        var column = rect.column + names
        canvas.frame.put("layer", rect.row, rect.column, .dim)
        for part in shown {
            column += part.width
            canvas.frame.put(
                part.title, rect.row, column - part.title.displayWidth, .dim, end: rect.endColumn)
        }
        let room = max(0, rect.rows - 1)
        let top = min(calibration.top, max(0, rows.count - room))
        for (offset, row) in rows.dropFirst(top).prefix(room).enumerated() {
            let line = rect.row + 1 + offset
            canvas.frame.put(
                row.layer.shortened(to: names - 1), line, rect.column, .text, end: rect.endColumn)
            var column = rect.column + names
            for part in shown {
                column += part.width
                let text = part.text(row)
                canvas.frame.put(
                    text, line, column - text.displayWidth, part.title == "after dB" ? .strong : .text,
                    end: rect.endColumn)
            }
        }
        drawScrollBar(
            in: Rect(row: rect.row + 1, column: rect.column, rows: room, columns: rect.columns + 1), top: top,
            count: rows.count, on: &canvas)
    }
}
