import QAT
import Devices
import Graph
import Terminal
import Workbench

// Opening popups, and what Enter and Tab do in them.
extension Interface {
    /// Enter: types a value, applies what is chosen, takes what is picked.
    mutating func openRow() {
        guard let last = overlays.last else {
            switch pane {
            case .list, .inspector: openValue()
            case .findings, .fixes: applyRemedy()
            case .runTable, .differences: perform(.takeNetwork)
            case .shapes, .weightPlot, .featurePlot: applySuggestion()
            default: perform(.inspect)
            }
            return
        }
        switch last {
        case .picker(let picker): take(picker)
        case .prompt(let prompt): take(prompt)
        case .page: overlays.removeLast()
        case .form(let form): typeSetting(of: form)
        case .question: break
        case .sweep: applyMix()
        case .calibration: applyCalibration()
        }
    }

    private mutating func take(_ picker: Picker) {
        if picker.purpose == .palette, let typed = typedCommand(picker) {
            overlays.removeLast()
            return run(typed.command, typed.argument)
        }
        if picker.purpose == .open, picker.current == nil, !picker.field.text.isEmpty {
            overlays.removeLast()
            return perform(.openSession(picker.field.string))
        }
        guard let entry = picker.current else { return }
        if let reason = entry.whyNot {
            var picker = picker
            picker.problem = "\(entry.title): \(reason)"
            overlays[overlays.count - 1] = .picker(picker)
            return
        }
        overlays.removeLast()
        if picker.purpose == .palette, let command = Command.named(entry.completion) {
            if command.action("") == nil {
                // A command that needs a text is completed, so that the text can be typed.
                var again = picker
                again.field = TextField(command.name + " ")
                overlays.append(.picker(again))
            } else {
                run(command, "")
            }
            return
        }
        perform(entry.action)
    }

    /// What was typed as a whole: "set conv0.stride=2", "target T41", "q". A digit or one letter alone may be a search.
    private func typedCommand(_ picker: Picker) -> (command: Command, argument: String)? {
        let typed = picker.field.string
        let name = typed.prefix { $0 != " " }
        guard let command = Command.named(String(name)) else { return nil }
        let argument = typed.dropFirst(name.count).drop { $0 == " " }
        // The cursor was moved on purpose: what it is on counts.
        if argument.isEmpty, picker.selected > 0 { return nil }
        if argument.isEmpty, command.action("") == nil { return nil }
        return (command, String(argument))
    }

    mutating func complete() {
        switch overlays.last {
        case .picker(var picker):
            guard let entry = picker.current else { return }
            picker.field = TextField(entry.completion.isEmpty ? entry.title : entry.completion + " ")
            (picker.selected, picker.top) = (0, 0)
            overlays[overlays.count - 1] = .picker(picker)
        case .prompt(var prompt):
            prompt.problem = nil
            overlays[overlays.count - 1] = .prompt(prompt)
        case .page, .form, .question, .sweep, .calibration, nil: break
        }
    }

    mutating func openPalette() {
        let scope = pane
        let entries = Command.all.filter { !$0.scopes.isDisjoint(with: .views) && $0.name != "palette" }
            .map { command in
                Picker.Entry(
                    title: ":" + command.name + (command.parameter.map { " \($0)" } ?? ""),
                    detail: command.help,
                    note: command.keys.first.map { $0.name(look.glyphs) } ?? "",
                    whyNot: command.whyNot(self)
                        ?? (command.scopes.contains(scope) || command.keys.isEmpty
                            ? nil : scopeProblem(command)),
                    action: .palette, completion: command.name)
            }
        overlays.append(.picker(Picker(.palette, "commands", entries)))
    }

    /// A command of another view is done there; one of another pane of this view works all the same.
    private func scopeProblem(_ command: Command) -> String? {
        let views = ViewName.allCases.filter { view in
            Interface.scopes(of: view).contains { command.scopes.contains($0) }
        }
        return views.contains(view) || views.isEmpty
            ? nil : "it belongs to view \(views[0].rawValue) \(views[0].title)"
    }

    mutating func openHelp() {
        if case .page(let page) = overlays.last, page.isHelp { return }
        var page = Page(title: "help", lines: KeyHelp.lines(for: pane, glyphs: look.glyphs))
        page.isHelp = true
        overlays.append(.page(page))
    }

    /// The prompt with what is wrong with its text.
    func checked(_ prompt: Prompt) -> Prompt {
        var prompt = prompt
        prompt.problem = problem(of: prompt)
        return prompt
    }

    private mutating func take(_ prompt: Prompt) {
        let checked = checked(prompt)
        guard checked.problem == nil else {
            overlays[overlays.count - 1] = .prompt(checked)
            return
        }
        overlays.removeLast()
        let text = prompt.field.string
        switch prompt.purpose {
        case .value(let field): setValue(field, text)
        case .rename(let name): if text != name { rename(name, to: text) }
        case .annotate(let layer): edit(.annotate(layer: layer, note: text))
        case .filter: perform(.filter(text))
        case .waive(let rule, let layer):
            if bench.waive(rule: rule, layer: layer, reason: text, at: now) {
                changed()
                say("waived: \(rule) on \(layer)", undoable: true)
            }
        case .saveAs(let thenQuits): saveAs(text, thenQuits: thenQuits)
        case .openPath: perform(.openSession(text))
        case .exportPath(let format): export(as: format, to: text)
        case .runProgram(let path): read(path, typed: text)
        case .runNote: perform(.noteRun(text))
        case .runSetting(let index):
            guard case .form(var form) = overlays.last else { return }
            form.settings[index].value = text == form.settings[index].standard ? "" : text
            form.problem = nil
            overlays[overlays.count - 1] = .form(form)
        }
    }

    private func problem(of prompt: Prompt) -> String? {
        let text = prompt.field.string
        switch prompt.purpose {
        case .value(let field): return valueProblem(field, text)
        case .rename(let name):
            if text == name { return nil }
            if !Network.isName(text) { return "\(EditError.badName(text))" }
            return bench.network.place(of: text) == nil ? nil : "\(EditError.nameTaken(text))"
        case .waive:
            return text.allSatisfy(\.isWhitespace) ? "a waiver says why the finding does not matter" : nil
        case .exportPath: return text.allSatisfy(\.isWhitespace) ? "a file needs a name" : nil
        case .saveAs: return text.allSatisfy(\.isWhitespace) ? "a session needs a name" : nil
        case .annotate, .filter, .openPath, .runSetting, .runNote, .runProgram: return nil
        }
    }

    private mutating func typeSetting(of form: RunForm) {
        let setting = form.settings[form.selected]
        if !setting.choices.isEmpty, setting.isFlag || setting.option == "--schedule" {
            return perform(.step(1))
        }
        overlays.append(
            .prompt(
                Prompt(
                    purpose: .runSetting(form.selected), title: setting.title, help: setting.help,
                    field: TextField(setting.value.isEmpty ? "" : setting.value))))
    }
}
