import Devices
import Editing
import Graph
import Terminal

// Moving through the layers; marking, filtering and ordering them.
extension ScreenState {
    mutating func moveInNetwork(_ movement: Movement) {
        if pane.scope == .inspector { return moveThroughFields(movement) }
        if pane.scope == .boxes { return moveThroughBoxes(movement) }
        moveThroughLayers(movement)
    }

    private mutating func moveThroughLayers(_ movement: Movement) {
        let rows = rows
        guard let chosen = selection(in: rows) else { return }
        selectRow(moved(chosen.index, by: movement, of: rows.count), of: rows)
    }

    private mutating func selectRow(_ index: Int, of rows: [ListRow]) {
        list.selected = rows[index].name
        list.lastIndex = index
        list.top = Scrolling.top(list.top, showing: index, of: rows.count, room: pageRows - 10)
    }

    /// Selects the layer of a number, as the list counts them.
    mutating func goToLayer(_ number: Int) {
        let nodes = editor.network.nodes
        guard nodes.indices.contains(number - 1) else {
            return refuse("the network has \(counted(nodes.count, "layer"))")
        }
        select(nodes[number - 1].name)
    }

    /// A click on a row selects it; a click on the selected row is Enter.
    mutating func clickLayer(_ index: Int) {
        let rows = rows
        guard let chosen = selection(in: rows), rows.indices.contains(index) else { return }
        panes[.network] = 0
        if index == chosen.index { return openValue() }
        selectRow(index, of: rows)
    }

    /// A click on the title of a field selects it.
    mutating func clickField(_ name: String) {
        inspector.field = name
        panes[.network] = 1
    }

    private mutating func moveThroughFields(_ movement: Movement) {
        guard let name = selectedName else { return }
        let fields = inspectorFields(of: name)
        guard let chosen = selectedField(among: fields) else { return }
        var index = moved(chosen, by: movement, of: fields.count)
        // What the wiring decides cannot be chosen: step over it.
        let step = index >= chosen ? 1 : -1
        while fields.indices.contains(index), !fields[index].isEditable { index += step }
        guard fields.indices.contains(index) else { return }
        inspector.field = fields[index].name
    }

    mutating func mark() {
        guard let name = selectedNode?.name else { return refuse("only layers can be marked") }
        if list.marked.remove(name) == nil { list.marked.insert(name) }
        if !list.showsBoxes { moveThroughLayers(.rows(1)) }
    }

    mutating func markShown() {
        let shown = rows.compactMap { row -> String? in
            if case .node = row.kind { return row.name }
            return nil
        }
        if list.marked.isSuperset(of: shown) {
            list.marked.subtract(shown)
            say("no layer is marked")
        } else {
            list.marked.formUnion(shown)
            say(
                "\(list.marked.count) layers are marked: an edit is made for all of them; \(key("back")) clears"
            )
        }
    }

    /// Shows only rows of the view with a text; nil asks for it.
    mutating func filter(_ text: String?) {
        if let text { return view.filter.apply(&self, text) }
        popups.append(FilterPopup(on: self))
    }

    mutating func sort() {
        let orders = ListState.SortOrder.allCases
        let place = orders.firstIndex(of: list.order) ?? 0
        list.order = orders[(place + 1) % orders.count]
        // What an order puts first is what it was asked for.
        let rows = rows
        if list.order != .file, !rows.isEmpty { selectRow(0, of: rows) }
        say("sorted: \(list.order.title)")
    }

    /// To the next layer that has a finding, or the one before.
    mutating func goToFinding(_ step: Int) {
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
