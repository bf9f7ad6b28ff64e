import Devices
import Editing
import Graph
import QAT
import Terminal

// The list of layers.
extension ScreenState {
    func drawList(in rect: Rect, hasStatus: Bool, on canvas: inout Canvas) {
        let rows = rows
        guard !rows.isEmpty else { return drawEmptyList(in: rect, on: &canvas) }
        let chosen = selection(in: rows)?.index ?? 0
        var rect = rect
        let head = rect.takeTop(1)
        let rails = RailsColumns(shownRails, in: rect.columns, selected: chosen)
        let wires = selectedWires
        let columns = ListColumns(
            head, wiring.widths, rails: rails.width, digits: "\(editor.network.nodes.count)".count)
        drawListHead(head.row, columns, on: &canvas)
        if hasStatus {
            let status = rect.takeBottom(1)
            drawListStatus(status, rows, chosen, on: &canvas)
        }
        let top = Scrolling.top(list.top, showing: chosen, of: rows.count, room: rect.rows)
        for (offset, index) in (top..<min(rows.count, top + rect.rows)).enumerated() {
            let line = rect.row + offset
            drawRow(rows[index], index == chosen, line, rect, columns, on: &canvas)
            rails.draw(index, row: line, column: rect.column + 2, on: &canvas)
            if let sign = wireSign(of: rows[index], wires) {
                canvas.frame[line, columns.name - 1] = Cell(sign, .accent)
            }
            if index == chosen, pane.scope == .list {
                canvas.frame.select(line, rect.column..<rect.endColumn)
            }
            canvas.target(Rect(row: line, column: rect.column, rows: 1, columns: rect.columns)) {
                $0.clickLayer(index)
            }
        }
        drawScrollBar(in: rect, top: top, count: rows.count, on: &canvas)
        if editor.network.nodes.isEmpty, list.filter.isEmpty, rows.count + 1 < rect.rows {
            canvas.frame.put(
                "\(key("add").padded(to: 8)) adds a layer or a block: type a few letters of it",
                rect.row + rows.count + 1, rect.column + 3, .text, end: rect.endColumn)
        }
    }

    private func drawListHead(_ row: Int, _ columns: ListColumns, on canvas: inout Canvas) {
        canvas.frame.putRight("#", row, end: columns.number, .dim)
        canvas.frame.put("layer", row, columns.name, .dim)
        canvas.frame.put("kind", row, columns.kind, .dim)
        canvas.frame.put("out", row, columns.shape, .dim)
        canvas.frame.putRight("w", row, end: columns.weightBits, .dim)
        canvas.frame.putRight("a", row, end: columns.featureBits, .dim)
        canvas.frame.putRight("clip", row, end: columns.clip, .dim)
        canvas.frame.putRight("SQNR", row, end: columns.sqnr, .dim)
        if columns.barEnd - columns.bar > 4 { canvas.frame.put("dB", row, columns.bar, .dim) }
        guard let extra = columns.extra else { return }
        canvas.frame.putRight("KiB", row, end: extra.bytes, .dim)
        canvas.frame.putRight("MAC", row, end: extra.macs, .dim)
        canvas.frame.putRight("sat. %", row, end: extra.saturated, .dim)
        canvas.frame.putRight("zero %", row, end: extra.zeros, .dim)
        if let note = columns.note { canvas.frame.put("note", row, note, .dim) }
    }

    private func drawRow(
        _ row: ListRow, _ isSelected: Bool, _ line: Int, _ rect: Rect, _ columns: ListColumns,
        on canvas: inout Canvas
    ) {
        let glyphs = canvas.glyphs
        let hasFocus = pane.scope == .list && popups.isEmpty
        if isSelected {
            canvas.frame[line, rect.column] = Cell(
                hasFocus ? glyphs.selected : glyphs.selectedAway, .accent.bold)
            if popups.isEmpty, pane.scope == .list {
                canvas.frame.cursor = Position(row: line, column: columns.name)
            }
        }
        if list.marked.contains(row.name) {
            canvas.frame[line, rect.column + 1] = Cell(glyphs.marked, .accent)
        }
        let style: Style = isSelected ? .strong : .text
        switch row.kind {
        case .input(let index):
            canvas.frame.put(
                row.name.shortened(to: columns.kind - columns.name - 1), line, columns.name, style)
            canvas.frame.put("input", line, columns.kind, .dim)
            canvas.frame.put(editor.network.inputs[index].shape.description, line, columns.shape, style)
        case .block(let index, let count):
            canvas.frame.putRight("\(index + 1)", line, end: columns.number, .dim)
            canvas.frame.put(
                row.name.shortened(to: columns.kind - columns.name - 1), line, columns.name, style)
            canvas.frame.put("\(glyphs.stepUp) \(count) layers folded", line, columns.kind, .dim)
            drawMark(of: Array(index..<index + count), line, columns, on: &canvas)
        case .node(let index):
            drawNode(index, line, columns, style, on: &canvas)
            if isSelected, hasFocus { canvas.whole = whole(index, columns) }
        }
    }

