public import Dispatch

/// How long tests wait for other threads and processes.
public enum Waiting {
    /// Seconds after which something that does not happen is a failure; long, for machines that are busy.
    public static let limit = 120.0
}

extension DispatchSemaphore {
    /// Waits for a signal; false if none comes in time.
    public func waitForSignal() -> Bool { wait(timeout: .now() + Waiting.limit) == .success }
}
