import Devices
import Editing
import Graph
import QAT
import Terminal
import Weights

// Changing the document, and taking changes back.
extension ScreenState {
    mutating func undo() {
        guard let step = editor.undo() else { return }
        changed()
        say("undone: \(step.title)   \(key("redo")) redoes it")
        focus(on: step.focus)
    }

    mutating func redo() {
        guard let step = editor.redo() else { return }
        changed()
        say("redone: \(step.title)", undoable: true)
        focus(on: step.focus)
    }

    /// Leads to where a change was made.
    mutating func focus(on focus: History.Focus) {
        guard let layer = focus.layer, editor.network.place(of: layer) != nil else { return }
        select(layer)
        if let field = focus.field { inspector.field = field }
    }

    /// The document has changed: a recovery copy is due after a while.
    mutating func changed() {
        unsavedSince = editor.history.isChanged ? now : nil
        list.marked = list.marked.filter { editor.network.index(of: $0) != nil }
    }

    /// Makes a change, and says what it did or why it cannot be.
    @discardableResult
    mutating func edit(
        _ edit: Edit, title: String? = nil, adding others: (ScreenState) -> [String] = { _ in [] }
    ) -> Bool {
        guard whyNotEditable == nil else {
            refuse(whyNotEditable ?? "")
            return false
        }
        let before = editor.report.count(.error) + editor.report.warnings
        do {
            guard try editor.edit(edit, title: title, at: now) else { return false }
        } catch {
            refuse("\(error)")
            return false
        }
        changed()
        let added = editor.report.count(.error) + editor.report.warnings - before
        let findings = added > 0 ? ["\(counted(added, "more finding")) on \(editor.device)"] : []
        sayStep(adding: findings + others(self))
        return true
    }

    /// Says what the last step did, what it does to weights beyond carrying them along, and what else it adds.
    mutating func sayStep(adding others: [String] = []) {
        let notes = editor.newCarryNotes
        let lost = notes.count > 2 ? ["\(notes.count) layers lose weights"] : notes.map(\.description)
        say(([editor.history.nextUndo?.title ?? ""] + lost + others).joined(separator: "; "), undoable: true)
    }

    /// After every change: what is selected is there.
    mutating func updateSelection() {
        let rows = rows
        if let selection = selection(in: rows) {
            list.selected = selection.row.name
            list.lastIndex = selection.index
        } else {
            list.selected = nil
        }
        updateRules()
    }
}
