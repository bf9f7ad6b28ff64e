import Devices
import Editing
import Graph
import QAT
import Terminal

// View 2: what is wrong, what passes and what other chips say; why, and what can be done about it.
extension ScreenState {
    func drawRules(in rect: Rect, on canvas: inout Canvas) {
        var left = rect
        guard rect.columns >= 100 else {
            let room = min(max(3, findingRows(of: shownFindings).count + 2), rect.rows / 2)
            let top = left.takeTop(room)
            let rule = left.takeTop(1)
            canvas.rule(rule.row, rule.column..<rule.endColumn)
            drawFindings(in: top, isNarrow: true, on: &canvas)
            return drawWhy(in: left, divider: nil, on: &canvas)
        }
        let right = left.takeRight(rect.columns * 54 / 100)
        let divider = left.takeRight(1)
        canvas.divider(divider.column, divider.row..<divider.endRow)
        drawFindings(in: left, isNarrow: false, on: &canvas)
        drawWhy(in: right, divider: divider.column, on: &canvas)
    }

    private func drawFindings(in rect: Rect, isNarrow: Bool, on canvas: inout Canvas) {
        var rect = rect
        let findings = shownFindings
        drawVerdict(in: rect.takeTop(1), isNarrow: isNarrow, on: &canvas)
        if rect.rows > 4 { _ = rect.takeTop(1) }
        let chips =
            isNarrow
            ? Rect(row: rect.endRow, column: rect.column, rows: 0, columns: 0)
            : rect.takeBottom(Device.allCases.count + 4)
        let passing = passingRules(of: nil)
        let rows = findingRows(of: findings)
        let needed = max(1, rows.count)
        let room =
            rules.showsOnlyWrong || isNarrow
            ? rect.rows : min(rect.rows, max(needed, rect.rows - passing.count - 2))
        let list = rect.takeTop(min(room, max(needed, 1)))
        drawFindingRows(rows, of: findings, in: list, on: &canvas)
        if !isNarrow {
            if !rules.showsOnlyWrong, rect.rows > 2 {
                _ = rect.takeTop(1)
                drawPassing(passing, in: rect, on: &canvas)
            }
            drawChips(in: chips, on: &canvas)
        }
    }

    private func drawVerdict(in rect: Rect, isNarrow: Bool, on canvas: inout Canvas) {
        let report = shownReport
        let glyphs = appearance.glyphs
        var column = canvas.frame.put(" \(report.device)", rect.row, rect.column, .accent.bold) + 3
        column =
            canvas.frame.put(
                report.count(.error) > 0
                    ? "\(glyphs.mustFix)\(report.count(.error)) must fix" : "nothing must be fixed",
                rect.row, column, report.count(.error) > 0 ? .error : .dim, end: rect.endColumn) + 3
        column =
            canvas.frame.put(
                report.warnings > 0
                    ? "\(glyphs.advice)\(report.warnings) to consider" : "nothing to consider",
                rect.row, column, report.warnings > 0 ? .advice : .dim, end: rect.endColumn) + 3
        let waived = report.findings.count { $0.waived != nil }
        if waived > 0 {
            column = canvas.frame.put("\(waived) accepted", rect.row, column, .dim, end: rect.endColumn) + 3
        }
        guard isNarrow, let reports = editor.reports else { return }
        let best = reports.filter { $0.device != report.device }.min { $0.count(.error) < $1.count(.error) }
        if let best {
            canvas.frame.put(
                "\(best.device): \(best.count(.error) == 0 ? "no errors" : counted(best.count(.error), "error"))",
                rect.row, column, .dim,
                end: rect.endColumn)
        }
    }

    private func drawFindingRows(
        _ rows: [FindingRow], of findings: [Finding], in rect: Rect, on canvas: inout Canvas
    ) {
        guard !rows.isEmpty else {
            canvas.frame.put(
                "  \(appearance.glyphs.pass) \(shownDevice) takes this network as it is", rect.row,
                rect.column,
                .pass,
                end: rect.endColumn)
            return
        }
        let names = min(
            14, rows.map { subject(of: $0.positions.map { findings[$0] }).displayWidth }.max() ?? 4)
        // The signs of a tree have a column only where a rule has several findings.
        let indent = rows.count < findings.count || rows.contains { $0.positions.count > 1 } ? 2 : 0
        let top = Scrolling.top(0, showing: rules.row, of: rows.count, room: rect.rows)
        for (offset, index) in (top..<min(rows.count, top + rect.rows)).enumerated() {
            let line = Rect(row: rect.row + offset, column: rect.column, rows: 1, columns: rect.columns)
            let found = rows[index].positions.map { findings[$0] }
            drawFindingRow(rows[index], found, index == rules.row, in: line, (indent, names), on: &canvas)
            if index == rules.row, pane.scope == .findings {
                canvas.frame.select(line.row, line.column..<line.endColumn)
            }
            canvas.target(line) { $0.clickFinding(index) }
        }
        drawScrollBar(in: rect, top: top, count: rows.count, on: &canvas)
    }

