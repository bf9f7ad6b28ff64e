import Graph
import QAT
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Interchange

@Suite("Imports of operators that exporters spell otherwise", .limited)
struct SpellingImportTests {
    /// A map `a` of 4 channels, 6x6.
    private var base: RewriteCase {
        var base = RewriteCase([1, 3, 6, 6])
        base.convolve("x", "a", 3, 4, kernel: 3)
        base.model.weight("zero", [0], [])
        base.model.weight("tenth", [0.1], [])
        base.model.weight("two", [2], [])
        return base
    }

    @Test(
        "padding with less than any number in front of a pool is the pool's own",
        arguments: [-Float.infinity, -1e30])
    func maximumPadding(_ fill: Float) throws {
        func model(_ pads: [Int], isRelu: Bool) -> RewriteCase {
            var model = base
            model.model.add(isRelu ? "Relu" : "Identity", ["a"], "r")
            if pads.isEmpty {
                model.model.weight("fill", [fill], [])
                model.model.integers("pads", [0, 0, 1, 1, 0, 0, 1, 1])
                model.model.add("Pad", ["r", "pads", "fill"], "p")
            }
            model.model.add(
                "MaxPool", [pads.isEmpty ? "p" : "r"], "y",
                [.integers("kernel_shape", [3, 3]), .integers("strides", [2, 2])]
                    + (pads.isEmpty ? [] : [.integers("pads", pads)]))
            return model
        }
        let expected = try model([1, 1, 1, 1], isRelu: true).results("y").values
        expectClose(try model([], isRelu: true).results("y").values, expected)
        var signed = model([], isRelu: false)
        signed.convolve("y", "z", 4, 4)
        let faults = try signed.faults("z")
        #expect(faults.first?.reason.contains("can be negative") == true, "\(faults)")
    }

    @Test("padding with a great number that something else reads is refused")
    func greatPadding() throws {
        var model = base
        model.model.weight("fill", [-1e9], [])
        model.model.integers("pads", [0, 0, 1, 1, 0, 0, 1, 1])
        model.model.add("Pad", ["a", "pads", "fill"], "p")
        model.convolve("p", "y", 4, 4)
        #expect(try model.faults("y").first?.reason.contains("numbers of data are lost") == true)
    }

    @Test("channels of zeros are added by a 1x1 convolution, also behind every second place")
    func channels() throws {
        var model = base
        model.model.integers("starts", [0, 0])
        model.model.integers("ends", [6, 6])
        model.model.integers("axes", [2, 3])
        model.model.integers("steps", [2, 2])
        model.model.integers("pads", [0, 1, 0, 0, 0, 3, 0, 0])
        model.model.add("Slice", ["a", "starts", "ends", "axes", "steps"], "s")
        model.model.add("Pad", ["s", "pads"], "p")
        model.convolve("p", "y", 8, 4, seed: 3)
        let map = try base.results("a").values
        let added = (0..<8 * 9).map { place -> Float in
            let channel = place / 9 - 1
            guard (0..<4).contains(channel) else { return 0 }
            return map[channel * 36 + place % 9 / 3 * 12 + place % 3 * 2]
        }
        var behind = RewriteCase([1, 8, 3, 3])
        behind.convolve("x", "y", 8, 4, seed: 3)
        expectClose(try model.results("y").values, try behind.results("y", of: added).values)
    }

    @Test("a choice between numbers by their sign is the function that it gives")
    func chosen() throws {
        var model = base
        model.model.add("Greater", ["a", "zero"], "g")
        model.model.add("Mul", ["a", "tenth"], "m")
        model.model.add("Where", ["g", "a", "m"], "l")
        model.model.add("Less", ["l", "zero"], "n")
        model.model.add("Where", ["n", "zero", "l"], "y")
        let (read, values) = try model.results("y")
        let map = try base.results("a").values
        expectClose(values, map.map { max(0, $0) })
        #expect(read.network.nodes.last?.layer.settings.activation == .relu)
        let (leaky, others) = try model.results("l")
        expectClose(others, map.map { $0 > 0 ? $0 : 0.1 * $0 })
        #expect(leaky.network.nodes.contains { $0.layer.settings.activation == .prelu })
    }

    @Test("a mean of several and a second power")
    func arithmetic() throws {
        var model = base
        model.convolve("x", "b", 3, 4, kernel: 3, seed: 5)
        model.model.add("Mean", ["a", "b"], "m")
        model.model.add("Pow", ["m", "two"], "y")
        let values = try model.results("y").values
        let (a, b) = (try model.results("a").values, try model.results("b").values)
        expectClose(values, zip(a, b).map { ($0 + $1) * ($0 + $1) / 4 })
    }

    @Test("a weight in front of rows is a convolution of one place")
    func weightFirst() throws {
        var model = base
        model.model.integers("rows", [1, 4, 36])
        model.model.add("Reshape", ["a", "rows"], "r")
        model.model.weight("w", RewriteCase.numbers(5 * 4, seed: 3), [5, 4])
        model.model.add("MatMul", ["w", "r"], "y")
        let values = try model.results("y").values
        let (map, weight) = (try base.results("a").values, RewriteCase.numbers(5 * 4, seed: 3))
        expectClose(
            values,
            (0..<5 * 36).map { place in
                (0..<4).reduce(0) { $0 + weight[place / 36 * 4 + $1] * map[$1 * 36 + place % 36] }
            })
    }

