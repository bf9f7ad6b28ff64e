/// How the terminal is told that a run has ended.
public enum EndSignal: String, CaseIterable, Hashable, Sendable {
    /// The bell, which most terminals turn into a sound or a mark on their tab.
    case bell
    /// OSC 9: a notification of the desktop, in iTerm2, Windows Terminal, WezTerm, kitty and foot.
    case osc9
    /// OSC 777: a notification of the desktop, in urxvt, foot, WezTerm and Ghostty.
    case osc777
    /// No signal.
    case none
}
