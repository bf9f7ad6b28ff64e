import Graph
import Terminal
import TestSupport
import TestTraits
import Testing

@testable import magikbench

@Suite("Chips side by side", .limited)
struct ChipsTests {
    @Test(
        "the table fits 80 columns and says what it takes for granted",
        arguments: ["network-t40", "persondet"])
    func text(sample: String) throws {
        let run = try runProgram(["chips", "samples/\(sample).magik"])
        #expect(run.code == 0)
        for line in run.output.split(separator: "\n") { #expect(line.displayWidth <= 80, "\(line)") }
        for word in ["T40", "Xs2", "weights KiB", "896", "?", "not published"] {
            #expect(run.output.contains(word))
        }
        try expectGolden(run.output, "chips-\(sample).txt")
    }

    @Test("rows are ordered by a column")
    func order() throws {
        let run = try runProgram(["chips", "samples/network-t40.magik", "--sort", "padding", "--json"])
        guard case .array(let chips)? = try JSON(text: run.output)["chips"] else {
            Issue.record("no chips")
            return
        }
        let shares = chips.compactMap { $0.real(of: "paddingShare") }
        #expect(shares.count == 6 && shares == shares.sorted())
        #expect(chips.contains { $0["featureMemory"] == .integer(896 << 10) })
        #expect(try runProgram(["chips", "samples/network-t40.magik", "--sort", "x"]).code == 2)
    }
}
