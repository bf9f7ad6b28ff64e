import Foundation
import TestSupport
import Workbench

/// Calls the built program with option values that nobody expects: `fuzz options --program P [--count N] [--seed S]`, exit 1
/// where one crashes it, hangs it, or makes it print what a terminal obeys.
struct OptionRounds {
    private var count = 1000
    private var seed = UInt64.random(in: 0..<1_000_000_000)
    private var program: URL?

    /// The rounds that arguments ask for; nil where they make no sense.
    init?(_ arguments: some Sequence<String>) {
        var words = Array(arguments)[...]
        while let word = words.popFirst() {
            switch word {
            case "--count":
                guard let number = words.popFirst().flatMap({ Int($0) }), number >= 0 else { return nil }
                count = number
            case "--seed":
                guard let number = words.popFirst().flatMap({ UInt64($0) }) else { return nil }
                seed = number
            case "--program":
                guard let path = words.popFirst() else { return nil }
                program = URL(filePath: path)
            default: return nil
            }
        }
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
