import Devices
import Editing
import Graph
import QAT
import Terminal

// The right side of view 2.
extension ScreenState {
    func drawWhy(in rect: Rect, divider: Int?, on canvas: inout Canvas) {
        let findings = selectedFindings
        guard let finding = findings.first else {
            let words =
                "Every rule of \(shownDevice) that applies is kept. \(key("target")) compares chips; \(key("train")) trains."
            for (offset, line) in ScreenState.wrapped(words, to: rect.columns - 3).enumerated() {
                canvas.frame.put(line, rect.row + offset, rect.column + 1, .dim, end: rect.endColumn)
            }
            return
        }
        var rect = rect
        let isNarrow = divider == nil
        let head = rect.takeTop(1)
        canvas.frame[head.row, head.column + 1] = mark(of: finding.severity)
        canvas.frame.put(
            "\(subject(of: findings))   \(finding.rule)", head.row, head.column + 3, .strong,
            end: head.endColumn)
        let why = whyWords(findings, width: rect.columns - 2)
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
            canvas.frame.put(key("rule-text"), row, column + 2, .accent, end: rect.endColumn)
            canvas.frame.put(
                "all of it", row, column + 3 + key("rule-text").displayWidth, .dim, end: rect.endColumn)
        }
        if !isNarrow {
            let chain = findings.count > 1 ? [] : editor.path(of: finding)
            if chain.count > 1, rect.rows > 16 {
                _ = rect.takeTop(1)
                drawChain(chain, in: rect.takeTop(3), on: &canvas)
            }
            canvas.join(rect.takeTop(1), divider)
        } else if rect.rows > 9 {
            _ = rect.takeTop(1)
        }
        let fixes = rect.takeTop(min(max(1, rules.remedies.count) + 1, max(2, rect.rows / 2)))
        drawRemedies(in: fixes, on: &canvas)
        if rect.rows > 3 {
            isNarrow ? _ = rect.takeTop(1) : canvas.join(rect.takeTop(1), divider)
            drawPreview(in: rect, on: &canvas)
        }
    }

    func whyWords(_ findings: [Finding], width: Int) -> [String] {
        guard let finding = findings.first else { return [] }
        let subject =
            findings.count > 1
            ? "Found at \(Figures.listed(findings.map { $0.layer ?? "the network" }))."
            : "Found at \(finding.layer ?? "the network"): \(finding.actual)."
        let waived = finding.waived.map { " Accepted: \($0)" + ($0.hasSuffix(".") ? "" : ".") } ?? ""
        let source =
            "(\(finding.citation); source: \(finding.sources.map(\.words).joined(separator: ", ")))"
        return ScreenState.wrapped("\(message(of: findings)) \(subject)\(waived) \(source)", to: width)
    }

    private func drawChain(_ chain: [PathStep], in rect: Rect, on canvas: inout Canvas) {
        var column = rect.column + 1
        let arrow = appearance.glyphs.kind == .ascii ? " --> " : " ──▸ "
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
        let columns = (weights: end - 18, macs: end - 9, gain: end)
        canvas.frame.put(" FIXES", rect.row, rect.column, .dim)
        canvas.frame.putRight("weights", rect.row, end: columns.weights, .dim)
        canvas.frame.putRight("MAC", rect.row, end: columns.macs, .dim)
        canvas.frame.putRight("SQNR dB", rect.row, end: columns.gain, .dim)
        if rules.remedies.isEmpty {
            canvas.frame.put(
                "   none that keeps the other rules; only you know what is meant", rect.row + 1, rect.column,
                .dim,
                end: end)
        }
        let top = Scrolling.top(0, showing: rules.remedy, of: rules.remedies.count, room: rect.rows - 1)
        for (offset, index) in (top..<min(rules.remedies.count, top + rect.rows - 1)).enumerated() {
            let remedy = rules.remedies[index]
            let row = rect.row + 1 + offset
            let isChosen = index == rules.remedy
            if isChosen {
                canvas.frame[row, rect.column + 1] = Cell(
                    pane.scope == .fixes ? appearance.glyphs.selected : appearance.glyphs.selectedAway,
                    .accent.bold)
                if pane.scope == .fixes { canvas.frame.cursor = Position(row: row, column: rect.column + 3) }
            }
            let hasPrice = remedy.price != nil
            let room = (hasPrice ? columns.weights - 8 : end) - rect.column - 4
            canvas.frame.put(
                remedy.title.clipped(to: room), row, rect.column + 3, isChosen ? .strong : .text, end: end)
            if let price = remedy.price {
                canvas.frame.putRight(Figures.signed(price.parameters), row, end: columns.weights)
                canvas.frame.putRight(Figures.signed(price.multiplyAccumulates), row, end: columns.macs)
                let gain = gainWords(index)
                canvas.frame.putRight(gain.text, row, end: columns.gain, gain.style)
            } else if !remedy.remark.isEmpty {
                canvas.frame.putRight(
                    remedy.remark, row, end: end, from: rect.column + 6 + remedy.title.displayWidth, .dim)
            }
            if isChosen, pane.scope == .fixes {
                let words = [remedy.title, hasPrice ? "" : remedy.remark].filter { !$0.isEmpty }
                    .joined(separator: "   ")
                if words.displayWidth > room { canvas.whole = words }
            }
            if isChosen, pane.scope == .fixes { canvas.frame.select(row, rect.column + 1..<rect.endColumn) }
            canvas.target(Rect(row: row, column: rect.column, rows: 1, columns: rect.columns)) {
                $0.clickRemedy(index)
            }
        }
    }

    /// What a remedy does to the SQNR of the network's results: "+0.1"; a dot where there is nothing to compare, a
    /// question mark while it is looked at.
    func gainWords(_ remedy: Int) -> (text: String, style: Style) {
        guard let gain = rules.gains[remedy] else { return ("?", .dim) }
        guard let gain else { return (String(appearance.glyphs.none), .dim) }
        let tenths = (gain * 10).rounded() / 10
        if tenths == 0 { return ("0", .text) }
        return ((tenths > 0 ? "+" : "-") + Figures.decibels(abs(tenths)), tenths < -0.5 ? .advice : .text)
    }

    /// What the remedy that accepts a finding does.
    private var acceptingWords: String {
        selectedFinding?.waived == nil
            ? "asks for a reason, which is saved with the session; training still runs"
            : "the finding counts again, and its reason is removed"
    }

    /// What the chosen remedy does, line by line: what changes, then what it costs, in lines of at most `width` cells.
    func previewLines(width: Int) -> [(text: String, style: Style)] {
        guard rules.remedies.indices.contains(rules.remedy) else { return [] }
        switch rules.remedies[rules.remedy].kind {
        case .edit(let change):
            guard let preview = editor.preview(change) else { return [] }
            let summary = ScreenState.wrapped(preview.summary(appearance.glyphs.arrow), to: width)
            return preview.lines.map { (($0.isAdded ? "+ " : "- ") + $0.text, $0.isAdded ? .pass : .error) }
                + [("", .text)] + summary.map { ($0, .text) }
        case .device(let device):
            return [("builds for \(device) instead of \(editor.device); layers stay as they are", .text)]
        case .waive: return [(acceptingWords, .text)]
        }
    }

    /// Shows the preview of the chosen remedy whole: what it costs first.
    mutating func openPreview() {
        let lines = previewLines(width: 76).map(\.text)
        guard let end = lines.lastIndex(of: "") else {
            popups.append(Page("preview", lines))
            return
        }
        popups.append(
            Page(rules.remedies[rules.remedy].title, Array(lines[(end + 1)...] + [""] + lines[..<end])))
    }

    private func drawPreview(in rect: Rect, on canvas: inout Canvas) {
        let lines = previewLines(width: rect.columns - 2)
        guard !lines.isEmpty else { return }
        canvas.frame.put(
            " PREVIEW", rect.row, rect.column, .dim)
        // The footer says the same.
        let hasHint = rect.rows > 8
        let room = rect.rows - (hasHint ? 3 : 1)
        for (offset, line) in lines.prefix(max(1, room)).enumerated() {
            let isCut = offset == room - 1 && lines.count > room
            let row = rect.row + 1 + offset
            let end = canvas.frame.put(
                isCut
                    ? " and \(lines.count - offset) more" : " " + line.text.clipped(to: rect.columns - 2),
                row, rect.column, isCut ? .dim : line.style, end: rect.endColumn)
            guard isCut else { continue }
            canvas.frame.put(key("preview"), row, end + 2, .accent, end: rect.endColumn)
            canvas.frame.put("all", row, end + 3 + key("preview").displayWidth, .dim, end: rect.endColumn)
        }
        guard hasHint else { return }
        canvas.frame.put(
            " \(key("open-row")) applies this    \(key("undo")) undoes it    \(key("fix-all")) applies every safe fix",
            rect.endRow - 1, rect.column,
            .dim,
            end: rect.endColumn)
    }
}
