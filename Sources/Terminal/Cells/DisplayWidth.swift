extension StringProtocol {
    /// The cells of a terminal that the text takes: two for a wide character, none for a mark on another.
    package var displayWidth: Int {
        // Printable ASCII takes a cell a byte.
        if utf8.allSatisfy({ 0x20...0x7E ~= $0 }) { return utf8.count }
        return reduce(0) { $0 + $1.displayWidth }
    }
}

/// Texts made to fit.
extension String {
    /// The text, without its middle where it is wider than `width` cells; start and end still tell it apart.
    package func shortened(to width: Int) -> String {
        guard displayWidth > width else { return self }
        guard width > 1 else { return width == 1 ? "…" : "" }
        let tail = suffixFitting((width - 1) / 2)
        return prefixFitting(width - 1 - tail.displayWidth) + "…" + tail
    }

    /// The text, without its end where it is wider than `width` cells: for sentences, whose start says most.
    package func clipped(to width: Int) -> String {
        guard displayWidth > width else { return self }
        return width < 1 ? "" : prefixFitting(width - 1) + "…"
    }

    /// The text with blanks after it, so that it takes at least `width` cells.
    package func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - displayWidth))
    }

    /// The text with blanks before it, so that it takes at least `width` cells.
    package func indented(to width: Int) -> String {
        String(repeating: " ", count: max(0, width - displayWidth)) + self
    }

    /// The text without the blanks at its end.
    package var withoutTrailingBlanks: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }

    private func prefixFitting(_ width: Int) -> String {
        var text = ""
        var used = 0
        for character in self {
            used += character.displayWidth
            guard used <= width else { break }
            text.append(character)
        }
        return text
    }

    private func suffixFitting(_ width: Int) -> String {
        var characters: [Character] = []
        var used = 0
        for character in reversed() {
            used += character.displayWidth
            guard used <= width else { break }
            characters.append(character)
        }
        return String(characters.reversed())
    }
}

extension Character {
    /// The cells that the character takes in a terminal.
    package var displayWidth: Int {
        guard let first = unicodeScalars.first else { return 0 }
        if first.isASCII { return 0x20...0x7E ~= first.value ? 1 : 0 }
        // Variation selector 16 asks for the coloured form, which is wide.
        if first.isWide || first.properties.isEmojiPresentation || unicodeScalars.contains("\u{FE0F}") {
            return 2
        }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .control, .format: return 0
        default: return 1
        }
    }
}

extension Unicode.Scalar {
    /// Whether the character belongs to the blocks that East Asian text sets in two cells (UAX 11, W and F).
    fileprivate var isWide: Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0xA000...0xA4CF,
            0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F,
            0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x16FE0...0x18CFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}
