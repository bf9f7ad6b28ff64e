/// A text with everything in it that a terminal would obey: controls, escape sequences, marks of direction, line ends.
public enum HostileText {
    /// What would stand at the begin of a line of its own where a text were printed as it is.
    public static let forged = "FORGED"
    /// The text. It can be the name of a file.
    public static let text =
        "q\u{1B}[31m\u{7}\u{8}\r\n\(forged)\u{9B}2J\u{85}\u{7F}\u{202A}\u{202E}\u{2066}\u{2069}\u{200E}\u{200F}\u{61C}\u{2028}\u{10FFFF}\u{1}"

    /// What of an output a terminal would obey, as the scalar's number; nil where there is nothing.
    public static func fault(in output: String) -> String? {
        if output.split(separator: "\n").contains(where: { $0.hasPrefix(forged) }) {
            return "a name begins a line"
        }
        let hidden = output.unicodeScalars.first { scalar in
            scalar != "\n" && isObeyed(scalar)
        }
        return hidden.map { "U+" + String($0.value, radix: 16, uppercase: true) }
    }

    /// Whether a terminal obeys the scalar, or shows what stands behind it elsewhere.
    public static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        case .format: scalar != "\u{200D}"
        case .unassigned: scalar.properties.isNoncharacterCodePoint
        default: false
        }
    }
}
