import Dispatch
import Synchronization

/// What others ask of one thread: their requests under a lock, a bell that wakes the thread, and its end.
final class Mailbox<Requests: Sendable>: Sendable {
    private struct State {
        var requests: Requests
        var isClosed = false
    }

    private let state: Mutex<State>
    /// Counts requests, replaced ones too, and the end.
    private let bell = DispatchSemaphore(value: 0)
    private let gone = DispatchSemaphore(value: 0)

    init(_ requests: Requests) { state = Mutex(State(requests: requests)) }

    /// Changes the requests and wakes the thread.
    func put(_ change: (inout Requests) -> Void) {
        state.withLock { change(&$0.requests) }
        bell.signal()
    }

    /// Reads the requests, or takes some of them, without a call of the bell.
    func take<Value: Sendable>(_ body: (inout Requests) -> Value) -> Value {
        state.withLock { body(&$0.requests) }
    }

    /// Whether the thread is told to end.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Sleeps until the bell rings; at once where it rang already.
    func wait() { bell.wait() }

    /// Takes one call of the bell, where it rang, and does not sleep.
    func hear() { _ = bell.wait(timeout: .now()) }

    /// Tells the thread to end.
    func close() {
        state.withLock { $0.isClosed = true }
        bell.signal()
    }

    /// Says that no thread serves.
    func leave() { gone.signal() }

    /// Waits until no thread serves, at most so many seconds.
    func waitUntilGone(atMost seconds: Double = .infinity) {
        let end: DispatchTime = seconds.isFinite ? .now() + seconds : .distantFuture
        // Other waiting threads go on too.
        if gone.wait(timeout: end) == .success { gone.signal() }
    }
}

/// A request that replaces the one before it, with the number of replacements so far, the end of one included.
struct LatestRequest<Value: Sendable>: Sendable {
    /// What is requested; nil for nothing.
    private(set) var value: Value?
    /// How often that changed.
    private(set) var number = 0

    /// Requests something else, or nothing.
    mutating func replace(with value: Value?) {
        self.value = value
        number += 1
    }

    /// Takes the request; its number stays.
    mutating func take() -> Value? {
        defer { value = nil }
        return value
    }
}
