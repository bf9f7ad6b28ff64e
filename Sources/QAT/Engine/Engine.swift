import CKernels
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

    /// What computes products: times of other versions say nothing about it.
    public static var products: String { "oneDNN \(OneDNN.version), taps 1" }

    /// The most multiplications and sums a second, in single precision, that a product of two matrices reaches on the
    /// pool: the best of some rounds.
    public static func measuredPeak() throws(EngineError) -> Double {
        let size = 1024
        let memory = UnsafeMutablePointer<Float>.allocate(capacity: 3 * size * size)
        defer { memory.deallocate() }
        var random = SplitMix64(seed: 1)
        for index in 0..<3 * size * size { memory[index] = Float(random.next() >> 40) / Float(1 << 24) }
        let matrices = (0..<3).map { MatrixView(address: memory + $0 * size * size, stride: size) }
        var best = Double.infinity
        for _ in 0..<10 {
            let start = ContinuousClock.now
            try multiply(
                matrices[0], matrices[1], rows: size, columns: size, inner: size, adds: false,
                into: matrices[2], layer: "-")
            best = min(best, (ContinuousClock.now - start) / .seconds(1))
        }
        return 2 * Double(size * size * size) / best
    }

    /// Whether the number of threads that take part may follow the load of the machine.
    public static var isAutomatic: Bool { ck_is_automatic() != 0 }

    /// How many of the threads take part in loops: 1 to `threads`.
    public static var activeThreads: Int {
        get { Int(ck_active_threads()) }
        set { ck_set_active_threads(Int32(clamping: newValue)) }
    }
}
