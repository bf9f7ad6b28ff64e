import Devices
import Editing
import Graph
import Terminal

// What the selected layer reads and what reads it.
extension ScreenState {
    /// The wires of the selected layer or input; nil where nothing is selected.
    var selectedWires: Wires? { selectedName.map { Wires(of: $0, in: editor) } }

    /// Says what the selected layer reads and what reads it, in the rows that there are; what does not fit stands behind a key.
    /// `more` is said behind it, where there is room for all of it.
    func drawWires(in rect: Rect, then more: String = "", on canvas: inout Canvas) {
        guard let wires = selectedWires, rect.rows > 0 else { return }
        var lines = ScreenState.wrapped(wires.words, to: rect.columns - 2)
        if lines.count == 1, lines[0].displayWidth + 3 + more.displayWidth <= rect.columns - 2 {
            lines[0] += more.isEmpty ? "" : "   " + more
        }
        for (offset, line) in lines.prefix(rect.rows).enumerated() {
            let row = rect.row + offset
            guard offset == rect.rows - 1, lines.count > rect.rows else {
                canvas.frame.put(line, row, rect.column + 1, .dim, end: rect.endColumn)
                continue
            }
            let start = (line + " " + lines[offset + 1]).clipped(to: rect.columns - 10)
            let column = canvas.frame.put(start, row, rect.column + 1, .dim, end: rect.endColumn)
            canvas.frame.put(key("wires"), row, column + 2, .accent, end: rect.endColumn)
            canvas.frame.put("all", row, column + 3 + key("wires").displayWidth, .dim, end: rect.endColumn)
        }
    }

    /// All that the selected layer reads and all that reads it; a picked one is selected.
    mutating func openWires() {
        guard let name = selectedName, let wires = selectedWires else { return }
        let entries =
            wires.reads.enumerated().map { entry(for: $1, group: $0 == 0 ? "\(name) READS" : "") }
            + wires.readers.enumerated().map { entry(for: $1, group: $0 == 0 ? "\(name) IS READ BY" : "") }
        guard !entries.isEmpty else { return refuse("\(name) has no wires") }
        popups.append(Picker("wires of \(name)", entries))
    }

    private func entry(for name: String, group: String) -> Picker.Entry {
        var entry = Picker.Entry(title: name, group: group, completion: name) { $0.select(name) }
        if let index = editor.network.index(of: name) {
            entry.detail = kindLabel(index)
            entry.note = editor.analysis.shapes.label(index) ?? "no shape"
        } else if case .input(let index)? = editor.network.place(of: name) {
            entry.detail = "input"
            entry.note = editor.network.inputs[index].shape.description
        }
        return entry
    }

    /// The sign of a row that the selected one reads, or that reads it; nil for every other row.
    func wireSign(of row: ListRow, _ wires: Wires?) -> Unicode.Scalar? {
        guard let wires else { return nil }
        var names = [row.name]
        if case .block(let index, let count) = row.kind {
            names = editor.network.nodes[index..<index + count].map(\.name)
        }
        if names.contains(where: wires.reads.contains) { return appearance.glyphs.feeds }
        return names.contains(where: wires.readers.contains) ? appearance.glyphs.reads : nil
    }
}