    /// A layer's name, operator, shape and note, where one of them does not fit its column.
    private func whole(_ index: Int, _ columns: ListColumns) -> String? {
        let node = editor.network.nodes[index]
        let kind = kindLabel(index)
        let isCut =
            node.name.displayWidth > columns.kind - columns.name - 1
            || kind.displayWidth > columns.shape - columns.kind - 1
            || columns.note.map { node.note.displayWidth > columns.end - 3 - $0 } ?? false
        guard isCut else { return nil }
        return [node.name, kind, editor.analysis.shapes.label(index) ?? "no shape", node.note]
            .filter { !$0.isEmpty }.joined(separator: "   ")
    }

    private func drawNode(
        _ index: Int, _ line: Int, _ columns: ListColumns, _ style: Style, on canvas: inout Canvas
    ) {
        let node = editor.network.nodes[index]
        let facts = editor.analysis.facts.nodes[index]
        let none = String(canvas.glyphs.none)
        canvas.frame.putRight("\(index + 1)", line, end: columns.number, .dim)
        canvas.frame.put(node.name.shortened(to: columns.kind - columns.name - 1), line, columns.name, style)
        canvas.frame.put(
            kindLabel(index).shortened(to: columns.shape - columns.kind - 1), line, columns.kind, style)
        let shape = editor.analysis.shapes.label(index)
        canvas.frame.put(
            (shape ?? "?").shortened(to: columns.weightBits - 2 - columns.shape), line, columns.shape,
            shape == nil ? .error : style)
        let bits = facts.weightBits.map(Figures.bits) ?? none
        canvas.frame.putRight(bits, line, end: columns.weightBits, bits == none ? .dim : style)
        let features = Figures.bits(facts.output.bits)
        canvas.frame.putRight(features, line, end: columns.featureBits, style)
        let clip = shownClip(index).map(Figures.clip) ?? none
        canvas.frame.putRight(clip, line, end: columns.clip, clip == none ? .dim : style)
        drawSQNR(of: node.name, line, columns, on: &canvas)
        drawExtra(index, line, columns, style, on: &canvas)
        drawMark(of: [index], line, columns, on: &canvas)
    }

    /// What a wide list also has: bytes and work of a layer, how its results saturate and how many are zero, its note.
    private func drawExtra(
        _ index: Int, _ line: Int, _ columns: ListColumns, _ style: Style, on canvas: inout Canvas
    ) {
        guard let extra = columns.extra else { return }
        let node = editor.network.nodes[index]
        let cost = editor.analysis.cost.nodes[index]
        let feature = shownPart(of: node.name)?.feature
        let cells: [(Int, String?)] = [
            (extra.bytes, cost.weightBytes > 0 ? Figures.kibibytes(cost.weightBytes) : nil),
            (extra.macs, cost.multiplyAccumulates > 0 ? Figures.short(cost.multiplyAccumulates) : nil),
            (extra.saturated, feature?.observation.clipRatio.map(Figures.percent)),
            (extra.zeros, feature?.quantizer.map { Figures.percent($0.zeroShare) }),
        ]
        for (end, text) in cells {
            canvas.frame.putRight(
                text ?? String(canvas.glyphs.none), line, end: end, text == nil ? .dim : style)
        }
        if let note = columns.note {
            canvas.frame.put(
                node.note.printable.clipped(to: columns.end - 3 - note), line, note, .dim,
                end: columns.end - 2)
        }
    }

    private func drawSQNR(of name: String, _ line: Int, _ columns: ListColumns, on canvas: inout Canvas) {
        guard let sqnr = probe.sqnr(of: name) else {
            canvas.frame.putRight(String(canvas.glyphs.none), line, end: columns.sqnr, .dim)
            return
        }
        let style: Style = probe.isStale ? .dim : .text
        canvas.frame.putRight(Figures.decibels(sqnr), line, end: columns.sqnr, style)
        let room = columns.barEnd - columns.bar - 2
        guard room > 1 else { return }
        Bar(value: sqnr, of: 48).draw(
            in: Rect(row: line, column: columns.bar, rows: 1, columns: room), style, on: &canvas)
    }

