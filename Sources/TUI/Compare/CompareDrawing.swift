import Datasets
import Editing
import Graph
import QAT
import Runs
import Terminal

// View 5: the runs of the session in a table; up to four of them side by side, in curves and in what differs.
extension ScreenState {
    func drawCompare(in rect: Rect, on canvas: inout Canvas) {
        let rows = comparedRows
        guard !rows.isEmpty else {
            let words =
                training.runs.isEmpty
                ? "The session has no runs yet; \(key("train")) and \(key("new-run")) train."
                : training.snapshot?.table.isEmpty == true
                    ? "reading the runs ..."
                    : "No run has '\(compare.filter)'; \(key("back")) clears the filter."
            canvas.frame.put(words, rect.row + 2, rect.column + 3, .text, end: rect.endColumn)
            return
        }
        var rect = rect
        let isWide = rect.columns >= 100
        let sentenceRows = rect.rows >= 16 ? 1 : 0
        let table = rect.takeTop(min(rows.count + 1, max(3, rect.rows / 3)))
        drawRunTable(rows, isWide: isWide, in: table, on: &canvas)
        let rule = rect.takeTop(1)
        canvas.rule(rule.row, rule.column..<rule.endColumn)
        if isWide, let note = RunFacts.integerNote(of: rows) {
            canvas.frame.put(" \(note) ", rule.row, rule.column + 3, .dim, end: rule.endColumn)
        }
        guard let comparison = training.snapshot?.comparison, !comparison.members.isEmpty else {
            canvas.frame.put(
                "\(key("choose")) puts a run beside others", rect.row + 1, rect.column + 3, .dim,
                end: rect.endColumn)
            return
        }
        if isWide {
            // On a large screen the values of settings are whole.
            let width = rect.columns >= 160 ? 15 : 8
            let right = rect.takeRight(14 + (width + 1) * max(3, comparison.members.count))
            let line = rect.takeRight(1)
            canvas.frame[rule.row, line.column] = Cell(appearance.glyphs.teeDown, .dim)
            canvas.divider(line.column, line.row..<line.endRow)
            drawDifferences(comparison, width, in: right, on: &canvas)
        }
        let foot = rect.takeBottom(sentenceRows)
        if let sentence = comparison.sentences.first, foot.rows > 0 {
            canvas.frame.put(
                sentence.clipped(to: foot.columns - 2), foot.row, foot.column + 1, .strong,
                end: foot.endColumn)
        }
        if !isWide {
            let line = rect.takeBottom(rect.rows >= 6 ? 1 : 0)
            if line.rows > 0 {
                canvas.frame.put(
                    narrowDifferences(comparison).clipped(to: line.columns - 2), line.row, line.column + 1,
                    .text,
                    end: line.endColumn)
            }
        }
        drawComparedCurves(comparison, in: rect, on: &canvas)
    }

