import Graph
import QAT
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Interchange

@Suite("Operators on maps with their channels last", .limited)
struct ChannelsLastTests {
    /// A map of 8 channels, 6x5, turned so that `t` has its channels last.
    private var base: RewriteCase {
        var base = RewriteCase([1, 3, 6, 5])
        base.convolve("x", "a", 3, 8, kernel: 3)
        base.model.add("Transpose", ["a"], "t", [.integers("perm", [0, 2, 3, 1])])
        return base
    }

    /// `name`, of some channels that are last, turned back and read by a convolution `y`.
    private func read(_ model: inout RewriteCase, _ name: String, channels: Int) {
        model.model.add("Transpose", [name], "back", [.integers("perm", [0, 3, 1, 2])])
        model.convolve("back", "y", channels, 4, seed: 7)
    }

    /// The same with the channels second: what the operator is told of axes is said anew by hand.
    private func plain(_ channels: Int, _ add: (inout ModelText) -> Void) throws -> [Float] {
        var model = base
        add(&model.model)
        model.convolve("z", "y", channels, 4, seed: 7)
        return try model.results("y").values
    }

    @Test(
        "a number a channel is added and multiplied in the layer before", arguments: ["Add", "Mul", "PRelu"])
    func numbers(_ type: String) throws {
        let numbers = RewriteCase.numbers(8, seed: 3).map { 0.5 + abs($0) }
        var model = base
        model.model.weight("n", numbers, [8])
        model.model.add(type, ["t", "n"], "r")
        read(&model, "r", channels: 8)
        let (read, values) = try model.results("y")
        let expected = try plain(8) { model in
            model.weight("n", numbers, [8, 1, 1])
            model.add(type, ["a", "n"], "z")
        }
        expectClose(values, expected)
        #expect(read.network.nodes.count == 3)
    }

    @Test("a matrix is a 1x1 convolution, also of places in a row", arguments: [false, true])
    func matrix(isRow: Bool) throws {
        let weight = RewriteCase.numbers(8 * 6, seed: 3)
        var model = base
        model.model.weight("w", weight, [8, 6])
        if isRow {
            model.model.integers("row", [1, 30, 8])
            model.model.integers("square", [1, 6, 5, 6])
            model.model.add("Reshape", ["t", "row"], "r")
            model.model.add("MatMul", ["r", "w"], "m")
            model.model.add("Reshape", ["m", "square"], "q")
        } else {
            model.model.add("MatMul", ["t", "w"], "q")
        }
        read(&model, "q", channels: 6)
        let (read, values) = try model.results("y")
        let expected = try plain(6) { model in
            let turned = (0..<48).map { weight[$0 % 8 * 6 + $0 / 8] }
            model.weight("w", turned, [6, 8, 1, 1])
            model.add("Conv", ["a", "w"], "z", [.integers("kernel_shape", [1, 1])])
        }
        expectClose(values, expected)
        #expect(read.network.nodes.map(\.kind) == [.preprocess, .conv2D, .conv2D, .conv2D])
    }

    @Test("maps are joined and cut along the last axis")
    func joined() throws {
        var model = base
        model.convolve("x", "b", 3, 4, kernel: 3, seed: 5)
        model.model.add("Transpose", ["b"], "u", [.integers("perm", [0, 2, 3, 1])])
        model.model.add("Concat", ["t", "u"], "c", [.integer("axis", -1)])
        model.model.weight("n", RewriteCase.numbers(12, seed: 3), [12])
        model.model.add("Add", ["c", "n"], "s")
        read(&model, "s", channels: 12)
        let expected = try plain(12) { model in
            var other = base
            other.convolve("x", "b", 3, 4, kernel: 3, seed: 5)
            model.model.graph.initializer += other.model.model.graph.initializer.filter {
                $0.name.hasPrefix("b")
            }
            model.model.graph.node += other.model.model.graph.node.filter { $0.output == ["b"] }
            model.weight("n", RewriteCase.numbers(12, seed: 3), [12, 1, 1])
            model.add("Concat", ["a", "b"], "c", [.integer("axis", 1)])
            model.add("Add", ["c", "n"], "z")
        }
        expectClose(try model.results("y").values, expected)
    }

    @Test("the mean and the largest of all places", arguments: ["ReduceMean", "ReduceMax"], [true, false])
    func reduced(_ type: String, keeps: Bool) throws {
        var model = base
        model.model.add(type, ["t"], "m", [.integers("axes", [1, 2]), .integer("keepdims", keeps ? 1 : 0)])
        model.model.integers("flat", [1, 8])
        model.model.add("Reshape", ["m", "flat"], "f")
        model.model.weight("w", RewriteCase.numbers(8 * 4, seed: 3), [8, 4])
        model.model.add("MatMul", ["f", "w"], "y")
        let values = try model.results("y").values
        let map = try base.results("a").values
        let weight = RewriteCase.numbers(8 * 4, seed: 3)
        let each = (0..<8).map { channel in
            let places = map[channel * 30..<(channel + 1) * 30]
            return type == "ReduceMean" ? places.reduce(0, +) / 30 : places.max() ?? 0
        }
        expectClose(values, (0..<4).map { out in (0..<8).reduce(0) { $0 + each[$1] * weight[$1 * 4 + out] } })
    }

    @Test("an image with its channels last is known by what moves them, behind its normalization")
    func image() throws {
        var model = RewriteCase([1, 6, 5, 3])
        model.model.weight("scale", [0.5], [])
        model.model.weight("shift", [0.1, 0.2, 0.3], [3])
        model.model.add("Mul", ["x", "scale"], "m")
        model.model.add("Sub", ["m", "shift"], "s")
        model.model.add("Transpose", ["s"], "t", [.integers("perm", [0, 3, 1, 2])])
        model.convolve("t", "y", 3, 4, kernel: 3)
        let (read, values) = try model.results("y")
        #expect(read.report.inputs.map(\.isChannelsLast) == [true])
        let image = model.input
        var plain = RewriteCase([1, 3, 6, 5])
        plain.convolve("x", "y", 3, 4, kernel: 3)
        let shifts: [Float] = [0.1, 0.2, 0.3]
        let turned = (0..<90).map { place -> Float in
            let channel = place / 30
            return image[place % 30 * 3 + channel] * 0.5 - shifts[channel]
        }
        expectClose(values, try plain.results("y", of: turned).values)
    }

    @Test("a sequence of features is a map of height 1 where a convolution reads it turned")
    func sequence() throws {
        var model = RewriteCase([1, 10, 4])
        model.model.add("Transpose", ["x"], "t", [.integers("perm", [0, 2, 1])])
        model.model.weight("w", RewriteCase.numbers(6 * 4 * 3, seed: 3), [6, 4, 3])
        model.model.add("Conv", ["t", "w"], "y", [.integers("pads", [1, 1])])
        let (read, values) = try model.results("y")
        #expect(read.report.inputs.map(\.isChannelsLast) == [true])
        let input = model.input
        let weight = RewriteCase.numbers(6 * 4 * 3, seed: 3)
        var expected = [Float](repeating: 0, count: 60)
        for place in 0..<60 {
            for tap in 0..<12 {
                let at = place % 10 + tap % 3 - 1
                guard (0..<10).contains(at) else { continue }
                expected[place] += weight[place / 10 * 12 + tap] * input[at * 4 + tap / 3]
            }
        }
        expectClose(values, expected)
    }
}
