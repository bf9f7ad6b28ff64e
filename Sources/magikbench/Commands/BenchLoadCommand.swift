import ArgumentParser
import Benchmarking
import Datasets
import Devices
import Editing
import Graph
import QAT
import Sessions

/// `magikbench bench load`.
struct BenchLoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Measure what loading pictures costs training.",
        usage: "magikbench bench load [<network>] [--data <spec>] [options]",
        discussion: """
            Medians of quantized steps, an epoch of each in turn: on one batch, on pictures in memory, and on pictures
            that are decoded. Without --data, 192 JPEG files of 480x640 are made. Only a release build says anything.

              magikbench bench load celldet
              magikbench bench load persondet --data yolo:photos --batch 16 --json
            """)

    @Argument(help: "A session, a network file or the name of a sample.", completion: .sessions)
    var network = "celldet"

    @Option(help: ArgumentHelp("Pictures to load.", valueName: "spec"), completion: .data)
    var data: String?

    @Option(help: "Samples in a batch.")
    var batch = 8

    @Option(help: "Rounds of an epoch of each.")
    var rounds = 5

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
        let family = document.device.family
        let benchmark: LoadBenchmark
        do {
            benchmark =
                if let data {
                    try LoadBenchmark(
                        document.network, on: family, data: DataSpec(data), batch: batch, rounds: rounds)
                } else {
                    try LoadBenchmark(document.network, on: family, batch: batch, rounds: rounds)
                }
        } catch {
            throw CommandError.failure("\(error)")
        }
        print(json ? benchmark.json.pretty : benchmark.text)
    }
}
