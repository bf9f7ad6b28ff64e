import CKernels
import Foundation
import Graph

/// The pool of threads that kernels run on; it belongs to the thread that asks.
///
/// Results do not depend on the number of threads.
public enum Engine {
    /// Sets how many threads the calling thread's pool has; 0 is automatic: one a core, and fewer while other work keeps
    /// the cores busy.
    public static func useThreads(_ count: Int) {
        ck_set_threads(Int32(clamping: count))
    }

    /// How many threads the calling thread's pool has.
    public static var threads: Int { Int(ck_threads()) }

    /// The milliseconds that the calling thread has computed; while other programs have its core it does not.
    static var computedMilliseconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }

    /// Whether the number of threads that take part may follow the load of the machine.
    public static var isAutomatic: Bool { ck_is_automatic() != 0 }

    /// How many of the threads take part in loops: 1 to `threads`.
    public static var activeThreads: Int {
        get { Int(ck_active_threads()) }
        set { ck_set_active_threads(Int32(clamping: newValue)) }
    }
}
