import ArgumentParser
import Datasets
import Foundation
import Graph
import QAT
import Workbench

/// `magikbench eval`.
struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Measure loss and accuracy of a trained session.",
        usage: "magikbench eval <session> [--data <spec>] [--float | --integer] [options]",
        discussion: """
            Loss and accuracy over the test set, with the session's weights: quantized as the network says, or \
            with --float as if no quantizer acted, with --integer in whole numbers alone, as a chip computes. \
            A layer that has no integer form is named on standard error, and why; the training arithmetic stands \
            in for it. Accuracy is a fraction in the JSON.

              magikbench eval digits --data mnist:data/mnist
              magikbench eval digits --data mnist:data/mnist --float --json
              magikbench eval digits --data mnist:data/mnist --integer
            """)

    @Argument(help: "The session.")
    var session: String

    @Option(help: ArgumentHelp("What to ask; glyphs, or tones for sequences.", valueName: "spec"))
    var data: String?

    @Option(help: ArgumentHelp("Samples in a batch.", valueName: "n"))
    var batch = 100

    @Option(help: "The loss: cross-entropy, binary-cross-entropy or mean-squared-error.")
    var loss = Loss.crossEntropy

    @Option(help: ArgumentHelp("The seed of generated data.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Threads; 0 is one a core.", valueName: "n"))
    var threads = 0

    @Option(help: "What quantized products are computed with: float or codes.")
    var arithmetic: Program.Arithmetic?

    @Flag(help: "Switch all quantizers off.")
    var float = false

    @Flag(help: "Compute in integers, as a chip does.")
    var integer = false

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        guard batch > 0, threads >= 0 else {
            throw ValidationError("--batch is at least 1, --threads at least 0")
        }
        guard !float || !integer else {
            throw ValidationError("--float and --integer exclude each other")
        }
        guard loss != .distillation else {
            throw ValidationError("eval compares with labels; distillation has none")
        }
    }

    func run() throws {
        let session = try Session.opened(session)
        Engine.useThreads(threads)
        do {
            let result = try session.evaluated(
                on: data, loss: loss, batch: batch, seed: seed, mode: mode,
                arithmetic: arithmetic ?? .best)
            for layer in result.standIns {
                Output.write(
                    "layer '\(layer.layer)' has no integer form: \(layer.reason)\n", to: STDERR_FILENO)
            }
            print(json ? document(result).pretty : text(result))
        } catch {
            throw CommandError.failure("\(error)")
        }
    }

    private var mode: Evaluator.Mode { float ? .float : integer ? .integer : .quantized }

    private func document(_ result: Evaluator.Result) -> JSON {
        .object([
            .init("mode", .string(mode.rawValue)), .init("count", .integer(result.count)),
            .init("loss", .number(result.loss)), .init("accuracy", .number(result.accuracy)),
        ])
    }

    private func text(_ result: Evaluator.Result) -> String {
        """
        \(mode.rawValue), \(Figures.grouped(result.count)) samples
        accuracy  \(String(format: "%.2f %%", result.accuracy * 100))
        loss      \(String(format: "%.4f", result.loss))
        """
    }
}
