import Foundation

/// What the whole engine has: the threads that it computes on (`Threads.swift`), and their time.
public enum Engine {
    /// The milliseconds that the calling thread has computed; while other programs have its core it does not.
    static var computedMilliseconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }
}
