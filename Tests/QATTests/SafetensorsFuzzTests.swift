import Foundation
import Graph
import QAT
import TestSupport
import TestTraits
import Testing
import Weights

/// Files damaged at random, held against what every file is promised and against the public library.
@Suite(.limited)
struct SafetensorsFuzzTests {
    /// What became of a file: read, refused or, where a promise is broken, thrown.
    private func outcome(_ bytes: [UInt8]) throws -> Safetensors? {
        let file: Safetensors
        do throws(SafetensorsError) {
            file = try Safetensors(bytes: bytes)
        } catch {
            let line = error.description
            guard !line.isEmpty, line.count < 2000,
                !line.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
            else { throw FixtureError("the error is no line: \(line.debugDescription)") }
            return nil
        }
        guard try Safetensors(bytes: file.encoded()) == file else {
            throw FixtureError("another file after writing")
        }
        return file
    }

    @Test("a damaged file is refused in one line, or is a file like any other", arguments: 0..<6)
    func damage(batch: UInt64) throws {
        var counts = (read: 0, refused: 0)
        for seed in batch * 1000..<(batch + 1) * 1000 {
            if try outcome(damagedFile(seed: seed)) == nil { counts.refused += 1 } else { counts.read += 1 }
        }
        // Both ways must be taken, or the damage is too little or too much to prove anything.
        #expect(counts.read > 0 && counts.refused > 500, "\(counts)")
    }

    @Test("a file cut anywhere is refused")
    func cuts() throws {
        let sound = Safetensors([.init("a", [Float(1), 2]), .init("b", [UInt8(3)])]).encoded()
        for count in 0..<sound.count {
            #expect(throws: SafetensorsError.self) { try Safetensors(bytes: Array(sound[..<count])) }
        }
    }
}

/// A file made from a seed, damaged in its header, its length or its data.
func damagedFile(seed: UInt64) -> [UInt8] {
    var random = SeededGenerator(seed: seed)
    let sound = Safetensors(
        [
            .init("conv0.weight", [Float](repeating: 0.5, count: 6), shape: [2, 3]),
            .init("conv0.codes", [Int8](repeating: -3, count: 5)), .init("step", [Int64(9)], shape: []),
            .init("empty", [UInt8](), shape: [4, 0]),
        ], metadata: ["format": "pt"]
    ).encoded()
    let dataBytes = 24 + 5 + 8
    var header = Array(sound[8..<sound.count - dataBytes])
    var data = Array(sound.suffix(dataBytes))
    for _ in 0...Int.random(in: 0..<3, using: &random) {
        if Bool.random(using: &random) || Bool.random(using: &random) {
            var mutator = TextMutator(random: SeededGenerator(seed: random.next()))
            mutator.mutate(&header)
        } else {
            data = Array(sound.suffix(Int.random(in: 0...dataBytes + 9, using: &random)))
        }
    }
    var length = UInt64(header.count)
    if Int.random(in: 0..<8, using: &random) == 0 {
        length = [0, 1, 7, length + 1, 1 << 63, .max].randomElement(using: &random) ?? 0
    }
    return withUnsafeBytes(of: length.littleEndian, Array.init) + header + data
}
