import CCurses
import Glibc

/// Runs a program in lines until it ends: a prompt, a typed line, the lines of its answer. Nothing is drawn: every line is written
/// once, below those before.
public final class LineLoop<Program: LineProgram> {
    private let program: Program
    private let inbox: Inbox<Program.Message>
    private let input: Int32
    private let output: Int32
    private let signals: Int32
    /// Whether the prompt is the last thing that was written.
    private var isPrompting = false
    private var pending: [UInt8] = []
    private var status: Int32?

    /// A loop that reads and writes descriptors. `Signals.block` must have been called.
    public init(
        _ program: Program, inbox: Inbox<Program.Message>, input: Int32 = 0,
        output: Int32 = 1
    ) {
        self.program = program
        self.inbox = inbox
        self.input = input
        self.output = output
        signals = Signals.descriptor()
    }

    /// Runs until the program leaves or the input ends, and gives the exit status.
    public func run() -> Int32 {
        defer { close(signals) }
        carryOut()
        say(isAnswer: true)
        while status == nil { wait() }
        return status ?? 0
    }

    private func wait() {
        let wait = LoopWait(input: input, signals: signals, messages: inbox.bell)
        guard let ready = wait.wait(until: program.deadline) else {
            return end(because: .hangUp, 128 + SIGHUP)
        }
        if ready.hasSignals { Signals.take(signals).forEach(take) }
        if ready.hasMessages, status == nil {
            let messages = inbox.take()
            if !messages.isEmpty {
                program.receive(messages)
                carryOut()
                say(isAnswer: false)
            }
        }
        if ready.input != 0, status == nil { readInput() }
        guard status == nil, let deadline = program.deadline, deadline <= MonotonicClock.now else { return }
        program.wake()
        carryOut()
        say(isAnswer: false)
    }

    private func readInput() {
        var buffer = [UInt8](repeating: 0, count: 1 << 12)
        let count = read(input, &buffer, buffer.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        guard count > 0 else {
            if !pending.isEmpty { enter(pending) }
            if status == nil { end(because: .hangUp, 0) }
            return
        }
        pending += buffer[..<count]
        while status == nil, let place = pending.firstIndex(of: 0x0A) {
            let line = Array(pending[..<place])
            pending.removeFirst(place + 1)
            enter(line)
        }
    }

    private func enter(_ bytes: [UInt8]) {
        isPrompting = false
        let line = String(decoding: bytes.last == 0x0D ? bytes.dropLast() : bytes[...], as: UTF8.self)
        program.enter(line)
        carryOut()
        say(isAnswer: true)
    }

    private func take(_ signal: Int32) {
        guard status == nil else { return }
        switch signal {
        case SIGINT:
            program.interrupt()
            carryOut()
            say(isAnswer: true)
        case SIGTSTP: kill(0, SIGSTOP)
        case SIGTERM, SIGHUP, SIGQUIT: end(because: .signal(signal), 128 + signal)
        default: break
        }
    }

    private func end(because reason: LeaveReason, _ status: Int32) {
        program.leave(because: reason)
        if isPrompting { write("\n") }
        self.status = status
    }

    private func carryOut() {
        while status == nil, let request = program.takeRequest() {
            switch request {
            case .suspend: kill(0, SIGSTOP)
            case .copy(let text): if isatty(output) == 1 { write(Clipboard.sequence(for: text)) }
            case .notify: if isatty(output) == 1 { write("\u{7}") }
            case .redraw, .mouse, .theme, .title: break
            case .leave(let status): self.status = status
            }
        }
    }

    /// Writes what the program has to say, and the prompt behind it.
    private func say(isAnswer: Bool) {
        let lines = program.takeLines(isAnswer: isAnswer)
        guard !lines.isEmpty || isAnswer && !isPrompting else { return }
        // What is said between belongs on a line of its own, and the prompt behind it.
        let start = isPrompting ? "\n" : ""
        let end = status == nil ? "> " : ""
        write(start + lines.map { $0 + "\n" }.joined() + end)
        isPrompting = status == nil
    }

    private func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // The reader is gone: the input will end too.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
