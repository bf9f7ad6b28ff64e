import Foundation

/// Times of repeated work.
enum Stopwatch {
    /// The median time of one run in milliseconds, after some runs that are not counted.
    ///
    /// Stops after `runs`, or earlier when they have taken `limit` together and there are at least eleven.
    static func milliseconds<Failure: Error>(
        runs: Int, limit: Duration = .seconds(2), _ work: () throws(Failure) -> Void
    ) throws(Failure) -> Double {
        for _ in 0..<max(1, runs / 30) { try work() }
        let clock = ContinuousClock()
        let begin = clock.now
        var times: [Duration] = []
        while times.count < runs, times.count < 11 || clock.now - begin < limit {
            let start = clock.now
            try work()
            times.append(clock.now - start)
        }
        return times.sorted()[times.count / 2] / .milliseconds(1)
    }

    /// The time of one run in milliseconds.
    static func once<Failure: Error>(_ work: () throws(Failure) -> Void) throws(Failure) -> Double {
        let start = ContinuousClock.now
        try work()
        return (ContinuousClock.now - start) / .milliseconds(1)
    }
}

extension [Double] {
    /// The one in the middle.
    var median: Double { sorted()[count / 2] }
    /// What 99 of 100 are at most.
    var late: Double { sorted()[(count * 99 - 1) / 100] }
}

/// The most memory that this process has had so far.
var peakMemory: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
}
