import Foundation
import Synchronization

/// Whether somebody asked the program to stop: Ctrl-C, or SIGTERM.
enum StopSignal {
    private static let raised = Atomic<Bool>(false)

    /// Takes the signals from now on. A second one ends the program at once.
    static func watch() {
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
