import Graph
import QAT
import SwiftProtobuf
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Interchange

@Suite("Operators that compute on codes", .limited)
struct CodedOperatorTests {
    private let codes = (0..<4 * 3 * 9).map { $0 * 7 % 23 - 11 }
    private let steps: [Float] = [0.01, 0.02, 0.03, 0.04]

    /// An input of codes `q`, and the codes of a weight with its step for each channel.
    private var base: RewriteCase {
        var base = RewriteCase([1, 3, 6, 6])
        base.model.weight("xs", [0.02], [])
        base.model.codes("xz", [128], [], isSigned: false)
        base.model.codes("w", codes, [4, 3, 3, 3], isSigned: true)
        base.model.weight("ws", steps, [4])
        base.model.codes("wz", [0, 0, 0, 0], [4], isSigned: true)
        base.model.matrix("b", [100, -200, 300, 0], [4])
        base.model.weight("ys", [0.05], [])
        base.model.codes("yz", [0], [], isSigned: false)
        base.model.add("QuantizeLinear", ["x", "xs", "xz"], "q")
        return base
    }

    /// What the convolution gives in float.
    private func expected() throws -> [Float] {
        var plain = RewriteCase([1, 3, 6, 6])
        plain.model.weight("w", codes.indices.map { Float(codes[$0]) * steps[$0 / 27] }, [4, 3, 3, 3])
        plain.model.weight("b", zip([100, -200, 300, 0], steps).map { $0 * 0.02 * $1 }, [4])
        plain.model.add("Conv", ["x", "w", "b"], "y", [.integers("pads", [1, 1, 1, 1])])
        return try plain.results("y").values
    }

    @Test(
        "a convolution of codes is one of the numbers that they stand for, with ReLU where its codes begin at 0"
    )
    func convolution() throws {
        var model = base
        model.model.add(
            "QLinearConv", ["q", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"], "c",
            [.integers("pads", [1, 1, 1, 1])])
        model.model.add("DequantizeLinear", ["c", "ys", "yz"], "d")
        model.convolve("d", "y", 4, 8)
        let (read, values) = try model.results("y")
        #expect(read.network.nodes.map(\.kind) == [.preprocess, .conv2D, .conv2D])
        #expect(read.report.notes.contains { $0.operator == "codes" && $0.kind == .accuracy })
        var behind = RewriteCase([1, 4, 6, 6])
        behind.convolve("x", "y", 4, 8)
        expectClose(values, try behind.results("y", of: try expected().map { max(0, $0) }).values)
    }

    @Test("sums, joins and means of codes")
    func others() throws {
        var model = base
        model.model.add(
            "QLinearConv", ["q", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"], "c",
            [.integers("pads", [1, 1, 1, 1])])
        let step = ["ys", "yz"]
        model.model.add("QLinearAdd", ["c"] + step + ["c"] + step + step, "s")
        model.model.add("QLinearConcat", step + ["s"] + step + ["c"] + step, "j", [.integer("axis", 1)])
        model.model.add("QLinearGlobalAveragePool", ["j"] + step + step, "m")
        for place in model.model.model.graph.node.indices.suffix(3) {
            model.model.model.graph.node[place].domain = "com.microsoft"
        }
        model.model.add("DequantizeLinear", ["m"] + step, "d")
        model.convolve("d", "y", 8, 8)
        let map = try expected().map { max(0, $0) }
        let means = (0..<4).map { map[$0 * 36..<($0 + 1) * 36].reduce(0, +) / 36 }
        var behind = RewriteCase([1, 8, 1, 1])
        behind.convolve("x", "y", 8, 8)
        expectClose(
            try model.results("y").values, try behind.results("y", of: means.map { 2 * $0 } + means).values)
    }

    @Test("what is quantized while it runs is computed in float")
    func dynamic() throws {
        var model = RewriteCase([1, 3, 6, 6])
        model.model.codes("w", codes, [4, 3, 3, 3], isSigned: true)
        model.model.codes("wz", [3], [], isSigned: true)
        model.model.weight("ws", [0.02], [])
        model.model.add("DynamicQuantizeLinear", ["x"], "q")
        let last = model.model.model.graph.node.count - 1
        model.model.model.graph.node[last].output = ["q", "qs", "qz"]
        model.model.add("ConvInteger", ["q", "w", "qz", "wz"], "i", [.integers("pads", [1, 1, 1, 1])])
        model.model.add("Cast", ["i"], "f", [.integer("to", 1)])
        model.model.add("Mul", ["qs", "ws"], "step")
        model.model.add("Mul", ["f", "step"], "y")
        var plain = RewriteCase([1, 3, 6, 6])
        plain.model.weight("w", codes.map { Float($0 - 3) * 0.02 }, [4, 3, 3, 3])
        plain.model.add("Conv", ["x", "w"], "y", [.integers("pads", [1, 1, 1, 1])])
        expectClose(try model.results("y").values, try plain.results("y").values)
    }

    @Test("the host gets the codes that its operators read", arguments: [false, true])
    func host(isSigned: Bool) throws {
        var model = base
        model.model.codes("sz", [isSigned ? -3 : 3], [], isSigned: isSigned)
        model.model.add(
            "QLinearConv", ["q", "xs", "xz", "w", "ws", "wz", "ys", "sz", "b"], "c",
            [.integers("pads", [1, 1, 1, 1])])
        model.model.add("Transpose", ["c"], "t", [.integers("perm", [0, 2, 3, 1])])
        model.model.add("DequantizeLinear", ["t", "ys", "sz"], "d")
        model.model.add("Softmax", ["d"], "y", [.integer("axis", 3)])
        model.model.output("y")
        let read = try model.model.read()
        #expect(read.report.faults.isEmpty)
        let host = try ONNXModel(serializedBytes: try #require(read.host)).graph
        #expect(host.node.map(\.opType) == ["QuantizeLinear", "Transpose", "DequantizeLinear", "Softmax"])
        let zero = try #require(host.initializer.first { $0.name == host.node[0].input[2] })
        #expect(zero.dataType == (isSigned ? 3 : 2) && zero.int32Data == [isSigned ? -3 : 3])
    }
}
