import CKernels

/// The pool of threads that kernels run on; it belongs to the thread that asks.
public enum Engine {
    /// Sets how many threads the calling thread's pool has; 0 is one a core.
    public static func useThreads(_ count: Int) { ck_set_threads(Int32(clamping: count)) }

    /// How many threads the calling thread's pool has.
    public static var threads: Int { Int(ck_threads()) }
}
