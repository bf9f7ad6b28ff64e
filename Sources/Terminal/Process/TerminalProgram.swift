/// A program with workers: what a loop asks of it, on a screen or in lines. All of it runs on the loop's thread.
public protocol EventProgram: AnyObject {
    /// What workers send.
    associatedtype Message: Sendable
    /// Workers have sent something.
    func receive(_ messages: [Message])
    /// The deadline has come.
    func wake()
    /// The next time that `wake` is wanted, in seconds of the clock that never goes back; nil for never.
    var deadline: Double? { get }
    /// What the loop is to do next; nil for nothing. Each is requested once.
    func takeRequest() -> TerminalRequest?
    /// The loop ends because of a signal or a closed terminal: what is not saved is to be kept.
    func leave(because reason: LeaveReason)
}

/// A program on a screen.
public protocol TerminalProgram: EventProgram {
    /// The person did something, or the screen has another size.
    func handle(_ input: InputEvent)
    /// What the screen shows.
    func draw(_ size: Size) -> Frame
}

/// A program that answers lines with lines.
public protocol LineProgram: EventProgram {
    /// A line was typed.
    func enter(_ line: String)
    /// Ctrl-C was typed.
    func interrupt()
    /// What there is to say since it was asked last, a line each. `isAnswer` says whether it follows a typed line, which is
    /// always answered, or an event, of which only what matters is said.
    func takeLines(isAnswer: Bool) -> [String]
}

/// What a program asks of the loop.
public enum TerminalRequest: Sendable {
    /// Back to the shell until it says go on.
    case suspend
    /// Everything is drawn anew.
    case redraw
    /// The mouse is taken, or left to the terminal.
    case mouse(Bool)
    /// The colours of another theme.
    case theme(Theme)
    /// A text for the terminal's clipboard.
    case copy(String)
    /// The title of the terminal's window; that of before comes back at the end.
    case title(String)
    /// Something has ended that a person may be waiting for: a heading, and what came of it.
    case notify(title: String, text: String)
    /// The end.
    case leave(Int32)
}

/// Why the loop ends without being asked to by the program.
public enum LeaveReason: Hashable, Sendable {
    /// A signal.
    case signal(Int32)
    /// The terminal is gone.
    case hangUp
}

/// The clock that never goes back.
public enum MonotonicClock {
    /// Seconds since some moment.
    public static var now: Double {
        let time = ContinuousClock.now - start
        let (seconds, attoseconds) = time.components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }

    private static let start = ContinuousClock.now
}
