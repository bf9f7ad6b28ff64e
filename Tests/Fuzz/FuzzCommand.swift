import Foundation
import TestSupport

/// Reads damaged network files: `fuzz [--count N] [--seed S] [--show]`, exit 1 where one breaks a promise.
///
/// Without a seed it starts at a random one, and says which. The file of a seed is the same on every machine, so
/// `fuzz --count 1 --seed S` tries one again; `--show` prints it.
@main
struct FuzzCommand {
    private let count: Int
    private let seed: UInt64
    private let shows: Bool

    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "screen", let rounds = ScreenRounds(arguments.dropFirst()) {
            exit(try rounds.run() ? 0 : 1)
        }
        if arguments.first == "files", let rounds = FileRounds(arguments.dropFirst()) {
            exit(try rounds.run() ? 0 : 1)
        }
        if arguments.first == "options", let rounds = OptionRounds(arguments.dropFirst()) {
            exit(try rounds.run() ? 0 : 1)
        }
        guard let command = FuzzCommand(arguments) else {
            LastWords.say(
                "usage: fuzz [--count N] [--seed S] [--show], fuzz screen [--seconds N] [--seed S],\n"
                    + "fuzz options --program P [--count N] [--seed S] or\n"
                    + "fuzz files [--format F] [--count N] [--seed S] [--show FOLDER]\n")
            exit(2)
        }
        if command.shows {
            FileHandle.standardOutput.write(Data(FuzzRun(seed: command.seed).bytes))
        } else {
            exit(command.run() ? 0 : 1)
        }
    }

    private init?(_ arguments: some Sequence<String>) {
        guard let asked = RoundArguments(arguments, count: 10_000, flags: ["--show"]) else { return nil }
        count = asked.count
        seed = asked.seed
        shows = asked.flags.contains("--show")
    }

    /// Tries one file after the other; whether all kept their promises.
    private func run() -> Bool {
        var (refused, accepted, failed) = (0, 0, 0)
        LastWords.prepare()
        let seconds = ContinuousClock().measure {
            for offset in 0..<count {
                let seed = seed &+ UInt64(offset)
                LastWords.start("seed \(seed)")
                let file = FuzzRun(seed: seed)
                switch file.outcome() {
                case .refused: refused += 1
                case .accepted: accepted += 1
                case .failed(let reason):
                    failed += 1
                    print("seed \(seed) (\(file.sample)): \(reason)")
                }
            }
        }
        LastWords.finish()
        let time = (seconds / .seconds(1)).formatted(.number.precision(.fractionLength(1)))
        print(
            "networks: \(count) files from seed \(seed): \(refused) refused, \(accepted) accepted, \(failed) failed, \(time) seconds"
        )
        return failed == 0
    }
}
