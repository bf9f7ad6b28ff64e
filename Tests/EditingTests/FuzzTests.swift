import Graph
import TestSupport
import TestTraits
import Testing

@Suite(.limited)
struct FuzzTests {
    /// 1,000 files in pieces that run side by side.
    @Test("damaged network files are refused with a place or read whole", arguments: 0..<20)
    func damaged(piece: UInt64) {
        var accepted = 0
        for seed in piece * 50..<(piece + 1) * 50 {
            let file = FuzzRun(seed: seed)
            switch file.outcome() {
            case .accepted: accepted += 1
            case .refused: break
            case .failed(let reason): Issue.record("seed \(seed), from \(file.sample): \(reason)")
            }
        }
        // Files that are all refused, or never, would test only half of what follows.
        #expect((5...40).contains(accepted))
    }

    @Test("the file of a seed is always the same")
    func reproducible() {
        #expect(FuzzRun(seed: 42).bytes == FuzzRun(seed: 42).bytes)
        #expect(FuzzRun(seed: 42).bytes != FuzzRun(seed: 43).bytes)
    }

    @Test(
        "an error without a place, a reason or on several lines counts as a failure",
        arguments: [
            (FileError("somewhere", "is wrong"), false), (FileError("", "is wrong"), false),
            (FileError("layers[0]", ""), false),
            (FileError("line 0, column 1", "is wrong"), false),
            (FileError("line 3, column 7", "is wrong"), true),
            (FileError("document", "is wrong"), true), (FileError("layers[3].stride", "0 is below 1"), true),
            (FileError("colour", "a network.json has no field 'colour'"), true),
            (FileError("waivers", "is wrong"), true),
        ])
    func faults(error: FileError, isFine: Bool) {
        #expect((FuzzRun.fault(in: error) == nil) == isFine)
    }
}