    private func drawFindingRow(
        _ kind: FindingRow, _ findings: [Finding], _ isChosen: Bool, in line: Rect,
        _ columns: (indent: Int, names: Int), on canvas: inout Canvas
    ) {
        guard let first = findings.first else { return }
        let glyphs = appearance.glyphs
        let row = line.row
        if isChosen {
            canvas.frame[row, line.column] = Cell(
                pane.scope == .findings ? glyphs.selected : glyphs.selectedAway, .accent.bold)
            if pane.scope == .findings { canvas.frame.cursor = Position(row: row, column: line.column + 4) }
        }
        let isWaived = first.waived != nil
        canvas.frame[row, line.column + 2] = isWaived ? Cell(glyphs.none, .dim) : mark(of: first.severity)
        let sign: Cell? =
            switch kind {
            case .group(_, let isOpen): Cell(isOpen ? glyphs.unfolded : glyphs.folded, .accent)
            case .single(_, .inner?): Cell(glyphs.sign(of: [.up, .down, .right]), .dim)
            case .single(_, .last?): Cell(glyphs.sign(of: [.up, .right]), .dim)
            case .single(_, nil): nil
            }
        if let sign { canvas.frame[row, line.column + 4] = sign }
        let style: Style = isWaived ? .dim : isChosen ? .strong : .text
        let start = line.column + 4 + columns.indent
        canvas.frame.put(
            subject(of: findings).shortened(to: columns.names), row, start, style, end: line.endColumn)
        let place = start + columns.names + 2
        let text = (isWaived ? "accepted: " : "") + words(for: findings)
        let name = subject(of: findings)
        let isCut = text.displayWidth > line.endColumn - place - 2 || name.displayWidth > columns.names
        if isChosen, isCut, pane.scope == .findings { canvas.whole = "\(name)   \(text)" }
        canvas.frame.put(
            text.clipped(to: line.endColumn - place - 2), row, place, style, end: line.endColumn)
    }

    private func drawPassing(_ passing: [String], in rect: Rect, on canvas: inout Canvas) {
        guard rect.rows > 1 else { return }
        canvas.frame.put(" PASSING", rect.row, rect.column, .dim)
        canvas.frame.put("\(passing.count)", rect.row, rect.column + 10, .dim)
        for (offset, rule) in passing.prefix(rect.rows - 1).enumerated() {
            let row = rect.row + 1 + offset
            let isLast = offset == rect.rows - 2 && passing.count > rect.rows - 1
            if isLast {
                let end = canvas.frame.put("    and \(passing.count - offset) more", row, rect.column, .dim)
                canvas.frame.put(key("passing"), row, end + 2, .accent)
                canvas.frame.put("all", row, end + 3 + key("passing").displayWidth, .dim)
                continue
            }
            canvas.frame[row, rect.column + 2] = Cell(appearance.glyphs.pass, .pass)
            canvas.frame.put(
                rule.clipped(to: rect.columns - 6), row, rect.column + 4, .dim, end: rect.endColumn)
        }
    }

    private func drawChips(in rect: Rect, on canvas: inout Canvas) {
        guard let reports = editor.reports, rect.rows >= reports.count + 1 else { return }
        let glyphs = appearance.glyphs
        canvas.frame.put(" SAME NETWORK ON", rect.row + 1, rect.column, .dim)
        for (offset, report) in reports.enumerated() {
            let row = rect.row + 2 + offset
            let isCurrent = report.device == editor.device
            if isCurrent { canvas.frame[row, rect.column + 1] = Cell(glyphs.stepUp, .accent) }
            let style: Style = isCurrent ? .strong : .text
            canvas.frame.put(report.device.rawValue, row, rect.column + 3, style)
            let errors = report.count(.error)
            canvas.frame.put(
                errors > 0 ? "\(glyphs.mustFix)\(errors)" : "\(glyphs.pass)", row, rect.column + 10,
                errors > 0 ? .error : .pass)
            if report.warnings > 0 {
                canvas.frame.put("\(glyphs.advice)\(report.warnings)", row, rect.column + 15, .advice)
            }
            canvas.frame.put(
                isCurrent ? "current target" : chipWords(report), row, rect.column + 21, .dim,
                end: rect.endColumn - 1)
            canvas.target(Rect(row: row, column: rect.column, rows: 1, columns: rect.columns)) {
                $0.setDevice(report.device)
            }
        }
        canvas.frame.put(
            " \(key("target")) change target   \(key("rule-text")) rule text   \(key("only-wrong")) only what is wrong",
            rect.endRow - 1, rect.column, .dim,
            end: rect.endColumn)
    }

    /// How another chip's errors differ from this one's: "2 of the same, 3 others".
    private func chipWords(_ report: Report) -> String {
        let own = Set(
            editor.report.findings.filter { $0.severity == .error }.map { "\($0.layer ?? "") \($0.rule)" })
        let others = report.findings.filter { $0.severity == .error && $0.waived == nil }
        guard !others.isEmpty else { return "no errors" }
        let same = others.count { own.contains("\($0.layer ?? "") \($0.rule)") }
        let kinds = Dictionary(grouping: others, by: \.rule).max {
            ($0.value.count, $1.key) < ($1.value.count, $0.key)
        }
        let most = kinds.map { "mostly \($0.key)" } ?? ""
        return same == others.count ? "the same" : same == 0 ? most : "\(same) the same; \(most)"
    }
}
