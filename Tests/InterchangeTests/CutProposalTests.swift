import Graph
import TestTraits
import Testing

@testable import Interchange

@Suite("Cuts in front of what no chip has", .limited)
struct CutProposalTests {
    /// Convolutions, a Tanh among them, and branches that meet behind it.
    private func model(tanhBehind count: Int) -> ModelText {
        var model = ModelText.stem()
        var last = "stem"
        for index in 0..<4 {
            model.conv(last, "conv\(index)", (8, 8))
            last = "conv\(index)"
            if index == count {
                model.add("Tanh", [last], "tanh")
                last = "tanh"
            }
        }
        model.conv("stem", "side", (8, 8))
        model.add("Add", [last, "side"], "sum")
        model.conv("sum", "end", (8, 4))
        model.output("end")
        return model
    }

    @Test("a cut keeps all that lies before the first refused operator, on every path")
    func cut() throws {
        let model = model(tanhBehind: 2)
        let report = try model.read().report
        #expect(report.faults.map(\.operator) == ["Tanh"])
        let proposal = try #require(report.proposal)
        #expect(proposal.outputs.sorted() == ["conv2", "side"])
        #expect(proposal.learning == 5 && proposal.allLearning == 7)
        var options = ONNXImport.Options()
        options.outputs = proposal.outputs
        let read = try model.read(options)
        #expect(read.report.faults.isEmpty && read.report.lostOutputs.isEmpty)
        #expect(read.report.host.map(\.operator) == ["Tanh", "Conv", "Add", "Conv"])
        #expect(read.report.proposal == nil)
    }

    @Test("nothing is proposed where little lies before it, and nothing of a file that is whole")
    func none() throws {
        var early = ModelText()
        early.input("x", [1, 3, 8, 8])
        early.add("Tanh", ["x"], "tanh")
        early.conv("tanh", "y", (3, 8))
        early.output("y")
        let report = try early.read().report
        #expect(!report.faults.isEmpty && report.proposal == nil)
        var whole = ModelText.stem()
        whole.output("stem")
        #expect(try whole.read().report.proposal == nil)
    }

    @Test("a recurrent layer and what follows stay on the host")
    func recurrent() throws {
        var model = ModelText.stem()
        model.add("GlobalAveragePool", ["stem"], "mean")
        model.add("Squeeze", ["mean"], "columns", [.integers("axes", [2])])
        model.add("Transpose", ["columns"], "steps", [.integers("perm", [2, 0, 1])])
        model.weight("w", [Float](repeating: 0.1, count: 24 * 8), [1, 24, 8])
        model.weight("r", [Float](repeating: 0.1, count: 24 * 8), [1, 24, 8])
        model.add("GRU", ["steps", "w", "r"], "states", [.integer("hidden_size", 8)])
        model.output("states")
        let report = try model.read().report
        #expect(report.faults.map(\.operator) == ["GRU"])
        #expect(report.proposal?.outputs == ["mean"] && report.proposal?.learning == 1)
    }
}
