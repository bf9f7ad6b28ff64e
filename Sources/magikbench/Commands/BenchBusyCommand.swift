import ArgumentParser
import Benchmarking
import Devices
import Editing
import Graph
import QAT
import Sessions

/// `magikbench bench busy`.
struct BenchBusyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "busy",
        abstract: "Measure steps of training while other processes keep the cores busy.",
        usage: "magikbench bench busy [<network>] [options]",
        discussion: """
            Quantized steps on random data, alone and beside busy processes in turn: with one thread, with all, and
            with as many as are fastest. Only a release build on a machine with nothing else to do says anything.

              magikbench bench busy --processes 2 --json
            """)

    @Argument(help: "A session, a network file or the name of a sample.", completion: .sessions)
    var network = "network-t40"

    @Option(help: "Samples in a batch.")
    var batch = 128

    @Option(help: "Busy processes.")
    var processes = 2

    @Option(help: "Rounds of training alone and beside the processes.")
    var rounds = 3

    @Option(help: "How long each turn is, in seconds.")
    var seconds = 4.0

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        try NumberOption.check([
            ("--batch", batch, NumberOption.samples), ("--processes", processes, 1...1024),
            ("--rounds", rounds, NumberOption.rounds),
        ])
        guard (0.01...1e6).contains(seconds) else { throw ValidationError("--seconds is 0.01 to 1000000") }
    }

    func run() throws {
        let document = try BenchCommand.document(network)
        let benchmark = try BusyBenchmark(
            document.network, on: document.device.family, batch: batch, rounds: rounds, seconds: seconds,
            processes: processes)
        print(json ? benchmark.json.pretty : benchmark.text)
    }
}
