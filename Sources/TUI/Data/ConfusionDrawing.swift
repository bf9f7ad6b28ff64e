import Editing
import QAT
import Terminal

// Which class was answered by which, as a heat map in view 6.
extension ScreenState {
    /// Right classes from top to bottom, answers from left to right. A cell is shaded by its share of its row.
    func drawConfusion(_ cell: DataCell, in rect: Rect, on canvas: inout Canvas) {
        guard let matrix = confusion else { return }
        let hasOthers = (0...matrix.classes).contains {
            matrix[$0, matrix.classes] > 0 || matrix[matrix.classes, $0] > 0
        }
        let count = hasOthers ? matrix.size : matrix.classes
        let names = min(14, (0..<count).reduce(6) { max($0, name(ofRow: $1).displayWidth) })
        let width = 6
        let start = rect.column + names + 3
        let columns = max(1, (rect.endColumn - 1 - start) / width)
        let rows = max(1, rect.rows - 2)
        let left = Scrolling.top(0, showing: cell.answer, of: count, room: columns)
        let top = Scrolling.top(0, showing: cell.truth, of: count, room: rows)
        canvas.frame.put("right", rect.row + 1, rect.column + 2, .dim, end: start)
        canvas.frame.put(
            "answered", rect.row, start + width - name(ofRow: left).displayWidth, .dim, end: rect.endColumn)
        for (place, answer) in (left..<min(count, left + columns)).enumerated() {
            canvas.frame.putRight(
                name(ofRow: answer).printable.shortened(to: width - 1), rect.row + 1,
                end: start + (place + 1) * width,
                answer == cell.answer ? .strong : .dim)
        }
        for (line, truth) in (top..<min(count, top + rows)).enumerated() {
            let row = rect.row + 2 + line
            canvas.frame.put(
                name(ofRow: truth).printable.shortened(to: names), row, rect.column + 2,
                truth == cell.truth ? .strong : .text)
            let all = matrix.samples(of: truth)
            for (place, answer) in (left..<min(count, left + columns)).enumerated() {
                let isSelected = truth == cell.truth && answer == cell.answer
                draw(
                    matrix[truth, answer], of: all, isRight: truth == answer, isSelected: isSelected, row,
                    start + place * width, width, on: &canvas)
                if isSelected {
                    canvas.frame.cursor = Position(row: row, column: start + (place + 1) * width - 1)
                }
                canvas.target(Rect(row: row, column: start + place * width, rows: 1, columns: width)) {
                    $0.clickCell(truth: truth, answer: answer)
                }
            }
        }
    }

    private func draw(
        _ count: Int, of all: Int, isRight: Bool, isSelected: Bool, _ row: Int, _ column: Int, _ width: Int,
        on canvas: inout Canvas
    ) {
        var style: Style = count == 0 ? .dim : isRight ? .pass : .error
        if isSelected { style = style.reversed }
        if isSelected {
            for place in column + 1..<column + width { canvas.frame[row, place] = Cell(" ", style) }
        }
        if count > 0, all > 0 {
            let shades = canvas.glyphs.shades
            let shade = shades[min(shades.count - 1, 1 + count * (shades.count - 1) / (all + 1))]
            canvas.frame[row, column + 1] = Cell(shade, style)
        }
        let text = count == 0 ? String(Character(canvas.glyphs.none)) : Figures.short(count)
        canvas.frame.putRight(text, row, end: column + width, from: column + 2, style)
    }

    mutating func clickCell(truth: Int, answer: Int) {
        guard var cell = data.cell else { return }
        if cell.truth == truth, cell.answer == answer { return openCell() }
        cell.truth = truth
        cell.answer = answer
        data.cell = cell
    }

    /// The selected cell in words.
    func confusionWords(_ cell: DataCell) -> String {
        guard let matrix = confusion else { return "the network is asked ..." }
        let count = matrix[cell.truth, cell.answer]
        let all = matrix.samples(of: cell.truth)
        return
            "\(Figures.grouped(count)) of \(Figures.grouped(all)) \(name(ofRow: cell.truth)) answered as \(name(ofRow: cell.answer))"
    }
}
