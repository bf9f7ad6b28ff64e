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
            magikbench eval <session> [--data <spec>] [--float | --integer] [options]
            magikbench eval <session> --loss distillation [--data <spec>]
                            [--run <run>] [options]
            """,
        discussion: """
            Loss and accuracy over the test set, with the session's weights: quantized as the network says, or \
            with --float as if no quantizer acted, with --integer in whole numbers alone, as a chip computes. \
            A session that was quantized from a float model answers --float with that. A layer that has no integer form is named on standard error, and why; the training arithmetic stands \
            in for it. Accuracy is a fraction in the JSON.

            --loss distillation needs no labels: it compares each output with the float model's, as SQNR in dB; the \
            lowest counts. --run asks a run at its last checkpoint, also one that was stopped; with --best at its \
            best evaluation.

              magikbench eval digits --data mnist:data/mnist
              magikbench eval digits --data mnist:data/mnist --float --json
              magikbench eval digits --data mnist:data/mnist --integer
              magikbench eval faces --data images:photos --loss distillation
              magikbench eval digits --data mnist:data/mnist --run last
            """)

    @Argument(help: "The session.")
    var session: String

    @Option(help: ArgumentHelp("What to ask; glyphs, or tones for sequences.", valueName: "spec"))
    var data: String?

    @Option(help: ArgumentHelp("Samples in a batch.", valueName: "n"))
    var batch = 100

    @Option(help: ArgumentHelp(Loss.usage))
    var loss: Loss?

    @Option(help: ArgumentHelp("The seed of generated data.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Threads; 0 is one a core.", valueName: "n"))
    var threads = 0

    @Option(help: "What quantized products are computed with: float or codes.")
    var arithmetic: Program.Arithmetic?

    @OptionGroup
    var choice: RunChoice

    @Flag(help: "Switch all quantizers off.")
    var float = false

    @Flag(help: "Compute in integers, as a chip does.")
    var integer = false

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        try NumberOption.check([
            ("--batch", batch, NumberOption.samples), ("--threads", threads, NumberOption.threads),
        ])
        guard !float || !integer else {
            throw ValidationError("--float and --integer exclude each other")
        }
    }

    func run() throws {
        let session = try choice.chosen(try Session.opened(session))
        Engine.useThreads(threads)
        do {
            let found = try session.evaluated(
                on: data, loss: loss, batch: batch, seed: seed, mode: mode,
                arithmetic: arithmetic ?? .best)
            for layer in found.result.fallbacks {
                Output.write(
                    "layer '\(layer.layer)' has no integer form: \(layer.reason)\n", to: STDERR_FILENO)
            }
            let moved = found.result.moved
            if moved.count > 0 {
                Output.write(
                    "\(Figures.grouped(moved.count)) of \(Figures.grouped(moved.of)) input values are no whole numbers of the loader's steps, or beyond 0 to 255: a chip reads bytes, so each was moved to the nearest\n",
                    to: STDERR_FILENO)
            }
            print(json ? document(found).pretty : text(found))
        } catch {
            throw CommandError.failure("\(error)")
        }
    }

    private var mode: Evaluator.Mode { float ? .float : integer ? .integer : .quantized }

    private func document(_ found: SessionEvaluation) -> JSON {
        let result = found.result
        var members: [JSON.Member] = [
            .init("mode", .string(mode.rawValue)), .init("count", .integer(result.count)),
            .init("loss", .number(result.loss)),
            .init("accuracy", result.accuracy.map(JSON.number) ?? .null),
            .init("split", .string(found.split.rawValue)),
        ]
        if mode == .integer { members.append(.init("movedInputs", .integer(result.moved.count))) }
        if !result.outputs.isEmpty {
            members += [
                .init("sqnr", .finite(result.sqnr)), .init("meanSQNR", .finite(result.outputs.mean)),
                .init("outputs", .array(result.outputs.map(EvalCommand.document))),
            ]
        }
        return .object(members)
    }

    private static func document(_ output: OutputNoise) -> JSON {
        [
            "name": .string(output.name), "sqnr": .finite(output.decibels), "signal": .finite(output.signal),
            "noise": .finite(output.noise),
        ]
    }

    private func text(_ found: SessionEvaluation) -> String {
        let result = found.result
        let samples =
            "\(Figures.grouped(result.count)) \(found.split == .test ? "" : "\(found.split.noun) ")samples"
        var lines = ["\(mode.rawValue)\(found.isOfFloatModel ? " model" : ""), \(samples)"]
        if let accuracy = result.accuracy {
            lines.append("accuracy  \(String(format: "%.2f %%", accuracy * 100))")
        }
        lines.append("loss      \(String(format: "%.4f", result.loss))")
        guard !result.outputs.isEmpty else { return lines.joined(separator: "\n") }
        lines.append("SQNR      " + (result.sqnr.map { "\(Figures.decibels($0)) dB" } ?? "exact"))
        if result.outputs.count > 1 {
            lines += TextTable(
                columns: [.init(title: "output"), .init(title: "dB", isRightAligned: true)],
                rows: result.outputs.map { output in
                    [
                        .init(output.name.printable),
                        .init(output.decibels.map(Figures.decibels) ?? (output.isExact ? "exact" : "-")),
                    ]
                }
            ).lines(fitting: Paragraph.width)
        }
        return lines.joined(separator: "\n")
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
