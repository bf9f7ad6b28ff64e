import Devices
import Graph
import QAT
import Workbench
import Terminal

// What lies on top of the views.
extension Interface {
    func draw(_ overlay: Overlay, in body: Rect, on canvas: inout Canvas) {
        switch overlay {
        case .picker(let picker): draw(picker, in: body, on: &canvas)
        case .prompt(let prompt): draw(prompt, in: body, on: &canvas)
        case .page(let page): draw(page, in: body, on: &canvas)
        case .form(let form): draw(form, in: body, on: &canvas)
        case .question(let question): draw(question, in: body, on: &canvas)
        case .sweep: drawSweep(in: body, on: &canvas)
        case .calibration: drawCalibration(in: body, on: &canvas)
        }
    }

    private func draw(_ picker: Picker, in body: Rect, on canvas: inout Canvas) {
        let shown = picker.shown
        let width = min(body.columns - 4, picker.width)
        let height = min(body.rows - 1, max(8, min(shown.count + headings(picker, shown) + 4, 24)))
        // While a chip is picked the findings behind the list must stay in sight.
        var rect = body.centered(rows: height, columns: width)
        if picker.purpose == .device {
            rect = Rect(
                row: body.endRow - height, column: body.endColumn - width - 1, rows: height, columns: width)
        }
        var inside = canvas.box(rect, title: picker.title)
        let field = inside.takeTop(1)
        canvas.frame.put(":", field.row, field.column - 1, .accent)
        picker.field.draw(on: &canvas, row: field.row, column: field.column, end: field.endColumn)
        let status = inside.takeBottom(1)
        drawStatus(of: picker, shown, in: status, on: &canvas)
        drawEntries(of: picker, shown, in: inside, on: &canvas)
    }

    /// Rows that headings of groups take; there are none while a text sorts the entries.
    private func headings(_ picker: Picker, _ shown: [Int]) -> Int {
        picker.field.text.isEmpty ? shown.count { !picker.entries[$0].group.isEmpty } : 0
    }

    private func drawEntries(
        of picker: Picker, _ shown: [Int], in rect: Rect, on canvas: inout Canvas
    ) {
        let hasHeadings = picker.field.text.isEmpty
        var lines: [(heading: String?, entry: Int?, place: Int)] = []
        var chosenLine = 0
        for (place, index) in shown.enumerated() {
            let entry = picker.entries[index]
            if hasHeadings, !entry.group.isEmpty { lines.append((entry.group, nil, place)) }
            if place == picker.selected { chosenLine = lines.count }
            lines.append((nil, index, place))
        }
        let top = Scrolling.top(
            max(0, chosenLine - rect.rows / 2), showing: chosenLine, of: lines.count, room: rect.rows)
        let names = min(30, picker.entries.map(\.title.displayWidth).max() ?? 0)
        for (offset, line) in lines.dropFirst(top).prefix(rect.rows).enumerated() {
            let row = rect.row + offset
            if let heading = line.heading {
                canvas.frame.put(heading, row, rect.column, .dim, end: rect.endColumn)
                continue
            }
            guard let index = line.entry else { continue }
            let entry = picker.entries[index]
            let isChosen = line.place == picker.selected
            if isChosen { canvas.frame[row, rect.column - 1] = Cell(look.glyphs.selected, .accent.bold) }
            let style: Style = entry.whyNot != nil ? .dim : isChosen ? .strong : .text
            canvas.frame.put(
                entry.title.shortened(to: names + 4), row, rect.column + 1, style, end: rect.endColumn)
            let noteStart = rect.endColumn - entry.note.displayWidth
            let detail = entry.whyNot.map { "\(entry.detail)  (\($0))" } ?? entry.detail
            let start = rect.column + 1 + names + 2
            canvas.frame.put(
                detail.clipped(to: max(0, noteStart - 1 - start)), row, start, .dim, end: noteStart - 1)
            canvas.frame.put(entry.note, row, noteStart, .accent, end: rect.endColumn)
            canvas.target(
                Rect(row: row, column: rect.column, rows: 1, columns: rect.columns), .selectRow(line.place))
        }
        if lines.isEmpty { canvas.frame.put("nothing matches", rect.row, rect.column + 1, .dim) }
    }

    private func drawStatus(of picker: Picker, _ shown: [Int], in rect: Rect, on canvas: inout Canvas) {
        if let problem = picker.problem {
            canvas.frame.put(
                problem.printable.clipped(to: rect.columns), rect.row, rect.column, .error,
                end: rect.endColumn)
            return
        }
        let count =
            shown.count == picker.entries.count
            ? "\(shown.count)" : "\(shown.count) of \(picker.entries.count)"
        canvas.frame.put(count, rect.row, rect.column, .dim)
        if let entry = picker.current, let reason = entry.whyNot {
            canvas.frame.put(
                "not now: \(reason)".clipped(to: rect.columns - 12), rect.row, rect.column + 10, .advice,
                end: rect.endColumn)
        }
    }

    private func draw(_ prompt: Prompt, in body: Rect, on canvas: inout Canvas) {
        let help = Interface.wrapped(prompt.help, to: min(body.columns - 10, 80))
        let width = min(body.columns - 4, 86)
        let rect = body.centered(rows: help.count + 4, columns: width)
        let inside = canvas.box(rect, title: prompt.title)
        prompt.field.draw(on: &canvas, row: inside.row, column: inside.column, end: inside.endColumn, .strong)
        for (offset, line) in help.enumerated() {
            canvas.frame.put(line, inside.row + 1 + offset, inside.column, .dim, end: inside.endColumn)
        }
        let last = inside.endRow - 1
        if let problem = prompt.problem {
            canvas.frame.put(
                "\(look.glyphs.mustFix) \(problem.printable)".shortened(to: inside.columns), last,
                inside.column,
                .error, end: inside.endColumn)
        }
    }