    private func drawMark(of indices: [Int], _ line: Int, _ columns: ListColumns, on canvas: inout Canvas) {
        guard let worst = worstFinding(of: indices) else { return }
        canvas.frame[line, columns.end - 1] = mark(of: worst)
    }

    /// The severity of the worst finding of some layers; nil where there is none.
    func worstFinding(of indices: [Int]) -> Severity? {
        let names = Set(indices.map { editor.network.nodes[$0].name })
        return shownReport.findings.filter {
            $0.waived == nil && $0.layer.map(names.contains) ?? false
        }.map(\.severity).max()
    }

    /// The sign of a severity in its colour.
    func mark(of severity: Severity) -> Cell {
        switch severity {
        case .error: Cell(appearance.glyphs.mustFix, .error.bold)
        case .warning: Cell(appearance.glyphs.advice, .advice.bold)
        case .advice: Cell(appearance.glyphs.advice, .dim)
        }
    }

    /// The operator, and what it reads where that is not simply the row above.
    func kindLabel(_ index: Int) -> String {
        let node = editor.network.nodes[index]
        let above = index > 0 ? editor.network.nodes[index - 1].name : editor.network.inputs.first?.name
        let others = node.inputs.filter { $0.name != above || $0.output != 0 }
        guard !others.isEmpty || node.inputs.isEmpty else { return node.layer.label }
        let sources = node.inputs.isEmpty ? "nothing" : others.map(\.description).joined(separator: ",")
        return node.layer.label + (appearance.glyphs.kind == .ascii ? " <- " : " ← ") + sources
    }

    /// Where a layer's activation quantizer ends; nil where none acts.
    func shownClip(_ index: Int) -> Double? {
        let layer = editor.network.nodes[index].layer
        guard let quantization = layer.settings.quantization, quantization.isEnabled,
            !editor.analysis.facts.nodes[index].output.isFloat, layer.value(of: "clip") != nil
        else { return nil }
        return quantization.clip
    }

    /// What makes the list another one than that of all layers: marks, a filter, an order.
    var narrowing: [String] {
        var words: [String] = []
        if !list.marked.isEmpty { words.append("\(appearance.glyphs.marked) \(list.marked.count) marked") }
        if !list.filter.isEmpty { words.append("filter '\(list.filter.printable)'") }
        if list.order != .file { words.append(list.order.title) }
        return words
    }

    private func drawListStatus(_ rect: Rect, _ rows: [ListRow], _ chosen: Int, on canvas: inout Canvas) {
        var words = narrowing
        if list.marked.isEmpty { words.insert("\(chosen + 1) of \(counted(rows.count, "row"))", at: 0) }
        let column = canvas.frame.put(
            words.joined(separator: "   "), rect.row, rect.column + 1, .dim, end: rect.endColumn)
        // Where the numbers come from, which is not said by the numbers.
        canvas.frame.putRight(
            probeSource.clipped(to: rect.endColumn - column - 3), rect.row, end: rect.endColumn - 1, .dim)
    }

    func drawScrollBar(in rect: Rect, top: Int, count: Int, on canvas: inout Canvas) {
        guard count > rect.rows, rect.rows >= 3 else { return }
        let column = rect.endColumn - 1
        let length = max(1, rect.rows * rect.rows / count)
        let start = (rect.rows - length) * top / max(1, count - rect.rows)
        for offset in 0..<rect.rows {
            let isThumb = (start..<start + length).contains(offset)
            canvas.frame[rect.row + offset, column] =
                isThumb ? Cell(canvas.glyphs.thumb, .dim) : Cell(canvas.glyphs.vertical, .guides)
        }
    }

    func drawEmptyList(in rect: Rect, on canvas: inout Canvas) {
        let lines: [(String, Handler?)]
        if list.filter.isEmpty {
            lines = [
                ("This network is empty.", nil), ("", nil),
                ("\(key("add").padded(to: 8)) add the input and the first layers", { $0.openAdd(.after) }),
                ("\(key("open").padded(to: 8)) open a sample, or a session of before", { $0.openStart() }),
                ("\(key("help").padded(to: 8)) what every key does", { $0.openHelp() }),
            ]
        } else {
            lines = [
                ("No layer has '\(list.filter.printable)'.", nil), ("", nil),
                ("\(key("back").padded(to: 8)) shows all again", { $0.goBack() }),
            ]
        }
        for (offset, line) in lines.enumerated() {
            let row = rect.row + 2 + offset
            guard row < rect.endRow else { break }
            canvas.frame.put(line.0, row, rect.column + 3, .text, end: rect.endColumn)
            if let handler = line.1 {
                canvas.target(
                    Rect(row: row, column: rect.column, rows: 1, columns: rect.columns), handler)
            }
        }
    }
}
