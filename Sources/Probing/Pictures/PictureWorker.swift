import Dispatch
import Platform
import Synchronization

/// Reads pictures for a screen on a thread of its own. Only the newest request counts: it replaces one that waits, and one that
/// is under way after its current sample. Nothing wakes up while there is no request.
public final class PictureWorker: Sendable {
    private let mailbox = PictureMailbox()

    /// A worker whose thread hands everything that it finds to `tell`, from that thread. Where the system gives no thread,
    /// nothing is ever found.
    public init(tell: @escaping @Sendable (PictureUpdate) -> Void) {
        let mailbox = mailbox
        if !Worker.start("pictures", { mailbox.serve(tell) }) { mailbox.leave() }
    }

    deinit { mailbox.close() }

    /// Requests pictures in place of what was requested before; nil requests nothing.
    public func show(_ request: PictureRequest?) { mailbox.put(request) }

    /// Ends the thread after its current sample, and waits until it is gone. Not to be called from `tell`.
    public func close() {
        mailbox.close()
        mailbox.waitUntilGone()
    }

    /// Tells the thread to end, and does not wait.
    public func stop() { mailbox.close() }
}

/// The place of the one request that waits.
private final class PictureMailbox: Sendable {
    private struct State {
        var waiting: PictureRequest?
        /// How often something was requested, nothing included.
        var count = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    /// Counts requests, replaced ones too, and the end.
    private let bell = DispatchSemaphore(value: 0)
    private let gone = DispatchSemaphore(value: 0)

    func put(_ request: PictureRequest?) {
        state.withLock {
            $0.waiting = request
            $0.count += 1
        }
        bell.signal()
    }

    func close() {
        state.withLock { $0.isClosed = true }
        bell.signal()
    }

    func leave() { gone.signal() }

    func waitUntilGone() {
        gone.wait()
        // Other waiting threads go on too.
        gone.signal()
    }

    /// Answers until the end.
    func serve(_ tell: (PictureUpdate) -> Void) {
        var reading = PictureReading()
        while true {
            bell.wait()
            let (request, count, isClosed) = state.withLock { state in
                defer { state.waiting = nil }
                return (state.waiting, state.count, state.isClosed)
            }
            if isClosed { break }
            // A replaced request rang the bell, and its successor has been answered.
            guard let request else { continue }
            reading.run(
                request, isReplaced: { state.withLock { $0.isClosed || $0.count != count } }, tell: tell)
        }
        gone.signal()
    }
}
