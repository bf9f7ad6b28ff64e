#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Wakes a thread that waits in `poll`: a pipe, for eventfd is not in Swift's module of the C library.
final class Bell: Sendable {
    /// Readable from a ring on until it is silenced; negative where the system had no pipe to give.
    let descriptor: Int32
    private let writing: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else {
            descriptor = -1
            writing = -1
            return
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        descriptor = ends[0]
        writing = ends[1]
    }

    deinit {
        // The bell is released: no thread can ring a descriptor that is another file by now.
        for end in [descriptor, writing] where end >= 0 { close(end) }
    }

    /// Wakes the thread. A full pipe has been rung already.
    func ring() {
        var byte: UInt8 = 1
        _ = unsafe write(writing, &byte, 1)
    }

    /// Forgets all rings.
    func silence() {
        var bytes = [UInt8](repeating: 0, count: 256)
        while unsafe read(descriptor, &bytes, bytes.count) > 0 {}
    }
}
