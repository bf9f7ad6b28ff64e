import ArgumentParser
import Datasets
import Editing
import Foundation
import Graph
import Probing
import QAT
import Runs
import Sessions
import Terminal

/// `magikbench eval`.
struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Measure loss and accuracy of a trained session, or its distance from float.",
        usage: """
            magikbench eval <session> [--data <spec>] [--float | --integer | --all]
                            [options]
            magikbench eval <session> --loss distillation [--data <spec>]
                            [--run <run>] [options]
            """,
        discussion: """
            Loss and accuracy over the test set, with the session's weights: quantized as the network says, or \
            with --float as if no quantizer acted, with --integer in whole numbers alone, as a chip computes. \
            A session that was quantized from a float model answers --float with that. A layer that has no integer form is named on standard error, and why; the training arithmetic stands \
            in for it. Accuracy is a fraction in the JSON.

            --all asks all three in one pass over the samples, and says by class what quantizing lost: recall, average \
            precision of boxes, intersection over union of masks.

            --loss distillation needs no labels: it compares each output with the float model's, as SQNR in dB; the \
            lowest counts. --run asks a run at its last checkpoint, also one that was stopped; with --best at its \
            best evaluation.

              magikbench eval digits --data mnist:data/mnist
              magikbench eval digits --data mnist:data/mnist --float --json
              magikbench eval digits --data mnist:data/mnist --integer
              magikbench eval digits --data mnist:data/mnist --all
              magikbench eval faces --data images:photos --loss distillation
              magikbench eval digits --data mnist:data/mnist --run last
            """)

    @Argument(help: "The session.", completion: .sessions)
    var session: String

    @Option(
        help: ArgumentHelp(
            "What to ask; what is generated for the network where it is left out.", valueName: "spec"),
        completion: .data)
    var data: String?

    @Option(
        help: ArgumentHelp("Samples in a batch; 100, or fewer where they are large.", valueName: "n"))
    var batch: Int?

    @Option(help: ArgumentHelp(Loss.usage))
    var loss: Loss?

    @Option(help: ArgumentHelp("The seed of generated data.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Threads; auto is one a core.", valueName: "n"))
    var threads = ThreadCount.automatic

    @Option(help: "What quantized products are computed with: float or codes.")
    var arithmetic: Program.Arithmetic?

    @OptionGroup
    var choice: RunChoice

    @Flag(help: "Switch all quantizers off.")
    var float = false

    @Flag(help: "Compute in integers, as a chip does.")
    var integer = false

    @Flag(help: "Ask float, quantized and integer answers at once, and compare them by class.")
    var all = false

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        try NumberOption.check([
            ("--batch", batch ?? 1, NumberOption.samples), ("--threads", threads.count, NumberOption.threads),
        ])
        guard [float, integer, all].count(where: { $0 }) < 2 else {
            throw ValidationError("--float, --integer and --all exclude each other")
        }
    }

    func run() throws {
        let session = try choice.chosen(try Session.opened(session))
        threads.use()
        do {
            let all = try session.evaluated(
                on: data, loss: loss, batch: batch, seed: seed, modes: modes,
                arithmetic: arithmetic ?? .best)
            for found in all { tellOfIntegers(found.result) }
            if self.all {
                print(json ? EvalJSON.document(all).pretty : EvalTable(all).text)
            } else if let found = all.first {
                print(json ? EvalJSON(found).document.pretty : EvalText(found).text)
            }
        } catch {
            throw CommandError.failure("\(error)")
        }
    }

    private var modes: [Evaluator.Mode] {
        all ? [.float, .quantized, .integer] : float ? [.float] : integer ? [.integer] : [.quantized]
    }

    /// Names the layers without an integer form, and counts the inputs that were no bytes.
    private func tellOfIntegers(_ result: Evaluator.Result) {
        for layer in result.fallbacks {
            Output.write(
                "layer '\(layer.layer)' has no integer form: \(layer.reason)\n", to: STDERR_FILENO)
        }
        let moved = result.moved
        if moved.count > 0 {
            Output.write(
                "\(Figures.grouped(moved.count)) of \(Figures.grouped(moved.of)) input values are no whole numbers of the loader's steps, or beyond 0 to 255: a chip reads bytes, so each was moved to the nearest\n",
                to: STDERR_FILENO)
        }
    }
}

extension Split {
    /// The split in front of a noun: "training samples".
    var noun: String {
        switch self {
        case .train: "training"
        case .validation: "validation"
        case .test: "test"
        }
    }
}
