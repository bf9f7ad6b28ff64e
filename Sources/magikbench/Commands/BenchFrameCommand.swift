import ArgumentParser
import Benchmarking
import Graph

/// `magikbench bench frame`.
struct BenchFrameCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "frame",
        abstract: "Measure the screen: its start, its frames, what goes over the wire.",
        usage: "magikbench bench frame [options]",
        discussion: """
            On terminals of its own, of 120 columns and 36 rows. Only a release build says anything.

              magikbench bench frame --json
            """)

    @Option(help: "Keys and frames of each kind; the program is started a tenth as often.")
    var runs = 200

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        try NumberOption.check([("--runs", runs, NumberOption.rounds)])
    }

    func run() throws {
        let benchmark = try FrameBenchmark(runs: runs)
        print(json ? benchmark.json.pretty : benchmark.text)
    }
}
