import TUI
import Terminal
import Testing

@Test("a canvas begins blank")
func blankCanvas() {
    #expect(Canvas(Size(rows: 1, columns: 3), Glyphs(.ascii)).frame.description.isEmpty)
}
