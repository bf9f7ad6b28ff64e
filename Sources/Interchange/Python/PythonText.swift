import Graph

/// Values as Python source has them.
enum PythonText {
    static func flag(_ isSet: Bool) -> String { isSet ? "True" : "False" }

    /// A number that reads back as itself, with a point.
    static func number(_ number: Double) -> String { "\(number)" }

    /// A text in double quotes.
    static func string(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\" + String(scalar)
            case "\n": quoted += "\\n"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
            case "\u{2028}", "\u{2029}": quoted += "\\u" + String(scalar.value, radix: 16)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// A text that can stand between three quotes.
    static func comment(_ text: String) -> String {
        String(text.map { $0 == "\"" || $0 == "\\" || $0.isNewline ? " " : $0 })
    }
}
