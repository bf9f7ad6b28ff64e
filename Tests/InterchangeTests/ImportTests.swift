import Foundation
import Graph
import QAT
import SwiftProtobuf
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Interchange

@Suite("Imports of ONNX", .limited)
struct ImportTests {
    private func convolution(pads: [Int] = [1, 1, 1, 1], strides: [Int] = [1, 1]) -> ModelText {
        var model = ModelText()
        model.input("image", [1, 8, 6, 6])
        model.weight("w", (0..<16 * 8 * 9).map { Float($0 % 7) - 3 }, [16, 8, 3, 3])
        model.add(
            "Conv", ["image", "w"], "sum",
            [
                .integers("kernel_shape", [3, 3]), .integers("pads", pads),
                .integers("strides", strides),
            ])
        return model
    }

    @Test("convolution, batch norm and ReLU become one layer, and the weights keep their bytes")
    func fused() throws {
        var model = convolution()
        model.norm("sum", "norm", gamma: [Float](repeating: 0.7, count: 16))
        model.add("Relu", ["norm"], "result")
        model.output("result")
        let read = try model.read()
        #expect(read.report.faults.isEmpty)
        let layers = read.network.nodes
        #expect(layers.count == 1)
        guard case .conv2D(let conv) = try #require(layers.first).layer else {
            Issue.record("no convolution")
            return
        }
        #expect(conv.batchNorm && !conv.bias && conv.activationFunction == .relu && conv.padding == 1)
        let weights: [Float] = try read.weights.values("sum_node.weight", shape: [16, 8, 3, 3])
        let expected = (0..<16 * 8 * 9).map { Float($0 % 7) - 3 }
        #expect(weights == expected)
        // Another epsilon goes into the variance.
        let variance: [Float] = try read.weights.values("sum_node.runningVariance", shape: [16])
        #expect(variance.allSatisfy { abs($0 - (2 + 1e-3 - 1e-5)) < 1e-6 })
    }

    @Test("a gamma that batch norm here cannot have goes into the weights")
    func smallGamma() throws {
        var model = convolution()
        model.norm("sum", "norm", gamma: [-0.5, 0, 0.001] + [Float](repeating: 1, count: 13))
        model.output("norm")
        let read = try model.read()
        let gamma: [Float] = try read.weights.values("sum_node.gamma", shape: [16])
        #expect(gamma.prefix(3) == [0.01, 0.01, 0.01])
        let image = (0..<8 * 36).map { Float($0 % 11) / 11 }
        let results = try read.report.results(
            of: read.network, weights: read.weights,
            on: Safetensors([.init("image", image, shape: [1, 8, 6, 6])]))
        let values: [Float] = try results.values("sum_node", shape: [1, 16, 6, 6])
        // Channel 1 has no factor left: beta alone.
        #expect(values[36..<72].allSatisfy { $0 == 1 })
    }

    @Test(
        "padding that no chip has grows the kernel by zeros, or becomes a layer",
        arguments: [
            ([1, 1, 1, 1], [2, 2], 1), ([0, 0, 1, 1], [2, 2], 1), ([3, 3, 3, 3], [1, 1], 2),
            ([2, 0, 1, 3], [1, 1], 2),
        ])
    func padding(_ pads: [Int], _ strides: [Int], _ layers: Int) throws {
        var model = convolution(pads: pads, strides: strides)
        model.output("sum")
        let read = try model.read()
        #expect(read.report.faults.isEmpty)
        #expect(read.network.nodes.count == layers)
        var random = SeededGenerator(seed: 3)
        let image = (0..<8 * 36).map { _ in Float.random(in: -1...1, using: &random) }
        let results = try read.report.results(
            of: read.network, weights: read.weights,
            on: Safetensors([.init("image", image, shape: [1, 8, 6, 6])]))
        let (height, width) = (
            (6 + pads[0] + pads[2] - 3) / strides[0] + 1, (6 + pads[1] + pads[3] - 3) / strides[1] + 1
        )
        let values: [Float] = try results.values("sum_node", shape: [1, 16, height, width])
        let worst = zip(values, direct(image, pads, strides, height, width)).map { abs($0 - $1) }.max()
        #expect(try #require(worst) < 1e-4)
    }

    /// The same convolution in plain loops.
    private func direct(
        _ image: [Float], _ pads: [Int], _ strides: [Int], _ height: Int, _ width: Int
    ) -> [Float] {
        let weights = (0..<16 * 8 * 9).map { Float($0 % 7) - 3 }
        var values: [Float] = []
        for out in 0..<16 {
            for row in 0..<height {
                for column in 0..<width {
                    var sum: Float = 0
                    for place in 0..<8 * 9 {
                        let (input, down, across) = (place / 9, place / 3 % 3, place % 3)
                        let y = row * strides[0] + down - pads[0]
                        let x = column * strides[1] + across - pads[1]
                        guard (0..<6).contains(y), (0..<6).contains(x) else { continue }
                        sum += weights[out * 72 + place] * image[input * 36 + y * 6 + x]
                    }
                    values.append(sum)
                }
            }
        }
        return values
    }

    @Test("all operators that no chip has are named at once, with what follows them still read")
    func faults() throws {
        var model = convolution()
        model.add("LRN", ["sum"], "lrn", [.integer("size", 5)])
        model.add("Tanh", ["lrn"], "tanh")
        model.add("Relu", ["tanh"], "relu")
        model.add("GridSample", ["relu", "relu"], "grid")
        model.add("Einsum", ["grid"], "product")
        model.weight("m", [Float](repeating: 0.1, count: 64), [16, 4, 1, 1])
        model.add("Conv", ["product", "m"], "end")
        model.output("end")
        let read = try model.read()
        #expect(read.report.faults.map(\.operator) == ["LRN", "Tanh", "GridSample", "Einsum"])
        #expect(read.report.faults.map(\.node) == ["lrn_node", "tanh_node", "grid_node", "product_node"])
        #expect(read.report.faults.allSatisfy { !$0.reason.isEmpty })
        #expect(!read.report.faults[0].advice.isEmpty)
    }

    @Test("Softmax at the end is left to the host, in front of a layer with weights it is refused")
    func softmax() throws {
        var model = convolution()
        model.add("GlobalAveragePool", ["sum"], "mean")
        model.add("Flatten", ["mean"], "flat")
        model.add("Softmax", ["flat"], "scores", [.integer("axis", -1)])
        model.output("scores")
        let read = try model.read()
        #expect(read.report.host.map(\.operator) == ["Flatten", "Softmax"] && read.report.faults.isEmpty)
        model.weight("m", [Float](repeating: 0.1, count: 64), [16, 4])
        model.add("MatMul", ["scores", "m"], "more")
        model.output("more")
        #expect(try model.read().report.faults.map(\.operator) == ["Softmax"])
    }

    @Test("shapes that an exporter works out step by step are followed")
    func shapes() throws {
        var model = convolution()
        model.add("Shape", ["sum"], "shape")
        model.integers("zero", [0])
        model.add("Gather", ["shape", "zero"], "batch", [.integer("axis", 0)])
        model.integers("rest", [-1])
        model.add("Concat", ["batch", "rest"], "target", [.integer("axis", 0)])
        model.add("Reshape", ["sum", "target"], "flat")
        model.weight("m", [Float](repeating: 0.1, count: 16 * 36 * 4), [4, 16 * 36])
        model.weight("b", [1, 2, 3, 4], [4])
        model.add("Gemm", ["flat", "m", "b"], "scores", [.integer("transB", 1)])
        model.output("scores")
        let read = try model.read()
        #expect(read.report.faults.isEmpty, "\(read.report.faults)")
        #expect(read.network.nodes.map(\.kind) == [.conv2D, .flatten, .fullConnected])
    }

    @Test("floats that are listed one by one are the same as raw ones")
    func listed() throws {
        var (raw, listed) = (ModelText(), ModelText())
        let numbers = (0..<12).map { Float($0) }
        for isRaw in [true, false] {
            var model = ModelText()
            model.input("x", [0, 3])
            model.weight("w", numbers, [4, 3], isRaw: isRaw)
            model.add("Gemm", ["x", "w"], "y", [.integer("transB", 1)])
            model.output("y")
            if isRaw { raw = model } else { listed = model }
        }
        #expect(try raw.read().weights == listed.read().weights)
    }

    @Test("a tensor whose bytes are not those of its shape is refused before anything is made of it")
    func sizes() throws {
        var model = convolution()
        model.output("sum")
        model.model.graph.initializer[0].dims = [16, 8, 3, 4]
        #expect(throws: ONNXError.wrongSize(tensor: "w", found: 4608, expected: 6144)) { try model.read() }
        model.model.graph.initializer[0].dims = [1 << 40, 1 << 40]
        #expect(throws: ONNXError.self) { try model.read() }
        model.model.graph.initializer[0].dims = [-1, -4608]
        #expect(throws: ONNXError.self) { try model.read() }
    }

    @Test("weights in another file are read from the model's folder alone")
    func external() throws {
        try withTemporaryFolder { folder in
            var model = convolution()
            model.output("sum")
            let numbers = Array(model.model.graph.initializer[0].rawData)
            try Data([9] + numbers).write(to: URL(filePath: "\(folder)/weights.bin"))
            model.model.graph.initializer[0].rawData = Data()
            model.model.graph.initializer[0].dataLocation = 1
            func place(_ location: String, offset: Int = 1) {
                model.model.graph.initializer[0].externalData = [
                    ("location", location), ("offset", "\(offset)"), ("length", "\(numbers.count)"),
                ].map { key, value in
                    var entry = ONNXEntry()
                    (entry.key, entry.value) = (key, value)
                    return entry
                }
            }
            place("weights.bin")
            let read = try model.read(folder: folder)
            let weight = try read.weights.tensor("sum_node.weight", .float32, shape: [16, 8, 3, 3])
            #expect(Array(weight.bytes) == numbers)
            place("weights.bin", offset: 2)
            #expect(throws: ONNXError.externalCut(tensor: "w", location: "weights.bin")) {
                try model.read(folder: folder)
            }
            place("gone.bin")
            #expect(throws: ONNXError.externalMissing(tensor: "w", location: "gone.bin")) {
                try model.read(folder: folder)
            }
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder)/link.bin", withDestinationPath: "/etc/passwd")
            for location in ["../weights.bin", "/etc/passwd", "link.bin", ".."] {
                place(location)
                #expect(throws: ONNXError.externalElsewhere(tensor: "w", location: location)) {
                    try model.read(folder: folder)
                }
            }
        }
    }

    @Test("a damaged file is read or refused, and never traps", arguments: 0..<300)
    func damage(_ seed: UInt64) throws {
        var model = convolution()
        model.norm("sum", "norm", gamma: [Float](repeating: 0.7, count: 16))
        model.add(
            "MaxPool", ["norm"], "pool", [.integers("kernel_shape", [2, 2]), .integers("strides", [2, 2])])
        model.integers("target", [-1, 144])
        model.add("Reshape", ["pool", "target"], "flat")
        model.output("flat")
        // Most of the file is weights: the structure is what must be damaged.
        model.model.graph.initializer[0].dims = [16, 8, 1, 1]
        model.model.graph.initializer[0].rawData = Data(count: 512)
        var bytes = try model.bytes
        var random = SeededGenerator(seed: seed)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: bytes.indices, using: &random)
            bytes[place] = UInt8.random(in: 0...255, using: &random)
        }
        if Bool.random(using: &random) {
            bytes.removeLast(Int.random(in: 0..<bytes.count / 4, using: &random))
        }
        do {
            _ = try ONNXImport(bytes: bytes)
        } catch {
            #expect(!"\(error)".isEmpty && !"\(error)".contains("\n"))
        }
    }
}

