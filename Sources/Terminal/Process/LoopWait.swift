import CCurses
import Glibc

/// What the loop of a program waits for: input, signals, messages of workers, or a moment.
struct LoopWait {
    /// What there is to take.
    struct Ready {
        /// The bits of `poll` for the input; 0 where there is none.
        var input: Int16 = 0
        var hasSignals = false
        var hasMessages = false
    }

    /// Descriptors.
    let input: Int32
    let signals: Int32
    let messages: Int32

    /// Sleeps until there is something to take or the moment has come; without a moment, for as long as it takes. Nil where the
    /// system cannot wait for these.
    func wait(until due: Double?) -> Ready? {
        var descriptors = [input, signals, messages].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let count = poll(&descriptors, UInt(descriptors.count), LoopWait.milliseconds(until: due))
        guard count >= 0 || errno == EINTR else { return nil }
        guard count > 0 else { return Ready() }
        return Ready(
            input: descriptors[0].revents, hasSignals: descriptors[1].revents != 0,
            hasMessages: descriptors[2].revents != 0)
    }

    /// Milliseconds until a moment, a minute at most; -1 for never.
    private static func milliseconds(until due: Double?) -> Int32 {
        guard let due else { return -1 }
        return Int32(max(0, min(60_000, ((due - MonotonicClock.now) * 1000).rounded(.up))))
    }
}
