import Graph

/// Two networks layer by layer: what a line of each says.
struct NetworkDiff {
    /// The layers that differ, in the order of the file.
    private(set) var lines: [EditPreview.Line] = []

    private let before: Analysis
    private let after: Analysis

    /// Compares two analysed networks; layers of the second may have had another name in the first.
    init(from before: Analysis, to after: Analysis, formerNames: [String: String]) {
        self.before = before
        self.after = after
        let names = after.network.nodes.map { formerNames[$0.name] ?? $0.name }
        let stays = Set(names)
        // Layers that go are told where they stood: in front of the first layer behind them that stays.
        var left = before.network.nodes.indices[...]
        for (index, name) in names.enumerated() {
            guard let old = before.network.index(of: name) else {
                tell(nil, index)
                continue
            }
            while let next = left.first, next < old {
                left.removeFirst()
                if !stays.contains(before.network.nodes[next].name) { tell(next, nil) }
            }
            if left.first == old { left.removeFirst() }
            compare(old, index)
        }
        for old in left where !stays.contains(before.network.nodes[old].name) { tell(old, nil) }
    }

    private mutating func compare(_ old: Int, _ new: Int) {
        let first = before.network.nodes[old]
        let second = after.network.nodes[new]
        if first == second, before.shapes.inputs[old] == after.shapes.inputs[new],
            before.shapes.output(old) == after.shapes.output(new),
            before.facts.nodes[old] == after.facts.nodes[new]
        {
            return
        }
        let details = Details(
            first, second, isResized: before.shapes.output(old) != after.shapes.output(new))
        let texts = [NetworkDiff.text(old, before, details), NetworkDiff.text(new, after, details)]
        guard texts[0] != texts[1] else { return }
        for (text, isAdded) in zip(texts, [false, true]) {
            lines.append(
                EditPreview.Line(text: text, isAdded: isAdded, layer: second.name, isOwn: first != second))
        }
    }

    /// A layer that goes or comes.
    private mutating func tell(_ old: Int?, _ new: Int?) {
        for (place, analysis, isAdded) in [(old, before, false), (new, after, true)] {
            guard let place else { continue }
            let text = NetworkDiff.text(place, analysis, Details())
            let name = analysis.network.nodes[place].name
            lines.append(EditPreview.Line(text: text, isAdded: isAdded, layer: name, isOwn: true))
        }
    }

    /// What of a layer changes beyond what its line always says.
    private struct Details {
        var fields: [String] = []
        var isRewired = false
        var isResized = false
        var isAnnotated = false

        private static let alwaysSaid = [
            "outChannels", "kernelHeight", "kernelWidth", "stride", "weightBits", "outputBits",
        ]

        init() {}

        init(_ first: Node, _ second: Node, isResized: Bool) {
            self.isResized = isResized
            isRewired = first.inputs != second.inputs
            isAnnotated = first.note != second.note
            guard first.kind == second.kind else { return }
            fields = first.kind.fields.filter { field in
                !Details.alwaysSaid.contains(field.name)
                    && first.layer.value(of: field) != second.layer.value(of: field)
            }.map(\.name)
        }
    }

    /// A layer in a line: "b5.mid  Conv2D 1x1  128 -> 80  w4 a4".
    private static func text(_ index: Int, _ analysis: Analysis, _ details: Details) -> String {
        let node = analysis.network.nodes[index]
        let facts = analysis.facts.nodes[index]
        let given = analysis.shapes.output(index)
        var parts = [node.name, node.layer.title]
        if let given {
            let read = analysis.shapes.inputs[index].first ?? nil
            let isChanging = node.kind.learns || read?.channels != given.channels
            parts.append((isChanging ? read.map { "\($0.channels) -> " } ?? "" : "") + "\(given.channels)")
            if details.isResized { parts.append("\(given)") }
        } else {
            parts.append("no shape")
        }
        let weights = facts.weightBits.map { $0 == Quantization.float ? "weights: float " : "w\($0) " } ?? ""
        parts.append(weights + (facts.output.isFloat ? "activations: float" : "a\(facts.output.bits)"))
        parts += details.fields.compactMap { field in node.layer.value(of: field).map { "\(field) \($0)" } }
        if details.isRewired {
            let sources = node.inputs.map(\.description).joined(separator: ", ")
            parts.append("reads " + (sources.isEmpty ? "nothing" : sources))
        }
        if details.isAnnotated {
            parts.append(node.note.isEmpty ? "no note" : "note '\(node.note.oneLine(upTo: 40))'")
        }
        return parts.joined(separator: "  ")
    }
}
