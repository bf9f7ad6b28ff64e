import QAT
import Terminal
import Devices
import Graph
import Workbench

// Adding, taking away and wiring layers.
extension Interface {
    mutating func changeLayers(_ action: Action) {
        if let reason = whyNotEditable { return refuse(reason) }
        switch action {
        case .add(let place): openAdd(place)
        case .addEntry(let index, let place): add(AddEntry.all[index], place)
        case .delete: make { (editing, names) throws(EditingError) in try editing.deletion(of: names) }
        case .duplicate:
            selectingNew { interface in
                interface.make { (editing, names) throws(EditingError) in try editing.duplication(of: names) }
            }
        case .moveLayer(let step): moveLayers(step)
        case .rewire: openRewire()
        case .rewireInput(let wire): openSources(wire)
        case .connect(let wire, let source): connect(wire, source)
        case .rename(let name): rename(name)
        case .annotate(let text): annotate(text)
        default: break
        }
    }

    /// Makes a change of the marked layers or the selected one, or says why it cannot be.
    mutating func make(_ change: (Editing, [String]) throws(EditingError) -> Edit) {
        let names = editedNames
        do {
            edit(try change(bench.editing, names))
        } catch {
            refuse("\(error)")
        }
    }

    private mutating func openAdd(_ place: InsertionPlace) {
        if bench.network.inputs.isEmpty {
            guard edit(.addInput(Input("image", .map(channels: 3, height: 32, width: 32)))) else { return }
            select("image")
        }
        var lastFamily: AddEntry.Family?
        let entries = AddEntry.all.enumerated().map { index, entry in
            let isFirst = entry.family != lastFamily
            lastFamily = entry.family
            let availability = entry.availability(on: bench.device)
            return Picker.Entry(
                title: entry.title,
                detail: entry.help + (availability.reason.map { "  \(look.glyphs.mustFix) \($0)" } ?? ""),
                note: availability.severity == nil ? "" : "not on \(bench.device)",
                group: isFirst ? entry.family.rawValue.uppercased() : "", action: .addEntry(index, place),
                completion: entry.title)
        }
        let spot =
            switch place {
            case .after: "after \(selectedName ?? "")"
            case .before: "before \(selectedName ?? "")"
            case .branch: "reading \(selectedName ?? ""), beside its readers"
            }
        overlays.append(.picker(Picker(.add, "add \(spot)", entries)))
    }

    private mutating func add(_ entry: AddEntry, _ place: InsertionPlace) {
        let selected = selectedName
        selectingNew { interface in
            interface.make { (editing, _) throws(EditingError) in
                try editing.insertion(of: entry, place, selected)
            }
        }
    }

    /// Makes a change and selects the last layer that it adds: what is added next goes behind it.
    private mutating func selectingNew(_ change: (inout Interface) -> Void) {
        let before = Set(bench.network.nodes.map(\.name))
        change(&self)
        if let added = bench.network.nodes.last(where: { !before.contains($0.name) }) { select(added.name) }
    }

    private mutating func moveLayers(_ step: Int) {
        guard list.marked.count <= 1 else {
            return refuse("one layer is moved at a time; Esc clears the marks")
        }
        if list.order != .file { return refuse("layers move in file order; o sorts by it") }
        make { (editing, names) throws(EditingError) in
            guard let name = names.first else { throw .nothingSelected }
            return try editing.move(name, isUp: step < 0)
        }
    }

    private mutating func openRewire() {
        guard let name = selectedNode?.name else { return refuse("an input is selected; this is for layers") }
        do {
            let slots = try bench.editing.slots(of: name)
            if slots.count == 1 { return openSources(0) }
            let entries = slots.map { slot in
                Picker.Entry(
                    title: "wire \(slot.position + 1)",
                    detail: slot.current.map { "reads \($0)" } ?? "to be added",
                    action: .rewireInput(slot.position), completion: "\(slot.position + 1)")
            }
            overlays.append(.picker(Picker(.source, "which wire of \(name)", entries)))
        } catch {
            refuse("\(error)")
        }
    }

    private mutating func openSources(_ wire: Int) {
        guard let name = selectedNode?.name else { return }
        do {
            let slots = try bench.editing.slots(of: name)
            guard slots.indices.contains(wire) else { return }
            var entries = slots[wire].candidates.map { candidate in
                Picker.Entry(
                    title: candidate.source.description,
                    detail: candidate.obstacle.map { "\($0)" } ?? "",
                    note: candidate.shape?.description ?? "?",
                    action: .connect(input: wire, source: candidate.source.description),
                    completion: candidate.source.description)
            }
            if slots[wire].current != nil, slots.count > 1 {
                entries.append(
                    Picker.Entry(
                        title: "nothing", detail: "takes the wire away",
                        action: .connect(input: wire, source: ""),
                        completion: "nothing"))
            }
            let current = slots[wire].candidates.firstIndex { $0.source == slots[wire].current } ?? 0
            overlays.append(
                .picker(Picker(.source, "what wire \(wire + 1) of \(name) reads", entries, selected: current))
            )
        } catch {
            refuse("\(error)")
        }
    }

    private mutating func connect(_ wire: Int, _ source: String) {
        guard let name = selectedNode?.name else { return }
        make { (editing, _) throws(EditingError) in
            try editing.rewiring(name, wire: wire, to: source.isEmpty ? nil : Source(text: source))
        }
    }

    private mutating func rename(_ newName: String?) {
        guard let name = selectedName else { return }
        if let newName { return rename(name, to: newName) }
        overlays.append(
            .prompt(
                Prompt(
                    purpose: .rename(name), title: "rename \(name)",
                    help: "1 to 64 characters without blanks; wires and waivers follow",
                    field: TextField(name))))
    }

    mutating func rename(_ name: String, to newName: String) {
        guard edit(.rename(name, to: newName)) else { return }
        select(newName)
    }

    private mutating func annotate(_ text: String?) {
        guard let node = selectedNode else { return refuse("an input is selected; this is for layers") }
        if let text { _ = edit(.annotate(layer: node.name, note: text)); return }
        overlays.append(
            .prompt(
                Prompt(
                    purpose: .annotate(node.name), title: "note on \(node.name)",
                    help: "saved with the session; empty takes it away", field: TextField(node.note))))
    }

    /// Positions of the first layers of folded blocks, with how many layers each has.
    var foldedBlocks: [Int: Int] {
        let folding = Folding(bench.network, order: bench.analysis.order)
        var blocks: [Int: Int] = [:]
        for group in folding.groups
        where list.folded.contains(bench.network.nodes[group.range.lowerBound].name) {
            blocks[group.range.lowerBound] = group.range.count
        }
        return blocks
    }

    mutating func fold() {
        guard let name = selectedName, let index = bench.network.index(of: name) else {
            return refuse("only layers fold")
        }
        let folding = Folding(bench.network, order: bench.analysis.order)
        guard let group = folding.group(at: index) else {
            return refuse(
                "\(name) belongs to no block: names with a common part before a dot, or a split with its Shortcut"
            )
        }
        let first = bench.network.nodes[group.range.lowerBound].name
        if list.folded.remove(first) == nil {
            list.folded.insert(first)
            say("folded \(group.title): \(group.range.count) layers; b unfolds")
        }
        list.selected = first
    }
}
