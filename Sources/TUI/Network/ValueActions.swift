import QAT
import Terminal
import Devices
import Graph
import Workbench

// Changing settings: of the selected layer, of the marked ones, of all.
extension Interface {
    mutating func changeValues(_ action: Action) {
        switch action {
        case .step(let count):
            if case .form(var form) = overlays.last {
                if form.step(count) { overlays[overlays.count - 1] = .form(form) }
                return
            }
            if view == .train { return moveHairline(count) }
            if view == .ranges { return stepRange(count) }
            stepField(inspector.field, count)
        case .stepField(let field, let count):
            inspector.field = field
            stepField(field, count)
        case .editField(let field):
            inspector.field = field
            openValue()
        case .bits(let count): stepBits(count)
        case .quantize: toggleQuantize()
        case .quantizeAll(let isOn):
            let anyOn = bench.network.nodes.contains { $0.layer.settings.quantization?.isEnabled ?? false }
            make { (editing, _) throws(EditingError) in try editing.quantizing(isOn ?? !anyOn) }
        case .allBits(let bits):
            make { (editing, _) throws(EditingError) in try editing.bits(bits) }
        case .reset:
            let field = inspector.field
            make { (editing, names) throws(EditingError) in try editing.resetting(field, on: names) }
        case .set(let text): assign(text)
        case .device(let device): choose(device)
        default: break
        }
    }

    /// The field that keys act on: the chosen one where the selected layer has it.
    private var currentField: InspectorField? {
        guard let name = selectedName else { return nil }
        let fields = inspectorFields(of: name)
        return selectedField(among: fields).map { fields[$0] }
    }

    /// Moves the clip of the layer's results, or the factor of its weights.
    private mutating func stepRange(_ count: Int) {
        guard let name = selectedName, let kind = bench.network[name]?.kind else {
            return refuse(whyNothingSelected ?? "nothing is selected")
        }
        let field = rangedKind == .weight ? "weightFactor" : "clip"
        guard kind.fields.contains(where: { $0.name == field }) else {
            return refuse("\(name) has no \(field == "clip" ? "clip" : "weights") of its own")
        }
        inspector.field = field
        stepField(field, count)
    }

    private mutating func stepField(_ wanted: String, _ count: Int) {
        guard let field = currentField else { return refuse(whyNothingSelected ?? "nothing is selected") }
        guard field.isEditable else { return refuse("\(field.title) follows from the wiring") }
        inspector.field = field.name
        guard field.isStepped else { return openValue() }
        make { (editing, names) throws(EditingError) in
            try editing.stepping(field.name, isUp: count > 0, on: names)
        }
    }

    private mutating func stepBits(_ count: Int) {
        let kinds = editedNames.compactMap { bench.network[$0]?.kind }
        let isOfResults = view == .ranges ? rangedKind == .feature : inspector.field == "outputBits"
        let chosen = isOfResults ? "outputBits" : "weightBits"
        let field = kinds.contains { $0.fields.contains { $0.name == chosen } } ? chosen : "outputBits"
        inspector.field = field
        make { (editing, names) throws(EditingError) in
            try editing.stepping(field, isUp: count > 0, on: names)
        }
    }

    private mutating func toggleQuantize() {
        let names = editedNames
        let isOn = names.contains { bench.network[$0]?.layer.settings.quantization?.isEnabled ?? false }
        make { (editing, names) throws(EditingError) in try editing.quantizing(!isOn, layers: names) }
    }

