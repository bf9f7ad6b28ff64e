public import Terminal

// What golden files say of the cells of a frame beside their text.
extension Frame {
    /// The colours of the pictures in a frame: two lines for each row, one of upper and one of lower pixels; for each pixel a
    /// letter of the nearest of black, red, green, yellow, blue, magenta, cyan and white, in capitals where it is bright; a
    /// blank where there is no picture.
    public var pixelMap: String {
        (0..<size.rows).flatMap { row in
            [\PixelPair.upper, \PixelPair.lower].map { half in
                let letters = (0..<size.columns).map { column -> Character in
                    self[row, column].pixels.map { Frame.letter(of: $0[keyPath: half]) } ?? " "
                }
                return String(letters).withoutTrailingBlanks
            }
        }.joined(separator: "\n")
    }

    private static func letter(of pixel: Pixel) -> Character {
        let parts = [pixel.red, pixel.green, pixel.blue].map(Int.init)
        guard let most = parts.max(), most >= 48 else { return "k" }
        let bits = parts.enumerated().reduce(0) { $0 + ($1.element * 3 >= most * 2 ? 1 << $1.offset : 0) }
        let letter: Character = ["k", "r", "g", "y", "b", "m", "c", "w"][bits]
        return most >= 160 ? Character(letter.uppercased()) : letter
    }

    /// For each cell a sign: "=" in the selected row, else a blank.
    public var selectionMap: String {
        (0..<size.rows).map { row in
            let signs = (0..<size.columns).map { self[row, $0].style.isSelected ? "=" : " " }
            return signs.joined().withoutTrailingBlanks
        }.joined(separator: "\n")
    }

    /// For each cell a letter for its ink, in capitals where it is bold or reversed; a blank for plain text.
    public var styleMap: String {
        (0..<size.rows).map { row in
            let letters = (0..<size.columns).map { column -> Character in
                let style = self[row, column].style
                let letter = Frame.letters[Int(style.ink.rawValue)]
                let isPlain = self[row, column].scalar == " " && !style.isReversed
                guard !isPlain else { return " " }
                if style.isReversed { return letter == " " ? "R" : Character(letter.uppercased()) }
                if style.isBold { return letter == " " ? "B" : Character(letter.uppercased()) }
                return letter
            }
            return String(letters).withoutTrailingBlanks
        }.joined(separator: "\n")
    }

    private static let letters: [Character] = [" ", "d", "g", "a", "e", "w", "p", "f", "q", "o"]
}
