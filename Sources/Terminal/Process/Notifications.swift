/// How a terminal is told that something has ended which a person may be waiting for.
public enum Notifications: String, CaseIterable, Hashable, Sendable {
    /// The terminal's bell.
    case bell
    /// OSC 9: iTerm2, kitty, foot, WezTerm, Windows Terminal.
    case osc9
    /// OSC 777: urxvt, VTE, foot.
    case osc777
    /// Not at all.
    case none

    /// The variable of the environment that names one.
    public static let variable = "MAGIKBENCH_NOTIFY"

    /// What the environment names; nil where it names nothing that is known.
    public static var ofEnvironment: Notifications? { Environment[variable].flatMap(Notifications.init) }

    /// The bytes that say a text; nil for none. Inside tmux those that it does not know are wrapped, so that it hands them on.
    func sequence(title: String, text: String, inTmux: Bool) -> String? {
        // A semicolon separates the parts of a sequence.
        let title = title.printable.replacing(";", with: ",")
        let text = text.printable.replacing(";", with: ",")
        switch self {
        case .bell: return "\u{07}"
        case .osc9: return Notifications.wrapped("\u{1B}]9;\(title): \(text)\u{07}", inTmux: inTmux)
        case .osc777: return Notifications.wrapped("\u{1B}]777;notify;\(title);\(text)\u{07}", inTmux: inTmux)
        case .none: return nil
        }
    }

    private static func wrapped(_ sequence: String, inTmux: Bool) -> String {
        inTmux
            ? "\u{1B}Ptmux;" + sequence.replacing("\u{1B}", with: "\u{1B}\u{1B}") + "\u{1B}\\" : sequence
    }
}