    /// Enter on a field: toggles a switch, picks what a layer reads, asks for anything else.
    mutating func openValue() {
        guard let name = selectedName else { return perform(.add(.after)) }
        if let row = selection(in: rows)?.row, case .block = row.kind { return fold() }
        guard let field = currentField else { return }
        guard field.isEditable else { return refuse("\(field.title) follows from the wiring") }
        if let reason = whyNotEditable { return refuse(reason) }
        inspector.field = field.name
        switch (field.name, field.origin) {
        case ("inputs", .own): return perform(.rewire)
        case ("name", .own): return perform(.rename(nil))
        case ("note", .own): return perform(.annotate(nil))
        default: break
        }
        let setting = bench.network[name]?.kind.fields.first { $0.name == field.name }
        if case .flag? = setting?.kind { return stepField(field.name, 1) }
        let marked = editedNames.count
        let title = "\(field.title) of " + (marked > 1 ? "\(marked) layers" : name)
        let help = setting?.fullHelp ?? "the axes of one sample: 3x32x32 is channels, height, width"
        overlays.append(
            .prompt(
                Prompt(
                    purpose: .value(field: field.name), title: title, help: help,
                    field: TextField(field.value == "unset" ? "" : field.value))))
    }

    private static func typed(_ text: String, _ field: String) -> String {
        let trimmed = text.trimmed
        if field == "shape" { return trimmed.replacing("x", with: ",") }
        return trimmed.isEmpty ? "unset" : trimmed
    }

    mutating func setValue(_ field: String, _ text: String) {
        let names = editedNames
        do {
            if let change = try bench.editing.typing(Interface.typed(text, field), into: field, on: names) {
                edit(change)
            }
        } catch {
            refuse("\(error)")
        }
    }

    func valueProblem(_ field: String, _ text: String) -> String? {
        do {
            if let change = try bench.editing.typing(
                Interface.typed(text, field), into: field, on: editedNames)
            {
                _ = try bench.network.applying(change)
            }
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// ":set conv*.weightBits=4", as the command `set` reads it: one step, whatever it changes.
    private mutating func assign(_ text: String) {
        if let reason = whyNotEditable { return refuse(reason) }
        do throws(AssignmentError) {
            var run = try AssignmentRun([Assignment(text)], on: bench.document)
            if bench.origin != nil { run.complete(from: bench.document) }
            let title = run.titles.count == 1 ? run.titles[0] : "set \(text)"
            guard
                bench.replace(
                    with: run.document, title: title, formerNames: run.formerNames, at: now)
            else { return say("nothing changed") }
        } catch {
            return refuse("\(error)")
        }
        changed()
        sayStep()
    }
}

// The chip.
extension Interface {
    /// The chip under the cursor while one is picked: the screen judges by it.
    var previewedDevice: Device? {
        guard case .picker(let picker) = overlays.last, picker.purpose == .device,
            case .device(let device?)? = picker.current?.action
        else { return nil }
        return device
    }

    var isPickingDevice: Bool {
        if case .picker(let picker) = overlays.last { return picker.purpose == .device }
        return false
    }

    private mutating func choose(_ device: Device?) {
        guard let device else {
            let reports = bench.allReports()
            let entries = reports.map { report in
                let errors = report.count(.error)
                return Picker.Entry(
                    title: report.device.rawValue,
                    detail:
                        "\(look.glyphs.mustFix)\(errors) \(look.glyphs.advice)\(report.warnings)   \(report.device.family.rawValue) arithmetic",
                    note: report.device == bench.device ? "current" : "", action: .device(report.device),
                    completion: report.device.rawValue)
            }
            let current = reports.firstIndex { $0.device == bench.device } ?? 0
            overlays.append(
                .picker(
                    Picker(.device, "target chip: the findings follow the cursor", entries, selected: current)
                ))
            return
        }
        if let reason = whyNotEditable { return refuse(reason) }
        guard bench.setDevice(device, at: now) else { return say("the target is \(device) already") }
        changed()
        let report = bench.report
        say(
            "target \(device): \(report.count(.error)) must fix, \(report.warnings) to consider",
            undoable: true)
    }
}

extension String {
    /// The text without blanks at its ends.
    var trimmed: String {
        var text = Substring(self)
        while text.first?.isWhitespace ?? false { text.removeFirst() }
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return String(text)
    }
}
