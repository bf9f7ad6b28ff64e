import Devices
import Editing
import Graph
import QAT
import Terminal

// The right pane of view 1: every setting of the selected layer, its histograms and its rules.
extension ScreenState {
    func drawInspector(in rect: Rect, divider: Int?, on canvas: inout Canvas) {
        guard let name = selectedName else {
            canvas.frame.put("nothing selected", rect.row, rect.column + 1, .dim, end: rect.endColumn)
            return
        }
        var rect = rect
        let shapes = drawInspectorTitle(name, in: rect.takeTop(1), on: &canvas)
        if rect.rows >= 12 {
            let lines = ScreenState.wrapped(selectedWires?.words ?? "", to: rect.columns - 2).count
            drawWires(in: rect.takeTop(min(lines, rect.rows >= 40 ? 3 : 1)), then: shapes, on: &canvas)
        }
        let fields = inspectorFields(of: name)
        guard let node = editor.network[name] else {
            drawFields(fields, in: rect, on: &canvas)
            return
        }
        let part = shownPart(of: name)
        let height = rect.rows
        // Fields get what the pictures leave; pictures go before fields do.
        let rules = height >= 14 ? min(5, max(3, height - 22)) : 0
        let pictures = height >= 24 ? 12 : height >= 18 ? 6 : 0
        let room = height - rules - pictures - (rules > 0 ? 1 : 0) - (pictures > 0 ? 1 : 0)
        let shown = min(fields.count, max(4, room))
        drawFields(fields, in: rect.takeTop(shown), on: &canvas)
        if pictures > 0 {
            canvas.join(rect.takeTop(1), divider)
            var pictureRect = rect.takeTop(max(pictures, rect.rows - rules - 1))
            drawHistograms(part, of: node, in: &pictureRect, on: &canvas)
        }
        if rules > 0 {
            canvas.join(rect.takeTop(1), divider)
            drawLayerRules(name, in: rect, on: &canvas)
        }
    }

    /// Says which layer the fields are of. Gives its shapes, for the line below, where there is no room.
    private func drawInspectorTitle(_ name: String, in rect: Rect, on canvas: inout Canvas) -> String {
        var text = name
        var left = ""
        if let index = editor.network.index(of: name) {
            text = "\(index + 1) \(name)   \(editor.network.nodes[index].layer.label)"
            let input = editor.analysis.shapes.inputs[index].first.flatMap { $0 }
            if let input, let output = editor.analysis.shapes.output(index) {
                let shapes = "\(input) \(appearance.glyphs.arrow) \(output)"
                if text.displayWidth + 3 + shapes.displayWidth <= rect.columns - 2 {
                    text += "   " + shapes
                } else {
                    left = shapes
                }
            }
        } else {
            text += "   input of the network"
        }
        // The fields are those of the selected layer, and an edit is for the marked ones.
        if let others = editedOthers { text = "\(name), \(others)" }
        canvas.frame.put(text.clipped(to: rect.columns - 2), rect.row, rect.column + 1, .strong)
        return left
    }

    func drawFields(_ fields: [InspectorField], in rect: Rect, on canvas: inout Canvas) {
        guard let chosen = selectedField(among: fields), rect.rows > 0 else { return }
        let top = Scrolling.top(inspector.top, showing: chosen, of: fields.count, room: rect.rows)
        let hasFocus = pane.scope == .inspector
        let titles = rect.column + 3
        let values = titles + 17
        for (offset, index) in (top..<min(fields.count, top + rect.rows)).enumerated() {
            let field = fields[index]
            let row = rect.row + offset
            let isChosen = index == chosen
            if isChosen {
                canvas.frame[row, rect.column + 1] = Cell(
                    hasFocus ? appearance.glyphs.selected : appearance.glyphs.selectedAway, .accent.bold)
                if hasFocus, popups.isEmpty { canvas.frame.cursor = Position(row: row, column: values) }
            }
            let style: Style = field.isEditable ? isChosen ? .strong : .text : .dim
            canvas.frame.put(field.title.shortened(to: 16), row, titles, style, end: rect.endColumn)
            drawValue(field, row, values, isChosen, rect.endColumn - 1, on: &canvas)
            if isChosen, hasFocus { canvas.frame.select(row, rect.column + 1..<rect.endColumn - 1) }
            canvas.target(
                Rect(row: row, column: rect.column, rows: 1, columns: values - rect.column)
            ) { $0.clickField(field.name) }
        }
        if fields.count > rect.rows {
            drawScrollBar(in: rect, top: top, count: fields.count, on: &canvas)
        }
    }

