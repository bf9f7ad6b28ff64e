import Foundation
import TestSupport

/// Trials of the built program that take minutes: `trials kills|soak --program FILE [--count N] [--seed S]`.
///
/// `kills` kills training runs so many times and compares what they end with; `soak` trains so many steps and watches
/// the memory. Exit 1 where anything is not as it should be.
@main
struct TrialsCommand {
    private var kind = ""
    private var program = ""
    private var count: Int?
    private var seed = UInt64.random(in: 0..<1_000_000_000)

    static func main() throws {
        guard let command = TrialsCommand(CommandLine.arguments.dropFirst()) else {
            print("usage: trials kills|soak --program FILE [--count N] [--seed S]")
            exit(2)
        }
        exit(try command.run() ? 0 : 1)
    }

    private init?(_ arguments: some Sequence<String>) {
        var words = Array(arguments)[...]
        guard let kind = words.popFirst(), ["kills", "soak"].contains(kind) else { return nil }
        self.kind = kind
        while let word = words.popFirst() {
            guard let value = words.popFirst() else { return nil }
            switch word {
            case "--program": program = value
            case "--count":
                guard let number = Int(value), number > 0 else { return nil }
                count = number
            case "--seed":
                guard let number = UInt64(value) else { return nil }
                seed = number
            default: return nil
            }
        }
        guard FileManager.default.isExecutableFile(atPath: program) else { return nil }
    }

    private func run() throws -> Bool {
        let built = BuiltProgram(file: URL(filePath: program))
        return kind == "kills" ? try runKills(built) : try runSoak(built)
    }

    private func runKills(_ built: BuiltProgram) throws -> Bool {
        let trial = try KillTrial(built)
        let count = count ?? 200
        var (kills, restarts, sessions, failures) = ([KillTrial.Phase: Int](), 0, 0, 0)
        var random = SeededGenerator(seed: seed)
        while kills.values.reduce(0, +) < count {
            let seed = random.next()
            let most = min(1 + random.below(6), count - kills.values.reduce(0, +))
            let outcome = try trial.run(seed: seed, most: most)
            for phase in outcome.kills { kills[phase, default: 0] += 1 }
            restarts += outcome.restarts
            sessions += 1
            failures += outcome.complaints.isEmpty ? 0 : 1
            for complaint in outcome.complaints { print("seed \(seed), up to \(most) kills: \(complaint)") }
        }
        let phases = KillTrial.Phase.allCases.map { "\(kills[$0] ?? 0) \($0.rawValue)" }.joined(
            separator: ", ")
        print(
            "kills: \(kills.values.reduce(0, +)) kills of \(sessions) sessions from seed \(seed): \(phases); \(restarts) before the run was recorded; \(failures) sessions failed"
        )
        return failures == 0
    }

    private func runSoak(_ built: BuiltProgram) throws -> Bool {
        let soak = try SoakTrial(built, steps: count ?? 10_000)
        for (step, bytes) in soak.samples { print("step \(step): \(bytes >> 10) KiB") }
        let steps = count ?? 10_000
        let last = soak.samples.last?.bytes ?? 0
        print(
            "soak: \(steps) steps, \(last >> 10) KiB at the end, \(soak.growth >> 10) KiB of growth after step \(SoakTrial.start)"
        )
        return soak.growth <= SoakTrial.allowance
    }
}
