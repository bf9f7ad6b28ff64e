import Editing
import Graph
import Runs
import Terminal

/// What was said of a screen in lines, to say next only what is new.
struct PlainDialog: Sendable {
    /// Lines of a view that are said when it opens; the others are said by `lines`.
    static let viewLimit = 40
    /// Seconds between two lines about what goes on, at least.
    static let pace = 10.0

    /// What the keys go to, and which rows it has; where it changes all is said.
    private struct Place: Hashable {
        let view: View
        let pane: Scope
        let popups: [String]
        let session: String
        /// What narrows and orders the rows.
        let rows: [String]

        init(_ screen: ScreenState) {
            view = screen.view
            pane = screen.pane.scope
            popups = screen.popups.map { $0.heading(on: screen) }
            session = screen.editor.name
            rows = [
                screen.view.filter.text(screen), screen.list.order.title,
                screen.data.filter.map(screen.words) ?? "", screen.data.order.title,
            ]
        }

        /// Whether the same rows of the same pane are below what is on top.
        func isSameView(as other: Place) -> Bool {
            view == other.view && pane == other.pane && session == other.session && rows == other.rows
        }
    }

    private var place: Place?
    private var row: [String] = []
    private var saidCount = 0
    private var saidProgress = -Double.infinity
    private var evaluated = ""

    /// What there is to say of a screen since the last time. An answer to a typed line is never empty. A page that was said is
    /// closed, as there is nothing to scroll; one that offers something stays.
    mutating func lines(of screen: inout ScreenState, isAnswer: Bool) -> [String] {
        var lines = messages(of: screen)
        let now = Place(screen)
        let selected = screen.selectedLines
        if place != now {
            lines += opening(of: screen)
        } else if isAnswer {
            let changed = selected.filter { !row.contains($0) }
            lines += changed.isEmpty && lines.isEmpty ? selected : changed
        } else if screen.popups.isEmpty, !screen.view.isMoving {
            lines += selected.filter { !row.contains($0) }
        }
        lines += progress(of: screen)
        if let page = screen.popups.last as? Page, page.model == nil {
            screen.popups.removeLast()
            // Another session may have been opened under it.
            if place?.isSameView(as: Place(screen)) == false { lines += opening(of: screen) }
        }
        place = Place(screen)
        row = screen.selectedLines
        return lines.map(\.printable)
    }

    private mutating func messages(of screen: ScreenState) -> [String] {
        let count = min(max(0, screen.saidCount - saidCount), screen.said.count)
        saidCount = screen.saidCount
        return screen.said.suffix(count).map { message in
            switch message.kind {
            case .done, .undoable: message.text
            case .failed: "cannot: \(message.text)"
            }
        }
    }

    /// What is on top, whole; a view that was below a popup is not said again, only what is selected in it.
    private func opening(of screen: ScreenState) -> [String] {
        let now = Place(screen)
        if let popup = screen.popups.last {
            return [popup.heading(on: screen)] + popup.lines(on: screen)
        }
        if let place, !place.popups.isEmpty, place.isSameView(as: now) { return screen.selectedLines }
        let lines = screen.view.lines(screen)
        let hidden = lines.count - PlainDialog.viewLimit
        let session = place?.session == now.session ? [] : [screen.sessionLine]
        return session + ["view \(screen.view.number), \(screen.view.title): \(screen.pane.name)"]
            + lines.prefix(PlainDialog.viewLimit)
            + (hidden > 0 ? ["\(counted(hidden, "more line")); lines says all"] : []) + screen.selectedLines
    }

    /// How far what goes on is: at each evaluation of a run, and from time to time.
    private mutating func progress(of screen: ScreenState) -> [String] {
        guard let words = screen.popups.last?.progress(on: screen) ?? screen.runProgress else { return [] }
        let measured = screen.training.liveRun?.evaluation.map { "\($0.step) \($0.split)" } ?? ""
        guard measured != evaluated || screen.now - saidProgress >= PlainDialog.pace else { return [] }
        evaluated = measured
        saidProgress = screen.now
        return [words]
    }
}

extension ScreenState {
    /// What is selected in the popup on top, or in the focused pane.
    var selectedLines: [String] { popups.last.map { $0.row(on: self) } ?? view.row(self) }

    /// What is open, and what it costs.
    var sessionLine: String { "session \(editor.name), chip \(editor.device), \(editor.document.summary)" }

    /// Shows all that the pane has as lines.
    mutating func openLines() {
        popups.append(Page("\(view.title), \(pane.name)", view.lines(self)))
    }
}
