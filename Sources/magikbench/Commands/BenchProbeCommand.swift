import ArgumentParser
import Benchmarking
import Graph
import QAT

/// `magikbench bench probe`.
struct BenchProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Measure the look at a network that follows an edit.",
        usage: "magikbench bench probe [options]",
        discussion: """
            Medians and 95th percentiles of probes after changes of bits, of a clip and of channels, with initial
            weights and generated data. Only a release build says anything.

              magikbench bench probe --threads 2 --json
            """)

    @Option(help: "Edits of each kind.")
    var runs = 21

    @Option(help: "Samples in the batch.")
    var batch = 32

    @Option(help: "Threads; auto is one a core.")
    var threads = ThreadCount.automatic

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        try NumberOption.check([
            ("--runs", runs, NumberOption.rounds), ("--batch", batch, 1...1024),
            ("--threads", threads.count, NumberOption.threads),
        ])
    }

    func run() throws {
        let benchmark = try ProbeBenchmark(runs: runs, batch: batch, threads: threads.count)
        print(json ? benchmark.json.pretty : benchmark.text)
    }
}