    private func draw(_ page: Page, in body: Rect, on canvas: inout Canvas) {
        let width = min(body.columns - 2, max(60, (page.lines.map(\.displayWidth).max() ?? 0) + 4))
        let rect = body.centered(rows: min(body.rows, page.lines.count + 2), columns: width)
        let inside = canvas.box(rect, title: page.title)
        let top = min(page.top, max(0, page.lines.count - inside.rows))
        for (offset, line) in page.lines.dropFirst(top).prefix(inside.rows).enumerated() {
            let isHeading = !line.isEmpty && line == line.uppercased() && line.first?.isLetter ?? false
            canvas.frame.put(
                line, inside.row + offset, inside.column, isHeading ? .strong : .text, end: inside.endColumn)
        }
        drawScrollBar(
            in: Rect(row: inside.row, column: rect.column + 1, rows: inside.rows, columns: rect.columns - 2),
            top: top, count: page.lines.count, on: &canvas)
    }

    private func draw(_ form: RunForm, in body: Rect, on canvas: inout Canvas) {
        let width = min(body.columns - 2, 84)
        let rect = body.centered(rows: form.settings.count + 6, columns: width)
        let isRun = form.purpose == .run
        var inside = canvas.box(rect, title: (isRun ? "new run of " : "quantize ") + bench.name)
        let foot = inside.takeBottom(3)
        let top = Scrolling.top(0, showing: form.selected, of: form.settings.count, room: inside.rows)
        for (offset, index) in (top..<min(form.settings.count, top + inside.rows)).enumerated() {
            let (setting, row) = (form.settings[index], inside.row + offset)
            let isChosen = index == form.selected
            if isChosen { canvas.frame[row, inside.column - 1] = Cell(look.glyphs.selected, .accent.bold) }
            canvas.frame.put(setting.title, row, inside.column + 1, isChosen ? .strong : .text)
            let column = inside.column + 17
            let isSet = !setting.value.isEmpty
            let value = isSet ? setting.value : setting.standard
            let end = canvas.frame.put(
                value.printable.shortened(to: inside.endColumn - column - 4), row, column + 2,
                isSet ? .strong : .text, end: inside.endColumn)
            if !setting.choices.isEmpty || Int(value) != nil {
                canvas.frame[row, column] = Cell(look.glyphs.stepDown, .accent)
                canvas.frame[row, end + 1] = Cell(look.glyphs.stepUp, .accent)
            }
            canvas.target(
                Rect(row: row, column: inside.column, rows: 1, columns: inside.columns), .selectRow(index))
        }
        let help = Interface.wrapped(form.settings[form.selected].help, to: foot.columns)
        for (offset, line) in help.prefix(2).enumerated() {
            canvas.frame.put(line, foot.row + offset, foot.column, .dim, end: foot.endColumn)
        }
        if let problem = form.problem {
            canvas.frame.put(
                problem.printable.shortened(to: foot.columns), foot.endRow - 1, foot.column, .error,
                end: foot.endColumn)
        } else {
            canvas.frame.put("Tab", foot.endRow - 1, foot.column, .accent)
            canvas.frame.put(
                isRun ? "start    the session is saved first" : "start    nothing is changed before Enter",
                foot.endRow - 1, foot.column + 4, .text, end: foot.endColumn)
            canvas.target(
                Rect(row: foot.endRow - 1, column: foot.column, rows: 1, columns: 9),
                isRun ? .startRun : .calibrate)
        }
        canvas.frame.cursor = Position(row: inside.row + form.selected - top, column: inside.column + 17)
    }

    private func draw(_ question: Question, in body: Rect, on canvas: inout Canvas) {
        let lines = question.lines.flatMap { Interface.wrapped($0, to: min(body.columns - 8, 70)) }
        let answers = question.answers.map { "\($0.key) \($0.title)" } + ["Esc stay"]
        let width = max(
            lines.map(\.displayWidth).max() ?? 0, answers.joined(separator: "    ").displayWidth + 2,
            question.title.displayWidth + 4)
        let rect = body.centered(rows: lines.count + 4, columns: min(body.columns - 2, width + 4))
        let inside = canvas.box(rect, title: question.title)
        for (offset, line) in lines.enumerated() {
            canvas.frame.put(line, inside.row + offset, inside.column, .text, end: inside.endColumn)
        }
        var column = inside.column + 2
        let row = inside.endRow - 1
        for answer in question.answers {
            let start = column
            column = canvas.frame.put(String(answer.key), row, column, .accent.bold)
            column = canvas.frame.put(" \(answer.title)", row, column, .text, end: inside.endColumn)
            canvas.target(
                Rect(row: row, column: start, rows: 1, columns: column - start), .answer(answer.key))
            column += 4
        }
        canvas.frame.put("Esc", row, column, .accent.bold, end: inside.endColumn)
        canvas.frame.put("stay", row, column + 4, .text, end: inside.endColumn)
        canvas.frame.cursor = Position(row: row, column: inside.column + 2)
    }

    /// A text in lines of at most `width` cells, broken between words.
    static func wrapped(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var line = ""
            for word in paragraph.split(separator: " ") {
                if !line.isEmpty, line.displayWidth + 1 + String(word).displayWidth > width {
                    lines.append(line)
                    line = ""
                }
                line += (line.isEmpty ? "" : " ") + String(word).shortened(to: max(1, width))
            }
            lines.append(line)
        }
        return lines
    }
}
