extension String {
    /// The text fit to stand inside a message: hidden characters as \u{...}, cut off after `limit`.
    ///
    /// Messages repeat what a file says, and a file may say anything: line breaks, escape sequences of terminals,
    /// megabytes.
    public func oneLine(upTo limit: Int) -> String {
        var line = ""
        // No character needs more than a few scalars; a file can still pile up thousands on one.
        for scalar in unicodeScalars.prefix(limit) {
            if scalar.isHidden {
                line += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                line.unicodeScalars.append(scalar)
            }
        }
        return unicodeScalars.dropFirst(limit).isEmpty ? line : line + "..."
    }
}

extension Unicode.Scalar {
    /// Whether a terminal or an editor obeys the character instead of showing it: controls, marks of direction and the like,
    /// and numbers that are no characters. The joiner is shown: it belongs to a visible character.
    var isHidden: Bool {
        guard !isASCII else { return value < 0x20 || value == 0x7F }
        let category = properties.generalCategory
        if category == .format { return self != "\u{200D}" }
        return category == .control || category == .lineSeparator || category == .paragraphSeparator
            || properties.isNoncharacterCodePoint
    }
}

/// A name in quotes, as messages repeat it.
func quoted(_ name: String) -> String { "'\(name.oneLine(upTo: 64))'" }

extension StringProtocol {
    /// The text without blanks at its ends.
    package var trimmed: String {
        let front = drop { $0.isWhitespace }
        return String(front.reversed().drop { $0.isWhitespace }.reversed())
    }
}
