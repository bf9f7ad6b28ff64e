/// Times of repeated work.
enum Stopwatch {
    /// The median time of one run in milliseconds, after some runs that are not counted.
    static func milliseconds<Failure: Error>(
        runs: Int, _ work: () throws(Failure) -> Void
    ) throws(Failure) -> Double {
        for _ in 0..<max(1, runs / 10) { try work() }
        let clock = ContinuousClock()
        var times: [Duration] = []
        for _ in 0..<runs {
            let start = clock.now
            try work()
            times.append(clock.now - start)
        }
        return times.sorted()[runs / 2] / .milliseconds(1)
    }
}
