import Devices
import Editing
import Graph
import QAT
import Terminal

/// A line of the inspector: a setting of the selected layer, or a fact that the wiring decides.
struct InspectorField: Hashable, Sendable {
    /// Where a value comes from.
    enum Origin: Hashable, Sendable {
        /// A field of the operator, which a person sets.
        case setting
        /// The name, wires and remark of a layer, or the shape of an input.
        case own
        /// The wiring; the text says how.
        case derived(String)
    }

    /// The name in files and commands.
    let name: String
    /// The name in words: "weight bits".
    let title: String
    /// The value, as the layer has it.
    let value: String
    /// Where it comes from.
    let origin: Origin
    /// What is said beside it: a suggestion, what it means.
    var remark = ""
    /// Whether left and right step it.
    var isStepped = true

    /// Whether a person can change it.
    var isEditable: Bool {
        if case .derived = origin { return false }
        return true
    }
}

extension ScreenState {
    /// The lines of the inspector: what quantizes first, then the operator's other settings, then the layer's own.
    func inspectorFields(of name: String) -> [InspectorField] {
        switch editor.network.place(of: name) {
        case .input(let index):
            let input = editor.network.inputs[index]
            return [
                InspectorField(
                    name: "shape", title: "shape", value: input.shape.description, origin: .own,
                    isStepped: false),
                InspectorField(
                    name: "name", title: "name", value: input.name, origin: .own, isStepped: false),
            ]
        case .node(let index): return fields(of: index)
        case nil: return []
        }
    }

    private static let quantizing = [
        "quantize", "weightBits", "outputBits", "clip", "weightFactor", "autoThreshold", "autoBitwidth",
        "quantizeLastFeature",
    ]

    private func fields(of index: Int) -> [InspectorField] {
        let node = editor.network.nodes[index]
        let facts = editor.analysis.facts.nodes[index]
        let all = node.kind.fields
        let first = ScreenState.quantizing.compactMap { name in all.first { $0.name == name } }
        let others = all.filter { !ScreenState.quantizing.contains($0.name) }
        var fields: [InspectorField] = []
        for field in first {
            fields.append(setting(field, of: node, facts))
            if field.name == "weightBits"
                || (field.name == "quantize" && !all.contains { $0.name == "weightBits" })
            {
                fields += derivedInputs(index, facts)
            }
        }
        fields += others.map { setting($0, of: node, facts) }
        fields.append(
            InspectorField(
                name: "inputs", title: "inputs",
                value: node.inputs.isEmpty
                    ? "nothing" : node.inputs.map(\.description).joined(separator: ", "),
                origin: .own, isStepped: false))
        fields.append(
            InspectorField(name: "name", title: "name", value: node.name, origin: .own, isStepped: false))
        fields.append(
            InspectorField(
                name: "note", title: "note", value: node.note.isEmpty ? "" : node.note, origin: .own,
                isStepped: false))
        return fields
    }

    private func setting(_ field: LayerField, of node: Node, _ facts: SignalAnalysis.Facts) -> InspectorField
    {
        var line = InspectorField(
            name: field.name, title: FieldWords.title(field.name), value: node.layer.value(of: field).shown,
            origin: .setting)
        if case .integers = field.kind { line.isStepped = false }
        line.remark = remark(on: field, of: node, facts)
        return line
    }

    private func remark(on field: LayerField, of node: Node, _ facts: SignalAnalysis.Facts) -> String {
        let isOn = node.isQuantized
        switch field.name {
        case "weightBits":
            if let automatic = facts.automatic { return "auto \(automatic.weightBits)" }
            return isOn ? "" : "off"
        case "outputBits":
            if facts.isLast, isOn, !(node.layer.settings.quantization?.quantizesLastFeature ?? false) {
                return "float: last layer"
            }
            return node.layer.value(of: field) == .unset ? "as input: \(Figures.bits(facts.output.bits))" : ""
        case "weightFactor": return "x sigma"
        case "outChannels":
            return editor.analysis.shapes.inputs[editor.network.index(of: node.name) ?? 0].first.flatMap {
                $0
            }
            .map { "from \($0.channels)" } ?? ""
        default:
            return node.layer.value(of: field) == field.defaultValue
                ? "" : "default \(field.defaultValue.shown)"
        }
    }

    /// Bits and sign that arrive, and where from.
    private func derivedInputs(_ index: Int, _ facts: SignalAnalysis.Facts) -> [InspectorField] {
        let node = editor.network.nodes[index]
        return zip(node.inputs, facts.inputs).prefix(3).map { source, signal in
            let sign = signal.isFloat ? "" : signal.isSigned ? " signed" : " unsigned"
            return InspectorField(
                name: "input \(source)", title: "input bits", value: Figures.bits(signal.bits) + sign,
                origin: .derived("from \(source)"), isStepped: false)
        }
    }

    /// The selected field of the selected layer; the first one where the layer has no field of that name.
    func selectedField(among fields: [InspectorField]) -> Int? {
        fields.firstIndex { $0.name == inspector.field } ?? (fields.isEmpty ? nil : 0)
    }
}
