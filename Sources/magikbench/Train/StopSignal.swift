import Foundation
import Synchronization

/// Whether somebody asked the program to stop: Ctrl-C, or SIGTERM.
enum StopSignal {
    private static let raised = Atomic<Bool>(false)

    /// Takes the signals from now on. A second one ends the program at once.
    static func watch() {
        // Whoever started the program may have blocked them: a thread pool does, for what its threads start.
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { number in
                // Storing an atomic and restoring a handler are all that is allowed here.
                if StopSignal.raised.exchange(true, ordering: .relaxed) { _exit(128 + number) }
            }
        }
    }

    /// Whether a signal came.
    static var isRaised: Bool { raised.load(ordering: .relaxed) }
}
