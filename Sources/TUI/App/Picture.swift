import Devices
import Graph
import QAT
public import Terminal

/// A screen as it is drawn: the cells, and what a click means where.
public struct Picture: Sendable {
    /// The cells.
    public let frame: Frame
    let targets: [Canvas.Target]
}

extension ScreenState {
    /// The least screen that the views fit in.
    public static let leastSize = Size(rows: 16, columns: 60)

    /// Draws everything.
    public var picture: Picture {
        var canvas = Canvas(size, appearance.glyphs)
        guard size.rows >= ScreenState.leastSize.rows, size.columns >= ScreenState.leastSize.columns else {
            drawTooSmall(on: &canvas)
            return Picture(frame: canvas.frame, targets: [])
        }
        var body = canvas.frame.bounds
        let header = body.takeTop(3)
        let footer = body.takeBottom(2)
        canvas.rule(header.endRow - 1, 0..<size.columns)
        canvas.rule(footer.row, 0..<size.columns)
        drawHeader(in: header, on: &canvas)
        view.draw(self, body, &canvas)
        drawMessage(footer.row, on: &canvas)
        drawKeyBar(footer.row + 1, on: &canvas)
        for popup in popups {
            // A click beside a popup closes it.
            canvas.removeTargets(in: body)
            popup.draw(self, in: body, on: &canvas)
        }
        if appearance.glyphs.kind == .ascii { canvas.frame.replaceOtherThanASCII() }
        return Picture(frame: canvas.frame, targets: canvas.targets)
    }

    private func drawTooSmall(on canvas: inout Canvas) {
        let least = ScreenState.leastSize
        let words =
            "magikbench needs \(least.columns)x\(least.rows), has \(size.columns)x\(size.rows)   \(key("q")) quit"
        var row = 0
        var column = 0
        for word in words.split(separator: " ") {
            if column > 0, column + word.count > size.columns { (row, column) = (row + 1, 0) }
            column = canvas.frame.put(word, row, column) + 1
        }
    }
}

extension Frame {
    /// Where only ASCII can be shown, names may still have other characters.
    fileprivate mutating func replaceOtherThanASCII() {
        for row in 0..<size.rows {
            for column in 0..<size.columns {
                let cell = self[row, column]
                guard !cell.scalar.isASCII else { continue }
                self[row, column] = Cell(cell.scalar == "…" ? "~" : "?", cell.style)
            }
        }
    }
}
