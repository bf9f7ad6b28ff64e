import Foundation
import Sessions
import TestSupport

/// Calls the built program with hostile option values: `fuzz options --program P [--count N] [--seed S]`, exit 1
/// where one crashes it, hangs it, or makes it print what a terminal obeys.
struct OptionRounds {
    private let count: Int
    private let seed: UInt64
    private let program: URL?

    /// The rounds that arguments ask for; nil where they make no sense.
    init?(_ arguments: some Sequence<String>) {
        guard let asked = RoundArguments(arguments, count: 1000, options: ["--program"]) else { return nil }
        count = asked.count
        seed = asked.seed
        program = asked.values["--program"].map { URL(filePath: $0) }
    }

    /// Makes one call after the other; whether all kept their promises.
    func run() throws -> Bool {
        let program = try program.map { BuiltProgram(file: $0) } ?? .besideTests()
        return try withTemporaryFolder { folder in
            try SmallImages.write(to: folder)
            let session = try SmallNetwork.session(in: folder)
            let fuzz = try OptionFuzz(program, session: session.path, data: "idx:" + folder)
            var failed = 0
            for offset in 0..<count {
                let seed = seed &+ UInt64(offset)
                guard let fault = try fuzz.fault(seed: seed) else { continue }
                failed += 1
                print("seed \(seed), \(fuzz.arguments(seed: seed).debugDescription): \(fault)")
            }
            print("options: \(count) calls from seed \(seed) of \(fuzz.count) options, \(failed) failed")
            return failed == 0
        }
    }
}
