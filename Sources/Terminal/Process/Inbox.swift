import CCurses
import Glibc
import Synchronization

/// Where workers leave messages for the screen's thread: the only lock between them.
public final class Inbox<Message: Sendable>: Sendable {
    private let messages = Mutex<[Message]>([])
    /// Readable while there are messages.
    let bell: Int32

    /// An empty inbox.
    public init() {
        bell = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        precondition(bell >= 0, "the system has no descriptor left for an inbox")
    }

    deinit { close(bell) }

    /// Leaves a message; from any thread.
    public func send(_ message: Message) {
        let isFirst = messages.withLock { messages in
            messages.append(message)
            return messages.count == 1
        }
        guard isFirst else { return }
        var one: UInt64 = 1
        _ = write(bell, &one, 8)
    }

    /// Takes all messages at once.
    func take() -> [Message] {
        var count: UInt64 = 0
        _ = read(bell, &count, 8)
        return messages.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }
}
