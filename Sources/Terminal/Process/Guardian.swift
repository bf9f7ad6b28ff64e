import CCurses
import Glibc

/// The parent of the screen's process: waits, and gives the terminal back where the child died without doing so.
public enum Guardian {
    private static let mark = "MAGIKBENCH_GUARDED"

    /// Runs the program again as a child and gives its exit status; nil in the child itself, which then goes on.
    ///
    /// `notice` is said where a signal ended the child.
    public static func watch(notice: String) -> Int32? {
        if Environment[mark] != nil {
            unsetenv(mark)
            // Without its guardian the screen goes too, after saving.
            cc_die_with_parent(SIGTERM)
            return nil
        }
        guard Environment["MAGIKBENCH_NO_GUARDIAN"] == nil else { return nil }
        var modes = termios()
        let hasModes = tcgetattr(STDIN_FILENO, &modes) == 0
        guard let child = spawn() else { return nil }
        forwardSignals(to: child)
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

    nonisolated(unsafe) private static var child: pid_t = 0
    /// Seconds after which a child that was told to end is ended: one that writes to a terminal nobody reads hears nothing.
    nonisolated private static let patience: UInt32 = 5

    /// The child decides what signals mean; the guardian only hands them on and outlives it.
    nonisolated private static func forwardSignals(to process: pid_t) {
        child = process
        for number in [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGTSTP] {
            signal(number) { number in
                kill(Guardian.child, number)
                if number == SIGTERM || number == SIGHUP { alarm(Guardian.patience) }
            }
        }
        signal(SIGALRM) { _ in kill(Guardian.child, SIGKILL) }
        // Whoever started the program may have blocked them, as threads of tests do; the guardian would then never end.
        Signals.unblock()
    }

    private static func spawn() -> pid_t? {
        setenv(mark, "1", 1)
        defer { unsetenv(mark) }
        var arguments = CommandLine.arguments.map { strdup($0) }
        arguments.append(nil)
        defer { arguments.forEach { free($0) } }
        var child: pid_t = 0
        let result = posix_spawn(&child, "/proc/self/exe", nil, nil, &arguments, environ())
        return result == 0 ? child : nil
    }

    private static func environ() -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? { cc_environment() }
}
