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
        usage: "magikbench eval <session> [--data <spec>] [--float] [options]",
        discussion: """
            Loss and accuracy over the test set, with the session's weights: quantized as the network says, or \
            with --float as if no quantizer acted. Accuracy is a fraction in the JSON.

              magikbench eval digits --data mnist:data/mnist
              magikbench eval digits --data mnist:data/mnist --float --json
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

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        guard batch > 0, threads >= 0 else {
            throw ValidationError("--batch is at least 1, --threads at least 0")
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
                on: data, loss: loss, batch: batch, seed: seed, isQuantized: !float,
                arithmetic: arithmetic ?? .best)
            print(json ? document(result).pretty : text(result))
        } catch {
            throw CommandError.failure("\(error)")
        }
    }

    private var mode: String { float ? "float" : "quantized" }

    private func document(_ result: Evaluator.Result) -> JSON {
        .object([
            .init("mode", .string(mode)), .init("count", .integer(result.count)),
            .init("loss", .number(result.loss)), .init("accuracy", .number(result.accuracy)),
        ])
    }

    private func text(_ result: Evaluator.Result) -> String {
        """
        \(mode), \(Figures.grouped(result.count)) samples
        accuracy  \(String(format: "%.2f %%", result.accuracy * 100))
        loss      \(String(format: "%.4f", result.loss))
        """
    }
}
