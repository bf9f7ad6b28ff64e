public import Sessions
public import Terminal

/// The workbench in lines: the same screen, driven by typed lines and said in lines, for a screen reader or a terminal without a
/// screen.
public final class PlainProgram: LineProgram {
    public typealias Message = ScreenProgram.Message

    private let program: ScreenProgram
    private var dialog = PlainDialog()

    /// A workbench on a session, or on nothing; `inbox` is the loop's. Throws `SessionError`.
    public init(
        _ path: String?, settings: SettingsFile = SettingsFile(), inbox: Inbox<Message>
    ) throws(SessionError) {
        program = try ScreenProgram(
            path, appearance: Appearance(glyphs: Glyphs(.ascii), isPlain: true), settings: settings,
            inbox: inbox)
        program.handle(.resize(Size(rows: 36, columns: 120)))
    }

    public func enter(_ line: String) { program.enter(line) }

    public func interrupt() { program.handle(.key(.control("c"))) }

    public func takeLines(isAnswer: Bool) -> [String] {
        dialog.lines(of: &program.screen, isAnswer: isAnswer)
    }

    public func receive(_ messages: [Message]) { program.receive(messages) }

    public func wake() { program.wake() }

    public var deadline: Double? { program.deadline }

    public func takeRequest() -> TerminalRequest? { program.takeRequest() }

    public func leave(because reason: LeaveReason) { program.leave(because: reason) }

    /// What is said at the end; nil for nothing.
    public var farewell: String? { program.farewell }

    /// Waits for a moment where a sweep is under way.
    public func waitForWorkers() { program.waitForWorkers() }
}
