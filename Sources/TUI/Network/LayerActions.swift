import Devices
import Editing
import Graph
import QAT
import Terminal

// Adding, taking away and wiring layers.
extension ScreenState {
    /// Makes a change of the marked layers or the selected one, or says why it cannot be.
    mutating func make(_ change: (EditBuilder, [String]) throws(EditingError) -> Edit) {
        make(on: editedNames, change)
    }

    private mutating func make(
        on names: [String], _ change: (EditBuilder, [String]) throws(EditingError) -> Edit
    ) {
        do {
            edit(try change(editor.editing, names))
        } catch {
            refuse("\(error)")
        }
    }

    /// Deletes the marked layers or the selected one; asks first where the selected one is not marked, or a marked one is
    /// not among the rows.
    mutating func deleteLayers() {
        let names = editedNames
        guard !list.marked.isEmpty, let reason = whyDeletionIsUnclear(names) else { return delete(names) }
        var answers = [
            Question.Answer("m", "delete \(names.count == 1 ? names[0] : "the \(names.count) marked")") {
                $0.delete(names)
            }
        ]
        if let node = selectedNode, !list.marked.contains(node.name) {
            answers.append(.init("o", "delete only \(node.name)") { $0.delete([node.name]) })
        }
        let shown = names.prefix(4).joined(separator: ", ")
        let more = names.count > 4 ? " and \(names.count - 4) more" : ""
        popups.append(
            Question(
                "delete", ["\(names.count == 1 ? "Marked is" : "Marked are") \(shown)\(more).", reason],
                answers))
    }

    private mutating func delete(_ names: [String]) {
        make(on: names) { (editing, names) throws(EditingError) in try editing.deletion(of: names) }
    }

    /// Why a person may not mean the marked layers; nil where one of them is selected and all are among the rows.
    private func whyDeletionIsUnclear(_ names: [String]) -> String? {
        if let selected = selectedName, !list.marked.contains(selected) {
            return "The cursor is on \(selected), which is not marked."
        }
        let shown = Set(rows.map(\.name))
        let hidden = names.count { !shown.contains($0) }
        return hidden == 0 ? nil : "\(counted(hidden, "of them is", plural: "of them are")) out of sight."
    }

    mutating func duplicateLayers() {
        selectingNew { screen in
            screen.make { (editing, names) throws(EditingError) in try editing.duplication(of: names) }
        }
    }

    mutating func openAdd(_ place: InsertionPlace) {
        if let reason = whyNotEditable { return refuse(reason) }
        if editor.network.inputs.isEmpty {
            guard edit(.addInput(Input("image", .map(channels: 3, height: 32, width: 32)))) else { return }
            select("image")
        }
        var lastGroup: String?
        let entries = AddEntry.all.map { entry in
            let isFirst = entry.group != lastGroup
            lastGroup = entry.group
            let availability = entry.availability(on: editor.device)
            return Picker.Entry(
                title: entry.title,
                detail: entry.help
                    + (availability.reason.map { "  \(appearance.glyphs.mustFix) \($0)" } ?? ""),
                note: availability.severity == nil ? "" : "not on \(editor.device)",
                group: isFirst ? entry.group.uppercased() : "",
                // A new layer reads one other: what needs several stands behind what is complete at once.
                isLast: entry.needsSeveralInputs, completion: entry.title
            ) { $0.add(entry, place) }
        }
        let spot =
            switch place {
            case .after: "after \(selectedName ?? "")"
            case .before: "before \(selectedName ?? "")"
            case .branch: "reading \(selectedName ?? ""), beside its readers"
            }
        popups.append(Picker("add \(spot)", entries, width: 96))
    }

    private mutating func add(_ entry: AddEntry, _ place: InsertionPlace) {
        let selected = selectedName
        selectingNew { screen in
            screen.make { (editing, _) throws(EditingError) in
                try editing.insertion(of: entry, place, selected)
            }
        }
    }

    /// Makes a change and selects the last layer that it adds: what is added next goes behind it.
    private mutating func selectingNew(_ change: (inout ScreenState) -> Void) {
        let before = Set(editor.network.nodes.map(\.name))
        change(&self)
        if let added = editor.network.nodes.last(where: { !before.contains($0.name) }) { select(added.name) }
    }

