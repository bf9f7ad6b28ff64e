import Devices
import Graph
import QAT
import Terminal

/// A line of text that a person edits: the text and where the cursor is, in characters.
struct TextField: Hashable, Sendable {
    private(set) var text: [Character]
    private(set) var cursor: Int
    /// Whether the text was proposed and not yet touched: what is typed takes its place.
    private(set) var isProposed: Bool

    /// The most characters that a line may have.
    static let limit = 4096

    init(_ text: String = "", isProposed: Bool = false) {
        self.text = Array(text)
        self.isProposed = isProposed && !text.isEmpty
        cursor = self.text.count
    }

    /// The text.
    var string: String { String(text) }

    /// Acts on a key; false where it means nothing here.
    mutating func handle(_ key: Key) -> Bool {
        switch key {
        case .character(let character): insert(String(character))
        case .backspace, .control("h"): if cursor > 0 { text.remove(at: cursor - 1); cursor -= 1 }
        case .delete: if cursor < text.count { text.remove(at: cursor) }
        case .left, .control("b"): cursor = max(0, cursor - 1)
        case .right, .control("f"): cursor = min(text.count, cursor + 1)
        case .home, .control("a"): cursor = 0
        case .end, .control("e"): cursor = text.count
        case .control("u"):
            text.removeSubrange(..<cursor)
            cursor = 0
        case .control("k"): text.removeSubrange(cursor...)
        case .control("w"):
            var start = cursor
            while start > 0, text[start - 1] == " " { start -= 1 }
            while start > 0, text[start - 1] != " " { start -= 1 }
            text.removeSubrange(start..<cursor)
            cursor = start
        case .control, .function, .up, .down, .pageUp, .pageDown, .enter, .tab, .backTab, .insert, .escape:
            return false
        }
        isProposed = false
        return true
    }

    /// Puts a text where the cursor is, or in place of one that was proposed; line breaks become blanks.
    mutating func insert(_ added: String) {
        if isProposed {
            text = []
            cursor = 0
            isProposed = false
        }
        let signs = added.map { $0.isNewline || $0 == "\t" ? " " : $0 }
            .filter { !($0.unicodeScalars.first?.properties.generalCategory == .control) }
        let room = max(0, TextField.limit - text.count)
        text.insert(contentsOf: signs.prefix(room), at: cursor)
        cursor += min(room, signs.count)
    }

    /// Draws the part around the cursor and puts the hardware cursor there.
    func draw(on canvas: inout Canvas, row: Int, column: Int, end: Int, _ style: Style = .text) {
        let room = max(1, end - column)
        var start = 0
        while text[start..<cursor].reduce(0, { $0 + $1.displayWidth }) >= room { start += 1 }
        canvas.frame.put(
            String(text[start...]), row, column, isProposed ? style.reversed : style, end: end)
        let offset = text[start..<cursor].reduce(0) { $0 + $1.displayWidth }
        canvas.frame.cursor = Position(row: row, column: column + offset)
        canvas.frame.showsCursor = true
    }
}
