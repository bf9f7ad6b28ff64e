import Devices
import QAT
import Workbench
import Graph
import Terminal

// Moving about: rows of lists, fields, entries of popups, lines of pages.
extension Interface {
    mutating func navigate(_ action: Action) {
        if case .select(let name) = action {
            if name.hasPrefix("field:") {
                inspector.field = String(name.dropFirst(6))
                panes[.network] = 1
            }
            return
        }
        if !overlays.isEmpty { return navigateOverlay(action) }
        switch pane {
        case .list: navigateList(action)
        case .inspector: navigateFields(action)
        case .findings, .fixes: navigateRules(action)
        case .shapes, .weightPlot, .featurePlot: navigateRanges(action)
        case .runTable, .differences: navigateCompare(action)
        default: navigateTraining(action)
        }
    }

    /// Rows that a page has.
    var pageRows: Int { max(1, size.rows - 8) }

    /// Where an action leads among `count` rows.
    func moved(_ index: Int, by action: Action, of count: Int) -> Int {
        let target: Int
        switch action {
        case .move(let step), .scroll(let step): target = index + step
        case .page(let step): target = index + step * pageRows
        case .first: target = 0
        case .last: target = count - 1
        case .selectRow(let row): target = row
        default: target = index
        }
        return min(max(0, target), max(0, count - 1))
    }

    private mutating func navigateList(_ action: Action) {
        let rows = rows
        guard let chosen = selection(in: rows) else { return }
        let index = moved(chosen.index, by: action, of: rows.count)
        if case .selectRow = action {
            panes[.network] = 0
            // A click on the selected row is Enter.
            if index == chosen.index { return openRow() }
        }
        (list.selected, list.lastIndex) = (rows[index].name, index)
        list.top = Scrolling.top(list.top, showing: index, of: rows.count, room: pageRows - 10)
    }

    private mutating func navigateFields(_ action: Action) {
        if case .selectRow = action { return navigateList(action) }
        guard let name = selectedName else { return }
        let fields = inspectorFields(of: name)
        guard let chosen = selectedField(among: fields) else { return }
        var index = moved(chosen, by: action, of: fields.count)
        // What the wiring decides cannot be chosen: step over it.
        let step = index >= chosen ? 1 : -1
        while fields.indices.contains(index), !fields[index].isEditable { index += step }
        guard fields.indices.contains(index) else { return }
        inspector.field = fields[index].name
    }

    private mutating func navigateOverlay(_ action: Action) {
        guard let last = overlays.last else { return }
        switch last {
        case .picker(var picker):
            let count = picker.shown.count
            let chosen = picker.selected
            picker.selected = moved(chosen, by: action, of: count)
            picker.problem = nil
            overlays[overlays.count - 1] = .picker(picker)
            if case .selectRow = action, picker.selected == chosen { openRow() }
        case .page(var page):
            let room = max(1, size.rows - 7)
            page.top = min(moved(page.top, by: action, of: page.lines.count), max(0, page.lines.count - room))
            overlays[overlays.count - 1] = .page(page)
        case .form(var form):
            let chosen = form.selected
            form.selected = moved(chosen, by: action, of: form.settings.count)
            form.problem = nil
            overlays[overlays.count - 1] = .form(form)
            if case .selectRow = action, form.selected == chosen { openRow() }
        case .sweep: navigateSweep(action)
        case .calibration: navigateCalibration(action)
        case .prompt, .question: break
        }
    }

    mutating func arrange(_ action: Action) {
        switch action {
        case .mark:
            guard let name = selectedNode?.name else { return refuse("only layers can be marked") }
            if list.marked.remove(name) == nil { list.marked.insert(name) }
            navigateList(.move(1))
        case .markShown:
            let shown = rows.compactMap { row -> String? in
                if case .node = row.kind { return row.name }
                return nil
            }
            if list.marked.isSuperset(of: shown) {
                list.marked.subtract(shown)
                say("no layer is marked")
            } else {
                list.marked.formUnion(shown)
                say("\(list.marked.count) layers are marked: an edit is made for all of them; Esc clears")
            }
        case .filter(let text):
            if let text, view == .compare {
                compare.filter = text
            } else if let text {
                list.filter = text
                list.selected = rows.first?.name
            } else {
                overlays.append(
                    .prompt(
                        Prompt(
                            purpose: .filter, title: "filter",
                            help: view == .compare
                                ? "words of a run's name, note, bits, state, data or chip"
                                : "text in the name, operator or note of a layer; * then marks all that are shown",
                            field: TextField(view == .compare ? compare.filter : list.filter))))
            }
        case .match(let step): view == .ranges ? goToDiagnosis(step) : goToFinding(step)
        case .sort:
            let orders = ListState.Order.allCases
            let place = orders.firstIndex(of: list.order) ?? 0
            list.order = orders[(place + 1) % orders.count]
            say("sorted: \(list.order.title)")
        case .fold: fold()
        default: break
        }
    }

    private mutating func goToFinding(_ step: Int) {
        let rows = rows
        let wrong = Set(shownReport.findings.filter { $0.waived == nil }.compactMap(\.layer))
        let places = rows.indices.filter { wrong.contains(rows[$0].name) }
        guard let chosen = selection(in: rows)?.index, !places.isEmpty else {
            return refuse("no layer has a finding on \(shownDevice)")
        }
        let next =
            step > 0
            ? places.first { $0 > chosen } ?? places.first : places.last { $0 < chosen } ?? places.last
        if let next { list.selected = rows[next].name }
    }
}
