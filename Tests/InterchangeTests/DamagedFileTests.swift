import TestSupport
import TestTraits
import Testing

/// Files of other programs with random damage: `make fuzz` tries many more of them.
@Suite("Damaged files of other programs", .limited)
struct DamagedFileTests {
    /// 2,000 of each format, 320 stores, in pieces that run side by side.
    @Test(
        "a damaged file is refused in one line, or what comes of it fits together",
        arguments: FileFuzz.Format.allCases, 0..<8)
    func damaged(format: FileFuzz.Format, piece: UInt64) throws {
        try withTemporaryFolder { folder in
            var (accepted, refused) = (0, 0)
            // A store is a file that SQLite opens: slower than the others.
            let count: UInt64 = format == .store ? 40 : 250
            for seed in piece * count..<(piece + 1) * count {
                let file = FileFuzz(format, seed: seed)
                switch file.outcome(in: folder) {
                case .accepted: accepted += 1
                case .refused: refused += 1
                case .failed(let reason): Issue.record("seed \(seed), from '\(file.origin)': \(reason)")
                }
            }
            // Damage that always or never shows would test only half of what follows.
            #expect(accepted > 0 && refused > count / 5)
        }
    }

    @Test("undamaged, every file is read", arguments: FileFuzz.Format.allCases)
    func sound(format: FileFuzz.Format) throws {
        try withTemporaryFolder { folder in
            for file in FileFuzz.sound(format) {
                #expect(file.outcome(in: folder) == .accepted, "\(file.origin)")
            }
        }
    }

    @Test("the file of a seed is always the same", arguments: FileFuzz.Format.allCases)
    func reproducible(format: FileFuzz.Format) {
        func bytes(_ seed: UInt64) -> [[UInt8]] { FileFuzz(format, seed: seed).files.map(\.bytes) }
        #expect(bytes(42) == bytes(42) && bytes(42) != bytes(43))
    }

    @Test("reading stays within the memory that is stated")
    func memory() throws {
        let run = try BuiltProgram.besideTests("fuzz").run(["files", "--count", "200", "--seed", "1"])
        #expect(run.code == 0, "\(run.output)\(run.errors)")
        // A line of each format, and one of all.
        #expect(run.output.split(separator: "\n").count == FileFuzz.Format.allCases.count + 1)
    }
}
