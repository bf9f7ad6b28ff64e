import CCurses
import Glibc
import Platform

/// Runs a program on the terminal until it ends: one thread, one `poll`, and nothing at all while nothing happens.
public final class TerminalLoop<Program: TerminalProgram> {
    private let program: Program
    private let inbox: Inbox<Program.Message>
    private let screen: CursesScreen
    private let signals: Int32
    private var lastFrame: Frame?
    private var isDirty = true
    /// Whether a person waits for the next frame: it is not held back.
    private var isUrgent = true
    private var nextFrame = 0.0
    /// Seconds between frames that only data asks for.
    private let pace: Double
    private var status: Int32?

    /// Takes the terminal. `Signals.block` must have been called.
    public init(
        _ program: Program, inbox: Inbox<Program.Message>, options: TerminalOptions
    ) throws(TerminalError) {
        self.program = program
        self.inbox = inbox
        pace = Environment["SSH_CONNECTION"] == nil ? 0.1 : 0.25
        Rescue.install()
        screen = try CursesScreen(options)
        Rescue.arm(screen.terminal)
        signals = Signals.descriptor()
    }

    /// Runs until the program leaves, and gives the exit status.
    public func run() -> Int32 {
        defer {
            Rescue.disarm()
            screen.leave()
            close(signals)
        }
        program.handle(.resize(screen.size))
        carryOut()
        while status == nil {
            presentIfDue()
            wait()
        }
        return status ?? 0
    }

    private func presentIfDue() {
        guard isDirty else { return }
        let now = MonotonicClock.now
        guard isUrgent || now >= nextFrame else { return }
        let frame = program.draw(screen.size)
        screen.present(frame)
        if lastFrame == nil { ProgramCode.giveBack() }
        lastFrame = frame
        isDirty = false
        isUrgent = false
        nextFrame = now + pace
    }

    private func wait() {
        let due = [isDirty ? nextFrame : nil, program.deadline].compactMap { $0 }.min()
        let wait = LoopWait(input: STDIN_FILENO, signals: signals, messages: inbox.bell)
        guard let ready = wait.wait(until: due) else { return hangUp() }
        if ready.hasSignals { Signals.take(signals).forEach(take) }
        if ready.hasMessages {
            let messages = inbox.take()
            if !messages.isEmpty {
                program.receive(messages)
                isDirty = true
            }
        }
        if ready.input != 0, status == nil { readInput(ready.input) }
        if let deadline = program.deadline, deadline <= MonotonicClock.now {
            program.wake()
            isDirty = true
        }
        carryOut()
    }

    private func readInput(_ events: Int16) {
        var hasRead = false
        while let input = screen.read() {
            hasRead = true
            program.handle(input)
            isDirty = true
            isUrgent = true
            carryOut()
            if status != nil { return }
        }
        // Readable without anything to read, or hung up: the terminal is gone.
        let isGone = events & Int16(POLLHUP | POLLERR | POLLNVAL) != 0
        if isGone || !hasRead && isAtEnd { hangUp() }
    }

    /// Whether a read would give nothing for ever.
    private var isAtEnd: Bool {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, 0) > 0, descriptor.revents & Int16(POLLIN) != 0 else { return false }
        var waiting: Int32 = 0
        return ioctl(STDIN_FILENO, UInt(FIONREAD), &waiting) != 0 || waiting == 0
    }

    private func hangUp() {
        program.leave(because: .hangUp)
        status = 128 + SIGHUP
    }

    private func take(_ signal: Int32) {
        guard status == nil else { return }
        switch signal {
        case SIGWINCH:
            screen.resize()
            program.handle(.resize(screen.size))
            isDirty = true
            isUrgent = true
        case SIGTSTP: suspend()
        case SIGCONT:
            screen.resume()
            program.handle(.resize(screen.size))
            isDirty = true
            isUrgent = true
        case SIGUSR1: dump()
        case SIGINT, SIGTERM, SIGHUP, SIGQUIT:
            program.leave(because: .signal(signal))
            status = 128 + signal
        default: break
        }
    }

    private func carryOut() {
        while status == nil, let request = program.takeRequest() {
            switch request {
            case .suspend: suspend()
            case .redraw:
                screen.redraw()
                isDirty = true
                isUrgent = true
            case .mouse(let isOn): screen.setMouse(isOn)
            case .theme(let theme):
                screen.setTheme(theme)
                isDirty = true
                isUrgent = true
            case .title(let text): screen.setTitle(text)
            case .notify(let title, let text): screen.notify(title: title, text: text)
            case .copy(let text): screen.write(Clipboard.sequence(for: text))
            case .leave(let status): self.status = status
            }
        }
    }

    private func suspend() {
        screen.pause()
        // The whole group, so that the guardian stops too.
        kill(0, SIGSTOP)
        // SIGCONT has arrived by now. Where the end is asked for as well, the terminal may be the shell's: it is left alone.
        for signal in Signals.take(signals) where Signals.endings.contains(signal) { return take(signal) }
        screen.resume()
        program.handle(.resize(screen.size))
        isDirty = true
        isUrgent = true
    }

    /// Writes what the screen shows into screen.txt, in a new folder for it, for who helps from afar.
    private func dump() {
        do {
            let folder = try TemporaryFolder()
            try Folder(folder.path).replace(
                "screen.txt", with: Array(((lastFrame?.description ?? "") + "\n").utf8))
        } catch {
            // The signal has no answer.
        }
    }
}
