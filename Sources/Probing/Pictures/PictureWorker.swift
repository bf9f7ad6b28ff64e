import Platform

/// Reads pictures for a screen on a thread of its own. Only the newest request counts: it replaces one that waits, and one that
/// is under way after its current sample. Nothing wakes up while there is no request.
public final class PictureWorker: Sendable {
    private let mailbox = Mailbox(LatestRequest<PictureRequest>())

    /// A worker whose thread hands everything that it finds to `tell`, from that thread. Where the system gives no thread,
    /// nothing is ever found.
    public init(tell: @escaping @Sendable (PictureUpdate) -> Void) {
        let mailbox = mailbox
        if !Worker.start("pictures", { mailbox.serve(tell) }) { mailbox.leave() }
    }

    deinit { mailbox.close() }

    /// Requests pictures in place of what was requested before; nil requests nothing.
    public func show(_ request: PictureRequest?) { mailbox.put { $0.replace(with: request) } }

    /// Ends the thread after its current sample, and waits until it is gone. Not to be called from `tell`.
    public func close() {
        mailbox.close()
        mailbox.waitUntilGone()
    }

    /// Tells the thread to end, and does not wait.
    public func stop() { mailbox.close() }
}

extension Mailbox<LatestRequest<PictureRequest>> {
    /// Answers until the end.
    fileprivate func serve(_ tell: (PictureUpdate) -> Void) {
        var reading = PictureReading()
        while true {
            wait()
            if isClosed { break }
            let (request, number) = take { ($0.take(), $0.number) }
            // A replaced request rang the bell, and its successor has been answered.
            guard let request else { continue }
            reading.run(request, isReplaced: { isClosed || take { $0.number != number } }, tell: tell)
        }
        leave()
    }
}
