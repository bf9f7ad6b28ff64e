import TestSupport
import TestTraits
import Testing

@testable import magikbench

@Suite("The screen as text", .limited(minutes: 10))
struct PlainTests {
    @Test("every view is lines without rules and blocks, runs and their comparison too")
    func views() throws {
        try withTrainedSession { session, data in
            let again = [
                "train", session, "--data", data, "--batch", "8", "--steps", "2", "--threads", "1", "--json",
            ]
            #expect(try runProgram(again).code == 0)
            let text = try runProgram(["--plain", session])
            #expect(text.code == 0)
            for line in [
                "view 1, network, and view 3, ranges", "view 2, rules", "chip T40: ", "view 4, train",
                "view 5, compare",
                "run A is", "view 6, data",
            ] {
                #expect(text.output.contains(line), "\(line) is not in\n\(text.output)")
            }
            let drawn = "─│┌┐└┘├┤┬┴▌▏█▁┃⠿"
            #expect(!text.output.contains { drawn.contains($0) })
        }
    }
}
