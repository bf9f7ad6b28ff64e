/// What of a text reaches a terminal.
extension String {
    /// The text on one line, with signs that would steer a terminal written out.
    package var printable: String {
        unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar.properties.generalCategory {
            case .control where scalar == "\n" || scalar == "\t" || scalar == "\r": text += " "
            case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator:
                // The joiner and the variation selectors belong to a visible character.
                if scalar == "\u{200D}" {
                    text.unicodeScalars.append(scalar)
                } else {
                    text += "\\u{\(String(scalar.value, radix: 16))}"
                }
            case .unassigned where scalar.properties.isNoncharacterCodePoint:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
