import Graph
import QAT
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Interchange

@Suite("Imports of windows that step otherwise down than across", .limited)
struct UnevenStepTests {
    /// A map `a` of 4 channels, 8 high and 8 wide.
    private var base: RewriteCase {
        var base = RewriteCase([1, 3, 8, 8])
        base.convolve("x", "a", 3, 4, kernel: 3)
        return base
    }

    /// Every place of a map of 4 channels that steps reach.
    private func picked(_ values: [Float], width: Int, _ down: Int, _ across: Int) -> [Float] {
        let height = values.count / 4 / width
        return (0..<4).flatMap { channel in
            stride(from: 0, to: height, by: down).flatMap { row in
                stride(from: 0, to: width, by: across).map { column in
                    values[(channel * height + row) * width + column]
                }
            }
        }
    }

    @Test(
        "a convolution is the one with a step of 1 at the places that its steps reach",
        arguments: [(2, 1, 1), (1, 2, 1), (3, 2, 1), (4, 2, 1), (2, 1, 4)])
    func convolution(_ down: Int, _ across: Int, _ groups: Int) throws {
        func model(_ strides: [Int]) -> RewriteCase {
            var model = base
            model.model.weight("w", RewriteCase.numbers(4 * 4 / groups * 9, seed: 2), [4, 4 / groups, 3, 3])
            model.model.add(
                "Conv", ["a", "w"], "y",
                [
                    .integers("strides", strides), .integers("pads", [1, 1, 1, 1]),
                    .integer("group", groups),
                ])
            return model
        }
        let every = try model([1, 1]).results("y").values
        let (read, values) = try model([down, across]).results("y")
        expectClose(values, picked(every, width: 8, down, across))
        #expect(read.network.nodes.contains { $0.kind == .unpool2D })
        #expect(read.report.notes.contains { $0.kind == .change && $0.text.contains("are repeated") })
    }

    @Test(
        "a pool is the one with a step of 1 at the places that its steps reach",
        arguments: ["MaxPool", "AveragePool"], [([2, 1], [2, 1], [0, 0]), ([2, 2], [2, 1], [0, 1])])
    func pool(_ type: String, _ window: (kernel: [Int], strides: [Int], pads: [Int])) throws {
        func model(_ strides: [Int]) -> RewriteCase {
            var model = base
            model.model.add("Relu", ["a"], "r")
            model.model.add(
                type, ["r"], "y",
                [
                    .integers("kernel_shape", window.kernel), .integers("strides", strides),
                    .integers("pads", window.pads + window.pads), .integer("count_include_pad", 1),
                ])
            return model
        }
        let every = try model([1, 1]).results("y").values
        let width = 8 + 2 * window.pads[1] - window.kernel[1] + 1
        let (_, values) = try model(window.strides).results("y")
        expectClose(values, picked(every, width: width, window.strides[0], window.strides[1]))
    }

    @Test("a step that nothing takes a second time is any step")
    func single() throws {
        var model = base
        model.model.add("Relu", ["a"], "r")
        model.model.add(
            "MaxPool", ["r"], "y", [.integers("kernel_shape", [8, 2]), .integers("strides", [8, 2])])
        #expect(try model.results("y").read.network.nodes.allSatisfy { $0.kind != .unpool2D })
    }

    @Test("steps whose common multiple is larger than a step can be say so")
    func refused() throws {
        var model = RewriteCase([1, 3, 40, 40])
        model.model.weight("w", RewriteCase.numbers(12, seed: 2), [4, 3, 1, 1])
        model.model.add("Conv", ["x", "w"], "y", [.integers("strides", [11, 7])])
        let faults = try model.faults("y")
        #expect(faults.count == 1 && faults.first?.reason.contains("strides 11 and 7 differ") == true)
    }

    @Test("a window that is larger than the largest says so")
    func window() throws {
        var model = RewriteCase([1, 3, 1, 400])
        model.model.weight("w", RewriteCase.numbers(4 * 3 * 80, seed: 2), [4, 3, 1, 80])
        model.model.add("Conv", ["x", "w"], "y", [.integers("strides", [1, 16])])
        let faults = try model.faults("y")
        #expect(faults.map(\.reason) == ["its window of 1x80 places is larger than the largest, 64x64"])
    }
}
