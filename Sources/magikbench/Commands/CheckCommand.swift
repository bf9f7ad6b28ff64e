import ArgumentParser
import Devices
import Editing
import Foundation
import Graph
import Interchange
import Sessions
import TUI
import Terminal

/// `magikbench check`.
struct CheckCommand: ParsableCommand {
    /// How findings are written.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text, json, sarif
    }

    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what the chips think of a network.",
        usage: """
            magikbench check <path> [--device <chip> ...] [--format <format>]
                                    [--json] [--strict] [--wide] [--fix]
                                    [--input <shape>] [--outputs <names>]
            """,
        discussion: """
            ✗ is an error: the chip cannot run the network as it is. ! is a warning: the vendor's documents \
            disagree, or the limit is only recommended. · is advice. Findings that the session waives are listed \
            last, with the reason.

              magikbench check digits
              magikbench check digits --device all
              magikbench check digits --device T40 --device T41 --strict
              magikbench check digits --format sarif > digits.sarif
              magikbench check digits --fix

            An ONNX model is judged as if all its layers had 8 bits; whether it runs comes first, then the operators \
            that no chip has, and what was changed. What lies behind its last layers is left to the host.
            A fix is shown only where it is safe: it settles the finding and adds none on that chip.
            --fix makes all fixes that keep the float results, as F on the screen does, carries the weights along and \
            saves; channels are widened with zeros.
            Exit code 1 where an error is left, with --strict also where a warning is.
            """)

    @Argument(help: "A session, a network file by itself, or an ONNX model.", completion: .sessions)
    var path: String

    @Option(
        help: ArgumentHelp(
            "A chip to ask, or 'all'; may be repeated. Without it, the session's own.", valueName: "chip"),
        completion: .chips)
    var device: [String] = []

    @Option(help: "How to write the findings.")
    var format: Format?

    @OptionGroup(title: "Options of an ONNX model")
    var options: ModelOptions

    @Flag(help: "Let warnings count as errors in the exit code.")
    var strict = false

    @Flag(help: "Name every layer, and show every operator of the table.")
    var wide = false

    @Flag(help: "The same as --format json.")
    var json = false

    @Flag(help: "Make all fixes that keep the float results, and save.")
    var fix = false

    func validate() throws {
        if json, let format, format != .json {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other")
        }
        guard !fix || device.isEmpty else {
            throw ValidationError("--fix is for the session's own chip, without --device")
        }
        guard !fix || format != .sarif else {
            throw ValidationError("--fix and --format sarif exclude each other")
        }
    }

    func run() throws {
        let model = ImportedModel.isModel(path) ? try ImportedModel.read(path, options: options.options) : nil
        guard model == nil || !fix else {
            throw CommandError.failure("\(path.printable): --fix changes a session; import the model first")
        }
        var session =
            try model.map { Session(imported: $0.document, weights: $0.weights, from: path) }
            ?? Session.opened(path)
        let fixed = fix ? try FixRun(&session) : nil
        let document = session.document
        let devices = try device.isEmpty ? [document.device] : Device.named(device)
        let reports =
            model?.reports(for: devices)
            ?? Checker.reports(on: document.network, for: devices, waivers: document.waivers)
        switch json ? .json : format ?? .text {
        case .text:
            let page = CheckText(
                document, reports, name: session.name,
                path: model == nil ? session.path : ImportedModel.stem(path), isWide: wide,
                isCut: model.map { !$0.report.faults.isEmpty } ?? false, style: .standardOutput)
            let blocks =
                model.map { ImportText($0, isWhole: wide, style: .standardOutput).blocks(reports) } ?? []
            let next =
                model.map { $0.report.faults.isEmpty ? [ImportedModel.nextStep(path, options)] : [] } ?? []
            let made = fixed.map { [$0.text] } ?? []
            print((blocks + made + [page.text] + next).joined(separator: "\n\n"))
        case .json:
            print(
                CheckJSON.document(
                    reports, of: document.network, name: session.name, model: model?.report, fixed: fixed
                ).pretty)
        case .sarif:
            guard model == nil else {
                throw CommandError.failure(
                    "\(path.printable): SARIF points at lines of a network file; import the model first")
            }
            let lines: LayerLines
            do {
                lines = LayerLines(bytes: try session.documentBytes())
            } catch {
                throw CommandError.session(error)
            }
            let uri = SARIF.uri(of: session.file, in: FileManager.default.currentDirectoryPath)
            print(SARIF(reports, of: document.network, lines: lines, uri: uri).json.pretty)
        }
        let isMapped = model?.report.faults.isEmpty ?? true
        if !isMapped || CheckCommand.isRefused(reports, strict: strict) { throw Exit.no }
    }

    /// Whether any chip finds an error that is not waived; or a warning, if `strict`.
    static func isRefused(_ reports: [Report], strict: Bool) -> Bool {
        reports.contains { !$0.accepts || strict && $0.count(.warning) > 0 }
    }
}
