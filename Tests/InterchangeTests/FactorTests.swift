import Foundation
import Graph
import QAT
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Interchange

@Suite("Activations that come nearer with a factor", .limited)
struct FactorTests {
    private let factor = 1.15

    /// A convolution of 32 channels and its SiLU, `f`.
    private var base: RewriteCase {
        var base = RewriteCase([1, 3, 6, 6])
        silu("x", "f", 3, 32, kernel: 3, &base)
        return base
    }

    private func silu(
        _ input: String, _ output: String, _ inputs: Int, _ outputs: Int, kernel: Int = 1, seed: UInt64 = 1,
        _ model: inout RewriteCase
    ) {
        model.convolve(input, "\(output).c", inputs, outputs, kernel: kernel, seed: seed)
        model.model.add("Sigmoid", ["\(output).c"], "\(output).s")
        model.model.add("Mul", ["\(output).c", "\(output).s"], output)
    }

    /// The same model with Hswish of 1.15 x over 1.15 written out, which needs no factor of its own.
    private func written(_ model: RewriteCase) -> RewriteCase {
        var model = model
        model.model.weight("factor", [Float(factor)], [])
        model.model.weight("inverse", [Float(1 / factor)], [])
        for node in model.model.model.graph.node where node.opType == "Sigmoid" {
            model.model.model.graph.node.removeAll { $0 == node }
            let (input, name) = (node.input[0], node.output[0])
            let product = name.dropLast(2)
            model.model.model.graph.node.removeAll { $0.output[0] == product }
            var whole = ModelText()
            whole.add("Mul", [input, "factor"], "\(name).m")
            whole.add("HardSwish", ["\(name).m"], "\(name).h")
            whole.add("Mul", ["\(name).h", "inverse"], String(product))
            let place =
                1 + (model.model.model.graph.node.firstIndex { $0.output[0] == input } ?? 0)
            model.model.model.graph.node.insert(contentsOf: whole.model.graph.node, at: place)
        }
        return model
    }

    private func expectSame(
        _ model: RewriteCase, norms: Int, sourceLocation: SourceLocation = #_sourceLocation
    )
        throws
    {
        let (read, values) = try model.results("y", approximates: true)
        expectClose(values, try written(model).results("y").values, sourceLocation: sourceLocation)
        #expect(
            read.network.nodes.count { $0.kind == .batchNorm } == norms, "\(read.network.nodes.map(\.kind))",
            sourceLocation: sourceLocation)
    }

    @Test("the weights behind take the factor up, whatever only moves numbers between", arguments: [1, 32])
    func moved(groups: Int) throws {
        var model = base
        silu("f", "g", 32, 32, seed: 7, &model)
        model.model.add("Concat", ["f", "g"], "c", [.integer("axis", 1)])
        model.model.add("Add", ["f", "g"], "a")
        model.convolve("x", "l", 3, 32, kernel: 3, seed: 11)
        model.model.add("Concat", ["c", "a", "l"], "all", [.integer("axis", 1)])
        model.model.add("AveragePool", ["all"], "p", [.integers("kernel_shape", [2, 2])])
        model.convolve("p", "y", 128, 32, kernel: 3, groups: groups == 1 ? 1 : 32, seed: 9)
        try expectSame(model, norms: 0)
    }

    @Test("a batch norm takes it up in its mean and variance")
    func norm() throws {
        var model = base
        model.convolve("x", "l", 3, 32, kernel: 3, seed: 11)
        model.model.add("Concat", ["f", "l"], "c", [.integer("axis", 1)])
        model.model.norm("c", "n", gamma: [Float](repeating: 0.01, count: 64))
        model.model.add("Relu", ["n"], "r")
        model.convolve("r", "y", 64, 8, seed: 9)
        try expectSame(model, norms: 1)
    }

    @Test("an activation whose result is added to one without a factor keeps none")
    func met() throws {
        var model = base
        model.convolve("x", "side", 3, 32, kernel: 3, seed: 5)
        model.model.add("Add", ["f", "side"], "sum")
        model.convolve("sum", "y", 32, 8, seed: 9)
        let (read, values) = try model.results("y", approximates: true)
        #expect(read.network.nodes.map(\.kind) == [.preprocess, .conv2D, .conv2D, .shortcut, .conv2D])
        #expect(read.report.notes.contains { $0.text.contains("added to others") })
        var plain = RewriteCase([1, 3, 6, 6])
        plain.convolve("x", "f.c", 3, 32, kernel: 3)
        plain.model.add("HardSwish", ["f.c"], "f")
        plain.convolve("x", "side", 3, 32, kernel: 3, seed: 5)
        plain.model.add("Add", ["f", "side"], "sum")
        plain.convolve("sum", "y", 32, 8, seed: 9)
        expectClose(values, try plain.results("y").values)
    }

    @Test("a product with a gate passes it on")
    func gate() throws {
        var model = base
        model.model.add("GlobalAveragePool", ["f"], "mean")
        model.convolve("mean", "e", 32, 32, seed: 3)
        model.model.add("HardSigmoid", ["e"], "gate", [.number("alpha", 1 / 6)])
        model.model.add("Mul", ["f", "gate"], "m")
        model.convolve("m", "y", 32, 8, seed: 9)
        try expectSame(model, norms: 0)
    }

    @Test("a tensor at which the network ends has the numbers of the file")
    func ended() throws {
        var model = base
        model.convolve("f", "y", 32, 8, seed: 9)
        model.model.output("y")
        var options = ONNXImport.Options()
        options.approximates = true
        options.outputs = ["f"]
        let read = try model.model.read(options)
        let results = try read.report.results(
            of: read.network, weights: read.weights,
            on: Safetensors([.init("x", model.input, shape: model.dims)]))
        let source = try #require(read.report.outputs.first).source
        let values = try #require(results[source.description]).values() as [Float]
        let reads = try base.results("f.c").values
        expectClose(values, reads.map { $0 * min(1, max(0, 1.15 * $0 / 6 + 0.5)) })
        #expect(zip(values, reads).allSatisfy { abs($0 - $1 / (1 + exp(-$1))) <= 0.18 })
    }
}
