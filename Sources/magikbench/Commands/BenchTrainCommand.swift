public import ArgumentParser
import Benchmarking
import Devices
import Editing
import Graph
public import QAT
import Runs
import Sessions

/// `magikbench bench train`.
struct BenchTrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Measure steps of training, float and quantized in turn.",
        usage: "magikbench bench train [<network>] [options]",
        discussion: """
            Medians of steps on random data, on the pool of all cores. Only a release build says anything.

              magikbench bench train --batch 128
              magikbench bench train samples/resnet20-cifar.magik --json
            """)

    @Argument(help: "A session, a network file or the name of a sample.", completion: .sessions)
    var network = "network-t40"

    @Option(help: "Samples in a batch.")
    var batch = 128

    @Option(help: "Rounds of three float and three quantized steps.")
    var rounds = 9

    @Option(help: "Threads; auto is one a core.")
    var threads = ThreadCount.automatic

    @Option(help: "What quantized products are computed with: float or codes; without it, the faster.")
    var arithmetic: Program.Arithmetic?

    @Option(help: "What to train: float or quantized; without it, both in turn.")
    var mode: TrainBenchmark.Mode?

    @Option(help: "Memory: normal, or low, which computes cheap results again in the backward pass.")
    var memory = Program.Memory.normal

    @Option(help: "The factors of gradients: float, bf16, or auto for the faster.")
    var gradients = GradientArithmetic.auto

    @Flag(help: "Compute products as every machine can, without measuring methods.")
    var deterministic = false

    @Flag(help: "Say how each product is computed, and what other methods take.")
    var explain = false

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        let document = try BenchCommand.document(network)
        threads.use()
        let file = ProductTimingsFile.ofUser
        let timings = deterministic ? nil : file?.read() ?? ProductTimings()
        let benchmark = try TrainBenchmark(
            document.network, on: document.device.family, batch: batch, rounds: rounds,
            arithmetic: arithmetic ?? .best, memory: memory,
            products: ProductSelection(timings: timings, gradients: gradients),
            modes: mode.map { [$0] } ?? TrainBenchmark.Mode.allCases)
        if let timings { file?.add(timings) }
        print(json ? benchmark.json.pretty : benchmark.text)
        if explain, !json { print("\n" + (try benchmark.explanation())) }
    }
}

extension Program.Arithmetic: ExpressibleByArgument {}

extension Program.Memory: ExpressibleByArgument {}

extension GradientArithmetic: ExpressibleByArgument {}

extension TrainBenchmark.Mode: ExpressibleByArgument {}
