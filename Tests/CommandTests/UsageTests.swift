import ArgumentParser
import Devices
import Editing
import Terminal
import TestTraits
import Testing

@testable import magikbench

@Suite(.limited)
struct UsageTests {
    @Test(
        "bad usage is one line that leads to the right help",
        arguments: [
            (
                "Missing expected argument '<session>'", "show",
                "missing expected argument '<session>'; see 'magikbench show --help'"
            ),
            (
                "The value 'xml' is invalid.\n  Please provide one of 'text' or 'json'.",
                "check x --format xml",
                "the value 'xml' is invalid. Please provide one of 'text' or 'json'; see 'magikbench check --help'"
            ),
            ("Unexpected argument 'x'", "chekc x", "no command is named 'chekc'; did you mean 'check'?"),
            (
                "Unknown option '--nonsense'", "--nonsense",
                "unknown option '--nonsense'; see 'magikbench --help'"
            ),
        ])
    func message(message: String, typed: String, expected: String) {
        let arguments = typed.split(separator: " ").map(String.init)
        #expect(Magikbench.usageMessage(message, arguments: arguments) == expected)
    }

    @Test("help fits 80 columns")
    func help() {
        let shown = Magikbench.configuration.subcommands.filter { $0.configuration.shouldDisplay }
        let commands = shown.flatMap { command in
            let parts = command.configuration.subcommands
            return parts.isEmpty ? [command] : parts
        }
        let pages =
            [Magikbench.helpMessage(columns: 80)]
            + commands.map { Magikbench.helpMessage(for: $0, columns: 80) }
        for page in pages {
            #expect(page.hasPrefix("OVERVIEW: ") && page.contains("  magikbench "))
            for line in page.split(separator: "\n") { #expect(line.displayWidth <= 80, "\(line)") }
        }
    }

    @Test("every example of a command's help names a command that there is")
    func examples() {
        let names = Set(Magikbench.commandNames)
        let commands = Magikbench.configuration.subcommands.filter { $0 != OpenCommand.self }
        for command in commands.flatMap({ [$0] + $0.configuration.subcommands }) {
            let discussion = command.configuration.discussion
            for line in discussion.split(separator: "\n") where line.hasPrefix("  magikbench ") {
                let word = line.split(separator: " ")[1]
                #expect(names.contains(String(word)), "\(line)")
            }
        }
    }

    @Test("chips have names in any case, in lists and all together")
    func chips() throws {
        #expect(try Device.named(["t40", "Txx,t02", "T40"]).map(\.rawValue) == ["T40", "Txx", "T02"])
        #expect(try Device.named(["ALL"]) == Device.allCases)
        #expect(throws: CommandError.self) { try Device.named(["T40", "T4"]) }
    }

    @Test("a word that is near a command was probably meant to be one")
    func noCommand() throws {
        var open = try OpenCommand.parse(["shwo"])
        #expect(throws: CommandError.self) { try open.run() }
        open = try OpenCommand.parse([])
        #expect(throws: CommandError.self) { try open.run() }
        let names = Figures.listed(Magikbench.commandNames)
        #expect(
            names
                == "samples, new, show, check, chips, set, train, quantize, eval, look, inspect, sweep, anchors, runs, import, export, report, dump, compare-dumps, config and bench"
        )
    }
}
