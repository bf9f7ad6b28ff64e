import ArgumentParser
import Foundation
import Graph
import Interchange
import Terminal

/// The program: runs the command that its arguments name; an error becomes one line and an exit code.
@main
struct Magikbench: ParsableCommand {
    /// The version of the program.
    static let version = ProgramVersion.text

    static let configuration = CommandConfiguration(
        commandName: "magikbench",
        abstract: "A workbench for quantized networks on Ingenic chips.",
        usage: "magikbench COMMAND ...",
        discussion: """
            Describe a network once, as the chip's operators see it; see what it costs and what every chip says \
            about it, and change it from a script.

            Start with a network that comes with the program:

              magikbench samples
              magikbench new digits --from network-t40-mnist
              magikbench show digits
              magikbench check digits --device all
              magikbench set digits 'conv*.weightBits=4'

            Exit codes: 0 done; 1 done and the answer is no; 2 bad usage or unreadable input; 130 stopped by Ctrl-C, after saving.
            """,
        version: version,
        subcommands: [
            SamplesCommand.self, NewCommand.self, ShowCommand.self, CheckCommand.self, ChipsCommand.self,
            SetCommand.self,
            TrainCommand.self, QuantizeCommand.self, EvalCommand.self, LookCommand.self, InspectCommand.self,
            SweepCommand.self, AnchorsCommand.self,
            RunsCommand.self,
            ImportCommand.self, ExportCommand.self, ReportCommand.self, DumpCommand.self,
            CompareDumpsCommand.self, ConfigCommand.self, BenchCommand.self, OpenCommand.self,
            ManCommand.self,
        ],
        defaultSubcommand: OpenCommand.self)

    static func main() {
        do {
            if let shell = CompletionScript.requested {
                Output.write(try CompletionScript.text(for: shell), to: STDOUT_FILENO)
                finish(0)
            }
            var command = try parseAsRoot()
            try command.run()
        } catch {
            end(with: error)
        }
        finish(0)
    }

    /// Ends the program with a code; with that of "no" where it is 0 and not all could be printed, as on a full disk.
    private static func finish(_ code: Int32) -> Never {
        guard let reason = Output.failure() else { Foundation.exit(code) }
        complain("standard output cannot be written: \(reason)")
        Foundation.exit(code == 0 ? Exit.no.rawValue : code)
    }

    /// The names of the commands, in the order of the help.
    static let commandNames = configuration.subcommands.map { $0.configuration }.filter(\.shouldDisplay)
        .compactMap(\.commandName)

    /// Says what is wrong in one line and ends the program; help and version are no error.
    private static func end(with error: any Error) -> Never {
        if let code = error as? ExitCode { finish(code.rawValue) }
        if let error = error as? CommandError {
            complain("\(error)")
        } else if exitCode(for: error) == .success {
            print(fullMessage(for: error))
            finish(0)
        } else {
            complain(usageMessage(message(for: error), arguments: Array(CommandLine.arguments.dropFirst())))
        }
        Foundation.exit(Exit.badUsage.rawValue)
    }

    /// The parser's message on one line, with the way to the help of the command that was meant.
    static func usageMessage(_ message: String, arguments: [String]) -> String {
        let line = message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let sentence =
            line.prefix(1).lowercased()
            + (line.hasSuffix(".") ? line.dropFirst().dropLast() : line.dropFirst())
        let typed = arguments.first { !$0.hasPrefix("-") }
        if let typed, !commandNames.contains(typed), let command = nearest(to: typed, among: commandNames) {
            return CommandError.noSuchCommand(typed, nearest: command).description
        }
        let command = typed.flatMap { commandNames.contains($0) ? $0 + " " : nil } ?? ""
        return sentence + "; see 'magikbench \(command)--help'"
    }

    private static func complain(_ message: String) {
        Output.write("magikbench: \(message.printable)\n", to: STDERR_FILENO)
    }
}