    /// A transposed convolution of 4 channels to 3 in plain loops, `out` places for each of some inputs, from `begin` on.
    private func transposed(_ map: [Float], _ weight: [Float], step: Int, out: Int, begin: Int) -> [Float] {
        var result = [Float](repeating: 0, count: 3 * out * out)
        for place in 0..<4 * 36 {
            for target in 0..<3 * 9 {
                let y = place % 36 / 6 * step + target % 9 / 3 - begin
                let x = place % 6 * step + target % 3 - begin
                guard (0..<out).contains(y), (0..<out).contains(x) else { continue }
                result[(target / 9 * out + y) * out + x] += map[place] * weight[place / 36 * 27 + target]
            }
        }
        return result
    }

    @Test(
        "the size of a transposed convolution says how much is left out, more of it in front",
        arguments: [("output_shape", 1), ("SAME_LOWER", 1), ("SAME_UPPER", 0)])
    func upsampled(_ kind: String, begin: Int) throws {
        let weight = RewriteCase.numbers(4 * 27, seed: 3)
        var model = base
        model.model.weight("w", weight, [4, 3, 3, 3])
        model.model.add(
            "ConvTranspose", ["a", "w"], "y",
            [
                .integers("strides", [2, 2]),
                kind == "output_shape" ? .integers(kind, [12, 12]) : .text("auto_pad", kind),
            ])
        let map = try base.results("a").values
        expectClose(
            try model.results("y").values, transposed(map, weight, step: 2, out: 12, begin: begin))
    }

    @Test("a transposed convolution along one axis")
    func flat() throws {
        var model = RewriteCase([1, 2, 5])
        let weight = RewriteCase.numbers(2 * 3 * 4, seed: 3)
        model.model.weight("w", weight, [2, 3, 4])
        model.model.add(
            "ConvTranspose", ["x", "w"], "y", [.integers("strides", [2]), .integers("pads", [1, 1])])
        var expected = [Float](repeating: 0, count: 30)
        let input = model.input
        for place in 0..<10 {
            for target in 0..<12 {
                let at = place % 5 * 2 + target % 4 - 1
                guard (0..<10).contains(at) else { continue }
                expected[target / 4 * 10 + at] += input[place] * weight[place / 5 * 12 + target]
            }
        }
        expectClose(try model.results("y").values, expected)
    }

    @Test("interpolation from each place to the next, with the last one at the border", arguments: [2, 3])
    func towards(_ factor: Int) throws {
        var model = base
        model.model.weight("scales", [1, 1, Float(factor), Float(factor)], [4])
        model.model.add(
            "Resize", ["a", "", "scales"], "s",
            [.text("mode", "linear"), .text("coordinate_transformation_mode", "asymmetric")])
        model.model.add("Relu", ["s"], "y")
        let map = try base.results("a").values
        let size = 6 * factor
        func sample(_ channel: Int, _ y: Int, _ x: Int) -> Float {
            let (row, column) = (y / factor, x / factor)
            let (down, across) = (Float(y % factor) / Float(factor), Float(x % factor) / Float(factor))
            func at(_ row: Int, _ column: Int) -> Float {
                map[channel * 36 + min(row, 5) * 6 + min(column, 5)]
            }
            let top = at(row, column) * (1 - across) + at(row, column + 1) * across
            let bottom = at(row + 1, column) * (1 - across) + at(row + 1, column + 1) * across
            return max(0, top * (1 - down) + bottom * down)
        }
        let expected = (0..<4 * size * size).map {
            sample($0 / (size * size), $0 / size % size, $0 % size)
        }
        expectClose(try model.results("y").values, expected)
    }

    @Test("interpolation between corners, and padding with what is there, come near on request alone")
    func near() throws {
        var model = base
        model.model.weight("scales", [1, 1, 2, 2], [4])
        model.model.integers("pads", [0, 0, 1, 1, 0, 0, 1, 1])
        model.model.add("Pad", ["a", "pads"], "p", [.text("mode", "reflect")])
        model.model.add(
            "Resize", ["p", "", "scales"], "s",
            [.text("mode", "linear"), .text("coordinate_transformation_mode", "align_corners")])
        model.convolve("s", "y", 4, 4)
        let faults = try model.faults("y")
        #expect(faults.map(\.operator) == ["Pad", "Resize"])
        #expect(faults.allSatisfy { $0.advice.contains("--approximate") })
        let (read, _) = try model.results("y", approximates: true)
        #expect(read.report.notes.filter { $0.kind == .accuracy }.map(\.operator) == ["Pad", "Resize"])
        // A single place is repeated in any case.
        var single = base
        single.model.add("GlobalAveragePool", ["a"], "m")
        single.model.weight("scales", [1, 1, 6, 6], [4])
        single.model.add(
            "Resize", ["m", "", "scales"], "y",
            [.text("mode", "linear"), .text("coordinate_transformation_mode", "align_corners")])
        #expect(try single.faults("y").isEmpty)
    }
}
