public import ArgumentParser
import Editing
import Foundation
import Graph
import Interchange
import Platform
public import Reporting
import Runs
import Sessions
import Terminal

/// `magikbench report`.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write all that is known of a session into one page, for other people.",
        usage: "magikbench report <session> --output <path> [--data <spec>] [options]",
        discussion: """
            The network and its costs, what the chip says, histograms and SQNR by layer with what stands out, the runs \
            with their curves, and what repeats it all. With --data also how good the answers are: by class, which \
            class is taken for which, and the pictures with the worst answers, in the file itself.

            An HTML page is one file without scripts, for any browser, in light and dark, on a phone and on paper; \
            a file that ends in .md is Markdown for a pull request. Without weights there is no SQNR and no \
            histogram, and the page says so.

              magikbench report digits -o digits.html
              magikbench report digits -o digits.html --data mnist:data/mnist --overwrite
              magikbench report digits -o digits.md --run last --best
            """)

    @Argument(help: "A session, or a network file by itself.", completion: .sessions)
    var session: String

    @Option(
        name: [.short, .long], help: ArgumentHelp("The file to write.", valueName: "path"),
        completion: .file())
    var output: String

    @Option(help: "html or markdown; markdown for .md, else html.")
    var format: ReportFormat?

    @Option(
        help: ArgumentHelp("Measure on a data set, and show its worst pictures.", valueName: "spec"),
        completion: .data)
    var data: String?

    @Option(help: ArgumentHelp("Samples for histograms and SQNR.", valueName: "n"))
    var samples = ReportRequest.usualSamples

    @Option(help: ArgumentHelp("The seed of generated data.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Threads; auto is one a core.", valueName: "n"))
    var threads = ThreadCount.automatic

    @OptionGroup
    var choice: RunChoice

    @Flag(help: "Replace the file where there is one.")
    var overwrite = false

    func validate() throws {
        try NumberOption.check([
            ("--samples", samples, NumberOption.samples), ("--threads", threads.count, NumberOption.threads),
        ])
    }

    func run() throws {
        let session = try choice.chosen(try Session.opened(session))
        // Asked first: a report takes a while.
        if !overwrite, try isThere {
            throw CommandError.failure("\(output.printable) is there already; --overwrite replaces it")
        }
        do {
            let report = try SessionReport(session, request)
            let text = (format ?? ReportFormat(path: output)).text(of: report)
            let bytes = Array(text.utf8)
            try CommandFile.write(bytes, to: output)
            print("wrote \(output.printable), \(Figures.grouped(bytes.count)) bytes")
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError.failure("\(error)")
        }
    }

    private var isThere: Bool {
        get throws(CommandError) {
            do {
                return try Disk.kind(of: output) != nil
            } catch {
                throw .failure("\(output.printable): \(error)")
            }
        }
    }

    private var request: ReportRequest {
        var request = ReportRequest(
            .init(version: ProgramVersion.text, day: SessionReport.Origin.today, commands: [commandLine]))
        request.data = data
        request.samples = samples
        request.seed = seed
        request.threads = threads.count
        request.run = choice.run
        return request
    }

    /// What makes the report again, as it is typed.
    private var commandLine: String {
        var words = ["magikbench", "report", session, "-o", output]
        if let format { words += ["--format", format.rawValue] }
        if let data { words += ["--data", data] }
        if samples != ReportRequest.usualSamples { words += ["--samples", "\(samples)"] }
        if seed != 1 { words += ["--seed", "\(seed)"] }
        if let run = choice.run { words += ["--run", run] + (choice.best ? ["--best"] : []) }
        return words.map(ShellWord.quoted).joined(separator: " ")
    }
}

extension ReportFormat: ExpressibleByArgument {}
