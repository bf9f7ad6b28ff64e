import Devices
import Editing
import Graph
import QAT
import Terminal

// View 1: the layers, where the bits go, and the inspector of the selected layer.
extension ScreenState {
    /// Columns of the inspector beside the list.
    private static let inspectorWidth = 47

    func drawNetwork(in rect: Rect, on canvas: inout Canvas) {
        guard rect.columns >= 100 else { return drawNarrowNetwork(in: rect, on: &canvas) }
        var left = rect
        let right = left.takeRight((rect.columns >= 160 ? 62 : ScreenState.inspectorWidth) - 1)
        let divider = left.takeRight(1)
        canvas.divider(divider.column, divider.row..<divider.endRow)
        if list.showsBoxes {
            drawBoxes(in: left, on: &canvas)
            return drawInspector(in: right, divider: divider.column, on: &canvas)
        }
        if left.rows >= 26, !editor.network.nodes.isEmpty {
            let bits = left.takeBottom(9)
            let rule = left.takeBottom(1)
            canvas.rule(rule.row, rule.column..<rule.endColumn)
            canvas.frame[rule.row, divider.column] = Cell(canvas.glyphs.teeLeft, .dim)
            drawBits(in: bits, on: &canvas)
        }
        drawList(in: left, hasStatus: true, on: &canvas)
        drawInspector(in: right, divider: divider.column, on: &canvas)
    }

    /// Without room for two panes the inspector is a strip under the list, which grows when it has the focus.
    private func drawNarrowNetwork(in rect: Rect, on canvas: inout Canvas) {
        var list = rect
        let isOpen = pane.scope == .inspector
        // Boxes need the rows of the strip but one, which says the wires.
        if self.list.showsBoxes, !isOpen {
            drawWires(in: list.takeBottom(1), on: &canvas)
            return drawBoxes(in: list, on: &canvas)
        }
        let strip = list.takeBottom(isOpen ? max(rect.rows - 6, 8) : min(5, rect.rows / 2))
        let rule = list.takeBottom(1)
        canvas.rule(rule.row, rule.column..<rule.endColumn)
        drawNarrowRule(in: rule, on: &canvas)
        if self.list.showsBoxes {
            drawBoxes(in: list, on: &canvas)
        } else {
            drawList(in: list, hasStatus: false, on: &canvas)
        }
        if isOpen {
            drawInspector(in: strip, divider: nil, on: &canvas)
        } else {
            drawStrip(in: strip, on: &canvas)
        }
    }

    /// The rule between list and strip says what narrows the list, and what the selected layer reads and is read by.
    private func drawNarrowRule(in rule: Rect, on canvas: inout Canvas) {
        let words = narrowing.joined(separator: "   ")
        var column = rule.column + 2
        if !words.isEmpty {
            let text = " \(words) ".clipped(to: rule.columns - 4)
            column =
                canvas.frame.put(
                    text, rule.row, column, list.marked.isEmpty ? .dim : .accent, end: rule.endColumn) + 1
        }
        guard let wires = selectedWires, rule.endColumn - column > 24 else { return }
        let room = rule.endColumn - column - 4
        let whole = wires.words
        guard whole.displayWidth > room else {
            canvas.frame.put(" \(whole) ", rule.row, column, .dim, end: rule.endColumn)
            return
        }
        column = canvas.frame.put(
            " \(whole.clipped(to: room - 6 - key("wires").displayWidth))", rule.row, column, .dim,
            end: rule.endColumn)
        column = canvas.frame.put("  \(key("wires"))", rule.row, column, .accent, end: rule.endColumn)
        canvas.frame.put(" all ", rule.row, column, .dim, end: rule.endColumn)
    }
}
