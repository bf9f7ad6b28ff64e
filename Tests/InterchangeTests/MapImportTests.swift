import Foundation
import Graph
import QAT
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Interchange

@Suite("Imports of pools, sizes, spreads and constants", .limited)
struct MapImportTests {
    private var base: RewriteCase {
        var base = RewriteCase([1, 3, 8, 8])
        base.convolve("x", "a", 3, 4, kernel: 3)
        return base
    }

    @Test(
        "a map of half the size is a mean of 2x2, or every second place",
        arguments: [
            ("linear", "half_pixel", "floor"), ("linear", "pytorch_half_pixel", "floor"),
            ("linear", "asymmetric", "floor"), ("nearest", "asymmetric", "floor"),
            ("nearest", "half_pixel", "round_prefer_ceil"), ("nearest", "half_pixel", "floor"),
        ])
    func half(_ mode: String, _ coordinates: String, _ rounding: String) throws {
        var model = base
        model.model.weight("scales", [1, 1, 0.5, 0.5], [4])
        model.model.add(
            "Resize", ["a", "", "scales"], "h",
            [
                .text("mode", mode), .text("coordinate_transformation_mode", coordinates),
                .text("nearest_mode", rounding),
            ])
        model.convolve("h", "y", 4, 4, seed: 3)
        let (read, values) = try model.results("y")
        let plain = try base.results("a").values
        let isMean = mode == "linear" && coordinates != "asymmetric"
        #expect(read.network.nodes.contains { $0.kind == .avgpool2D } == isMean)
        let first = coordinates == "half_pixel" && rounding == "round_prefer_ceil" ? 1 : 0
        let expected = (0..<4 * 16).map { place -> Float in
            let begin = place / 16 * 64 + place / 4 % 4 * 16 + place % 4 * 2
            let square = [plain[begin], plain[begin + 1], plain[begin + 8], plain[begin + 9]]
            return isMean ? square.reduce(0, +) / 4 : square[first * 3]
        }
        var behind = RewriteCase([1, 4, 4, 4])
        behind.convolve("x", "y", 4, 4, seed: 3)
        expectClose(values, try behind.results("y", of: expected).values)
    }

    @Test(
        "twice the size by the nearest place repeats, whatever the file calls it",
        arguments: [
            ("asymmetric", "floor"), ("asymmetric", "round_prefer_floor"),
            ("half_pixel", "round_prefer_ceil"),
            ("tf_half_pixel_for_nn", "floor"), ("pytorch_half_pixel", "round_prefer_floor"),
        ])
    func twice(_ coordinates: String, _ rounding: String) throws {
        var model = base
        model.model.weight("scales", [1, 1, 2, 2], [4])
        model.model.add(
            "Resize", ["a", "", "scales"], "y",
            [.text("coordinate_transformation_mode", coordinates), .text("nearest_mode", rounding)])
        let (read, values) = try model.results("y")
        #expect(read.network.nodes.last?.kind == .unpool2D)
        let plain = try base.results("a").values
        expectClose(values, (0..<4 * 256).map { plain[$0 / 256 * 64 + $0 / 32 % 8 * 8 + $0 % 16 / 2] })
        var other = base
        other.model.weight("scales", [1, 1, 2, 2], [4])
        other.model.add(
            "Resize", ["a", "", "scales"], "h",
            [.text("coordinate_transformation_mode", "asymmetric"), .text("nearest_mode", "ceil")])
        other.convolve("h", "y", 4, 4, seed: 3)
        #expect(try other.faults("y").first?.reason.contains("ceil") == true)
    }

    @Test("one channel for many is spread by a convolution of ones", arguments: ["Mul", "Add", "Sub"])
    func spreadChannel(_ name: String) throws {
        var model = base
        model.convolve("x", "m", 3, 1, seed: 8)
        model.model.add(name, ["m", "a"], "y")
        let (_, values) = try model.results("y")
        let plain = try base.results("a").values
        var single = base
        single.convolve("x", "m", 3, 1, seed: 8)
        let one = try single.results("m").values
        let expected = plain.indices.map { place -> Float in
            let (m, a) = (one[place % 64], plain[place])
            return name == "Mul" ? m * a : name == "Add" ? m + a : m - a
        }
        expectClose(values, expected)
    }

