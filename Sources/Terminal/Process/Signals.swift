import CCurses
import Glibc

/// The signals that the screen takes as events.
public enum Signals {
    private static let taken = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH, SIGUSR1]

    /// Those that ask for the end.
    static let endings = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    private static var mask: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in taken { sigaddset(&set, signal) }
        return set
    }

    /// Keeps them from interrupting anything; to be called before any thread is started, so that all have it.
    public static func block() {
        var set = mask
        pthread_sigmask(SIG_BLOCK, &set, nil)
        // A closed terminal or pipe is an error of a write, not the end of the program.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Lets them through again, as before.
    public static func unblock() {
        var set = mask
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// A descriptor that they arrive on.
    static func descriptor() -> Int32 {
        var set = mask
        return signalfd(-1, &set, Int32(SFD_NONBLOCK) | Int32(SFD_CLOEXEC))
    }

    /// Those that have arrived.
    static func take(_ descriptor: Int32) -> [Int32] {
        var found: [Int32] = []
        var info = signalfd_siginfo()
        while read(descriptor, &info, MemoryLayout<signalfd_siginfo>.size) > 0 {
            found.append(Int32(info.ssi_signo))
        }
        return found
    }
}
