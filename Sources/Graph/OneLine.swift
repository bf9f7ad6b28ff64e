extension String {
    /// The text fit to stand inside a message: control and format characters as \u{...}, cut off after `limit`.
    ///
    /// Messages repeat what a file says, and a file may say anything: line breaks, escape sequences of terminals,
    /// megabytes.
    public func oneLine(upTo limit: Int) -> String {
        var line = ""
        // No character needs more than a few scalars; a file can still pile up thousands on one.
        for scalar in unicodeScalars.prefix(limit) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                line += "\\u{\(String(scalar.value, radix: 16))}"
            default: line.unicodeScalars.append(scalar)
            }
        }
        return unicodeScalars.dropFirst(limit).isEmpty ? line : line + "..."
    }
}

/// A name in quotes, as messages repeat it.
func quoted(_ name: String) -> String { "'\(name.oneLine(upTo: 64))'" }