    @Test("one place for all is spread by repeats", arguments: ["Add", "Mul"])
    func spreadPlace(_ name: String) throws {
        var model = base
        model.model.add("GlobalAveragePool", ["a"], "g")
        model.model.add(name, ["a", "g"], "y")
        let (_, values) = try model.results("y")
        let plain = try base.results("a").values
        let expected = plain.indices.map { place -> Float in
            let begin = place / 64 * 64
            let mean = plain[begin..<begin + 64].reduce(0, +) / 64
            return name == "Mul" ? plain[place] * mean : plain[place] + mean
        }
        expectClose(values, expected)
    }

    @Test("a gate by matrix products needs no change of axes")
    func gate() throws {
        var model = base
        model.model.add("GlobalAveragePool", ["a"], "g")
        model.model.integers("flat", [1, 4])
        model.model.integers("map", [1, 4, 1, 1])
        model.model.add("Reshape", ["g", "flat"], "v")
        model.model.weight("m", RewriteCase.numbers(16, seed: 6), [4, 4])
        model.model.weight("n", RewriteCase.numbers(4, seed: 7), [4])
        model.model.add("Gemm", ["v", "m", "n"], "p", [.integer("transB", 1)])
        model.model.add("HardSigmoid", ["p"], "s", [.number("alpha", 1 / 6)])
        model.model.add("Reshape", ["s", "map"], "q")
        model.model.add("Mul", ["a", "q"], "y")
        let (read, values) = try model.results("y")
        #expect(read.network.nodes.map(\.kind) == [.preprocess, .conv2D, .adaptiveAvgpool2D, .conv2D, .mul])
        let plain = try base.results("a").values
        let (matrix, bias) = (RewriteCase.numbers(16, seed: 6), RewriteCase.numbers(4, seed: 7))
        let means = (0..<4).map { plain[$0 * 64..<($0 + 1) * 64].reduce(0, +) / 64 }
        let gates = (0..<4).map { row -> Float in
            let sum = (0..<4).reduce(bias[row]) { $0 + matrix[row * 4 + $1] * means[$1] }
            return min(1, max(0, sum / 6 + 0.5))
        }
        expectClose(values, plain.indices.map { plain[$0] * gates[$0 / 64] })
    }

    private func pooled(_ values: [Float], _ kernel: Int, pad: Int) -> [Float] {
        values.indices.map { place in
            let (channel, row, column) = (place / 64, place / 8 % 8, place % 8)
            var largest = -Float.infinity
            for down in -pad...kernel - 1 - pad {
                for across in -pad...kernel - 1 - pad
                where (0..<8).contains(row + down) && (0..<8).contains(column + across) {
                    largest = max(largest, values[channel * 64 + (row + down) * 8 + column + across])
                }
            }
            return largest
        }
    }

    @Test("a padded pool behind a function with a least number is exact")
    func boundedPool() throws {
        var model = base
        model.model.add("HardSwish", ["a"], "h")
        model.model.add(
            "MaxPool", ["h"], "p", [.integers("kernel_shape", [5, 5]), .integers("pads", [2, 2, 2, 2])])
        model.convolve("p", "y", 4, 4, seed: 3)
        let (_, values) = try model.results("y")
        let plain = try base.results("a").values.map { $0 * min(1, max(0, $0 / 6 + 0.5)) }
        var behind = RewriteCase([1, 4, 8, 8])
        behind.convolve("x", "y", 4, 4, seed: 3)
        expectClose(values, try behind.results("y", of: pooled(plain, 5, pad: 2)).values)
    }

    @Test("a padded pool of signed numbers is refused, or taken on request with its border named")
    func signedPool() throws {
        var model = base
        model.model.add(
            "MaxPool", ["a"], "p", [.integers("kernel_shape", [3, 3]), .integers("pads", [1, 1, 1, 1])])
        model.convolve("p", "y", 4, 4, seed: 3)
        #expect(try model.faults("y").map(\.operator) == ["MaxPool"])
        let (read, values) = try model.results("y", approximates: true)
        #expect(read.report.notes.contains { $0.kind == .accuracy && $0.text.contains("border") })
        let plain = try base.results("a").values
        let border = plain.indices.map { place -> Float in
            let (row, column) = (place / 8 % 8, place % 8)
            let isInner = (1..<7).contains(row) && (1..<7).contains(column)
            let largest = pooled(plain, 3, pad: 1)[place]
            return isInner ? largest : max(0, largest)
        }
        var behind = RewriteCase([1, 4, 8, 8])
        behind.convolve("x", "y", 4, 4, seed: 3)
        expectClose(values, try behind.results("y", of: border).values)
    }

