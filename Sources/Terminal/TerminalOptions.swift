import CCurses
import Glibc

/// How the terminal is used: what the person said, and what the terminal can do.
public struct TerminalOptions: Sendable {
    /// How many colours are used.
    public enum Colours: Hashable, Sendable {
        /// None: bold, underline and reverse alone.
        case none
        /// The 8 or 16 of the terminal's own palette.
        case few
        /// 256.
        case many
        /// 256 for text, and every colour for pictures.
        case all
    }

    /// The signs that pictures are made of.
    public var glyphs: Glyphs
    /// Whether colours may be used; which ones depends on the terminal.
    public var hasColour: Bool
    /// Whether the terminal says that it shows every colour.
    public var hasTrueColour: Bool
    /// The colours that it is drawn with, where there are any.
    public var theme = Theme.auto
    /// Whether the mouse is ours.
    public var hasMouse = true
    /// How the terminal is told that a run has ended.
    public var notifications = Notifications.ofEnvironment ?? .bell
    /// The file that stray output goes to while the screen is ours.
    public var log: String?

    /// What the environment says; the locale of the process must be set already (`Locale.set`).
    public init(glyphs kind: Glyphs.Kind? = nil, colour: Bool? = nil) {
        hasColour = colour ?? (Environment["NO_COLOR"] ?? "").isEmpty
        hasTrueColour = TerminalOptions.hasTrueColour(
            Environment["COLORTERM"], term: Environment["TERM"], inTmux: Environment["TMUX"] != nil)
        glyphs = Glyphs(TerminalOptions.finest(kind))
    }

    /// Whether the variables of the environment say so. GNU screen hands COLORTERM on, but not the colours.
    static func hasTrueColour(_ colourTerm: String?, term: String?, inTmux: Bool) -> Bool {
        guard colourTerm == "truecolor" || colourTerm == "24bit" else { return false }
        return inTmux || !(term ?? "").hasPrefix("screen")
    }

    /// The finest set that the locale and the terminal have, at most the wanted one.
    private static func finest(_ wanted: Glyphs.Kind?) -> Glyphs.Kind {
        cc_set_locale()
        let hasAll = Glyphs.fine.allSatisfy { cc_is_narrow(wchar_t(bitPattern: $0.value)) == 1 }
        guard cc_is_utf8() != 0, hasAll else { return .ascii }
        if let wanted { return wanted }
        return Environment["TERM"] == "linux" ? .block : .braille
    }

    /// Whether lines can be typed and read here: any terminal will do, also one without a screen.
    public static var hasLines: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

    /// Why there can be no screen here, in one line; nil where there can.
    public static var problem: String? {
        let term = Environment["TERM"] ?? ""
        if isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1 {
            return
                "the screen needs a terminal, and this is none; every command works without one (magikbench --help)"
        }
        if term.isEmpty || term == "dumb" {
            return
                "TERM is \(term.isEmpty ? "not set" : "'dumb'"), which has no screen; set it to your terminal's name, such as xterm-256color"
        }
        return nil
    }
}

/// The environment of the process.
enum Environment {
    static subscript(name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

/// Why the terminal cannot be used.
public enum TerminalError: Error, Hashable, Sendable {
    /// The terminal of that name is not known to this machine, and no usual one is.
    case unknown(String)
    /// There is none, or it has no screen.
    case none(String)
    /// The system refused something.
    case system(String, Int32)
}

extension TerminalError: CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .unknown(let name):
            "the terminal '\(name.printable)' is not known here, and neither is xterm: install the terminfo entries (ncurses-base)"
        case .none(let reason): reason
        case .system(let call, let number): "\(call): \(String(cString: strerror(number)))"
        }
    }
}
