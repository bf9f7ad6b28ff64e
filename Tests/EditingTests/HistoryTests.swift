import Editing
import Graph
import Sessions
import TestTraits
import Testing

@Suite(.limited)
struct HistoryTests {
    private static let focus = History.Focus(layer: "conv1", field: "stride")
    private var history: History
    private let first: Document

    init() throws {
        first = try Samples.document(named: "mnist-cnn")
        history = History(first)
    }

    private func document(stride: Int) throws -> Document {
        var document = first
        try document.apply(.set(layer: "conv1", field: "stride", to: .integer(stride)))
        return document
    }

    private func noted(_ note: Int) throws -> Document {
        var document = first
        try document.apply(.annotate(layer: "conv1", note: "\(note)"))
        return document
    }

    @Test("undo gives the very document back, and redo the other")
    mutating func undo() throws {
        let second = try document(stride: 5)
        let isStep = history.commit(second, title: "stride", focus: Self.focus, at: 0)
        #expect(isStep && history.current == second && history.isChanged)
        #expect(history.nextUndo?.title == "stride" && history.nextRedo == nil)
        let undone = history.undo()
        #expect(undone?.title == "stride" && undone?.focus == Self.focus)
        #expect(history.current == first && !history.isChanged)
        let before = history.undo()
        #expect(before == nil)
        let redone = history.redo()
        #expect(redone == undone && history.current == second)
        let after = history.redo()
        #expect(after == nil)
    }

    @Test("nothing changed is no step")
    mutating func nothing() {
        let isStep = history.commit(first, title: "nothing", focus: Self.focus, at: 0)
        #expect(!isStep && history.nextUndo == nil && history.steps.isEmpty)
    }

    @Test("repeats on a field within a second of each other are one step")
    mutating func repeats() throws {
        for (stride, time) in [(7, 0.0), (3, 0.9), (4, 1.8)] {
            _ = history.commit(try document(stride: stride), title: "\(stride)", focus: Self.focus, at: time)
        }
        #expect(history.steps.map(\.title) == ["4"])
        #expect(history.base(for: Self.focus, at: 2) == first)
        _ = history.commit(try document(stride: 5), title: "5", focus: Self.focus, at: 2.9)
        #expect(history.steps.map(\.title) == ["4", "5"])
        _ = history.undo()
        #expect(try history.current == document(stride: 4))
        _ = history.undo()
        #expect(history.current == first)
    }

    @Test("repeats that end where they began leave no step")
    mutating func thereAndBack() throws {
        _ = history.commit(try document(stride: 3), title: "3", focus: Self.focus, at: 0)
        #expect(history.isChanged)
        _ = history.commit(first, title: "2", focus: Self.focus, at: 0.5)
        #expect(history.steps.isEmpty && !history.isChanged && history.changesSinceSaved == 0)
    }

    @Test("changes without a field, on another one, after undo or after saving are steps of their own")
    mutating func apart() throws {
        let whole = History.Focus(layer: "conv1")
        _ = history.commit(try noted(1), title: "1", focus: whole, at: 0)
        _ = history.commit(try noted(2), title: "2", focus: whole, at: 0)
        _ = history.commit(
            try noted(3), title: "3", focus: History.Focus(layer: "conv1", field: "note"), at: 0)
        _ = history.commit(try document(stride: 7), title: "4", focus: Self.focus, at: 0)
        history.markSaved()
        _ = history.commit(try document(stride: 3), title: "5", focus: Self.focus, at: 0)
        _ = history.commit(try document(stride: 4), title: "6", focus: Self.focus, at: 0)
        _ = history.undo()
        _ = history.commit(try document(stride: 6), title: "7", focus: Self.focus, at: 0)
        #expect(history.steps.map(\.title) == ["1", "2", "3", "4", "7"])
    }

    @Test("a document counts as changed while it differs from the saved one, whichever way it came about")
    mutating func changes() throws {
        for note in 1...3 { _ = history.commit(try noted(note), title: "", focus: .init(), at: 0) }
        #expect(history.changesSinceSaved == 3)
        history.markSaved()
        #expect(!history.isChanged && history.changesSinceSaved == 0)
        _ = history.undo()
        _ = history.undo()
        #expect(history.isChanged && history.changesSinceSaved == 2)
        // The saved document is now on a way not taken.
        _ = history.commit(try noted(9), title: "", focus: .init(), at: 0)
        #expect(history.changesSinceSaved == 3 && history.nextRedo == nil)
        _ = history.commit(try noted(3), title: "", focus: .init(), at: 0)
        #expect(!history.isChanged && history.changesSinceSaved == 0)
    }

    @Test("only so many steps are kept, the newest")
    mutating func limit() throws {
        for note in 1...History.limit + 5 {
            _ = history.commit(try noted(note), title: "\(note)", focus: .init(), at: 0)
        }
        #expect(history.steps.count == History.limit && history.steps.first?.title == "6")
        #expect(history.changesSinceSaved == History.limit + 5)
        while history.undo() != nil {}
        #expect(try history.current == noted(5))
        #expect(history.isChanged && history.changesSinceSaved == 5)
    }
}