    private func drawValue(
        _ field: InspectorField, _ row: Int, _ column: Int, _ isChosen: Bool, _ end: Int,
        on canvas: inout Canvas
    ) {
        let style: Style = field.isEditable ? isChosen ? .strong : .text : .dim
        var place = column
        if field.isEditable, field.isStepped {
            canvas.frame[row, place] = Cell(appearance.glyphs.stepDown, .accent)
            canvas.target(Rect(row: row, column: place, rows: 1, columns: 1)) {
                $0.clickStep(field.name, -1)
            }
        }
        place += 2
        let room = end - place - (field.remark.isEmpty ? 3 : 3 + min(14, field.remark.displayWidth))
        let value = field.value.printable.shortened(to: max(4, room))
        if isChosen, value != field.value.printable, pane.scope == .inspector {
            canvas.whole = "\(field.title)   \(field.value)   \(field.remark)"
        }
        let valueEnd = canvas.frame.put(value, row, place, style, end: end)
        canvas.target(
            Rect(row: row, column: place, rows: 1, columns: max(1, valueEnd - place))
        ) { $0.clickValue(field.name) }
        if field.isEditable, field.isStepped {
            canvas.frame[row, valueEnd + 1] = Cell(appearance.glyphs.stepUp, .accent)
            canvas.target(Rect(row: row, column: valueEnd + 1, rows: 1, columns: 1)) {
                $0.clickStep(field.name, 1)
            }
        }
        var remark = field.remark
        if case .derived(let source) = field.origin { remark = source }
        if isChosen, field.name == "quantize" { remark = key("quantizer") }
        if isChosen, field.name == "weightBits", remark.isEmpty {
            remark = "\(key("fewer-bits")) \(key("more-bits"))"
        }
        guard !remark.isEmpty else { return }
        if isChosen, pane.scope == .inspector,
            remark.displayWidth > max(0, end - max(valueEnd + 4, column + 13))
        {
            canvas.whole = "\(field.title)   \(field.value)   \(remark)"
        }
        canvas.frame.put(
            remark.printable.clipped(to: max(0, end - max(valueEnd + 4, column + 13))), row,
            max(valueEnd + 4, column + 13),
            .dim,
            end: end)
    }

    /// The part of a layer whose pictures are shown: the first one with weights, else the first.
    func shownPart(of name: String) -> ProbedPart? {
        let parts = probe.parts(of: name)
        return parts.first { $0.weight != nil } ?? parts.first
    }

    private func drawLayerRules(_ name: String, in rect: Rect, on canvas: inout Canvas) {
        var row = rect.row
        canvas.frame.put(
            "RULES for this layer on \(shownDevice)", row, rect.column + 1, .dim, end: rect.endColumn)
        row += 1
        let findings = shownReport.findings.filter { $0.layer == name }
        for finding in findings where row < rect.endRow {
            canvas.frame[row, rect.column + 1] =
                finding.waived == nil ? mark(of: finding.severity) : Cell(appearance.glyphs.none, .dim)
            let text = (finding.waived == nil ? "" : "accepted: ") + finding.actual
            canvas.frame.put(
                text.clipped(to: rect.columns - 5), row, rect.column + 3, .text, end: rect.endColumn)
            row += 1
            if row < rect.endRow, finding.waived == nil, let fix = finding.proposal {
                canvas.frame.put(
                    "\(appearance.glyphs.arrow) \(fix.title)".clipped(to: rect.columns - 7), row,
                    rect.column + 3,
                    .pass,
                    end: rect.endColumn - 2)
                canvas.frame.put(key("fix"), row, rect.endColumn - 2, .accent)
                row += 1
            }
        }
        for passing in passingRules(of: name) where row < rect.endRow {
            canvas.frame[row, rect.column + 1] = Cell(appearance.glyphs.pass, .pass)
            canvas.frame.put(
                passing.clipped(to: rect.columns - 5), row, rect.column + 3, .dim, end: rect.endColumn)
            row += 1
        }
    }
}

extension Canvas {
    /// A rule across a pane that begins in the divider at its left.
    mutating func join(_ rect: Rect, _ divider: Int?) {
        rule(rect.row, rect.column..<rect.endColumn)
        if let divider {
            let isCrossed = frame[rect.row, divider].scalar == glyphs.teeLeft
            frame[rect.row, divider] = Cell(isCrossed ? glyphs.cross : glyphs.teeRight, .dim)
        }
    }
}
