import ArgumentParser
import Benchmarking
import Graph
import Probing
import QAT
import Sessions

/// `magikbench bench sweep`.
struct BenchSweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Measure sweeps, and how well they predict their time.",
        usage: "magikbench bench sweep [<session>] [--data <spec>] [options]",
        discussion: """
            Without a session, samples with initial weights and generated data are swept. The last column is what as
            many probes of the whole network would take. Only a release build says anything.

              magikbench bench sweep --over bits --threads 2
              magikbench bench sweep face --data images:photos --json
            """)

    @Argument(help: "A session to sweep with its weights.", completion: .sessions)
    var session: String?

    @Option(
        help: ArgumentHelp("What to look at; glyphs, or tones for sequences.", valueName: "spec"),
        completion: .data)
    var data: String?

    @Option(help: "What is changed: bits, clip or factor.")
    var over = SweepRequest.Setting.clip

    @Option(help: ArgumentHelp("Threads; auto is one a core.", valueName: "n"))
    var threads = ThreadCount.one

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        try NumberOption.check([("--threads", threads.count, NumberOption.threads)])
        guard data == nil || session != nil else {
            throw ValidationError("--data is for a session; name one")
        }
    }

    func run() throws {
        let benchmark: SweepBenchmark
        do {
            benchmark =
                if let session {
                    try SweepBenchmark(
                        session: Session.opened(session), data: data, over: [over], threads: threads.count)
                } else {
                    try SweepBenchmark(over: [over], threads: threads.count)
                }
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError.failure("\(error)")
        }
        print(json ? benchmark.json.pretty : benchmark.text)
    }
}
