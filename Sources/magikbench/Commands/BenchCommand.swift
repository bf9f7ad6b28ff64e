public import ArgumentParser
import Devices
import Foundation
import Graph
public import QAT
import Workbench

/// `magikbench bench`.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure how fast the program itself is.",
        subcommands: [BenchCheckCommand.self, BenchTrainCommand.self, BenchQuantizeCommand.self])
}

/// `magikbench bench check`.
struct BenchCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Measure a check on every chip, and an edit of a large network.",
        discussion: """
            Medians of many runs, on networks that the command builds. Only a release build says anything.

              magikbench bench check --json
            """)

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        let benchmark = try CheckBenchmark()
        print(json ? benchmark.json.pretty : benchmark.text)
    }
}

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

    @Argument(help: "A session, a network file or the name of a sample.")
    var network = "network-t40"

    @Option(help: "Samples in a batch.")
    var batch = 128

    @Option(help: "Rounds of three float and three quantized steps.")
    var rounds = 9

    @Option(help: "Threads; 0 is one a core.")
    var threads = 0

    @Option(help: "What quantized products are computed with: float or codes; without it, the faster.")
    var arithmetic: Program.Arithmetic?

    @Option(help: "What to train: float or quantized; without it, both in turn.")
    var mode: TrainBenchmark.Mode?

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        let document =
            Samples.names.contains(network)
            ? try Samples.document(named: network) : try Session.opened(network).document
        Engine.useThreads(threads)
        let benchmark = try TrainBenchmark(
            document.network, on: document.device.family, batch: batch, rounds: rounds,
            arithmetic: arithmetic ?? .best, modes: mode.map { [$0] } ?? TrainBenchmark.Mode.allCases)
        print(json ? benchmark.json.pretty : benchmark.text)
    }
}

extension Program.Arithmetic: ExpressibleByArgument {}

extension TrainBenchmark.Mode: ExpressibleByArgument {}

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

    @Option(help: "Threads; 0 is one a core.")
    var threads = 0

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        guard (2...8).contains(bits), (1...1_000_000).contains(thousands), rounds > 0, threads >= 0 else {
            throw ValidationError("--bits is 2 to 8, --thousands 1 to 1000000, --rounds at least 1")
        }
    }

    func run() throws {
        Engine.useThreads(threads)
        let count = (thousands * 1000 + 63) / 64 * 64
        let found = QuantizerBench.measure(bits: bits, count: count, rounds: rounds)
        if json {
            let members = found.map { JSON.Member($0.name, .number($0.valuesPerSecond)) }
            print(
                JSON.object([
                    .init("bits", .integer(bits)), .init("values", .integer(count)),
                    .init("threads", .integer(Engine.threads)), .init("valuesPerSecond", .object(members)),
                ]).pretty)
            return
        }
        let copy = found.first?.valuesPerSecond ?? 1
        for measurement in found {
            let name = measurement.name.padding(toLength: 14, withPad: " ", startingAt: 0)
            let rate = Figures.threeDigits(measurement.valuesPerSecond / 1e9)
            print(
                "\(name)\(rate) billion values/s, \(Figures.threeDigits(copy / measurement.valuesPerSecond)) x a copy"
            )
        }
    }
}
