import Graph
import QAT
import TestSupport
import TestTraits
import Testing

@testable import Interchange

@Suite("Imports of channels and space in other orders", .limited)
struct ShuffleImportTests {
    /// Channels of a map of 4x4, one after the other, as numbers of another order.
    private func picked(_ values: [Float], _ order: [Int], plane: Int = 16) -> [Float] {
        order.flatMap { values[$0 * plane..<($0 + 1) * plane] }
    }

    /// The shuffle of 8 channels in two groups.
    private let order = [0, 4, 1, 5, 2, 6, 3, 7]

    private var base: RewriteCase {
        var base = RewriteCase([1, 3, 4, 4])
        base.convolve("x", "a", 3, 8, kernel: 3)
        base.model.add("Relu", ["a"], "r")
        return base
    }

    /// The forms in which exporters write the shuffle of `r` as `s`, or its halves `h0` and `h1`.
    enum Form: CaseIterable { case fiveAxes, batchMerged, gatheredHalves }

    private func shuffle(_ input: String, _ form: Form, _ model: inout ModelText, _ tag: String = "") {
        switch form {
        case .fiveAxes:
            model.integers("s1\(tag)", [1, 2, 4, 4, 4])
            model.integers("s2\(tag)", [1, -1, 4, 4])
            model.add("Reshape", [input, "s1\(tag)"], "v\(tag)")
            model.add("Transpose", ["v\(tag)"], "t\(tag)", [.integers("perm", [0, 2, 1, 3, 4])])
            model.add("Reshape", ["t\(tag)", "s2\(tag)"], "s\(tag)")
        case .batchMerged:
            model.integers("s1\(tag)", [2, 4, 16])
            model.integers("s2\(tag)", [1, 8, 4, 4])
            model.add("Reshape", [input, "s1\(tag)"], "v\(tag)")
            model.add("Transpose", ["v\(tag)"], "t\(tag)", [.integers("perm", [1, 0, 2])])
            model.add("Reshape", ["t\(tag)", "s2\(tag)"], "s\(tag)")
        case .gatheredHalves:
            // ShuffleNetV2: pairs of neighbours become two halves.
            model.integers("s1\(tag)", [4, 2, 16])
            model.integers("s2\(tag)", [2, -1, 4, 4, 4])
            model.add("Reshape", [input, "s1\(tag)"], "v\(tag)")
            model.add("Transpose", ["v\(tag)"], "t\(tag)", [.integers("perm", [1, 0, 2])])
            model.add("Reshape", ["t\(tag)", "s2\(tag)"], "u\(tag)")
            for half in 0...1 {
                model.integers("i\(half)\(tag)", [half])
                model.add(
                    "Gather", ["u\(tag)", "i\(half)\(tag)"], "g\(half)\(tag)", [.integer("axis", 0)])
                model.integers("s3\(half)\(tag)", [1, 4, 4, 4])
                model.add("Reshape", ["g\(half)\(tag)", "s3\(half)\(tag)"], "h\(half)\(tag)")
            }
            model.add("Concat", ["h0\(tag)", "h1\(tag)"], "s\(tag)", [.integer("axis", 1)])
        }
    }

    @Test("a shuffle at the end goes into the weights of the layer before", arguments: Form.allCases)
    func atEnd(_ form: Form) throws {
        let plain = try base.results("r").values
        var shuffled = base
        shuffle("r", form, &shuffled.model)
        let (read, values) = try shuffled.results("s")
        #expect(read.network.nodes.map(\.kind) == [.preprocess, .conv2D])
        let own = form == .gatheredHalves ? [0, 2, 4, 6, 1, 3, 5, 7] : order
        expectClose(values, picked(plain, own))
    }