    private func drawRunTable(_ rows: [RunFacts], isWide: Bool, in rect: Rect, on canvas: inout Canvas) {
        let letters = Dictionary(zip(comparedRuns, ["A", "B", "C", "D"])) { first, _ in first }
        let names = min(14, rows.reduce(3) { max($0, $1.summary.shortName.displayWidth) })
        let start = rect.column + 5
        var column = start + names + 2
        var cells: [(title: String, place: Int, isRight: Bool, text: (RunFacts) -> String)] = []
        func left(_ title: String, _ width: Int, _ text: @escaping (RunFacts) -> String) {
            cells.append((title, column, false, text))
            column += width + 2
        }
        func right(_ title: String, _ width: Int, _ text: @escaping (RunFacts) -> String) {
            column += width
            cells.append((title, column, true, text))
            column += 2
        }
        left("bits", 9) { $0.bits }
        // Where there is little room, what view 1 says of the network goes first.
        let hasIntegers = rows.contains { $0.integerAccuracy != nil }
        if isWide || rect.columns >= 72 && !hasIntegers { left("clip", 7) { $0.clip } }
        if isWide { left("schedule", 12) { $0.schedule } }
        if rect.columns >= 72 { left("state", isWide ? 15 : 13) { $0.state } }
        right("loss", 6) { $0.evaluation?.loss.formatted ?? Figures.none }
        right(RunFacts.shareTitle(of: rows) + " %", 6) { Figures.accuracy(ifKnown: $0.evaluation?.accuracy) }
        if isWide, rows.contains(where: { $0.evaluation?.numbers[.map] != nil }) {
            right("mAP", 5) { Figures.accuracy(ifKnown: $0.evaluation?.numbers[.map]) }
        }
        // What the chip computes is what counts there.
        if hasIntegers, rect.columns >= 72 {
            right("integer %", 9) { Figures.accuracy(ifKnown: $0.integerAccuracy) }
        }
        if hasIntegers, isWide {
            right("vs float", 8) {
                $0.drop.map { Figures.signed($0 * 100) } ?? Figures.none
            }
        }
        right("KiB", 6) { $0.weightBytes.map(Figures.kibibytes) ?? Figures.none }
        if isWide { left("note", 20) { $0.note } }
        canvas.frame.put("run", rect.row, start, .dim)
        for cell in cells {
            cell.isRight
                ? canvas.frame.putRight(cell.title, rect.row, end: min(cell.place, rect.endColumn), .dim)
                : { _ = canvas.frame.put(cell.title, rect.row, cell.place, .dim, end: rect.endColumn) }()
        }
        let chosen = rows.firstIndex { $0.id == selectedRun?.id } ?? 0
        let room = rect.rows - 1
        let top = Scrolling.top(0, showing: chosen, of: rows.count, room: room)
        for (offset, index) in (top..<min(rows.count, top + room)).enumerated() {
            let run = rows[index]
            let row = rect.row + 1 + offset
            let isChosen = index == chosen
            if isChosen {
                let hasFocus = pane.scope == .runTable && popups.isEmpty
                canvas.frame[row, rect.column] = Cell(
                    hasFocus ? appearance.glyphs.selected : appearance.glyphs.selectedAway, .accent.bold)
                if hasFocus { canvas.frame.cursor = Position(row: row, column: start) }
            }
            if let letter = letters[run.id] {
                canvas.frame.put(letter, row, rect.column + 2, Style(ScreenState.inks[letter] ?? .text).bold)
            } else {
                canvas.frame[row, rect.column + 2] = Cell(appearance.glyphs.none, .dim)
            }
            canvas.frame.put(
                run.summary.shortName.shortened(to: names), row, start, isChosen ? .strong : .text,
                end: rect.endColumn)
            for cell in cells {
                let text = cell.text(run).printable
                if cell.isRight {
                    canvas.frame.putRight(text, row, end: min(cell.place, rect.endColumn))
                } else {
                    canvas.frame.put(
                        text.clipped(to: max(0, rect.endColumn - cell.place - 1)), row, cell.place, .text,
                        end: rect.endColumn)
                }
            }
            if isChosen, pane.scope == .runTable {
                canvas.frame.select(row, rect.column..<rect.endColumn)
            }
            canvas.target(Rect(row: row, column: rect.column, rows: 1, columns: rect.columns)) {
                $0.clickRun(run.id)
            }
        }
        drawScrollBar(
            in: Rect(row: rect.row + 1, column: rect.column, rows: room, columns: rect.columns), top: top,
            count: rows.count, on: &canvas)
    }

    static let inks: [String: Ink] = ["A": .seriesA, "B": .seriesB, "C": .seriesC, "D": .text]

