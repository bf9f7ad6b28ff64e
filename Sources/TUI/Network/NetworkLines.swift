import Devices
import Editing
import Graph
import Probing
import QAT
import Terminal

// View 1 in lines.
extension ScreenState {
    /// The rows of the list, or the fields of the selected layer.
    var networkLines: [String] {
        if pane.scope == .inspector {
            guard let name = selectedName else { return emptyListLines }
            return [editedOthers.map { "fields of \(name), \($0)" } ?? "fields of \(name)"]
                + inspectorFields(of: name).map(fieldLine)
        }
        let rows = rows
        guard !rows.isEmpty else { return emptyListLines }
        return rows.map(layerLine) + (list.showsBoxes ? [] : narrowingLines)
    }

    /// The selected layer with what it reads, what quantizing does to it and what the rules say; of the inspector the selected
    /// field and what quantizing does.
    var selectedLayerLines: [String] {
        guard let chosen = selection(in: rows)?.row else { return emptyListLines }
        if pane.scope == .inspector {
            let fields = inspectorFields(of: chosen.name)
            guard let index = selectedField(among: fields) else { return [] }
            return [fieldLine(fields[index])] + quantizingLines(of: chosen.name)
        }
        let wires = selectedWires.map { [$0.words] } ?? []
        return ["selected: \(layerLine(chosen))"] + wires.filter { !$0.isEmpty }
            + quantizingLines(of: chosen.name) + findingLines(of: chosen.name)
    }

    private var emptyListLines: [String] {
        list.filter.isEmpty
            ? ["the network is empty; \(key("add")) adds a layer"]
            : ["no layer has '\(list.filter)'; \(key("back")) shows all again"]
    }

    /// What makes the list another one than that of all layers.
    private var narrowingLines: [String] {
        var words =
            list.marked.isEmpty
            ? [] : [counted(list.marked.count, "layer is", plural: "layers are") + " marked"]
        if !list.filter.isEmpty { words.append("only those with '\(list.filter)' are shown") }
        if list.order != .file { words.append(list.order.title) }
        return words.isEmpty ? [] : [words.joined(separator: ", ")]
    }

    /// A row of the list: "3 conv0, Conv2D 3x3, 32x32x32, weights 8 bit, activations 8 bit, clip 6.0, SQNR 41.5 dB".
    private func layerLine(_ row: ListRow) -> String {
        switch row.kind {
        case .input(let index): return "input \(row.name), \(editor.network.inputs[index].shape)"
        case .block(let index, let count):
            return "\(index + 1) \(row.name), \(counted(count, "layer")) folded"
                + severityWords(Array(index..<index + count))
        case .node(let index):
            let node = editor.network.nodes[index]
            let facts = editor.analysis.facts.nodes[index]
            var words = ["\(index + 1) \(node.name)", node.layer.label]
            words.append(editor.analysis.shapes.label(index) ?? "no shape")
            if let bits = facts.weightBits { words.append("weights \(bitWords(bits))") }
            words.append("activations \(bitWords(facts.output.bits))")
            if let clip = shownClip(index) { words.append("clip \(Figures.clip(clip))") }
            if !probe.isStale, let sqnr = probe.sqnr(of: node.name) {
                words.append("SQNR \(Figures.decibels(sqnr)) dB")
            }
            if list.marked.contains(node.name) { words.append("marked") }
            return words.joined(separator: ", ") + severityWords([index])
        }
    }

    private func bitWords(_ bits: Int) -> String { bits == Quantization.float ? "float" : "\(bits) bit" }

    private func severityWords(_ indices: [Int]) -> String {
        switch worstFinding(of: indices) {
        case .error: ", must be fixed"
        case .warning, .advice: ", to consider"
        case nil: ""
        }
    }

    /// A field of the inspector: "weight bits: 8", and where it comes from.
    private func fieldLine(_ field: InspectorField) -> String {
        var remark = field.remark
        if case .derived(let source) = field.origin { remark = source }
        return "\(field.title): \(field.value.isEmpty ? "none" : field.value)"
            + (remark.isEmpty ? "" : ", \(remark)") + (field.isEditable ? "" : ", follows from the wiring")
    }

    /// What quantizing does to a layer's weights and results; predicted while it is measured anew.
    func quantizingLines(of name: String) -> [String] {
        guard let node = editor.network[name] else { return [] }
        guard probe.report != nil else { return ["not measured yet"] }
        guard let part = shownPart(of: name) else { return [] }
        var lines: [String] = []
        for (title, clipName, tensor) in [
            ("weights", "clipped", part.weight), ("activations", "saturated", part.feature),
        ] {
            guard let tensor else { continue }
            let shown = PredictedQuantization(tensor, of: node, in: editor, isStale: probe.isStale)
            if probe.isStale, !shown.isPredicted { continue }
            let text = tensorText(shown.tensor, levelsUsed: shown.levelsUsed, clipName: clipName)
            lines.append((shown.isPredicted ? "about, \(title) " : "\(title) ") + text)
        }
        return lines.isEmpty && probe.isStale ? ["being measured"] : lines
    }

    /// What the rules and the probe say of a layer, and its note.
    private func findingLines(of name: String) -> [String] {
        var lines = shownReport.findings.filter { $0.layer == name }.map(findingText)
        lines += diagnoses(of: name).map { "stands out: \($0.sentence)" }
        if let note = editor.network[name]?.note, !note.isEmpty { lines.append("note: \(note)") }
        return lines
    }
}
