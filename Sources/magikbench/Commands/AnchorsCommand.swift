import ArgumentParser
import Datasets
import Editing
import Foundation
import Graph
import QAT
import Sessions
import Terminal

/// `magikbench anchors`.
struct AnchorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "anchors",
        abstract: "Fit the anchors of a detector to the boxes of data.",
        usage: "magikbench anchors <session> --data <spec> [options]",
        discussion: """
            Searches widths and heights by k-means, with the distance 1 - intersection over union, among the boxes of the \
            training samples in pixels of the network's input. The smallest go to the head with the largest map. Heads \
            of the kind ssd get priors in the same way; heads of the kind distances have none.

            Prints how well boxes overlap with their best anchor before and after, and saves the session.

              magikbench anchors cells --data voc:data/bccd
              magikbench anchors cells --data voc:data/bccd --count 2 --dry-run
            """)

    @Argument(help: "The session.", completion: .sessions)
    var session: String

    @Option(help: ArgumentHelp("Data with boxes.", valueName: "spec"), completion: .data)
    var data: String

    @Option(help: ArgumentHelp("Anchors a head; as many as it has.", valueName: "n"))
    var count: Int?

    @Option(help: ArgumentHelp("Where the search begins.", valueName: "n"))
    var seed: UInt64 = 1

    @Flag(help: "Say what would change, and save nothing.")
    var dryRun = false

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        if let count { try NumberOption.check([("--count", count, 1...100)]) }
    }

    func run() throws {
        var session = try Session.opened(session)
        do {
            var document = session.document
            let network = document.network
            guard case .detection(let task) = network.task, let input = network.inputs.first else {
                throw CommandError.failure(
                    "the task of the network is \(network.task.kind.rawValue); only a detector has anchors")
            }
            let dataset = try Dataset.open(
                try DataSpec(data), shape: input.shape, task: network.task, seed: seed)
            let boxes = dataset.boxSizes(of: .train)
            guard !boxes.isEmpty else {
                throw CommandError.failure("\(data): the training samples have no boxes")
            }
            let fitting = try AnchorFitting(task, in: network, to: boxes, count: count, seed: seed)
            try document.apply(.setTask(.detection(fitting.task)))
            if !dryRun {
                try session.save(document, CarriedChange(of: session, to: document, formerNames: [:]))
            }
            print(json ? page(document, fitting, boxes.count).pretty : text(fitting, boxes.count))
            if dryRun { Output.write("dry run: nothing was saved\n", to: STDERR_FILENO) }
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError.failure("\(error)")
        }
    }

    private func text(_ fitting: AnchorFitting, _ boxes: Int) -> String {
        let heads = fitting.task.heads.map { head in
            "\(head.parts.map(\.part.layer).joined(separator: ", ")): "
                + head.sizes.map { "\(Figures.clip($0.width))x\(Figures.clip($0.height))" }.joined(
                    separator: ", ")
        }
        return
            (heads.map(\.printable) + [
                "\(counted(boxes, "box", plural: "boxes")): overlap with the best anchor "
                    + "\(share(fitting.overlap.before)) -> \(share(fitting.overlap.after))"
            ]).joined(separator: "\n")
    }

    private func share(_ value: Double) -> String { Figures.accuracy(value) + " %" }

    private func page(_ document: Document, _ fitting: AnchorFitting, _ boxes: Int) -> JSON {
        [
            "boxes": .integer(boxes), "overlapBefore": .number(fitting.overlap.before),
            "overlap": .number(fitting.overlap.after), "task": document.network.task.json ?? .null,
        ]
    }
}
