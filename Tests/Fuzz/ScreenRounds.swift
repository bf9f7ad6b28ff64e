import Foundation
import Sessions
import Terminal
import TestSupport

/// Random keys on the screen for some time: `fuzz screen [--seconds N] [--seed S]`, exit 1 where a picture, undo or the
/// memory breaks its promise.
///
/// A seed decides sample, signs and every event, so `fuzz screen --seconds 1 --seed S` tries one again.
struct ScreenRounds {
    /// Events of a seed, before all changes are undone.
    private static let events = 1000
    /// How much the memory may grow after the first rounds.
    private static let growth = 64 << 20

    var seconds = 3600.0
    var seed = UInt64.random(in: 0..<1_000_000_000)

    /// The rounds that arguments ask for; nil where they make no sense.
    init?(_ arguments: some Sequence<String>) {
        var words = Array(arguments)[...]
        while let word = words.popFirst() {
            switch word {
            case "--seconds":
                guard let number = words.popFirst().flatMap({ Double($0) }), number > 0 else { return nil }
                seconds = number
            case "--seed":
                guard let number = words.popFirst().flatMap({ UInt64($0) }) else { return nil }
                seed = number
            default: return nil
            }
        }
    }

    /// Tries one seed after the other until the time is over; whether all kept their promises.
    func run() throws -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        // Every sample once, so that what is kept for good is there.
        let warmUp = Samples.names.count
        var (rounds, failed, atStart) = (0, 0, 0)
        LastWords.prepare()
        repeat {
            if rounds == warmUp { atStart = try ScreenRounds.residentBytes() }
            let seed = seed &+ UInt64(rounds)
            do {
                try ScreenRounds.round(seed)
            } catch {
                failed += 1
                print("seed \(seed) (\(ScreenRounds.sample(seed))): \(error)")
            }
            rounds += 1
        } while ContinuousClock.now < end
        LastWords.finish()
        let atEnd = try ScreenRounds.residentBytes()
        let isSteady = rounds <= warmUp || atEnd - atStart <= ScreenRounds.growth
        if !isSteady { print("the memory has grown by more than \(ScreenRounds.growth >> 20) MiB") }
        print(
            "screen: \(rounds) seeds from \(seed), \(ScreenRounds.events) events each: \(failed) failed; resident \(atStart >> 20) MiB after \(warmUp), \(atEnd >> 20) MiB at the end"
        )
        return failed == 0 && isSteady
    }

    private static func sample(_ seed: UInt64) -> String {
        Samples.names[Int(seed % UInt64(Samples.names.count))]
    }

    private static func round(_ seed: UInt64) throws {
        let kinds = Glyphs.Kind.allCases
        let kind = kinds[Int(seed / UInt64(Samples.names.count) % UInt64(kinds.count))]
        let document = try Samples.document(named: sample(seed))
        var fuzz = ScreenFuzz(seed: seed, on: document, glyphs: Glyphs(kind))
        for _ in 0..<events {
            // Each event has its time: large samples take long together.
            LastWords.start("seed \(seed)")
            try fuzz.step()
        }
        LastWords.start("seed \(seed)")
        try fuzz.undoAll()
    }

    private static func residentBytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        let words = line?.split(whereSeparator: \.isWhitespace) ?? []
        guard words.count > 1, let kibibytes = Int(words[1]) else {
            throw FixtureError("/proc/self/status says no memory")
        }
        return kibibytes << 10
    }
}
