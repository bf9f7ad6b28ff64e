import Editing
import Graph
import Terminal

// The form of a run or of quantizing as a popup.
extension OptionForm: Popup {
    var scope: Scope { .form }
    var keys: [KeyLabel] {
        [
            .upDown("setting"), .leftRight("value", "step-down", "step-up"), .enter("type it"),
            .command("start", "start"), .command("next-pane", "next"),
            .escape("close"),
        ]
    }

    func move(_ movement: Movement, on screen: inout ScreenState) {
        select(screen.moved(selected, by: movement, of: settings.count + 1), on: &screen)
    }

    func click(_ row: Int, on screen: inout ScreenState) {
        select(row, on: &screen)
        if row == selected { open(on: &screen) }
    }

    private func select(_ row: Int, on screen: inout ScreenState) {
        change(on: &screen) { form in
            form.selected = row
            form.problem = nil
        }
    }

    /// A digit begins to type the selected setting.
    func press(_ key: Key, on screen: inout ScreenState) -> Bool {
        guard case .character(let character) = key, character.isASCII, character.isNumber,
            let current, !isStepped(current)
        else { return false }
        open(on: &screen)
        return screen.popups.last?.press(key, on: &screen) ?? false
    }

    /// Whether Enter steps a setting and nothing is typed for it.
    private func isStepped(_ setting: Setting) -> Bool {
        !setting.choices.isEmpty && (setting.isFlag || setting.option == "--schedule")
    }

    func step(_ count: Int, on screen: inout ScreenState) {
        var form = self
        if form.step(count) { change(on: &screen) { $0 = form } }
    }

    /// Steps a setting that is a switch; asks for the text of any other. Starts on the row that says so.
    func open(on screen: inout ScreenState) {
        guard let setting = current else { return start(&screen, self) }
        if isStepped(setting) { return step(1, on: &screen) }
        let index = selected
        screen.popups.append(
            Prompt(
                setting.title, help: setting.help, text: setting.value,
                paths: setting.option == "--data" ? .data : nil,
                check: { _, text in setting.problem(with: text) }
            ) { screen, text in
                (screen.popups.last as? OptionForm)?.set(index, to: text, on: &screen)
            })
    }

    func tab(_ count: Int, on screen: inout ScreenState) {
        let rows = settings.count + 1
        select((selected + count + rows) % rows, on: &screen)
    }

    func heading(on screen: ScreenState) -> String { title + screen.editor.name }

    func lines(on screen: ScreenState) -> [String] {
        settings.indices.map(line)
            + ["\(screen.key("start")) starts: \(note(screen)). A setting is typed as: epochs 5"]
            + (problem.map { ["cannot be: \($0)"] } ?? [])
    }

    func row(on screen: ScreenState) -> [String] {
        if let problem { return ["cannot be: \(problem)"] }
        guard let current else { return ["start: \(note(screen))"] }
        return ["selected: \(line(selected))", current.help]
    }

    private func line(_ index: Int) -> String {
        let setting = settings[index]
        let value =
            setting.value.isEmpty ? automatic(self)[setting.option] ?? setting.standard : setting.value
        let choices = setting.choices.isEmpty ? "" : ", one of \(setting.choices.joined(separator: ", "))"
        return "\(index + 1) \(setting.title): \(value)\(choices)"
    }

    /// A line is a setting by its title, option or number, and its value behind it; without one the value is asked for.
    func enter(_ line: String, on screen: inout ScreenState) -> Bool {
        let typed = line.trimmed
        for (index, setting) in settings.enumerated() {
            let names = [setting.title, setting.option, String(setting.option.dropFirst(2)), "\(index + 1)"]
            for name in names
            where typed == name || typed.hasPrefix(name + " ") || typed.hasPrefix(name + "=") {
                let value = typed.dropFirst(name.count).drop { $0 == " " || $0 == "=" }
                select(index, on: &screen)
                if value.isEmpty {
                    (screen.popups.last as? OptionForm)?.open(on: &screen)
                } else {
                    (screen.popups.last as? OptionForm)?.set(index, to: String(value), on: &screen)
                }
                return true
            }
        }
        return false
    }

