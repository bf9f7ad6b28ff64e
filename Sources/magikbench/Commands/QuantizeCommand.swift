public import ArgumentParser
import Editing
import Foundation
import Graph
import Probing
public import QAT
import Sessions
import Terminal

/// `magikbench quantize`.
struct QuantizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Make a trained float network a good quantized one from data, without training.",
        usage: """
            magikbench quantize <session> [--data <spec>] [--samples <n>]
                                [--bits <bits>] [options]
            """,
        discussion: """
            Takes trained float weights, imported or of a run in float, and needs samples without labels. Every \
            tensor gets its range from the samples; scales are folded into weights and batch norms; then gains \
            and means are corrected behind the quantizers, layer by layer. The float model stays in the session: \
            'eval --float' answers with it, and 'train --loss distillation' learns from it.

              magikbench quantize face --data images:photos
              magikbench quantize face --data images:photos --bits w4a8
              magikbench quantize face --data images:photos --dry-run --json

            BITS is a width of weights and activations, 8 or 4, or one of each: w4a8 stores weights in 4 bits and \
            hands on activations of 8. Activations of 4 bits cost far more than weights of 4.

            METHOD is mse (least squared error), percentile (99.99 % of the values lie within), max or entropy. \
            A session that was quantized before is quantized again from its float model. \
            SQNR is that of a layer's result against the float network's, in dB, each scaled to the other.
            """)

    @Argument(help: "The session.", completion: .sessions)
    var session: String

    @Option(
        help: ArgumentHelp(
            "The samples; what is generated for the network where it is left out.", valueName: "spec"),
        completion: .data)
    var data: String?

    @Option(help: ArgumentHelp("Samples that ranges come from.", valueName: "n"))
    var samples = Session.usualCalibrationSamples

    @Option(
        help: ArgumentHelp(
            "Bits of weights and activations, as 8 or w4a8; those that the session has.", valueName: "bits"))
    var bits: String?

    @Option(help: "How ranges follow from values: mse, percentile, max or entropy.")
    var method = RangeMethod.mse

    @Option(
        help: ArgumentHelp("How weights are rounded: learned or nearest.", valueName: "how")
    )
    var round = Rounding.learned

    @Flag(help: "Leave all clips as they are.")
    var keepClips = false

    @Flag(help: "Leave signed maps whole, which T40, T41 and T02 surround with -1, not 0.")
    var wholeMaps = false

    @Option(help: ArgumentHelp("The seed of generated data, and of the choice of samples.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Threads; auto is one a core.", valueName: "n"))
    var threads = ThreadCount.automatic

    @Flag(help: "Print what would change, and save nothing.")
    var dryRun = false

    @Flag(help: "Print one JSON document.")
    var json = false

    /// How weights are brought onto their grid.
    enum Rounding: String, CaseIterable, ExpressibleByArgument {
        /// To the nearest code.
        case nearest
        /// Up or down, as it serves the layer's result best.
        case learned
    }

    func validate() throws {
        try NumberOption.check([
            ("--samples", samples, NumberOption.samples), ("--threads", threads.count, NumberOption.threads),
        ])
        _ = try widths()
    }

    /// The widths that were asked for.
    private func widths() throws -> BitWidths? {
        guard let bits else { return nil }
        let allowed = Array(Quantization.weightBits.dropLast())
        guard let widths = BitWidths(bits, allowed: allowed) else {
            let list = allowed.map(String.init).joined(separator: ", ")
            throw ValidationError(
                "--bits is one of \(list), or one for weights and one for activations: w4a8")
        }
        return widths
    }

    func run() throws {
        var session = try Session.opened(session)
        threads.use()
        StopSignal.watch()
        let start = ContinuousClock.now
        var pace = CalibrationPace()
        let result: CalibrationResult
        do {
            var request = try session.calibrationRequest(
                data: data, samples: samples, widths: try widths(), seed: seed
            ) { tell(pace.timed($0)) }
            request.method = method
            request.keepsClips = keepClips
            request.learnsRounding = round == .learned
            request.splitsSigns = !wholeMaps
            guard let made = try calibrated(request, &pace) else { throw Self.stopped }
            result = made
            if !dryRun { try session.adopt(result) }
        } catch let error as SessionError {
            throw CommandError.session(error)
        } catch let exit as ExitCode {
            throw exit
        } catch is CancellationError {
            throw Self.stopped
        } catch {
            throw CommandError.failure("\(error)")
        }
        let quantized = QuantizeTable(
            result, name: session.name, device: session.document.device, method: method,
            seconds: (ContinuousClock.now - start) / .seconds(1))
        print(json ? quantized.json.pretty : quantized.text(.standardOutput))
        if dryRun { Output.write("dry run: nothing was saved\n", to: STDERR_FILENO) }
    }

    /// Says how long it will take, where a person sees it, then does it; nil where it was stopped.
    private func calibrated(
        _ request: Calibration.Request, _ pace: inout CalibrationPace
    ) throws -> CalibrationResult? {
        let hasTerminal = isatty(STDERR_FILENO) == 1
        defer { if hasTerminal { Output.rewrite("", to: STDERR_FILENO) } }
        let calibration = try Calibration(request)
        if hasTerminal, tell(.measuring) { pace.expected = try calibration.expectation() }
        return try calibration.run { tell(pace.timed($0)) }
    }

    /// Says how far it is where a person sees it; false where it is to stop.
    private func tell(_ progress: Calibration.Progress) -> Bool {
        if isatty(STDERR_FILENO) == 1 { Output.rewrite(progress.words, to: STDERR_FILENO) }
        return !StopSignal.isRaised
    }

    /// Says that it was stopped; the exit code of that.
    private static var stopped: ExitCode {
        if isatty(STDERR_FILENO) == 1 { Output.rewrite("", to: STDERR_FILENO) }
        Output.write("stopped; nothing was changed\n", to: STDERR_FILENO)
        return Exit.interrupted
    }
}

extension RangeMethod: ExpressibleByArgument {}
