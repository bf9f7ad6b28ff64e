import CCurses
import Glibc
import Platform

/// The parent of the screen's process: waits, and gives the terminal back where the child died without doing so.
///
/// A child that has given the terminal back itself says so with its exit status (`leave`), and the guardian ends with that at
/// once: the system takes a tenth of a second to clear away the memory of a large network.
public enum Guardian {
    /// In the child's environment, the number of the descriptor on which it tells its exit status.
    private static let mark = "MAGIKBENCH_GUARDED"
    /// In the child, that descriptor.
    nonisolated(unsafe) private static var report: Int32 = -1
    /// Milliseconds that a child which has told its status has to end, so that it is usually gone before the guardian is.
    private static let grace: Int32 = 20

    /// Runs the program again as a child and gives its exit status; nil in the child itself, which then goes on.
    ///
    /// `notice` is said where a signal ended the child.
    public static func watch(notice: String) -> Int32? {
        if let number = Environment[mark] {
            unsetenv(mark)
            report = pipe(number)
            // Without its guardian the screen goes too, after saving.
            cc_die_with_parent(SIGTERM)
            return nil
        }
        guard Environment["MAGIKBENCH_NO_GUARDIAN"] == nil else { return nil }
        var modes = termios()
        let hasModes = tcgetattr(STDIN_FILENO, &modes) == 0
        guard let (child, reports) = spawn() else { return nil }
        forwardSignals(to: child)
        ProgramCode.giveBack()
        if let status = status(from: reports) { return status }
        let ending = cc_wait(child)
        guard ending > 256 else { return Int32(ending) }
        let number = ending - 256
        Descriptor.writeAll(STDOUT_FILENO, Rescue.bytes)
        if hasModes { tcsetattr(STDIN_FILENO, TCSANOW, &modes) }
        Descriptor.writeAll(
            STDERR_FILENO,
            "magikbench: the screen was ended by signal \(number); the terminal is restored. \(notice)\n")
        return 128 + Int32(number)
    }

    /// Ends the screen's process, whose terminal is given back and whose files are closed: tells its guardian first.
    ///
    /// Threads may still work: nothing that they use is taken down.
    public static func leave(_ status: Int32) -> Never {
        if report >= 0 {
            var byte = UInt8(truncatingIfNeeded: status)
            _ = write(report, &byte, 1)
        }
        _exit(status)
    }

    /// The child's end of the pipe, by its number in the environment; -1 where that names no pipe.
    private static func pipe(_ number: String) -> Int32 {
        var found = stat()
        guard let descriptor = Int32(number), descriptor > STDERR_FILENO, fstat(descriptor, &found) == 0,
            found.st_mode & S_IFMT == S_IFIFO, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0
        else { return -1 }
        return descriptor
    }

    /// The status that the child tells; nil where it ends without a word.
    private static func status(from reports: Int32) -> Int32? {
        defer { close(reports) }
        var byte: UInt8 = 0
        var count: Int
        repeat { count = read(reports, &byte, 1) } while count < 0 && errno == EINTR
        guard count == 1 else { return nil }
        // Its end is closed once its memory is cleared away.
        var end = pollfd(fd: reports, events: Int16(POLLIN), revents: 0)
        _ = poll(&end, 1, grace)
        return Int32(byte)
    }

    nonisolated(unsafe) private static var child: pid_t = 0
    /// Seconds after which a child that was told to end is killed. A child that waits for a terminal to take its output does
    /// not handle the signal.
    nonisolated private static let patience: UInt32 = 5

    /// The child decides what signals mean; the guardian only hands them on and outlives it.
    nonisolated private static func forwardSignals(to process: pid_t) {
        child = process
        for number in [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGTSTP] {
            signal(number) { number in
                kill(Guardian.child, number)
                guard number == SIGTERM || number == SIGHUP else { return }
                // A suspended child hears it only when it goes on.
                kill(Guardian.child, SIGCONT)
                alarm(Guardian.patience)
            }
        }
        signal(SIGALRM) { _ in kill(Guardian.child, SIGKILL) }
        // The parent may have blocked them, as threads of tests do; the guardian would then never end.
        Signals.unblock()
    }

    /// Starts the child, with the end of the pipe on which it tells its status.
    private static func spawn() -> (child: pid_t, reports: Int32)? {
        var ends: [Int32] = [-1, -1]
        guard cc_pipe(&ends) == 0 else { return nil }
        setenv(mark, "\(ends[1])", 1)
        defer {
            unsetenv(mark)
            close(ends[1])
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // To itself: the child inherits it.
        posix_spawn_file_actions_adddup2(&actions, ends[1], ends[1])
        var arguments = CommandLine.arguments.map { strdup($0) }
        arguments.append(nil)
        defer { arguments.forEach { free($0) } }
        var child: pid_t = 0
        guard posix_spawn(&child, "/proc/self/exe", &actions, nil, &arguments, environ()) == 0 else {
            close(ends[0])
            return nil
        }
        return (child, ends[0])
    }

    private static func environ() -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? { cc_environment() }
}
