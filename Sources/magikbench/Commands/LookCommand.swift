public import ArgumentParser
public import Datasets
import Foundation
import Graph
import Probing
import QAT
import Sessions
import Terminal

/// `magikbench look`.
struct LookCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "look",
        abstract: "List samples with what is right and what the network says, and write them as pictures.",
        discussion: """
            Each sample with its label or boxes, the answers of the quantized and the float network, and the loss of \
            the quantized one. --worst lists the largest loss first: a wrong label comes early. --changed lists only \
            samples whose answer quantizing changed. Without weights only labels are listed.

            --png writes each picture as the network gets it, and all of them on one sheet: boxes of the labels in full \
            lines, those of float in dashes, those of the quantized network in points.

            --labels writes what the float network finds in all pictures of the split as labels for YOLO, with links \
            to the pictures: yolo:DIR then reads them.

              magikbench look digits --data mnist:data/mnist --worst --count 20
              magikbench look cells --data voc:data/bccd --changed --png changed
              magikbench look faces --data images:photos --labels found --score 0.6
            """)

    @Argument(help: "The session.", completion: .sessions)
    var session: String

    @Option(
        help: ArgumentHelp(
            "What to look at; what is generated for the network where it is left out.", valueName: "spec"),
        completion: .data)
    var data: String?

    @Option(help: ArgumentHelp("train, validation or test; test where there is one.", valueName: "split"))
    var split: Split?

    @Flag(help: "The largest loss first.")
    var worst = false

    @Flag(help: "Only samples whose answer quantizing changed.")
    var changed = false

    @Option(name: .customLong("class"), help: ArgumentHelp("Only samples of a class.", valueName: "name"))
    var label: String?

    @Option(help: ArgumentHelp("As an epoch of training changes them, from 1.", valueName: "epoch"))
    var augmented: Int?

    @Option(help: ArgumentHelp("So many samples at most.", valueName: "n"))
    var count = 20

    @Option(help: ArgumentHelp("Write pictures into a folder.", valueName: "dir"))
    var png: String?

    @Option(help: ArgumentHelp("Write found boxes as labels into a folder.", valueName: "dir"))
    var labels: String?

    @Option(help: ArgumentHelp("The least score of a found box; 0.25, in labels 0.5.", valueName: "share"))
    var score: Double?

    @Option(help: ArgumentHelp("The seed of generated and augmented data.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Threads; auto is one a core.", valueName: "n"))
    var threads = ThreadCount.automatic

    @OptionGroup
    var choice: RunChoice

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        try NumberOption.check([
            ("--threads", threads.count, NumberOption.threads), ("--count", count, 1...10_000_000),
        ])
        if let augmented { try NumberOption.check([("--augmented", augmented, 1...1_000_000)]) }
        if let score, !(score > 0 && score < 1) {
            throw ValidationError("--score \(score) is no share, 0 to 1 without both")
        }
        guard labels == nil || !worst && !changed && augmented == nil && label == nil else {
            throw ValidationError(
                "--labels is written for all pictures: without --worst, --changed, --class and --augmented")
        }
    }

    func run() throws {
        let session = try choice.chosen(try Session.opened(session))
        threads.use()
        var question = SessionLook.Question()
        question.data = data
        question.split = split
        question.label = label
        question.isWorstFirst = worst
        question.isChangedOnly = changed
        question.epoch = augmented.map { $0 - 1 }
        question.count = labels == nil ? count : .max
        question.threshold = Float(score ?? (labels == nil ? Double(ConfusionMatrix.boxScore) : 0.5))
        question.seed = seed
        do {
            let look = try SessionLook(session, question)
            if let png { try LookPictures.write(look, into: png) }
            if let labels {
                let written = try FoundLabels.write(look, into: labels)
                Output.write(written + "\n", to: STDERR_FILENO)
            }
            print(json ? LookText.document(look).pretty : LookText.text(look, shown: count))
        } catch {
            throw CommandError.failure("\(error)")
        }
    }
}

extension Split: ExpressibleByArgument {}