    @Test(
        "a mean that leaves its padding out is exact",
        arguments: [
            (3, 1, [1, 1, 1, 1], false), (3, 2, [1, 1, 1, 1], false), (2, 2, [1, 1, 0, 0], false),
            (3, 2, [0, 0, 0, 0], true), (5, 1, [2, 2, 2, 2], false),
        ])
    func mean(_ kernel: Int, _ stride: Int, _ pads: [Int], isRoundedUp: Bool) throws {
        var model = base
        model.model.add(
            "AveragePool", ["a"], "y",
            [
                .integers("kernel_shape", [kernel, kernel]), .integers("strides", [stride, stride]),
                .integers("pads", pads), .integer("ceil_mode", isRoundedUp ? 1 : 0),
            ])
        let (_, values) = try model.results("y")
        let plain = try base.results("a").values
        let room = 8 + pads[0] + pads[2] - kernel
        let steps = (isRoundedUp ? (room + stride - 1) / stride : room / stride) + 1
        let expected = (0..<4 * steps * steps).map { place -> Float in
            let (channel, row, column) = (place / (steps * steps), place / steps % steps, place % steps)
            var inside: [Float] = []
            for down in 0..<kernel {
                for across in 0..<kernel {
                    let (y, x) = (row * stride + down - pads[0], column * stride + across - pads[1])
                    guard (0..<8).contains(y), (0..<8).contains(x) else { continue }
                    inside.append(plain[channel * 64 + y * 8 + x])
                }
            }
            return inside.reduce(0, +) / Float(inside.count)
        }
        expectClose(values, expected)
    }

    @Test("padding that is computed step by step is padding of the convolution")
    func computedPadding() throws {
        var model = RewriteCase([1, 3, 8, 8])
        model.model.integers("four", [4])
        model.model.integers("pairs", [0, 1, 0, 1])
        model.model.integers("rows", [-1, 2])
        model.model.integers("front", [0])
        model.model.integers("minus", [-1])
        model.model.integers("least", [Int.min + 1])
        model.model.add("ConstantOfShape", ["four"], "zeros", [.integersTensor("value", [0])])
        model.model.add("Concat", ["pairs", "zeros"], "all", [.integer("axis", 0)])
        model.model.add("Reshape", ["all", "rows"], "table")
        model.model.add("Slice", ["table", "minus", "least", "front", "minus"], "turned")
        model.model.add("Transpose", ["turned"], "columns", [.integers("perm", [1, 0])])
        model.model.add("Reshape", ["columns", "minus"], "flat")
        model.model.add("Cast", ["flat"], "pads", [.integer("to", 7)])
        model.model.add("Pad", ["x", "pads"], "p")
        model.model.weight("w", RewriteCase.numbers(4 * 27, seed: 3), [4, 3, 3, 3])
        model.model.add(
            "Conv", ["p", "w"], "y", [.integers("kernel_shape", [3, 3]), .integers("strides", [2, 2])])
        let (_, values) = try model.results("y")
        var plain = RewriteCase([1, 3, 8, 8])
        plain.model.weight("w", RewriteCase.numbers(4 * 27, seed: 3), [4, 3, 3, 3])
        plain.model.add(
            "Conv", ["x", "w"], "y",
            [
                .integers("kernel_shape", [3, 3]), .integers("strides", [2, 2]),
                .integers("pads", [0, 0, 1, 1]),
            ])
        expectClose(values, try plain.results("y").values)
    }

