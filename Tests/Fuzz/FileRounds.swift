import Foundation
import TestSupport

/// Reads damaged files of other programs' formats: `fuzz files [--format F] [--count N] [--seed S] [--show FOLDER]`, exit 1
/// where one breaks a promise. Count is of each format.
///
/// The process has a limit of memory, `FileFuzz.memoryLimit` above what it takes once every valid file has been read:
/// a file that makes a reader take more ends it, and is named. So does one that crashes it or hangs.
struct FileRounds {
    private let formats: [FileFuzz.Format]
    private let count: Int
    private let seed: UInt64
    private let shown: String?

    /// The rounds that arguments ask for; nil where they make no sense.
    init?(_ arguments: some Sequence<String>) {
        guard let asked = RoundArguments(arguments, count: 10_000, options: ["--format", "--show"]) else {
            return nil
        }
        count = asked.count
        seed = asked.seed
        shown = asked.values["--show"]
        guard let name = asked.values["--format"] else {
            formats = FileFuzz.Format.allCases
            return
        }
        guard let format = FileFuzz.Format(rawValue: name) else { return nil }
        formats = [format]
    }

    /// Tries one file after the other; whether all kept their promises.
    func run() throws -> Bool {
        try withTemporaryFolder { folder in
            if let shown {
                for format in formats {
                    try write(FileFuzz(format, seed: seed), to: "\(shown)/\(format.rawValue)")
                }
                return true
            }
            // Reading the valid ones makes what is kept for good.
            for format in formats {
                for file in FileFuzz.sound(format) where file.outcome(in: folder) != .accepted {
                    print("\(format.rawValue), '\(file.origin)' unchanged: \(file.outcome(in: folder))")
                    return false
                }
            }
            try FileRounds.limitMemory()
            LastWords.prepare()
            let failed = try formats.map { try round($0, in: folder) }.reduce(0, +)
            LastWords.finish()
            print("files: \(count) of each of \(formats.count) formats from seed \(seed), \(failed) failed")
            return failed == 0
        }
    }

    /// Tries the files of a format, and gives how many broke a promise.
    private func round(_ format: FileFuzz.Format, in folder: String) throws -> Int {
        var (refused, accepted, failed) = (0, 0, 0)
        let start = try Memory.now()
        let time = ContinuousClock().measure {
            for offset in 0..<count {
                let seed = seed &+ UInt64(offset)
                LastWords.start("\(format.rawValue), seed \(seed)")
                let file = FileFuzz(format, seed: seed)
                switch file.outcome(in: folder) {
                case .refused: refused += 1
                case .accepted: accepted += 1
                case .failed(let reason):
                    failed += 1
                    print("\(format.rawValue), seed \(seed) (\(file.origin)), case \(offset): \(reason)")
                    print("  again: fuzz files --format \(format.rawValue) --count 1 --seed \(seed)")
                }
            }
        }
        let end = try Memory.now()
        let rate = (Double(count) / (time / .seconds(1))).formatted(.number.precision(.fractionLength(0)))
        print(
            "\(format.rawValue): \(count) files from seed \(seed): \(refused) refused, \(accepted) accepted, \(failed) failed, \(rate) a second; peak \(max(0, end.peak - start.resident) >> 20) MiB above the start"
        )
        return failed
    }

    private func write(_ file: FileFuzz, to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, bytes) in file.files {
            try Data(bytes).write(to: URL(filePath: "\(folder)/\((name as NSString).lastPathComponent)"))
        }
    }

    /// Lets the process have so much more memory and no more: what cannot be allocated ends it.
    private static func limitMemory() throws {
        let limit = UInt(try Memory.now().reserved + FileFuzz.memoryLimit)
        var limits = rlimit(rlim_cur: limit, rlim_max: limit)
        guard setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limits) == 0 else {
            throw FixtureError("the memory cannot be limited: \(String(cString: strerror(errno)))")
        }
    }
}

/// What the system says of the memory of this process, in bytes.
private struct Memory {
    /// Addresses that are taken, used or not.
    var reserved: Int
    /// What is used.
    var resident: Int
    /// The most that was ever used.
    var peak: Int

    static func now() throws -> Memory {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        func bytes(_ name: String) throws -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix("\(name):") }
            guard
                let kibibytes = line?.split(separator: " ").dropLast().last.flatMap({
                    Int($0.filter(\.isNumber))
                })
            else { throw FixtureError("the system does not say \(name)") }
            return kibibytes << 10
        }
        return Memory(reserved: try bytes("VmSize"), resident: try bytes("VmRSS"), peak: try bytes("VmHWM"))
    }
}
