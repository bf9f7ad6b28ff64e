public import ArgumentParser
import Editing
import Foundation
import Graph
public import Probing
import QAT
import Sessions
import Terminal

/// `magikbench sweep`.
struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Find out which layers need their bits, clips and factors, and what can be saved.",
        usage: "magikbench sweep <session> [--data <spec>] [--over <what>] [options]",
        discussion: """
            Changes one value of one layer at a time and measures the network's SQNR: of all its results, the \
            quantized network's against the float one's, in dB, batch norm by the statistics of the samples; in a \
            session that quantize made, by its own. Then the best together. For bits: mixes that lose least for their \
            size, from the smallest to the largest, each of them measured and within the rules of the chip. For clips \
            and factors: every value that gains something, added to those before.

              magikbench sweep digits --data mnist:data/mnist
              magikbench sweep digits --bits 4,8 --budget 65% --apply
              magikbench sweep digits --over clip --apply

            What promises most is measured first. --budget is bytes (also 800KiB, 1.5MiB) or a share of what the \
            network costs now (65%); with --cost operations, multiplications times the bits of both factors. \
            --accuracy also asks labelled samples, with batch norm's statistics of 256 training samples. On a \
            terminal it says how long it will take. Ctrl-C prints what is known by then, which is kept in the session; \
            the same command goes on from there.
            """)

    @Argument(help: "A session, or a network file by itself.", completion: .sessions)
    var session: String

    @Option(
        help: ArgumentHelp("What to look at; glyphs, or tones for sequences.", valueName: "spec"),
        completion: .data)
    var data: String?

    @Option(help: "What is changed: bits, clip or factor.")
    var over = SweepRequest.Setting.bits

    @Option(name: .customLong("of"), help: "Whose bits: weights, results or both.")
    var tensors = SweepRequest.Tensors.weights

    @Option(help: ArgumentHelp("Bits to try; all that the chip has.", valueName: "list"))
    var bits: IntegerList?

    @Option(help: "What a mix of bits saves: bytes or operations.")
    var cost = SweepRequest.Cost.bytes

    @Option(help: ArgumentHelp("The most that a mix may cost.", valueName: "size"))
    var budget: Budget?

    @Option(help: ArgumentHelp("Samples; more than 32 are looked at batch by batch.", valueName: "n"))
    var samples = SweepRequest.usualSamples

    @Option(help: ArgumentHelp("Labelled samples to measure accuracy on.", valueName: "n"))
    var accuracy = 0

    @Option(help: ArgumentHelp("The seed of generated data and of weights that are missing.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Threads; auto is one a core.", valueName: "n"))
    var threads = ThreadCount.automatic

    @Flag(help: "Save the best mix within --budget, or all gains, in the session.")
    var apply = false

    @Flag(help: "Print one JSON document.")
    var json = false

    @Flag(help: "Print comma-separated values, a line for each trial and mix.")
    var csv = false

    func validate() throws {
        try NumberOption.check([
            ("--samples", samples, NumberOption.samples), ("--threads", threads.count, NumberOption.threads),
            ("--accuracy", accuracy, NumberOption.count),
        ])
        guard !(json && csv) else { throw ValidationError("--json and --csv do not go together") }
        if over != .bits {
            guard bits == nil, budget == nil, tensors == .weights, cost == .bytes else {
                throw ValidationError("--bits, --of, --cost and --budget belong to --over bits")
            }
        } else if apply, budget == nil {
            throw ValidationError(
                "--apply takes the best mix within a budget: add --budget, such as --budget 65%")
        }
        if let bad = bits?.values.first(where: { !(2...12).contains($0) }) {
            throw ValidationError("--bits are from 2 to 12, not \(bad)")
        }
    }

    func run() throws {
        var session = try Session.opened(session)
        StopSignal.watch()
        let result: SweepResult
        do {
            result = try swept(session)
        } catch {
            throw CommandError.failure("\(error)")
        }
        let chosen = chosen(result)
        let swept = SweepTable(result, chosen: chosen, name: session.name)
        if json {
            print(swept.json.pretty)
        } else if csv {
            print(swept.csv)
        } else {
            print(SweepText(swept, style: .standardOutput).text)
        }
        guard result.isComplete else {
            Output.write(
                "stopped after \(result.progress.done) of \(counted(result.progress.of, "trial")); the same command goes on\n",
                to: STDERR_FILENO)
            throw Exit.interrupted
        }
        if apply { try save(chosen, in: &session) }
    }

    private func swept(_ session: Session) throws -> SweepResult {
        var probe = try session.inspectionRequest(data: data, samples: samples, seed: seed)
        probe.threads = threads.count
        threads.use()
        var request = SweepRequest(probe, on: session.document.device)
        request.setting = over
        request.tensors = tensors
        request.cost = cost
        request.widths = bits?.values
        request.labelled = accuracy
        request.budget = budget?.limit(of: request.ownCost)
        let cache = session.path == session.file ? nil : SweepCache(folder: session.path)
        let sweep = try Sweep(request, cache: cache)
        let hasTerminal = isatty(STDERR_FILENO) == 1
        defer { if hasTerminal { Output.rewrite("", to: STDERR_FILENO) } }
        var kept = ContinuousClock.now
        if hasTerminal {
            Output.rewrite("measuring a few samples", to: STDERR_FILENO)
            sweep.estimate { StopSignal.isRaised }
            show(sweep.result)
        }
        while !StopSignal.isRaised, try sweep.advance(isCancelled: { StopSignal.isRaised }) {
            if hasTerminal { show(sweep.result) }
            if ContinuousClock.now - kept > .seconds(10) {
                sweep.save()
                kept = .now
            }
        }
        sweep.save()
        return sweep.result
    }

    /// How far a sweep is, on the line of a terminal: "trial 3 of 112, about 14s left; Ctrl-C prints what is known".
    private func show(_ result: SweepResult) {
        let left = result.secondsLeft.map { ", about \(Figures.duration($0)) left" } ?? ""
        Output.rewrite(
            "trial \(result.progress.done) of \(result.progress.of)\(left); Ctrl-C prints what is known",
            to: STDERR_FILENO)
    }

    /// What --apply would take.
    private func chosen(_ result: SweepResult) -> SweepMix? {
        over == .bits ? result.request.budget.flatMap(result.best) : result.mixes.last
    }

    private func save(_ chosen: SweepMix?, in session: inout Session) throws {
        guard let chosen else {
            throw CommandError.failure(
                over == .bits
                    ? "no mix stays within \(budget.map { "\($0)" } ?? ""); nothing was saved"
                    : "nothing gains anything; nothing was saved")
        }
        guard let edit = chosen.edit else {
            Output.write(
                "the network is the best within the budget as it is; nothing was saved\n", to: STDERR_FILENO)
            return
        }
        do {
            try session.document.apply(edit)
            try session.save()
        } catch let error as SessionError {
            throw CommandError.session(error)
        } catch {
            throw CommandError.failure("\(error)")
        }
        Output.write(
            "saved \(counted(chosen.choices.count, "value")) in \(session.name): \(chosen.choices.map(\.assignment).joined(separator: " "))\n",
            to: STDERR_FILENO)
    }
}

extension SweepRequest.Setting: ExpressibleByArgument {}
extension SweepRequest.Tensors: ExpressibleByArgument {}
extension SweepRequest.Cost: ExpressibleByArgument {}

/// The most that a mix may cost: a number of bytes or operations, or a share of what the network costs.
struct Budget: ExpressibleByArgument, CustomStringConvertible {
    let description: String
    private let amount: Double
    private let isShare: Bool

    init?(argument: String) {
        let units: [(String, Double)] = [
            ("%", 0.01), ("KiB", 1024), ("MiB", 1_048_576), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("", 1),
        ]
        guard let (unit, factor) = units.first(where: { argument.hasSuffix($0.0) }),
            let number = Double(argument.dropLast(unit.count)), number > 0, number * factor < 1e18
        else { return nil }
        description = argument
        amount = number * factor
        isShare = unit == "%"
    }

    /// The number, where the network costs so much as it is.
    func limit(of cost: Int) -> Int { Int(held: isShare ? amount * Double(cost) : amount) }
}
