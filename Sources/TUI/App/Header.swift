import Devices
import Editing
import Graph
import QAT
import Terminal

// The two rows at the top: what is open and what it costs; the views.
extension ScreenState {
    func drawHeader(in rect: Rect, on canvas: inout Canvas) {
        let isWide = rect.columns >= 100
        let gap = isWide ? 3 : 2
        let end = rect.endColumn - 1
        let status = jobStatus
        let statusStart = status.isEmpty ? end : max(30, end - status.displayWidth)
        var column = canvas.frame.put(" magikbench", rect.row, 0, .dim)
        column = canvas.frame.put(
            title.shortened(to: isWide ? 24 : 18), rect.row, column + 2, .strong, end: statusStart - 1)
        column = canvas.frame.put(shownDevice.rawValue, rect.row, column + gap, .accent, end: statusStart - 1)
        for word in costs(isWide: isWide) where column + gap + word.displayWidth < statusStart {
            column = canvas.frame.put(word, rect.row, column + gap, .text, end: statusStart - 1)
        }
        canvas.frame.put(status, rect.row, statusStart, statusStyle, end: end)
        drawTabs(rect.row + 1, on: &canvas)
    }

    private func costs(isWide: Bool) -> [String] {
        let total = editor.analysis.cost.total
        let bits = editor.analysis.bitsInUse
        let size = Figures.kibibytes(total.weightBytes) + " KiB"
        guard isWide else { return [bits, size].filter { !$0.isEmpty } }
        return [
            bits, Figures.short(total.parameters) + " weights", size,
            Figures.short(total.multiplyAccumulates) + " MAC",
        ].filter { !$0.isEmpty }
    }

    private func drawTabs(_ row: Int, on canvas: inout Canvas) {
        var column = 1
        let notice = notices.first { tabs(beside: $0).fits } ?? notices.last ?? ""
        let (labels, gap, _) = tabs(beside: notice)
        for (index, tab) in View.all.enumerated() {
            let isCurrent = tab == view
            let label = labels[index]
            let start = column
            canvas.frame.put(isCurrent ? "[" : " ", row, column, .accent)
            let style: Style = isCurrent ? .accent.bold : .text
            column = canvas.frame.put(label, row, column + 1, style)
            canvas.frame.put(isCurrent ? "]" : " ", row, column, .accent)
            canvas.target(Rect(row: row, column: start, rows: 1, columns: column + 1 - start)) {
                $0.show(tab)
            }
            column += index + 1 < View.all.count ? 1 + gap : 1
        }
        canvas.frame.putRight(notice, row, end: size.columns - 1, from: column + 1, .advice)
    }

    /// What stands beside the tabs, the longest first.
    private var notices: [String] {
        if let reason = editor.readOnly { return ["read-only: \(reason)", "read-only"] }
        guard let previewed = previewedDevice, previewed != editor.device else { return [""] }
        return ["previewing \(previewed)"]
    }

    /// The tabs with the gap between them. Two signs mark the chosen one. Where there is less room, gaps go; then the
    /// others are numbers alone, which a long notice does not bring about.
    private func tabs(beside notice: String) -> (labels: [String], gap: Int, fits: Bool) {
        let labels = View.all.map { "\($0.number) \($0.title)" + $0.note(self) }
        let room = size.columns - (notice.isEmpty ? 0 : notice.displayWidth + 2)
        func width(_ labels: [String]) -> Int { labels.reduce(1) { $0 + $1.displayWidth + 2 } }
        for gap in [1, 0] where width(labels) + gap * (labels.count - 1) <= room {
            return (labels, gap, true)
        }
        let tight = zip(View.all, labels).map { $0 == view ? $1 : "\($0.number)" + $0.note(self) }
        return (tight, 0, notice == notices.last)
    }

    /// The chip that the screen checks for: the session's, or the one under the cursor while a chip is picked.
    var shownDevice: Device { previewedDevice ?? editor.device }

    /// What that chip says.
    var shownReport: Report {
        guard let device = previewedDevice, let reports = editor.reports else { return editor.report }
        return reports.first { $0.device == device } ?? editor.report
    }
}

extension Report {
    /// Warnings and advice, without waived findings.
    var warnings: Int { count(.warning) + count(.advice) }
}

// The two rows at the bottom: a message on the rule, and the keys of the focused pane.
extension ScreenState {
    func drawMessage(_ row: Int, on canvas: inout Canvas) {
        guard let message else { return drawWhole(row, on: &canvas) }
        let style: Style =
            switch message.kind {
            case .done, .undoable: .text
            case .failed: .error.bold
            }
        let mark = message.kind == .failed ? "\(appearance.glyphs.mustFix) " : ""
        let undo = message.kind == .undoable ? " \(key("undo")) undo " : ""
        let isCut =
            mark.displayWidth + message.text.printable.displayWidth + 2 > size.columns - 6 - undo.count
        let tail = isCut ? " \(key("messages")) whole " : undo
        let room = size.columns - 6 - tail.count
        let end = canvas.frame.put(
            " \(mark)\(message.text.printable) ".clipped(to: room), row, 2, style, end: size.columns - 1)
        if !tail.isEmpty, isCut || end + tail.count + 4 < size.columns {
            canvas.frame.put(tail, row, size.columns - 2 - tail.count, .accent)
            canvas.target(
                Rect(row: row, column: size.columns - 2 - tail.count, rows: 1, columns: tail.count)
            ) { if isCut { $0.openMessages() } else { $0.undo() } }
        }
    }

    /// What was cut off in the chosen row, where nothing else is said there.
    private func drawWhole(_ row: Int, on canvas: inout Canvas) {
        guard popups.isEmpty, let whole = canvas.whole else { return }
        canvas.frame.put(
            " \(whole.printable.clipped(to: size.columns - 6)) ", row, 2, .text, end: size.columns - 1)
    }

    func drawKeyBar(_ row: Int, on canvas: inout Canvas) {
        let isWide = size.columns >= 100
        let gap = isWide ? 2 : 1
        func width(_ hint: Hint) -> Int { hint.keys.displayWidth + 1 + hint.label.displayWidth + gap }
        let (own, common) = hints
        let end = size.columns - common.reduce(0) { $0 + width($1) }
        var column = 1
        for hint in own where column + width(hint) <= end { draw(hint, row, &column, gap, on: &canvas) }
        for hint in common { draw(hint, row, &column, gap, on: &canvas) }
    }

    private func draw(_ hint: Hint, _ row: Int, _ column: inout Int, _ gap: Int, on canvas: inout Canvas) {
        let start = column
        column = canvas.frame.put(hint.keys, row, column, .accent)
        column = canvas.frame.put(" " + hint.label, row, column, hint.isEnabled ? .text : .dim)
        if let handler = hint.handler {
            canvas.target(Rect(row: row, column: start, rows: 1, columns: column - start), handler)
        }
        column += gap
    }
}
