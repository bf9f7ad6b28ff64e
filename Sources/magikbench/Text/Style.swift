import Devices
import Foundation

/// How text is set apart on a terminal. Colour never says anything that the text does not.
struct Style {
    /// Whether the output understands colour.
    let isColoured: Bool

    /// Text for files, pipes and tests.
    static let plain = Style(isColoured: false)

    /// What standard output asks for: colour only on a terminal, and not where NO_COLOR or TERM=dumb is set.
    static var standardOutput: Style {
        let environment = ProcessInfo.processInfo.environment
        let isRefused = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
        return Style(isColoured: isatty(STDOUT_FILENO) == 1 && !isRefused)
    }

    /// A title or a name.
    func bold(_ text: String) -> String { wrapped(text, "1") }
    /// What is there to be looked up.
    func dim(_ text: String) -> String { wrapped(text, "2") }

    /// The sign of a severity: ✗, ! or ·.
    func mark(_ severity: Severity) -> String {
        switch severity {
        case .error: wrapped("✗", "31;1")
        case .warning: wrapped("!", "33;1")
        case .advice: wrapped("·", "2")
        }
    }

    private func wrapped(_ text: String, _ code: String) -> String {
        isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
