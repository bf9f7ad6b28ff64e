/// Pictures in all colours. Curses has only palettes: it writes the cells of a picture without colours (`Theme.pictureCell`),
/// and escape sequences write the colours over them.
enum TrueColour {
    /// The sequences that paint the pictures in some rows; they leave the style plain and the cursor anywhere. Empty where
    /// these rows have no picture.
    static func paint(_ frame: Frame, rows: some Sequence<Int>) -> String {
        var text = ""
        for row in rows { paint(frame, row, into: &text) }
        return text.isEmpty ? "" : text + "\u{1B}[0m"
    }

    private static func paint(_ frame: Frame, _ row: Int, into text: inout String) {
        var previous: PixelPair?
        var next = -1
        for column in 0..<frame.size.columns {
            guard let pixels = frame[row, column].pixels else { continue }
            if column != next { text += "\u{1B}[\(row + 1);\(column + 1)H" }
            if pixels.upper != previous?.upper {
                text += "\u{1B}[38;2;\(pixels.upper.red);\(pixels.upper.green);\(pixels.upper.blue)m"
            }
            if pixels.lower != previous?.lower {
                text += "\u{1B}[48;2;\(pixels.lower.red);\(pixels.lower.green);\(pixels.lower.blue)m"
            }
            text += "▀"
            previous = pixels
            next = column + 1
        }
    }
}
