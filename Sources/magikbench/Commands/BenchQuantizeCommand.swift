import ArgumentParser
import Benchmarking
import Graph
import QAT

/// `magikbench bench quantize`.
struct BenchQuantizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Measure the quantizers alone, beside a plain copy.",
        usage: "magikbench bench quantize [options]",
        discussion: """
            Values a second, the best of many rounds on the pool of all cores. Only a release build says anything.

              magikbench bench quantize --bits 4 --json
            """)

    @Option(help: "Bits of a value, 2 to 8.")
    var bits = 8

    @Option(help: "How many values, in thousands.")
    var thousands = 4096

    @Option(help: "Rounds of which the best counts.")
    var rounds = 20

    @Option(help: "Threads; auto is one a core.")
    var threads = ThreadCount.automatic

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        try NumberOption.check([
            ("--bits", bits, 2...8), ("--thousands", thousands, 1...1_000_000),
            ("--rounds", rounds, NumberOption.rounds), ("--threads", threads.count, NumberOption.threads),
        ])
    }

    func run() throws {
        threads.use()
        let benchmark = QuantizeBenchmark(bits: bits, thousands: thousands, rounds: rounds)
        print(json ? benchmark.json.pretty : benchmark.text)
    }
}
