import ArgumentParser
import Benchmarking
import Editing
import Graph
import Sessions

/// `magikbench bench`.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure how fast the program itself is.",
        subcommands: [
            BenchCheckCommand.self, BenchTrainCommand.self, BenchBusyCommand.self, BenchQuantizeCommand.self,
            BenchProbeCommand.self, BenchSweepCommand.self, BenchIntegerCommand.self, BenchLoadCommand.self,
            BenchFrameCommand.self,
            BenchWatchCommand.self,
        ])
}

extension BenchCommand {
    /// The document of a sample by its name, or of a session or a network file by its path.
    static func document(_ network: String) throws -> Document {
        Samples.names.contains(network)
            ? try Samples.document(named: network) : try Session.opened(network).document
    }
}

/// `magikbench bench check`.
struct BenchCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Measure a check on every chip, and an edit of a large network.",
        discussion: """
            Medians of many runs, on networks that the command builds. Only a release build says anything.

              magikbench bench check --json
            """)

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        let benchmark = try CheckBenchmark()
        print(json ? benchmark.json.pretty : benchmark.text)
    }
}