    @Test("shapes that Range, Where, Equal, Expand, Tile and ScatterND make are followed")
    func folded() throws {
        var model = base
        for (name, numbers) in [
            ("zero", [0]), ("three", [3]), ("one", [1]), ("minus", [-1]), ("sizes", [1, 256]), ("times", [2]),
            ("place", [0]), ("shape", [2]),
        ] {
            model.model.integers(name, numbers)
        }
        model.model.scalar("from", 0)
        model.model.scalar("to", 3)
        model.model.scalar("by", 1)
        model.model.add("Range", ["from", "to", "by"], "range")
        model.model.add("Equal", ["range", "one"], "isOne")
        model.model.add("Where", ["isOne", "minus", "three"], "chosen")
        // chosen is 3, -1, 3: its middle is the axis that is left open.
        model.model.add("Slice", ["chosen", "one", "times"], "open")
        model.model.add("Expand", ["one", "shape"], "ones")
        model.model.integers("second", [1])
        model.model.matrix("places", [1], [1, 1])
        model.model.add("ScatterND", ["ones", "places", "open"], "target")
        model.model.add("Reshape", ["a", "target"], "y0")
        model.model.weight("m", RewriteCase.numbers(256 * 2, seed: 4), [2, 256])
        model.model.add("Gemm", ["y0", "m"], "y", [.integer("transB", 1)])
        let (_, values) = try model.results("y")
        let plain = try base.results("a").values
        let matrix = RewriteCase.numbers(256 * 2, seed: 4)
        expectClose(
            values, (0..<2).map { row in plain.indices.reduce(0) { $0 + matrix[row * 256 + $1] * plain[$1] } }
        )
    }

    @Test("weights that are computed of others are folded, axis by axis")
    func foldedWeights() throws {
        var model = RewriteCase([1, 3, 8, 8])
        model.model.weight("v", RewriteCase.numbers(3 * 4, seed: 3), [3, 4])
        model.model.weight("g", [1, 2, 3, 4], [1, 4])
        model.model.integers("shape", [4, 3, 1, 1])
        model.model.add("Mul", ["v", "g"], "vg")
        model.model.add("Transpose", ["vg"], "t", [.integers("perm", [1, 0])])
        model.model.add("Reshape", ["t", "shape"], "w")
        model.model.add("Conv", ["x", "w"], "y", [.integers("kernel_shape", [1, 1])])
        let (_, values) = try model.results("y")
        let numbers = RewriteCase.numbers(12, seed: 3)
        let expected = (0..<4 * 64).map { place -> Float in
            let out = place / 64
            return (0..<3).reduce(0) {
                $0 + numbers[$1 * 4 + out] * Float(out + 1) * model.input[$1 * 64 + place % 64]
            }
        }
        expectClose(values, expected)
    }

    @Test("what the file does to its image is what the loader does, with the same results")
    func normalized() throws {
        var model = RewriteCase([1, 3, 8, 8])
        model.model.weight("mean", [127.5], [])
        model.model.weight("spread", [1 / 127.5], [])
        model.model.add("Sub", ["x", "mean"], "s")
        model.model.add("Mul", ["s", "spread"], "n")
        model.convolve("n", "y", 3, 4, kernel: 3)
        let image = (0..<192).map { Float($0) }
        let (read, values) = try model.results("y", of: image)
        #expect(read.network.nodes.map(\.kind) == [.preprocess, .conv2D])
        guard case .preprocess(let settings)? = read.network.nodes.first?.layer else {
            throw FixtureError("the first layer is no Preprocess")
        }
        #expect(abs(settings.mean - 127.5) < 1e-4 && abs(settings.variance - 127.5) < 1e-4)
        var plain = RewriteCase([1, 3, 8, 8])
        plain.convolve("x", "y", 3, 4, kernel: 3)
        expectClose(values, try plain.results("y", of: image.map { ($0 - 127.5) / 127.5 }).values)
    }

    @Test("weights of half precision are those numbers, raw or listed", arguments: [10, 16], [true, false])
    func halves(_ type: Int, isRaw: Bool) throws {
        let numbers = RewriteCase.numbers(12, seed: 3).map { ($0 * 64).rounded() / 64 }
        var model = RewriteCase([1, 3, 4, 4])
        var tensor = ONNXTensorProto()
        (tensor.name, tensor.dims, tensor.dataType) = ("w", [4, 3, 1, 1], Int32(type))
        let words = numbers.map { type == 10 ? Float16($0).bitPattern : UInt16($0.bitPattern >> 16) }
        if isRaw {
            tensor.rawData = words.withUnsafeBytes { Data($0) }
        } else {
            tensor.int32Data = words.map(Int32.init)
        }
        model.model.model.graph.initializer.append(tensor)
        model.model.add("Conv", ["x", "w"], "y", [.integers("kernel_shape", [1, 1])])
        let (read, _) = try model.results("y")
        let name = try #require(read.network.nodes.last?.name)
        #expect(try read.weights.values("\(name).weight", shape: [4, 3, 1, 1]) == numbers)
    }
}
