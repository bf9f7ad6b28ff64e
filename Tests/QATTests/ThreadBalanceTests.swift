import TestTraits
import Testing

@testable import QAT

@Suite("The number of threads that take part", .limited)
struct ThreadBalanceTests {
    /// Makes steps of so many seconds by threads, and gives the number of threads of each step.
    private func steps(_ count: Int, _ balance: inout ThreadBalance, seconds: (Int) -> Double) -> [Int] {
        (0..<count).map { _ in
            let active = balance.active
            balance.add(step: seconds(active))
            return active
        }
    }

    @Test("on a free machine all threads take part in nearly all steps")
    func freeMachine() {
        var balance = ThreadBalance(limit: 2)
        let active = steps(2000, &balance) { $0 == 2 ? 0.06 : 0.11 }
        #expect(active.count { $0 == 1 } <= 10)
        #expect(balance.active == 2)
    }

    @Test("threads that make a step slower are left out, and come back when they are faster again")
    func busyMachine() {
        var balance = ThreadBalance(limit: 2)
        _ = steps(200, &balance) { $0 == 2 ? 0.06 : 0.11 }
        let busy = steps(300, &balance) { $0 == 2 ? 0.6 : 0.2 }
        #expect(busy.prefix(12).contains(1))
        #expect(busy.count { $0 == 1 } > 250)
        let free = steps(300, &balance) { $0 == 2 ? 0.06 : 0.11 }
        #expect(free.count { $0 == 2 } > 250)
    }

    @Test("many threads are halved until fewer are no faster")
    func manyThreads() {
        var balance = ThreadBalance(limit: 16)
        let active = steps(600, &balance) { 0.1 + Double(abs($0 - 4)) * 0.02 }
        #expect(active.suffix(100).count { $0 == 4 } > 80)
    }

    @Test("short steps are measured together")
    func shortSteps() {
        var balance = ThreadBalance(limit: 2)
        let active = steps(100, &balance) { _ in 0.001 }
        #expect(active.allSatisfy { $0 == 2 })
    }

    @Test("one thread is never divided")
    func oneThread() {
        var balance = ThreadBalance(limit: 1)
        #expect(steps(100, &balance) { _ in 1 }.allSatisfy { $0 == 1 })
    }
}
