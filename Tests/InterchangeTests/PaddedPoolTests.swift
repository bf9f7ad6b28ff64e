import Graph
import QAT
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Interchange

@Suite("Imports of pools with padding", .limited)
struct PaddedPoolTests {
    /// How a pool slides over both axes of a map of 4 channels.
    struct Geometry: CustomTestStringConvertible, Sendable {
        var size: Int
        var kernel: Int
        var stride: Int
        /// In front and behind.
        var pads: [Int]
        /// The pools that it becomes; 0 where a layer pads in front of it.
        var pools: Int

        var testDescription: String { "\(size) places, \(kernel) in steps of \(stride), padding \(pads)" }

        /// The results of a pool over values that are not negative.
        func results(_ values: [Float], isMean: Bool) -> [Float] {
            let steps = (size + pads[0] + pads[1] - kernel) / stride + 1
            return (0..<4).flatMap { channel in
                (0..<steps * steps).map { step in
                    var window: [Float] = []
                    for tap in 0..<kernel * kernel {
                        let row = step / steps * stride - pads[0] + tap / kernel
                        let column = step % steps * stride - pads[0] + tap % kernel
                        let isInside = (0..<size).contains(row) && (0..<size).contains(column)
                        window.append(isInside ? values[(channel * size + row) * size + column] : 0)
                    }
                    return isMean ? window.reduce(0, +) / Float(window.count) : window.max() ?? 0
                }
            }
        }
    }

    @Test(
        "a pool that pads otherwise than SAME is one in steps of 1 whose results are picked",
        arguments: [
            // As SAME pads: one pool.
            Geometry(size: 9, kernel: 3, stride: 2, pads: [1, 1], pools: 1),
            Geometry(size: 8, kernel: 3, stride: 2, pads: [0, 1], pools: 1),
            // The pools of residual networks.
            Geometry(size: 8, kernel: 3, stride: 2, pads: [1, 1], pools: 2),
            Geometry(size: 8, kernel: 3, stride: 2, pads: [1, 0], pools: 2),
            Geometry(size: 8, kernel: 5, stride: 2, pads: [2, 2], pools: 2),
            Geometry(size: 8, kernel: 3, stride: 3, pads: [1, 1], pools: 2),
            Geometry(size: 12, kernel: 7, stride: 4, pads: [3, 3], pools: 2),
            // Steps of 1 would pad less in front, or the picked places would be fewer.
            Geometry(size: 8, kernel: 2, stride: 2, pads: [1, 1], pools: 0),
            Geometry(size: 9, kernel: 3, stride: 2, pads: [2, 2], pools: 0),
            Geometry(size: 8, kernel: 3, stride: 2, pads: [1, 2], pools: 0),
        ], ["MaxPool", "AveragePool"])
    func steps(_ geometry: Geometry, _ type: String) throws {
        func model(_ result: String) throws -> (read: ONNXImport, values: [Float]) {
            var model = RewriteCase([1, 3, geometry.size, geometry.size])
            model.convolve("x", "a", 3, 4, kernel: 3)
            model.model.add("Relu", ["a"], "r")
            model.model.add(
                type, ["r"], "y",
                [
                    .integers("kernel_shape", [geometry.kernel, geometry.kernel]),
                    .integers("strides", [geometry.stride, geometry.stride]),
                    .integers("pads", [0, 0, 1, 1].map { geometry.pads[$0] }),
                    .integer("count_include_pad", 1),
                ])
            return try model.results(result)
        }
        let map = try model("r").values
        let (read, values) = try model("y")
        expectClose(values, geometry.results(map, isMean: type == "AveragePool"))
        let pools = read.network.nodes.filter { [.maxpool2D, .avgpool2D].contains($0.kind) }
        let isPadded = read.network.nodes.contains { $0.name.hasSuffix("_pad") }
        #expect(isPadded == (geometry.pools == 0) && pools.count == max(1, geometry.pools))
        #expect(
            read.report.notes.contains { $0.kind == .change && $0.text.contains("one in steps of 1") }
                == (geometry.pools == 2))
    }
}
