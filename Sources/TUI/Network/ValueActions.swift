import Devices
import Editing
import Graph
import QAT
import Terminal

// Changing settings: of the selected layer, of the marked ones, of all.
extension ScreenState {
    /// A click on an arrow beside a value.
    mutating func clickStep(_ field: String, _ count: Int) {
        inspector.field = field
        stepField(field, count)
    }

    /// A click on a value.
    mutating func clickValue(_ field: String) {
        inspector.field = field
        openValue()
    }

    /// Quantization on or off for every layer; nil turns it on where it is off everywhere, and else off.
    mutating func quantizeAll(_ isOn: Bool?) {
        let anyOn = editor.network.isQuantized
        make { (editing, _) throws(EditingError) in try editing.quantizing(isOn ?? !anyOn) }
    }

    mutating func setAllBits(_ bits: Int) {
        make { (editing, _) throws(EditingError) in try editing.bits(bits) }
    }

    mutating func resetValue() {
        let field = inspector.field
        make { (editing, names) throws(EditingError) in try editing.resetting(field, on: names) }
    }

    /// The field that keys act on: the chosen one where the selected layer has it.
    private var currentField: InspectorField? {
        guard let name = selectedName else { return nil }
        let fields = inspectorFields(of: name)
        return selectedField(among: fields).map { fields[$0] }
    }

    mutating func stepField(_ wanted: String, _ count: Int) {
        guard let field = currentField else { return refuse(whyNothingSelected ?? "nothing is selected") }
        guard field.isEditable else { return refuse("\(field.title) follows from the wiring") }
        inspector.field = field.name
        guard field.isStepped else { return openValue() }
        make { (editing, names) throws(EditingError) in
            try editing.stepping(field.name, isUp: count > 0, on: names)
        }
    }

    mutating func stepBits(_ count: Int) {
        let kinds = editedNames.compactMap { editor.network[$0]?.kind }
        let isOfResults = view == .ranges ? pane.scope == .featurePlot : inspector.field == "outputBits"
        let chosen = isOfResults ? "outputBits" : "weightBits"
        let field = kinds.contains { $0.fields.contains { $0.name == chosen } } ? chosen : "outputBits"
        inspector.field = field
        make { (editing, names) throws(EditingError) in
            try editing.stepping(field, isUp: count > 0, on: names)
        }
    }

    mutating func toggleQuantize() {
        let names = editedNames
        let isOn = names.contains { editor.network[$0]?.isQuantized ?? false }
        make { (editing, names) throws(EditingError) in try editing.quantizing(!isOn, layers: names) }
    }

    /// Enter on a field: toggles a switch, picks what a layer reads, asks for anything else.
    mutating func openValue() {
        guard let name = selectedName else { return openAdd(.after) }
        if let row = selection(in: rows)?.row, case .block = row.kind { return fold() }
        guard let field = currentField else { return }
        guard field.isEditable else { return refuse("\(field.title) follows from the wiring") }
        if let reason = whyNotEditable { return refuse(reason) }
        inspector.field = field.name
        if field.origin == .own {
            if field.name == "inputs" { return openRewire() }
            if field.name == "name" { return rename(nil) }
            if field.name == "note" { return annotate(nil) }
        }
        let setting = editor.network[name]?.kind.fields.first { $0.name == field.name }
        if case .flag? = setting?.kind { return stepField(field.name, 1) }
        let marked = editedNames.count
        let title = "\(field.title) of " + (marked > 1 ? "\(marked) layers" : name)
        let help = setting?.fullHelp ?? "the axes of one sample: 3x32x32 is channels, height, width"
        popups.append(
            Prompt(
                title, help: help, text: field.value == "unset" ? "" : field.value,
                isReplaced: field.name != "note"
            ) { screen, text in
                screen.valueProblem(field.name, text)
            } take: { screen, text in
                screen.setValue(field.name, text)
            })
    }

    private static func typed(_ text: String, _ field: String) -> String {
        let trimmed = text.trimmed
        if field == "shape" { return trimmed.replacing("x", with: ",") }
        return trimmed.isEmpty ? "unset" : trimmed
    }

    private mutating func setValue(_ field: String, _ text: String) {
        let names = editedNames
        do {
            if let change = try editor.editing.typing(ScreenState.typed(text, field), into: field, on: names)
            {
                edit(change)
            }
        } catch {
            refuse("\(error)")
        }
    }

    private func valueProblem(_ field: String, _ text: String) -> String? {
        do {
            if let change = try editor.editing.typing(
                ScreenState.typed(text, field), into: field, on: editedNames)
            {
                _ = try editor.network.applying(change)
            }
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// ":set conv*.weightBits=4", as the command `set` reads it: one step, whatever it changes.
    mutating func assign(_ text: String) {
        if let reason = whyNotEditable { return refuse(reason) }
        do throws(AssignmentError) {
            var run = try AssignmentRun([Assignment(text)], on: editor.document)
            if editor.origin != nil { run.complete(from: editor.document) }
            let title = run.titles.count == 1 ? run.titles[0] : "set \(text)"
            guard
                editor.replace(
                    with: run.document, title: title, formerNames: run.formerNames, at: now)
            else { return say("nothing changed") }
        } catch {
            return refuse("\(error)")
        }
        changed()
        sayStep()
    }
}
