import Devices
import Foundation

/// How text is set apart on a terminal. Colour never says anything that the text does not.
struct OutputStyle {
    /// Whether the output understands colour.
    let isColoured: Bool

    /// Text for files, pipes and tests.
    static let plain = OutputStyle(isColoured: false)

    /// What standard output asks for: colour only on a terminal, and not where NO_COLOR or TERM=dumb is set.
    static let standardOutput: OutputStyle = {
        let environment = ProcessInfo.processInfo.environment
        let isRefused = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
        return OutputStyle(isColoured: isatty(STDOUT_FILENO) == 1 && !isRefused)
    }()

    /// A title or a name.
    func bold(_ text: String) -> String { wrapped(text, .bold) }
    /// What is there to be looked up.
    func dim(_ text: String) -> String { wrapped(text, .dim) }

    /// The sign of a severity: ✗, ! or ·.
    func mark(_ severity: Severity) -> String {
        switch severity {
        case .error: wrapped("✗", .error)
        case .warning: wrapped("!", .warning)
        case .advice: wrapped("·", .dim)
        }
    }

    private func wrapped(_ text: String, _ mark: StyleMark) -> String {
        guard isColoured else { return text }
        var marked = String.UnicodeScalarView([mark.rawValue])
        marked.append(contentsOf: text.unicodeScalars)
        marked.append(StyleMark.end.rawValue)
        return String(marked)
    }
}

/// Where a style begins or ends in a text, until `Output` writes what a terminal understands. The marks are control
/// characters, which nothing else in a text keeps.
enum StyleMark: CaseIterable {
    case bold, dim, error, warning, end

    /// The code point in a text.
    var rawValue: Unicode.Scalar {
        switch self {
        case .bold: "\u{1}"
        case .dim: "\u{2}"
        case .error: "\u{3}"
        case .warning: "\u{4}"
        case .end: "\u{5}"
        }
    }

    /// What selects the style (ECMA-48, SGR).
    var code: String {
        switch self {
        case .bold: "1"
        case .dim: "2"
        case .error: "31;1"
        case .warning: "33;1"
        case .end: "0"
        }
    }

    /// The mark of a code point; nil for any other.
    init?(rawValue: Unicode.Scalar) {
        guard let mark = StyleMark.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = mark
    }
}