    private func drawComparedCurves(_ comparison: RunComparison, in rect: Rect, on canvas: inout Canvas) {
        var rect = rect
        let axis: RunComparison.Axis = compare.bySteps ? .step : .epoch
        let curve = shownCurve(comparison)
        let head = rect.takeTop(1)
        let split =
            comparison.members.first?.facts.evaluations.isEmpty == false
            ? comparison.members[0].facts.split.storedName + " " : ""
        let factor: Double = curve == .accuracy ? 100 : 1
        let curves = comparison.members.map { member in
            comparison.samples(curve, of: member, by: axis).map { CurvePoint(x: $0.x, y: $0.y * factor) }
        }
        let isShort = curve != .trainLoss && curves.allSatisfy { $0.count <= 1 }
        let title = (curve == .trainLoss ? "" : split) + curve.rawValue + (curve == .accuracy ? ", %" : "")
        drawTitle(
            [(title.uppercased(), .dim)]
                + (isShort ? [("a dot is an epoch; \(key("metric")) shows each step", .text)] : []),
            right: compare.isLogarithmic ? "log y" : "linear y", in: head,
            false,
            on: &canvas)
        let last = curves.compactMap { $0.last?.x }.max() ?? 1
        var plot = LinePlot(x: .steps(0...max(1, last), perEpoch: nil, caption: axis.rawValue))
        plot.isLogarithmic = compare.isLogarithmic
        for (member, samples) in zip(comparison.members, curves) {
            plot.series.append(
                .init(
                    samples, ink: ScreenState.inks[member.letter] ?? .text,
                    style: samples.count > 1 ? .line : .dots,
                    label: member.letter))
        }
        plot.draw(in: rect, on: &canvas)
    }

    private func narrowDifferences(_ comparison: RunComparison) -> String {
        let rows = comparison.differences
        guard !rows.isEmpty else { return "no setting differs" }
        return "differ: "
            + rows.map { "\($0.title) \($0.values.joined(separator: "/"))" }.joined(separator: "  ")
    }

    /// The settings that differ and the SQNR by layer, in columns of a width.
    private func drawDifferences(
        _ comparison: RunComparison, _ width: Int, in rect: Rect, on canvas: inout Canvas
    ) {
        let end = rect.endColumn - 1
        func columns(_ values: [String], _ row: Int, _ styles: (Int) -> Style) {
            for (index, value) in values.enumerated() {
                let place = end - (values.count - 1 - index) * (width + 1)
                canvas.frame.putRight(
                    value.shortened(to: width), row, end: place, from: rect.column + 1, styles(index))
            }
        }
        let letters = comparison.members.map(\.letter)
        let ink = { (index: Int) in Style(ScreenState.inks[letters[index]] ?? .text).bold }
        var lines: [(title: String, values: [String], isHead: Bool)] = [("WHAT DIFFERS", letters, true)]
        let settings = compare.showsEqual ? comparison.settings : comparison.differences
        lines += settings.map { ($0.title, $0.values, false) }
        if !compare.showsEqual {
            lines.append(
                ("(\(counted(comparison.equalSettings, "setting")) equal, \(key("equal")) shows)", [], false))
        }
        lines.append(("", [], false))
        lines.append(("SQNR BY LAYER, dB", letters, true))
        lines += comparison.sqnrByLayer.map { row in
            (row.layer, row.sqnr.map { $0.map(Figures.decibels) ?? Figures.none }, false)
        }
        if !comparison.sqnrByLayer.isEmpty {
            lines.append(
                ("worst", comparison.worstSQNR.map { $0.map(Figures.decibels) ?? Figures.none }, false))
        }
        lines += comparison.sentences.dropFirst().map { ($0, [], false) }
        let top = min(compare.top, max(0, lines.count - rect.rows))
        for (offset, line) in lines.dropFirst(top).prefix(rect.rows).enumerated() {
            let row = rect.row + offset
            let room =
                line.values.isEmpty ? rect.columns - 2 : rect.columns - 3 - line.values.count * (width + 1)
            canvas.frame.put(
                line.title.printable.clipped(to: max(0, room)), row, rect.column + 1,
                line.isHead || line.values.isEmpty ? .dim : .text, end: end)
            columns(line.values, row) { line.isHead ? ink($0) : .text }
        }
        if pane.scope == .differences, popups.isEmpty {
            canvas.frame[rect.row, rect.column] = Cell(appearance.glyphs.selected, .accent.bold)
            canvas.frame.cursor = Position(row: rect.row, column: rect.column + 1)
        }
        drawScrollBar(in: rect, top: top, count: lines.count, on: &canvas)
    }
}

extension Double {
    /// A loss in the digits that a table has room for.
    fileprivate var formatted: String { isFinite ? Figures.fixed(self, decimals: 3) : Figures.none }
}
