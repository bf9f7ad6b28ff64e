import ArgumentParser
import Benchmarking
import Devices
import Editing
import Graph
import QAT
import Sessions

/// `magikbench bench integer`.
struct BenchIntegerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "integer",
        abstract: "Measure passes in whole numbers beside those of the training arithmetic.",
        usage: "magikbench bench integer [<network>] [options]",
        discussion: """
            Medians of passes in turn on random bytes, with initial weights. Only a release build says anything.

              magikbench bench integer celldet --batch 8 --threads 1
              magikbench bench integer samples/resnet20-cifar.magik --json
            """)

    @Argument(help: "A session, a network file or the name of a sample.", completion: .sessions)
    var network = "celldet"

    @Option(help: "Samples in a batch.")
    var batch = 8

    @Option(help: "Rounds of a pass of each.")
    var rounds = 21

    @Option(help: ArgumentHelp("Threads; auto is one a core.", valueName: "n"))
    var threads = ThreadCount.automatic

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        try NumberOption.check([
            ("--rounds", rounds, NumberOption.rounds), ("--batch", batch, 1...1024),
            ("--threads", threads.count, NumberOption.threads),
        ])
    }

    func run() throws {
        let document = try BenchCommand.document(network)
        threads.use()
        let benchmark = try IntegerBenchmark(
            document.network, on: document.device.family, batch: batch, rounds: rounds)
        print(json ? benchmark.json.pretty : benchmark.text)
    }
}
