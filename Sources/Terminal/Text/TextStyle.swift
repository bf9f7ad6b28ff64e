import Foundation

/// How text is set apart on a terminal. Colour never says anything that the text does not.
package struct TextStyle {
    /// Whether the output understands colour.
    package let isColoured: Bool

    /// Text with or without colour.
    package init(isColoured: Bool) { self.isColoured = isColoured }

    /// Text for files, pipes and tests.
    package static let plain = TextStyle(isColoured: false)

    /// What standard output asks for: colour only on a terminal, and not where NO_COLOR or TERM=dumb is set.
    package static let standardOutput: TextStyle = {
        let environment = ProcessInfo.processInfo.environment
        let isRefused = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
        return TextStyle(isColoured: isatty(STDOUT_FILENO) == 1 && !isRefused)
    }()

    /// A title or a name.
    package func bold(_ text: String) -> String { wrapped(text, .bold) }
    /// What is there to be looked up.
    package func dim(_ text: String) -> String { wrapped(text, .dim) }

    /// A text with the marks of a style around it, where the output understands them.
    package func wrapped(_ text: String, _ mark: StyleMark) -> String {
        guard isColoured else { return text }
        var marked = String.UnicodeScalarView([mark.rawValue])
        marked.append(contentsOf: text.unicodeScalars)
        marked.append(StyleMark.end.rawValue)
        return String(marked)
    }
}

/// Where a style begins or ends in a text, until `Output` writes what a terminal understands. The marks are control
/// characters, which nothing else in a text keeps.
package enum StyleMark: CaseIterable {
    case bold, dim, error, warning, end

    /// The code point in a text.
    package var rawValue: Unicode.Scalar {
        switch self {
        case .bold: "\u{1}"
        case .dim: "\u{2}"
        case .error: "\u{3}"
        case .warning: "\u{4}"
        case .end: "\u{5}"
        }
    }

    /// What selects the style (ECMA-48, SGR).
    package var code: String {
        switch self {
        case .bold: "1"
        case .dim: "2"
        case .error: "31;1"
        case .warning: "33;1"
        case .end: "0"
        }
    }

    /// The mark of a code point; nil for any other.
    package init?(rawValue: Unicode.Scalar) {
        guard let mark = StyleMark.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = mark
    }
}
