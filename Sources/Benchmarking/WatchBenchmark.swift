import Editing
import Foundation
package import Graph
import Runs
import Sessions
import Terminal

/// What the screen and a run that trains on all cores cost each other: network-t40 on generated images.
package struct WatchBenchmark {
    /// The share of its speed that the run loses while it is watched; the median of the pairs of turns.
    let lostShare: Double
    /// From a key typed while the run trains to the first byte of the answer in milliseconds, in ascending order.
    let keys: [Double]

    /// Leaves a run alone and watches it, in turns of `seconds`, `pairs` times; then types keys.
    package init(pairs: Int, seconds: Double, keys count: Int, program: String = "/proc/self/exe") throws {
        FrameBenchmark.prepareEnvironment()
        (lostShare, keys) = try BenchSession.with(try Samples.document(named: "network-t40")) { session in
            let run = Process()
            run.executableURL = URL(filePath: program)
            run.arguments = ["train", session, "--data", "glyphs", "--epochs", "100000", "--json"]
            run.standardOutput = FileHandle.nullDevice
            try run.run()
            defer {
                run.terminate()
                run.waitUntilExit()
            }
            let store = try WatchBenchmark.store(of: session)
            func speed(_ turn: () throws -> Void) throws -> Double {
                let begin = Date.now.timeIntervalSince1970
                try turn()
                return try WatchBenchmark.speed(in: store, from: begin, to: Date.now.timeIntervalSince1970)
            }
            func watching<Result>(view: String, _ body: (BlankTerminal) throws -> Result) throws -> Result {
                let terminal = try BlankTerminal(FrameBenchmark.size)
                let process = try terminal.start(program, [session])
                defer { terminal.end(process) }
                guard terminal.read(until: "Network") != nil else {
                    throw BenchmarkError("the program shows no frame")
                }
                terminal.type(view)
                WatchBenchmark.drain(terminal, seconds: 1.5)
                return try body(terminal)
            }
            let lost = try (0..<pairs).map { _ in
                let alone = try speed { Thread.sleep(forTimeInterval: seconds) }
                let watched = try watching(view: "4") { terminal in
                    try speed { WatchBenchmark.drain(terminal, seconds: seconds) }
                }
                return 1 - watched / alone
            }
            let times = try watching(view: "1") { ProgramStart.keys(["j", "k"], on: $0, runs: count) }
            return (lost.median, times.sorted())
        }
    }

    /// Reads what a program writes, for some time.
    private static func drain(_ terminal: BlankTerminal, seconds: Double) {
        let end = MonotonicClock.now + seconds
        while MonotonicClock.now < end { _ = terminal.read(milliseconds: 50) }
    }

    /// The store of a session in which a run has made steps.
    private static func store(of session: String) throws -> RunStore {
        let end = MonotonicClock.now + 60
        while MonotonicClock.now < end {
            if let store = try RunStore.openForReading(session: session), let run = try store.runs().first,
                let last = try store.lastMetrics(of: run.id), last.step > 10
            {
                return store
            }
            Thread.sleep(forTimeInterval: 0.2)
        }
        throw BenchmarkError("the run makes no steps")
    }

    /// Steps per second between two moments, in seconds since 1970.
    private static func speed(in store: RunStore, from begin: Double, to end: Double) throws -> Double {
        // Steps are stored some at a time.
        Thread.sleep(forTimeInterval: 1.2)
        guard let run = try store.runs().first else { throw BenchmarkError("the run is gone") }
        let times = try store.metrics(of: run.id).compactMap(\.written).filter { (begin...end).contains($0) }
        let steps = zip(times, times.dropFirst()).map { $1 - $0 }
        guard steps.count > 10 else { throw BenchmarkError("the run makes no steps") }
        // Between epochs it looks at the test set, which is no step and falls into some turns only.
        let own = steps.filter { $0 < 4 * steps.median }
        return Double(own.count) / own.reduce(0, +)
    }

    /// The measurements as a JSON document.
    package var json: JSON {
        [
            "lostShare": .number((lostShare * 10000).rounded() / 10000),
            "keyMedianMilliseconds": .number((keys.median * 1000).rounded() / 1000),
            "keyP99Milliseconds": .number((keys.late * 1000).rounded() / 1000),
        ]
    }

    /// The measurements in words.
    package var text: String {
        """
        speed lost to the screen      \(Figures.threeDigits(lostShare * 100)) % of 3 %
        key to the first byte, p50    \(Figures.threeDigits(keys.median)) ms
        key to the first byte, p99    \(Figures.threeDigits(keys.late)) ms of 16 ms
        """
    }
}
