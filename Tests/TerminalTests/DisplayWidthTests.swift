import Terminal
import TestTraits
import Testing

@Suite("How wide a text is in a terminal", .limited)
struct DisplayWidthTests {
    @Test(
        "letters take one cell, wide characters two, marks none",
        arguments: [
            ("conv0", 5), ("", 0), ("卷积层", 6), ("é", 1), ("e\u{301}", 1), ("한글", 4), ("ｶﾅ", 2), ("カナ", 4),
            ("🙂", 2),
            ("👩‍👧", 2), ("✗", 1), ("·", 1), ("…", 1), ("→", 1), ("❤️", 2), ("a\u{200B}b", 2),
        ])
    func width(text: String, cells: Int) {
        #expect(text.displayWidth == cells)
    }

    @Test("a text that fits stays as it is", arguments: ["conv0", "卷积", ""])
    func fits(text: String) {
        #expect(text.shortened(to: 5) == text)
    }

    @Test(
        "a text that is too wide keeps its start and its end",
        arguments: [
            ("backbone.stage1.conv1", 11, "backb…conv1"), ("backbone.stage1.conv1", 10, "backb…onv1"),
            ("卷积层一二三四", 9, "卷积…三四"), ("卷积层一二三四", 8, "卷积…四"), ("conv", 1, "…"), ("conv", 0, ""),
        ])
    func shortened(text: String, cells: Int, expected: String) {
        let short = text.shortened(to: cells)
        #expect(short == expected)
        #expect(short.displayWidth <= cells)
    }

    @Test("blanks fill up to a width, counted in cells")
    func filled() {
        #expect("卷积".padded(to: 6) == "卷积  ")
        #expect("卷积".indented(to: 6) == "  卷积")
        #expect("conv0".padded(to: 3) == "conv0")
    }

    @Test("signs that steer a terminal are written out")
    func printable() {
        #expect("a\u{1B}[31mb\nc\u{7F}".printable == "a\\u{1b}[31mb c\\u{7f}")
        #expect("卷积 é 👩‍👧".printable == "卷积 é 👩‍👧")
    }
}
