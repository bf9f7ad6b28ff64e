import ArgumentParser
import Benchmarking
import Graph

/// `magikbench bench watch`.
struct BenchWatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Measure what the screen and a run on all cores cost each other.",
        usage: "magikbench bench watch [options]",
        discussion: """
            A run trains network-t40 on generated images. It is watched in view 4 every other while, and then keys
            are typed in view 1. Only a release build on a machine with nothing else to do says anything.

              magikbench bench watch --json
            """)

    @Option(help: "How often the run is left alone and watched, in turns.")
    var pairs = 8

    @Option(help: "How long each turn is, in seconds.")
    var seconds = 6.0

    @Option(help: "How many keys are typed.")
    var keys = 300

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        try NumberOption.check([
            ("--pairs", pairs, NumberOption.rounds), ("--keys", keys, NumberOption.rounds),
        ])
        guard (1...1e6).contains(seconds) else { throw ValidationError("--seconds is 1 to 1000000") }
    }

    func run() throws {
        let benchmark = try WatchBenchmark(pairs: pairs, seconds: seconds, keys: keys)
        print(json ? benchmark.json.pretty : benchmark.text)
    }
}