extension ImportTests {
    @Test("four slices that are joined in front of a convolution are Focus", arguments: [true, false])
    func focus(_ isInOrder: Bool) throws {
        var model = ModelText()
        model.input("image", [1, 3, 8, 8])
        for (name, numbers) in [
            ("zero", [0]), ("one", [1]), ("end", [1 << 40]), ("two", [2]), ("h", [2]), ("w", [3]),
        ] {
            model.integers(name, numbers)
        }
        let order = isInOrder ? [(0, 0), (1, 0), (0, 1), (1, 1)] : [(0, 0), (0, 1), (1, 0), (1, 1)]
        for (place, (row, column)) in order.enumerated() {
            model.add("Slice", ["image", row == 0 ? "zero" : "one", "end", "h", "two"], "rows\(place)")
            model.add(
                "Slice", ["rows\(place)", column == 0 ? "zero" : "one", "end", "w", "two"], "part\(place)")
        }
        model.add("Concat", (0..<4).map { "part\($0)" }, "joined", [.integer("axis", 1)])
        let numbers = (0..<4 * 12).map { Float($0 % 5) - 2 }
        model.weight("w1", numbers, [4, 12, 1, 1])
        model.add("Conv", ["joined", "w1"], "sum", [.integers("kernel_shape", [1, 1])])
        model.output("sum")
        let read = try model.read()
        #expect(read.network.nodes.map(\.kind) == [.preprocess, .conv2D])
        let image = (0..<3 * 64).map { Float($0 % 13) / 13 }
        let results = try read.report.results(
            of: read.network, weights: read.weights,
            on: Safetensors([.init("image", image, shape: [1, 3, 8, 8])]))
        let values: [Float] = try results.values("sum_node", shape: [1, 4, 4, 4])
        var sum: Float = 0
        for (part, (row, column)) in order.enumerated() {
            for channel in 0..<3 {
                sum += numbers[12 + part * 3 + channel] * image[channel * 64 + (2 + row) * 8 + 4 + column]
            }
        }
        // Channel 1, row 1, column 2.
        #expect(abs(values[16 + 4 + 2] - sum) < 1e-5)
    }
}
