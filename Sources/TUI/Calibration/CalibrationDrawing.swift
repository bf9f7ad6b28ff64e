import Editing
import Graph
import QAT
import Terminal

// How quantizing from data goes, then every layer before and after.
extension ScreenState {
    func drawCalibration(in body: Rect, on canvas: inout Canvas) {
        let rect = body.centered(rows: body.rows, columns: min(body.columns - 2, 84))
        var inside = canvas.box(rect, title: "quantize \(editor.name)")
        let head = inside.takeTop(2)
        if let problem = calibration.problem {
            for (offset, line) in ScreenState.wrapped(problem.printable, to: inside.columns).enumerated() {
                canvas.frame.put(line, inside.row + offset, inside.column, .error, end: inside.endColumn)
            }
            return
        }
        guard let result = calibration.result else { return drawProgress(in: head, on: &canvas) }
        drawResults(of: result, in: head, on: &canvas)
        drawCalibrated(result.rows, in: inside, on: &canvas)
    }

    private func drawProgress(in rect: Rect, on canvas: inout Canvas) {
        canvas.frame.put(
            calibration.progressWords, rect.row, rect.column, .accent, end: rect.endColumn)
        guard let progress = calibration.progress else { return }
        let share = min(1, max(0, progress.share))
        let start = rect.column + 18
        let room = max(0, min(40, rect.columns - 18))
        for column in 0..<room {
            let isDone = Double(column) < share * Double(room)
            canvas.frame[rect.row, start + column] = Cell(
                appearance.glyphs.horizontal, isDone ? .accent.bold : .dim)
        }
    }

    /// "scores 12.3 -> 34.5 dB": the results, those that are the worst now first.
    private func drawResults(of result: CalibrationResult, in rect: Rect, on canvas: inout Canvas) {
        canvas.frame.put(
            result.sqnrWords.clipped(to: rect.columns), rect.row,
            rect.column, .strong, end: rect.endColumn)
        let note = result.notes.first.map { "  \($0)" } ?? ""
        canvas.frame.put(
            "\(counted(result.samples, "sample"))\(note)".clipped(to: rect.columns), rect.row + 1,
            rect.column,
            .dim, end: rect.endColumn)
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