    private func set(_ index: Int, to text: String, on screen: inout ScreenState) {
        change(on: &screen) { form in
            form.problem = form.settings[index].problem(with: text)
            if form.problem == nil {
                form.settings[index].value = text == form.settings[index].standard ? "" : text
            }
        }
    }

    /// What stands behind the value of a setting: for how many stages the epochs are.
    private func remark(on setting: Setting) -> String {
        let stages = settings.first { $0.option == "--recipe" }?.value.split(separator: ",").count ?? 0
        guard setting.option == "--epochs", stages > 1, !setting.value.contains(",") else { return "" }
        return "for each of \(stages) stages"
    }

    func draw(_ screen: ScreenState, in body: Rect, on canvas: inout Canvas) {
        let rect = frame(in: body, rows: settings.count + 6, columns: 84)
        var inside = canvas.box(rect, title: title + screen.editor.name)
        let foot = inside.takeBottom(3)
        let standards = automatic(self)
        let last = settings.count - 1
        let top = Scrolling.top(0, showing: min(selected, last), of: settings.count, room: inside.rows)
        for (offset, index) in (top..<min(settings.count, top + inside.rows)).enumerated() {
            let setting = settings[index]
            let row = inside.row + offset
            let isChosen = index == selected
            if isChosen { canvas.frame[row, inside.column - 1] = Cell(canvas.glyphs.selected, .accent.bold) }
            canvas.frame.put(setting.title, row, inside.column + 1, isChosen ? .strong : .text)
            let column = inside.column + 17
            let isSet = !setting.value.isEmpty
            let value = isSet ? setting.value : standards[setting.option] ?? setting.standard
            let end = canvas.frame.put(
                value.printable.shortened(to: inside.endColumn - column - 4), row, column + 2,
                isSet ? .strong : .text, end: inside.endColumn)
            if !setting.choices.isEmpty || setting.number != nil {
                canvas.frame[row, column] = Cell(canvas.glyphs.stepDown, .accent)
                canvas.frame[row, end + 1] = Cell(canvas.glyphs.stepUp, .accent)
            }
            canvas.frame.put(remark(on: setting), row, end + 4, .dim, end: inside.endColumn)
            if isChosen { canvas.frame.select(row, inside.column - 1..<inside.endColumn) }
            canvas.target(Rect(row: row, column: inside.column, rows: 1, columns: inside.columns)) {
                $0.clickPopup(index)
            }
        }
        screen.drawScrollBar(
            in: Rect(row: inside.row, column: rect.column + 1, rows: inside.rows, columns: rect.columns - 2),
            top: top, count: settings.count, on: &canvas)
        drawFoot(screen, in: foot, on: &canvas)
        canvas.frame.cursor =
            current == nil
            ? Position(row: foot.endRow - 1, column: foot.column + 1)
            : Position(row: inside.row + selected - top, column: inside.column + 17)
    }

    /// What the selected setting may be and what starting does; or why it cannot be started.
    private func drawFoot(_ screen: ScreenState, in foot: Rect, on canvas: inout Canvas) {
        let text = problem?.printable ?? current?.help ?? ""
        let lines = ScreenState.wrapped(text, to: foot.columns)
        for (offset, line) in lines.prefix(problem == nil ? 2 : foot.rows).enumerated() {
            canvas.frame.put(
                line, foot.row + offset, foot.column, problem == nil ? .dim : .error, end: foot.endColumn)
        }
        let row = foot.endRow - 1
        guard problem == nil || lines.count < foot.rows else { return }
        if current == nil {
            canvas.frame[row, foot.column - 1] = Cell(canvas.glyphs.selected, .accent.bold)
        }
        canvas.frame.put(screen.key("start"), row, foot.column + 1, .accent)
        canvas.frame.put(
            "start", row, foot.column + 2 + screen.key("start").displayWidth,
            current == nil ? .strong : .text)
        canvas.frame.put(note(screen), row, foot.column + 11, .dim, end: foot.endColumn)
        canvas.target(Rect(row: row, column: foot.column, rows: 1, columns: 9)) { $0.startForm() }
    }
}

extension ScreenState {
    /// Starts what the form on top sets up.
    mutating func startForm() {
        guard let form = popups.last as? OptionForm else { return }
        form.start(&self, form)
    }
}
