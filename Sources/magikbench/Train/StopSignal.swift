import Foundation
import Synchronization

/// Whether the program was asked to stop: Ctrl-C, SIGTERM, or a terminal that went away.
enum StopSignal {
    private static let raised = Atomic<Bool>(false)
    /// Seconds after which a program that was told to end does so in any case: the last checkpoint is on disk.
    private static let patience: UInt32 = 10

    /// Takes the signals from now on. A second Ctrl-C or SIGTERM ends the program at once; a terminal may go away as
    /// often as it likes. One that has not ended in ten seconds ends at once. Writing to a closed pipe fails instead of ending the program.
    static func watch() {
        // The parent may have blocked them: a thread pool does, for what its threads start.
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { number in
                // Storing an atomic and ending are all that is allowed here.
                let isSecond = StopSignal.raised.exchange(true, ordering: .relaxed)
                if number != SIGHUP { alarm(StopSignal.patience) }
                if isSecond && number != SIGHUP { _exit(128 + number) }
            }
        }
        signal(SIGALRM) { _ in _exit(128 + SIGTERM) }
        signal(SIGPIPE, SIG_IGN)
    }

    /// Stops as a signal would.
    static func raise() { raised.store(true, ordering: .relaxed) }

    /// Whether a signal came.
    static var isRaised: Bool { raised.load(ordering: .relaxed) }
}
