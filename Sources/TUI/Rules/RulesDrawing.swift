import QAT
import Devices
import Graph
import Terminal
import Workbench

// View 2: what is wrong, what passes and what other chips say; why, and what can be done about it.
extension Interface {
    func drawRules(in rect: Rect, on canvas: inout Canvas) {
        var left = rect
        guard rect.columns >= 100 else {
            let room = min(max(3, shownFindings.count + 2), rect.rows / 2)
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
        let needed = max(1, findings.count)
        let room =
            rules.showsOnlyWrong || isNarrow
            ? rect.rows : min(rect.rows, max(needed, rect.rows - passing.count - 2))
        let list = rect.takeTop(min(room, max(needed, 1)))
        drawFindingRows(findings, in: list, on: &canvas)
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
        let glyphs = look.glyphs
        var column = canvas.frame.put(" \(report.device)", rect.row, rect.column, .accent.bold) + 3
        column =
            canvas.frame.put(
                "\(glyphs.mustFix)\(report.count(.error)) must fix", rect.row, column,
                report.count(.error) > 0 ? .error : .dim, end: rect.endColumn) + 3
        column =
            canvas.frame.put(
                "\(glyphs.advice)\(report.warnings) to consider", rect.row, column,
                report.warnings > 0 ? .advice : .dim, end: rect.endColumn) + 3
        let waived = report.findings.count { $0.waived != nil }
        if waived > 0 {
            column = canvas.frame.put("\(waived) waived", rect.row, column, .dim, end: rect.endColumn) + 3
        }
        guard isNarrow, let reports = bench.reports else { return }
        let best = reports.filter { $0.device != report.device }.min { $0.count(.error) < $1.count(.error) }
        if let best {
            canvas.frame.put(
                "\(best.device) would be \(glyphs.mustFix)\(best.count(.error))", rect.row, column, .dim,
                end: rect.endColumn)
        }
    }

    private func drawFindingRows(_ findings: [Finding], in rect: Rect, on canvas: inout Canvas) {
        guard !findings.isEmpty else {
            canvas.frame.put(
                "  \(look.glyphs.pass) \(shownDevice) takes this network as it is", rect.row, rect.column,
                .pass,
                end: rect.endColumn)
            return
        }
        let names = min(14, findings.compactMap { $0.layer?.displayWidth }.max() ?? 4)
        let top = Scrolling.top(0, showing: rules.finding, of: findings.count, room: rect.rows)
        for (offset, index) in (top..<min(findings.count, top + rect.rows)).enumerated() {
            let (finding, row) = (findings[index], rect.row + offset)
            let isChosen = index == rules.finding
            let isWaived = finding.waived != nil
            if isChosen {
                canvas.frame[row, rect.column] = Cell(
                    pane.scope == .findings ? look.glyphs.selected : look.glyphs.selectedAway, .accent.bold)
                if pane.scope == .findings {
                    canvas.frame.cursor = Position(row: row, column: rect.column + 4)
                }
            }
            canvas.frame[row, rect.column + 2] =
                isWaived ? Cell(look.glyphs.none, .dim) : mark(of: finding.severity)
            let style: Style = isWaived ? .dim : isChosen ? .strong : .text
            canvas.frame.put(
                (finding.layer ?? "network").shortened(to: names), row, rect.column + 4, style,
                end: rect.endColumn)
            canvas.frame.put(
                ((isWaived ? "waived: " : "") + finding.actual).clipped(
                    to: rect.endColumn - rect.column - names - 8), row, rect.column + 6 + names, style,
                end: rect.endColumn)
            canvas.target(Rect(row: row, column: rect.column, rows: 1, columns: rect.columns)) {
                $0.clickFinding(index)
            }
        }
        drawScrollBar(in: rect, top: top, count: findings.count, on: &canvas)
    }

    private func drawPassing(_ passing: [String], in rect: Rect, on canvas: inout Canvas) {
        guard rect.rows > 1 else { return }
        canvas.frame.put(" PASSING", rect.row, rect.column, .dim)
        canvas.frame.put("\(passing.count)", rect.row, rect.column + 10, .dim)
        for (offset, rule) in passing.prefix(rect.rows - 1).enumerated() {
            let row = rect.row + 1 + offset
            let isLast = offset == rect.rows - 2 && passing.count > rect.rows - 1
            if isLast {
                canvas.frame.put("    and \(passing.count - offset) more", row, rect.column, .dim)
                continue
            }
            canvas.frame[row, rect.column + 2] = Cell(look.glyphs.pass, .pass)
            canvas.frame.put(
                rule.clipped(to: rect.columns - 6), row, rect.column + 4, .dim, end: rect.endColumn)
        }
    }

    private func drawChips(in rect: Rect, on canvas: inout Canvas) {
        guard let reports = bench.reports, rect.rows >= reports.count + 1 else { return }
        let glyphs = look.glyphs
        canvas.frame.put(" SAME NETWORK ON", rect.row + 1, rect.column, .dim)
        for (offset, report) in reports.enumerated() {
            let row = rect.row + 2 + offset
            let isCurrent = report.device == bench.device
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
            " t change target   i rule text   s only what is wrong", rect.endRow - 1, rect.column, .dim,
            end: rect.endColumn)
    }

    /// How another chip's errors differ from this one's: "2 of the same, 3 others".
    private func chipWords(_ report: Report) -> String {
        let own = Set(
            bench.report.findings.filter { $0.severity == .error }.map { "\($0.layer ?? "") \($0.rule)" })
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

// The right side of view 2.
extension Interface {
    private func drawWhy(in rect: Rect, divider: Int?, on canvas: inout Canvas) {
        guard let finding = selectedFinding else {
            let words = "Every rule of \(shownDevice) that applies is kept. t compares chips; 4 trains."
            for (offset, line) in Interface.wrapped(words, to: rect.columns - 3).enumerated() {
                canvas.frame.put(line, rect.row + offset, rect.column + 1, .dim, end: rect.endColumn)
            }
            return
        }
        var rect = rect
        let isNarrow = divider == nil
        let head = rect.takeTop(1)
        canvas.frame[head.row, head.column + 1] = mark(of: finding.severity)
        canvas.frame.put(
            "\(finding.layer ?? "network")   \(finding.rule)", head.row, head.column + 3, .strong,
            end: head.endColumn)
        let why = whyWords(finding, width: rect.columns - 2)
        let shown = why.prefix(isNarrow ? 2 : 6)
        for (index, line) in shown.enumerated() {
            let row = rect.takeTop(1).row
            guard index == shown.count - 1, why.count > shown.count else {
                canvas.frame.put(line, row, rect.column + 1, .text, end: rect.endColumn)
                continue
            }
            // What does not fit stands behind a key.
            let start = (line + " " + why[shown.count]).clipped(to: rect.columns - 15)
            let column = canvas.frame.put(start, row, rect.column + 1, .text, end: rect.endColumn)
            canvas.frame.put("i", row, column + 2, .accent, end: rect.endColumn)
            canvas.frame.put("all of it", row, column + 4, .dim, end: rect.endColumn)
        }
        if !isNarrow {
            let chain = bench.path(of: finding)
            if chain.count > 1, rect.rows > 16 {
                _ = rect.takeTop(1)
                drawChain(chain, in: rect.takeTop(3), on: &canvas)
            }
            canvas.join(rect.takeTop(1), divider)
        } else if rect.rows > 9 {
            _ = rect.takeTop(1)
        }
        let fixes = rect.takeTop(min(rules.remedies.count + 1, max(2, rect.rows / 2)))
        drawRemedies(in: fixes, on: &canvas)
        if rect.rows > 3 {
            isNarrow ? _ = rect.takeTop(1) : canvas.join(rect.takeTop(1), divider)
            drawPreview(in: rect, on: &canvas)
        }
    }

    private func whyWords(_ finding: Finding, width: Int) -> [String] {
        let subject = finding.layer.map { "\($0) \(finding.actual)." } ?? "The network \(finding.actual)."
        let waived = finding.waived.map { " Waived: \($0)" + ($0.hasSuffix(".") ? "" : ".") } ?? ""
        let source = "(\(finding.citation); \(finding.sources.map(\.rawValue).joined(separator: ", ")))"
        return Interface.wrapped("\(finding.message) \(subject)\(waived) \(source)", to: width)
    }

    private func drawChain(_ chain: [PathStep], in rect: Rect, on canvas: inout Canvas) {
        var column = rect.column + 1
        let arrow = look.glyphs.kind == .ascii ? " --> " : " ──▸ "
        for (index, step) in chain.enumerated() {
            let width = max(step.layer.displayWidth, step.shape.displayWidth, step.role.displayWidth)
            guard column + width <= rect.endColumn - (index + 1 < chain.count ? 6 : 0) else {
                canvas.frame.put("...", rect.row + 1, column, .dim, end: rect.endColumn)
                return
            }
            canvas.frame.put(step.shape, rect.row, column, .dim, end: rect.endColumn)
            canvas.frame.put(step.layer, rect.row + 1, column, .strong, end: rect.endColumn)
            canvas.frame.put(
                step.role, rect.row + 2, column, index + 1 == chain.count ? .error : .advice,
                end: rect.endColumn)
            column += width
            if index + 1 < chain.count {
                canvas.frame.put(arrow, rect.row + 1, column, .dim, end: rect.endColumn)
                column += 5
            }
        }
    }

    private func drawRemedies(in rect: Rect, on canvas: inout Canvas) {
        let end = rect.endColumn - 1
        let columns = (weights: end - 16, macs: end - 7, gain: end)
        canvas.frame.put(" FIXES", rect.row, rect.column, .dim)
        canvas.frame.putRight("weights", rect.row, end: columns.weights, .dim)
        canvas.frame.putRight("MAC", rect.row, end: columns.macs, .dim)
        canvas.frame.putRight("SQNR", rect.row, end: columns.gain, .dim)
        let top = Scrolling.top(0, showing: rules.remedy, of: rules.remedies.count, room: rect.rows - 1)
        for (offset, index) in (top..<min(rules.remedies.count, top + rect.rows - 1)).enumerated() {
            let (remedy, row) = (rules.remedies[index], rect.row + 1 + offset)
            let isChosen = index == rules.remedy
            if isChosen {
                canvas.frame[row, rect.column + 1] = Cell(
                    pane.scope == .fixes ? look.glyphs.selected : look.glyphs.selectedAway, .accent.bold)
                if pane.scope == .fixes { canvas.frame.cursor = Position(row: row, column: rect.column + 3) }
            }
            let hasPrice = remedy.price != nil
            canvas.frame.put(
                remedy.title.clipped(to: (hasPrice ? columns.weights - 8 : end) - rect.column - 4), row,
                rect.column + 3, isChosen ? .strong : .text, end: end)
            if let price = remedy.price {
                canvas.frame.putRight(Figures.signed(price.parameters), row, end: columns.weights)
                canvas.frame.putRight(Figures.signed(price.multiplyAccumulates), row, end: columns.macs)
                let gain = gainWords(index)
                canvas.frame.putRight(gain.text, row, end: columns.gain, gain.style)
            } else if !remedy.remark.isEmpty {
                canvas.frame.putRight(
                    remedy.remark, row, end: end, from: rect.column + 6 + remedy.title.displayWidth, .dim)
            }
            canvas.target(Rect(row: row, column: rect.column, rows: 1, columns: rect.columns)) {
                $0.clickRemedy(index)
            }
        }
    }

    /// What a remedy does to the SQNR of the network's results: "+0.1"; a dot where there is nothing to compare, a
    /// question mark while it is looked at.
    private func gainWords(_ remedy: Int) -> (text: String, style: Style) {
        guard let gain = rules.gains[remedy] else { return ("?", .dim) }
        guard let gain else { return (String(look.glyphs.none), .dim) }
        let tenths = (gain * 10).rounded() / 10
        if tenths == 0 { return ("0", .text) }
        return ((tenths > 0 ? "+" : "-") + Figures.decibels(abs(tenths)), tenths < -0.5 ? .advice : .text)
    }

    private func drawPreview(in rect: Rect, on canvas: inout Canvas) {
        guard rules.remedies.indices.contains(rules.remedy) else { return }
        let remedy = rules.remedies[rules.remedy]
        var lines: [(String, Style)] = []
        switch remedy.kind {
        case .edit(let change):
            guard let preview = bench.preview(change) else { return }
            for line in preview.lines {
                lines.append(((line.isAdded ? "+ " : "- ") + line.text, line.isAdded ? .pass : .error))
            }
            lines.append(("", .text))
            for line in Interface.wrapped(preview.summary(look.glyphs.arrow), to: rect.columns - 2) {
                lines.append((line, .text))
            }
        case .device(let device):
            lines.append(("builds for \(device) instead of \(bench.device); layers stay as they are", .text))
        case .waive:
            lines.append(("asks for a reason, which is saved with the session; training still runs", .text))
        }
        canvas.frame.put(
            " PREVIEW", rect.row, rect.column, .dim)
        // The footer says the same.
        let hasHint = rect.rows > 8
        let room = rect.rows - (hasHint ? 3 : 1)
        for (offset, line) in lines.prefix(max(1, room)).enumerated() {
            let isCut = offset == room - 1 && lines.count > room
            canvas.frame.put(
                isCut ? " and \(lines.count - offset) more" : " " + line.0.clipped(to: rect.columns - 2),
                rect.row + 1 + offset, rect.column, isCut ? .dim : line.1, end: rect.endColumn)
        }
        guard hasHint else { return }
        canvas.frame.put(
            " Enter apply    u takes it back    F apply every safe fix", rect.endRow - 1, rect.column, .dim,
            end: rect.endColumn)
    }
}
