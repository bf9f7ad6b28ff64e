import Terminal
import TestTraits
import Testing

@Suite(.limited)
struct FrameTests {
    @Test("writing outside of a frame changes nothing")
    func outside() {
        var frame = Frame(Size(rows: 2, columns: 4))
        let blank = frame
        frame.put("abc", -1, 0)
        frame.put("abc", 2, 0)
        frame.put("abc", 0, 4)
        #expect(frame == blank)
        frame.put("abc", 1, -1)
        #expect(frame.description == "\nbc")
    }

    @Test("the last cell of a text that is cut is an ellipsis, and blanks are no text")
    func cut() {
        func put(_ text: String, _ column: Int, end: Int) -> String {
            var frame = Frame(Size(rows: 1, columns: 8))
            frame.put(text, 0, column, end: end)
            return frame.description
        }
        #expect(put("abcdef", 1, end: 5).hasPrefix(" abc…"))
        #expect(put("abcd   ", 1, end: 5).hasPrefix(" abcd"))
        #expect(put("äbcdef", 6, end: 9).hasPrefix("      ä…"))
        // A wide character that has no room for its second half, and one that the sign takes the half of.
        #expect(put("a好好", 0, end: 4).hasPrefix("a好…"))
        #expect(put("好好x", 0, end: 4).hasPrefix("好 …"))
        #expect(put("abc", 3, end: 3).allSatisfy { $0.isWhitespace })
    }

    @Test("a wide character takes two cells, and none where only one is left")
    func wide() {
        var frame = Frame(Size(rows: 1, columns: 5))
        #expect(frame.put("网络图", 0, 0) == 5)
        #expect(frame.description == "网络…")
        #expect(frame[0, 1].scalar == Cell.tail)
    }

    @Test("writing over half of a wide character removes the other half", arguments: [0, 1])
    func halves(column: Int) {
        var frame = Frame(Size(rows: 1, columns: 2))
        frame.put("网", 0, 0)
        frame.put("x", 0, column)
        #expect(frame.description == (column == 0 ? "x" : " x"))
    }

    @Test("signs that would steer the terminal are written out")
    func control() {
        var frame = Frame(Size(rows: 1, columns: 20))
        frame.put("a\u{1B}[2Jb", 0, 0)
        #expect(frame.description == "a\\u{1b}[2Jb")
    }

    @Test("every sign of every set is one cell wide")
    func signs() {
        for scalar in Glyphs.fine { #expect(Character(scalar).displayWidth == 1, "\(scalar)") }
    }
}
