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
        let strip = list.takeBottom(isOpen ? max(rect.rows - 6, 8) : min(5, rect.rows / 2))
        let rule = list.takeBottom(1)
        canvas.rule(rule.row, rule.column..<rule.endColumn)
        let words = narrowing
        if !words.isEmpty {
            canvas.frame.put(
                " \(words.joined(separator: "   ")) ".clipped(to: rule.columns - 4), rule.row,
                rule.column + 2, self.list.marked.isEmpty ? .dim : .accent,
                end: rule.endColumn)
        }
        drawList(in: list, hasStatus: false, on: &canvas)
        if isOpen {
            drawInspector(in: strip, divider: nil, on: &canvas)
        } else {
            drawStrip(in: strip, on: &canvas)
        }
    }
}