    mutating func moveLayer(_ step: Int) {
        guard list.marked.count <= 1 else {
            return refuse("one layer is moved at a time; \(key("back")) clears the marks")
        }
        if list.order != .file { return refuse("layers move in file order; \(key("sort")) sorts by it") }
        make { (editing, names) throws(EditingError) in
            guard let name = names.first else { throw .nothingSelected }
            return try editing.move(name, isUp: step < 0)
        }
    }

    mutating func openRewire() {
        guard let name = selectedNode?.name else { return refuse("inputs read nothing; select a layer") }
        do {
            let slots = try editor.editing.slots(of: name)
            if slots.count == 1 { return openSources(0) }
            let entries = slots.map { slot in
                Picker.Entry(
                    title: "input \(slot.position + 1)",
                    detail: slot.current.map { "reads \($0)" } ?? "new",
                    completion: "\(slot.position + 1)"
                ) { $0.openSources(slot.position) }
            }
            popups.append(Picker("which input of \(name)", entries))
        } catch {
            refuse("\(error)")
        }
    }

    private mutating func openSources(_ wire: Int) {
        guard let name = selectedNode?.name else { return }
        do {
            let slots = try editor.editing.slots(of: name)
            guard slots.indices.contains(wire) else { return }
            var entries = slots[wire].candidates.map { candidate in
                Picker.Entry(
                    title: candidate.source.description,
                    detail: candidate.obstacle.map { "\($0)" } ?? "",
                    note: candidate.shape?.description ?? "?",
                    completion: candidate.source.description
                ) { $0.connect(wire, candidate.source) }
            }
            if slots[wire].current != nil, slots.count > 1 {
                entries.append(
                    Picker.Entry(
                        title: "nothing", detail: "removes the input", completion: "nothing"
                    ) { $0.connect(wire, nil) })
            }
            let current = slots[wire].candidates.firstIndex { $0.source == slots[wire].current } ?? 0
            popups.append(
                Picker("what input \(wire + 1) of \(name) reads", entries, selected: current))
        } catch {
            refuse("\(error)")
        }
    }

    private mutating func connect(_ wire: Int, _ source: Source?) {
        guard let name = selectedNode?.name else { return }
        make { (editing, _) throws(EditingError) in
            try editing.rewiring(name, wire: wire, to: source)
        }
    }

    mutating func rename(_ newName: String?) {
        guard let name = selectedName else { return }
        if let newName { return rename(name, to: newName) }
        popups.append(
            Prompt(
                "rename \(name)",
                help: "1 to 64 characters without blanks; wires and accepted findings follow",
                text: name
            ) { screen, text in
                screen.renameProblem(name, text)
            } take: { screen, text in
                if text != name { screen.rename(name, to: text) }
            })
    }

    private func renameProblem(_ name: String, _ text: String) -> String? {
        if text == name { return nil }
        if !Network.isName(text) { return "\(EditError.badName(text))" }
        return editor.network.place(of: text) == nil ? nil : "\(EditError.nameTaken(text))"
    }

    private mutating func rename(_ name: String, to newName: String) {
        guard edit(.rename(name, to: newName)) else { return }
        select(newName)
    }

    mutating func annotate(_ text: String?) {
        guard let node = selectedNode else { return refuse("notes are on layers; an input is selected") }
        if let text { _ = edit(.annotate(layer: node.name, note: text)); return }
        popups.append(
            Prompt(
                "note on \(node.name)", help: "saved with the session; empty takes it away", text: node.note
            ) { screen, text in screen.edit(.annotate(layer: node.name, note: text)) })
    }

    /// Positions of the first layers of folded blocks, with how many layers each has.
    var foldedBlocks: [Int: Int] {
        let folding = Folding(editor.network, order: editor.analysis.order)
        var blocks: [Int: Int] = [:]
        for group in folding.groups
        where list.folded.contains(editor.network.nodes[group.range.lowerBound].name) {
            blocks[group.range.lowerBound] = group.range.count
        }
        return blocks
    }

    mutating func fold() {
        guard let name = selectedName, let index = editor.network.index(of: name) else {
            return refuse("only layers fold")
        }
        let folding = Folding(editor.network, order: editor.analysis.order)
        guard let group = folding.group(at: index) else {
            return refuse(
                "\(name) belongs to no block: names with a common part before a dot, or a split with its Shortcut"
            )
        }
        let first = editor.network.nodes[group.range.lowerBound].name
        if list.folded.remove(first) == nil {
            list.folded.insert(first)
            say("folded \(group.title): \(group.range.count) layers; \(key("fold")) unfolds")
        }
        list.selected = first
    }
}
