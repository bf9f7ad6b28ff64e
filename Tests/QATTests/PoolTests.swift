import CKernels
import TestTraits
import Testing

@testable import QAT

@Suite("The pool of threads", .limited)
struct PoolTests {
    /// How often each element of a loop is visited.
    private func visits(_ count: Int, step: Int = 1) -> [Int32] {
        var visits = [Int32](repeating: 0, count: count)
        visits.withUnsafeMutableBufferPointer { buffer in
            guard let first = buffer.baseAddress else { return }
            withUnsafePointer(to: first) { context in
                _ = ck_parallel(
                    Int64(count), Int64(step),
                    { context, _, begin, end in
                        guard let visits = context?.load(as: UnsafeMutablePointer<Int32>.self) else { return }
                        for index in begin..<end { visits[Int(index)] += 1 }
                    }, context)
            }
        }
        return visits
    }

    @Test("each element of a loop is visited once, at any number of threads", arguments: 1...5)
    func loops(threads: Int) {
        Engine.useThreads(threads)
        #expect(Engine.threads == threads)
        for count in [1, 8191, 8192, 10_000, 100_003] {
            for step in [1, 16, 9000] {
                #expect(visits(count, step: step).allSatisfy { $0 == 1 }, "\(count) in steps of \(step)")
            }
        }
    }

    @Test("threads leave loops and come back to them")
    func activeThreads() {
        Engine.useThreads(4)
        for active in [4, 1, 2, 4, 3, 1, 4] {
            Engine.activeThreads = active
            #expect(Engine.activeThreads == active && Engine.threads == 4)
            for _ in 0..<50 { #expect(visits(20_000).allSatisfy { $0 == 1 }) }
        }
    }

    @Test("at least one thread takes part, and no more than there are")
    func bounds() {
        Engine.useThreads(2)
        Engine.activeThreads = 0
        #expect(Engine.activeThreads == 1)
        Engine.activeThreads = 9
        #expect(Engine.activeThreads == 2)
        #expect(!Engine.isAutomatic)
        Engine.useThreads(0)
        #expect(Engine.isAutomatic)
    }
}
