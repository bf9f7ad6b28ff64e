import CCurses
import Glibc

/// Gives the terminal back when the process dies of a fault: the handler writes prepared bytes, restores the modes, and
/// hands on to the earlier handler of the signal (Swift's own backtrace).
enum Rescue {
    /// Everything that brings a terminal back, whatever of it was on.
    static let bytes =
        "\u{1B}[?2026l\u{1B}[?1006l\u{1B}[?1003l\u{1B}[?1002l\u{1B}[?1000l\u{1B}[?2004l\u{1B}[23;2t\u{1B}[0m\u{1B}[?1049l\u{1B}[?1l\u{1B}>\u{1B}[?25h\r\n"

    private static let faults = [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT]

    /// What the handler reads: made before it can run, and never moved.
    private struct State {
        var terminal: Int32 = -1
        var modes = termios()
        var hasModes = false
        var isArmed = false
        var old: UnsafeMutablePointer<sigaction>
        var bytes: UnsafeMutablePointer<CChar>
        var count: Int
    }

    nonisolated(unsafe) private static let state: UnsafeMutablePointer<State> = {
        let text = Array(bytes.utf8CString)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: text.count)
        copy.initialize(from: text, count: text.count)
        let old = UnsafeMutablePointer<sigaction>.allocate(capacity: 65)
        old.initialize(repeating: sigaction(), count: 65)
        let state = UnsafeMutablePointer<State>.allocate(capacity: 1)
        state.initialize(to: State(old: old, bytes: copy, count: text.count - 1))
        return state
    }()

    /// Installs the handler and keeps the modes of the terminal, which must still be as the shell left them.
    nonisolated static func install() {
        let state = Rescue.state
        state.pointee.hasModes = tcgetattr(STDIN_FILENO, &state.pointee.modes) == 0
        var action = sigaction()
        action.sa_flags = Int32(SA_ONSTACK) | Int32(SA_NODEFER) | Int32(SA_SIGINFO)
        action.__sigaction_handler.sa_sigaction = { number, info, _ in
            let state = Rescue.state
            if state.pointee.isArmed {
                state.pointee.isArmed = false
                _ = Glibc.write(state.pointee.terminal, state.pointee.bytes, state.pointee.count)
                if state.pointee.hasModes { tcsetattr(state.pointee.terminal, TCSANOW, &state.pointee.modes) }
                // What is said from here on belongs on the terminal.
                dup2(state.pointee.terminal, STDERR_FILENO)
            }
            sigaction(number, state.pointee.old + Int(number), nil)
            // A fault repeats by itself; a signal that was sent does not.
            if let info, info.pointee.si_code <= 0 {
                raise(number)
                signal(number, SIG_DFL)
                raise(number)
            }
        }
        for fault in faults { sigaction(fault, &action, state.pointee.old + Int(fault)) }
    }

    /// The terminal is ours from now on.
    static func arm(_ terminal: Int32) {
        state.pointee.terminal = terminal
        state.pointee.isArmed = true
    }

    /// The terminal is given back in the usual way.
    static func disarm() { state.pointee.isArmed = false }
}
