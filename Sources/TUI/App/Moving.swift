import Devices
import Graph
import Terminal

/// A way through rows: of a list, a table, a popup or a page.
enum Movement: Hashable, Sendable {
    /// So many rows down; up where it is negative.
    case rows(Int)
    /// So many pages down; up where it is negative.
    case pages(Int)
    /// To the first row.
    case first
    /// To the last row.
    case last
}

// Moving through rows, panes and views.
extension ScreenState {
    /// Moves in the popup that has the keys, or else in the focused pane.
    mutating func move(_ movement: Movement) {
        if let popup = popups.last { return popup.move(movement, on: &self) }
        view.move(&self, movement)
    }

    /// Rows that a page has.
    var pageRows: Int { max(1, size.rows - 8) }

    /// Where a movement leads among `count` rows.
    func moved(_ index: Int, by movement: Movement, of count: Int) -> Int {
        let target =
            switch movement {
            case .rows(let step): index + step
            case .pages(let step): index + step * pageRows
            case .first: 0
            case .last: count - 1
            }
        return min(max(0, target), max(0, count - 1))
    }

    mutating func show(_ view: View) {
        self.view = view
        view.show(&self)
    }

    /// Does what Tab does: to the next pane, or the one before where `count` is negative.
    mutating func changePane(_ count: Int) {
        if let popup = popups.last { return popup.tab(count, on: &self) }
        let shown = view.shownPanes(view, self).count
        panes[view] = ((panes[view] ?? 0) + count + shown) % shown
    }

    mutating func goBack() {
        if let popup = popups.last {
            if !popup.goBack(on: &self) { popups.removeLast() }
        } else if !view.goBack(&self) {
            // Marks that a filter would bring out of sight go with it.
            list.filter = ""
            list.marked = []
        }
    }
}
