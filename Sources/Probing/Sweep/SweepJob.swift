import Sessions

/// The sweep of a probe worker: what is under way of the one that is wanted now.
struct SweepJob {
    /// A requested sweep.
    struct Input: Sendable {
        var request: SweepRequest
        var cache: SweepCache?
        var tell: @Sendable (Result<SweepResult, SweepError>) -> Void
    }

    private var input: Input?
    private var sweep: Sweep?
    private var number = 0
    /// When what was measured was kept last, and seconds until it is again: a program may end at any moment.
    private var kept = System.steady
    private static let pace = 5.0
    /// Whether there is something left to do.
    private(set) var isRunning = false

    /// Begins the requested sweep if it is another one.
    mutating func follow(_ input: Input?, number: Int) {
        guard number != self.number else { return }
        save()
        self.number = number
        self.input = input
        sweep = nil
        isRunning = input != nil
    }

    /// Takes one trial, and tells of it.
    mutating func advance(isCancelled: () -> Bool) {
        guard isRunning, let input else { return }
        do throws(SweepError) {
            let sweep: Sweep
            if let begun = self.sweep {
                sweep = begun
            } else {
                sweep = try Sweep(input.request, cache: input.cache)
                sweep.estimate(isCancelled: isCancelled)
                self.sweep = sweep
                return input.tell(.success(sweep.result))
            }
            let hasMore = try sweep.advance(isCancelled: isCancelled)
            // A trial that was given up is taken again.
            guard hasMore || sweep.result.isComplete else { return }
            isRunning = hasMore
            if System.steady - kept > SweepJob.pace {
                sweep.save()
                kept = System.steady
            }
            input.tell(.success(sweep.result))
        } catch {
            isRunning = false
            input.tell(.failure(error))
        }
        if !isRunning { sweep = nil }
    }

    /// Keeps what was measured, for a sweep that goes on later.
    func save() { sweep?.save() }
}
