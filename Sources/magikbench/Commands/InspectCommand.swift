import ArgumentParser
import Editing
import Foundation
import Graph
import Probing
import QAT
import Runs
import Sessions
import Terminal
import Weights

/// `magikbench inspect`.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what quantizing does to every layer, and what to try.",
        usage: "magikbench inspect <session> [--data <spec>] [--layer <name>] [options]",
        discussion: """
            One row a layer, from samples that are not trained on: weights (w), then results (a). '!' marks the \
            worst local and the worst accumulated SQNR of results. Below, a sentence for each layer that stands out; \
            what it advises was tried on the whole network, whose results are no worse for it. \
            --layer shows one layer with histograms.

              magikbench inspect digits --data mnist:data/mnist
              magikbench inspect digits --layer conv3
              magikbench inspect digits --run last --best
              magikbench inspect digits --json | jq '.layers[] | [.name, .feature.sqnr]'

            \(Measures.help)
            """)

    @Argument(help: "A session, a network file by itself, or an ONNX model.", completion: .sessions)
    var session: String

    @Option(
        help: ArgumentHelp("What to look at; glyphs, or tones for sequences.", valueName: "spec"),
        completion: .data)
    var data: String?

    @Option(help: ArgumentHelp("One layer, with its histograms.", valueName: "name"))
    var layer: String?

    @Option(help: ArgumentHelp("Samples; more than 32 are looked at batch by batch.", valueName: "n"))
    var samples = 32

    @Option(help: ArgumentHelp("Weights of an earlier moment, for flips.", valueName: "file"))
    var before: String?

    @Option(help: ArgumentHelp("Write the compared tensors to a safetensors file.", valueName: "file"))
    var dump: String?

    @Option(help: ArgumentHelp("The seed of generated data and of weights that are missing.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Threads; auto is one a core.", valueName: "n"))
    var threads = ThreadCount.automatic

    @OptionGroup
    var choice: RunChoice

    @Flag(help: "Print one JSON document.")
    var json = false

    @Flag(help: "Print comma-separated values, a line for each layer.")
    var csv = false

    func validate() throws {
        try NumberOption.check([
            ("--samples", samples, NumberOption.samples), ("--threads", threads.count, NumberOption.threads),
        ])
        guard !(json && csv) else { throw ValidationError("--json and --csv do not go together") }
        guard dump == nil || samples <= ProbeDump.mostSamples else {
            throw ValidationError("--dump takes at most \(ProbeDump.mostSamples) samples")
        }
    }

    func run() throws {
        let session = try choice.chosen(try Session.viewed(session))
        let network = session.document.network
        if let layer, network[layer] == nil {
            throw CommandError.failure(
                "no layer is named '\(layer)'" + didYouMean(layer, among: network.nodes.map(\.name)))
        }
        let inspection = try look(at: session)
        let inspected = InspectTable(inspection, on: session.document.device, layer: layer)
        if json {
            print(inspected.json.pretty)
        } else if csv {
            print(inspected.csv)
        } else {
            print(InspectText(inspected, name: session.name, style: .standardOutput).text)
        }
    }

    private func look(at session: Session) throws -> Inspection {
        do {
            var request = try session.inspectionRequest(data: data, samples: samples, seed: seed)
            request.threads = threads.count
            request.earlierWeights = try before.map(CommandFile.tensors)
            let probe = Probe()
            let written = ProbeDump()
            if dump != nil { probe.tap = written.take }
            guard let report = probe.report(request) else {
                preconditionFailure("the probe cannot be cancelled")
            }
            if let failure = report.failure { throw failure }
            if let dump { try written.write(to: dump) }
            probe.tap = nil
            return Inspection(
                report, of: Analysis(request.network, on: request.family), on: session.document.device
            ).accepted(by: session.document)
                .suiting(weightsTrainedQuantized: session.weightsWereTrainedQuantized)
                .tried(as: request) { probe.report($0) }
        } catch {
            throw CommandError.failure("\(error)")
        }
    }
}

/// The definitions that the help gives.
private enum Measures {
    static let help = """
        Measures (x is what a quantizer reads, q what it gives, in the same units):
          SQNR     10 log10(sum x^2 / sum (x - q)^2), in dB; exact: nothing is lost
          acc.     the same between the float and the quantized network's results,
                   at the one scale that agrees best
          cosine   sum f q / sqrt(sum f^2 sum q^2), f of the float network
          error    mean squared error, sum (x - q)^2 / n; of results with x / clip
          clipped  the share of values outside the range
          levels   the share of the grid's codes that occur
          dead     channels that give one value only, over all samples and places
          fold     |Q(w) s - Q(w s)| / |Q(w) s|, where s is the factor of batch
                   norm by channel: gamma over the running deviation
          int      codes that differ where the whole network is computed in integers;
                   float: it has no integer form, and a sentence says why
          room     bits that the sums of the layer are away from the accumulator's
                   bound
          flips    the share of weights below 8 bit whose code is another than
                   with the weights of --before
        """
}

/// The tensors that a probe compared, for another program to compute the measures from.
final class ProbeDump {
    /// One batch: what is written is kept in memory first.
    static let mostSamples = 32

    private var tensors: [Safetensors.Tensor] = []

    /// Keeps a copy.
    func take(_ name: String, _ values: UnsafePointer<Float>, _ shape: [Int]) {
        let count = shape.reduce(1, *)
        tensors.append(
            Safetensors.Tensor(
                name, Array(UnsafeBufferPointer(start: values, count: count)), shape: shape))
    }

    /// Writes all of them.
    func write(to path: String) throws {
        try CommandFile.write(Safetensors(tensors).encoded(), to: path)
    }
}