    @Test("a shuffle in front of convolutions goes into their weights", arguments: Form.allCases, [1, 8])
    func inFront(_ form: Form, groups: Int) throws {
        var shuffled = base
        shuffle("r", form, &shuffled.model)
        shuffled.convolve("s", "b", 8, 8, kernel: 3, groups: groups, seed: 7)
        shuffled.convolve("b", "y", 8, 4, seed: 9)
        let (read, values) = try shuffled.results("y")
        #expect(
            read.network.nodes.map(\.kind)
                == [.preprocess, .conv2D, groups == 1 ? .conv2D : .depthwiseConv2D, .conv2D])
        // The same with the channels of the first convolution in that order.
        var plain = RewriteCase([1, 3, 4, 4])
        plain.convolve("x", "a", 3, 8, kernel: 3)
        let own = form == .gatheredHalves ? [0, 2, 4, 6, 1, 3, 5, 7] : order
        let weights = RewriteCase.numbers(8 * 27, seed: 1)
        plain.model.model.graph.initializer.removeAll()
        plain.model.weight("a.w", picked(weights, own, plane: 27), [8, 3, 3, 3])
        plain.model.weight("a.b", own.map { RewriteCase.numbers(8, seed: 2)[$0] }, [8])
        plain.model.add("Relu", ["a"], "s")
        plain.convolve("s", "b", 8, 8, kernel: 3, groups: groups, seed: 7)
        plain.convolve("b", "y", 8, 4, seed: 9)
        expectClose(values, try plain.results("y").values)
    }

    @Test("a shuffle that is flattened is put in order before", arguments: Form.allCases)
    func flattened(_ form: Form) throws {
        var shuffled = base
        shuffle("r", form, &shuffled.model)
        shuffled.model.add("Flatten", ["s"], "f")
        shuffled.model.weight("m", RewriteCase.numbers(128 * 3, seed: 4), [3, 128])
        shuffled.model.add("Gemm", ["f", "m"], "y", [.integer("transB", 1)])
        let (_, values) = try shuffled.results("y")
        let own = form == .gatheredHalves ? [0, 2, 4, 6, 1, 3, 5, 7] : order
        let flat = picked(try base.results("r").values, own)
        let matrix = RewriteCase.numbers(128 * 3, seed: 4)
        expectClose(
            values, (0..<3).map { row in flat.indices.reduce(0) { $0 + matrix[row * 128 + $1] * flat[$1] } })
    }

    @Test("units of ShuffleNetV2 need no layer but splits and joins")
    func units() throws {
        var model = RewriteCase([1, 3, 4, 4])
        model.convolve("x", "a", 3, 4, kernel: 3)
        model.convolve("x", "b", 3, 4, kernel: 3, seed: 3)
        model.model.add("Concat", ["a", "b"], "c0", [.integer("axis", 1)])
        for unit in 0..<3 {
            shuffle("c\(unit)", .gatheredHalves, &model.model, "_\(unit)")
            model.convolve("h1_\(unit)", "k\(unit)", 4, 4, seed: UInt64(20 + unit))
            model.model.add("Concat", ["h0_\(unit)", "k\(unit)"], "c\(unit + 1)", [.integer("axis", 1)])
        }
        model.convolve("c3", "y", 8, 4, seed: 50)
        let (read, values) = try model.results("y")
        let kinds = Set(read.network.nodes.map(\.kind))
        #expect(kinds == [.preprocess, .conv2D, .channelSplit, .route])
        #expect(read.network.nodes.count { $0.kind == .conv2D } == 6)
        // Splits of splits are one.
        for node in read.network.nodes where node.kind == .channelSplit {
            #expect(node.inputs.allSatisfy { read.network[$0.name]?.kind != .channelSplit })
        }
        expectClose(values, try plainUnits())
    }

    /// The same units in plain loops.
    private func plainUnits() throws -> [Float] {
        func first(_ name: String, _ seed: UInt64) throws -> [Float] {
            var model = RewriteCase([1, 3, 4, 4])
            model.convolve("x", name, 3, 4, kernel: 3, seed: seed)
            return try model.results(name).values
        }
        func pointwise(_ values: [Float], _ outputs: Int, seed: UInt64) -> [Float] {
            let inputs = values.count / 16
            let (weights, bias) = (
                RewriteCase.numbers(outputs * inputs, seed: seed),
                RewriteCase.numbers(outputs, seed: seed + 1)
            )
            return (0..<outputs * 16).map { place in
                let (row, column) = (place / 16, place % 16)
                return (0..<inputs).reduce(bias[row]) {
                    $0 + weights[row * inputs + $1] * values[$1 * 16 + column]
                }
            }
        }
        var joined = try first("a", 1) + first("b", 3)
        for unit in 0..<3 {
            let halves = (picked(joined, [0, 2, 4, 6]), picked(joined, [1, 3, 5, 7]))
            joined = halves.0 + pointwise(halves.1, 4, seed: UInt64(20 + unit))
        }
        return pointwise(joined, 4, seed: 50)
    }

    @Test("channels that are picked backwards go into the first convolution")
    func backwards() throws {
        var model = RewriteCase([1, 3, 4, 4])
        model.model.integers("i", [2, 1, 0])
        model.model.add("Gather", ["x", "i"], "bgr", [.integer("axis", 1)])
        model.convolve("bgr", "y", 3, 4, kernel: 3)
        let (read, values) = try model.results("y")
        #expect(read.network.nodes.map(\.kind) == [.preprocess, .conv2D])
        var plain = RewriteCase([1, 3, 4, 4])
        plain.convolve("x", "y", 3, 4, kernel: 3)
        expectClose(values, try plain.results("y", of: picked(plain.input, [2, 1, 0])).values)
    }

    /// How files move space to depth.
    enum Space: CaseIterable { case operatorItself, pixelUnshuffle, slices }

    @Test(
        "space moved to depth is Focus of the first convolution, or a larger window behind others",
        arguments: Space.allCases, [true, false])
    func focus(_ form: Space, isFirst: Bool) throws {
        var model = RewriteCase([1, 3, 8, 8])
        if !isFirst { model.convolve("x", "in", 3, 3, kernel: 3, seed: 5) }
        let source = isFirst ? "x" : "in"
        switch form {
        case .operatorItself: model.model.add("SpaceToDepth", [source], "d", [.integer("blocksize", 2)])
        case .pixelUnshuffle:
            model.model.integers("s1", [1, 3, 4, 2, 4, 2])
            model.model.integers("s2", [1, 12, 4, 4])
            model.model.add("Reshape", [source, "s1"], "v")
            model.model.add("Transpose", ["v"], "t", [.integers("perm", [0, 1, 3, 5, 2, 4])])
            model.model.add("Reshape", ["t", "s2"], "d")
        case .slices:
            for (name, numbers) in [
                ("zero", [0]), ("one", [1]), ("end", [1 << 40]), ("two", [2]), ("h", [2]), ("w", [3]),
            ] {
                model.model.integers(name, numbers)
            }
            for place in 0..<4 {
                let (row, column) = (place / 2 == 0 ? "zero" : "one", place % 2 == 0 ? "zero" : "one")
                model.model.add("Slice", [source, row, "end", "h", "two"], "rows\(place)")
                model.model.add("Slice", ["rows\(place)", column, "end", "w", "two"], "part\(place)")
            }
            model.model.add("Concat", (0..<4).map { "part\($0)" }, "d", [.integer("axis", 1)])
        }
        model.convolve("d", "y", 12, 4, kernel: 3)
        let (read, values) = try model.results("y")
        #expect(
            read.network.nodes.map(\.kind)
                == (isFirst ? [.preprocess, .conv2D] : [.preprocess, .conv2D, .conv2D]))
        // The source, and the convolution of its quarters in plain loops.
        var source8 = model.input
        if !isFirst {
            var first = RewriteCase([1, 3, 8, 8])
            first.convolve("x", "in", 3, 3, kernel: 3, seed: 5)
            source8 = try first.results("in").values
        }
        let (weights, bias) = (RewriteCase.numbers(4 * 12 * 9, seed: 1), RewriteCase.numbers(4, seed: 2))
        func depth(_ channel: Int, _ row: Int, _ column: Int) -> Float {
            guard (0..<4).contains(row), (0..<4).contains(column) else { return 0 }
            let (plane, part) =
                form == .pixelUnshuffle ? (channel / 4, channel % 4) : (channel % 3, channel / 3)
            return source8[plane * 64 + (2 * row + part / 2) * 8 + 2 * column + part % 2]
        }
        let expected = (0..<64).map { place -> Float in
            let (out, row, column) = (place / 16, place / 4 % 4, place % 4)
            return (0..<12 * 9).reduce(bias[out]) { sum, tap in
                sum + weights[out * 108 + tap] * depth(tap / 9, row + tap / 3 % 3 - 1, column + tap % 3 - 1)
            }
        }
        expectClose(values, expected)
    }

    @Test(
        "a transposed convolution is the sum of its taps",
        arguments: [(2, 2, 0, 0), (4, 2, 1, 0), (3, 2, 1, 1), (3, 1, 1, 0), (5, 2, 2, 1), (4, 4, 0, 0)])
    func transposed(_ kernel: Int, _ stride: Int, _ pad: Int, _ extra: Int) throws {
        var model = RewriteCase([1, 2, 5, 4])
        let weights = RewriteCase.numbers(2 * 3 * kernel * kernel, seed: 4)
        model.model.weight("w", weights, [2, 3, kernel, kernel])
        model.model.weight("b", [0.5, -0.25, 1], [3])
        model.model.add(
            "ConvTranspose", ["x", "w", "b"], "t",
            [
                .integers("strides", [stride, stride]), .integers("pads", [pad, pad, pad, pad]),
                .integers("output_padding", [extra, extra]),
            ])
        model.model.norm("t", "n", gamma: [0.5, 2, 1])
        model.model.add("Relu", ["n"], "y")
        if kernel == 2 {
            // In front of weights, which what is shuffled can be widened for.
            model.model.weight("one", (0..<9).map { $0 % 4 == 0 ? 1 : 0 }, [3, 3, 1, 1])
            model.model.add("Conv", ["y", "one"], "z")
        }
        let (read, values) = try model.results(kernel == 2 ? "z" : "y")
        if kernel == 2 {
            #expect(read.network.nodes.map(\.kind) == [.preprocess, .conv2D, .pixelShuffle, .conv2D])
        }
        let (height, width) = (4 * stride + kernel - 2 * pad + extra, 3 * stride + kernel - 2 * pad + extra)
        var sums = (0..<3).flatMap { [Float](repeating: [0.5, -0.25, 1][$0], count: height * width) }
        for place in 0..<40 {
            let (input, row, column) = (place / 20, place / 4 % 5, place % 4)
            for tap in 0..<3 * kernel * kernel {
                let (out, down, across) = (tap / (kernel * kernel), tap / kernel % kernel, tap % kernel)
                let (y, x) = (row * stride + down - pad, column * stride + across - pad)
                guard (0..<height).contains(y), (0..<width).contains(x) else { continue }
                sums[(out * height + y) * width + x] +=
                    model.input[place] * weights[input * 3 * kernel * kernel + tap]
            }
        }
        let expected = sums.enumerated().map { place, sum -> Float in
            let channel = place / (height * width)
            let normal = (sum - 0.5) / (2 + 1e-3 as Float).squareRoot()
            return max(0, normal * [0.5, 2, 1][channel] + Float(channel))
        }
        expectClose(values, expected)
    }
}
