import Graph
import TestSupport
import TestTraits
import Testing

@testable import QAT

/// Layers that cannot be computed in integers, and sums that no accumulator holds: each is said.
@Suite("What integers cannot do", .limited)
struct IntegerReasonTests {
    private func convolution(
        _ name: String, _ source: String, bits: Int = 8, _ change: (inout Conv2D) -> Void = { _ in }
    ) -> Node {
        var product = Conv2D()
        (product.outChannels, product.padding, product.batchNorm, product.bias) = (4, 1, true, false)
        product.quantizers = Quantization(outputBits: bits, clip: 4)
        (product.quantizers.isEnabled, product.quantizers.weightBits) = (true, bits)
        change(&product)
        return Node(name, product.layer, inputs: [Source(source)])
    }

    private func report(_ nodes: [Node], on family: ArithmeticFamily = .npu) throws -> IntegerReport {
        let network = try Network(
            inputs: [Input("image", .map(channels: 2, height: 6, width: 6))], nodes: nodes)
        return try IntegerCase(network, on: family).report()
    }

    @Test("a layer without quantizers says so, and the network goes on behind it")
    func floatInTheMiddle() throws {
        let found = try report([
            convolution("first", "image"),
            convolution("plain", "first") { $0.quantizers.isEnabled = false },
            convolution("next", "plain"), convolution("last", "next"),
        ])
        #expect(found.parts.map(\.name) == ["first", "plain", "next", "last"])
        #expect(
            found.parts.map(\.reason) == [
                nil, "its weights are not quantized", "it reads values that are no codes", nil,
            ])
        // What stands in computes codes again, from which the last layer goes on.
        #expect(found.parts[2].accumulated.elements == 2 * 4 * 36)
        found.expectAgreement(exceptFor: ["plain", "next"])
    }

    @Test("a result of 32 bits is whole sums as floats, and what reads it has no codes to read")
    func floatResult() throws {
        let found = try report([
            convolution("wide", "image") { $0.quantizers.outputBits = 32 }, convolution("next", "wide"),
        ])
        #expect(found.parts.map(\.isFloat) == [true, false])
        #expect(found.parts.map(\.reason) == [nil, "it reads values that are no codes"])
        found.expectAgreement(exceptFor: ["next"])
    }

    @Test("Hswish has none, and its codes are the training arithmetic's")
    func hswish() throws {
        let found = try report([
            convolution("swish", "image") { $0.activationFunction = .hswish }, convolution("next", "swish"),
        ])
        #expect(found.parts[0].reason?.hasPrefix("Hswish has no quantized form") == true)
        #expect(found.parts[0].accumulated == .init(elements: 2 * 4 * 36))
        #expect(found.parts[0].local.elements == 0)
        found.expectAgreement(exceptFor: ["swish"])
    }

    @Test("the layers of a network without an integer form are listed")
    func fallbacks() throws {
        let network = try Network(
            inputs: [Input("image", .map(channels: 2, height: 6, width: 6))],
            nodes: [
                convolution("swish", "image") { $0.activationFunction = .hswish },
                convolution("next", "swish"),
            ])
        let test = try IntegerCase(network, on: .npu)
        let integer = try IntegerNetwork(test.analysis, store: test.store, batch: 1)
        integer.prepare()
        #expect(integer.fallbacks.map(\.layer) == ["swish"])
    }

    @Test("grids that do not meet have no common step")
    func grids() throws {
        let found = try report([
            convolution("left", "image") { $0.activationFunction = .linear },
            convolution("right", "image", bits: 4), Node("route", Route().layer, inputs: ["left", "right"]),
            Node("largest", Max().layer, inputs: ["left", "right"]),
        ])
        #expect(found.layer("route")?.reason == "it joins values on different grids")
        #expect(found.layer("largest")?.reason == "it compares values on different grids")
    }

    @Test("values between the input's steps are moved, and counted")
    func inputs() throws {
        let network = try Network(
            inputs: [Input("image", .map(channels: 1, height: 2, width: 2))],
            nodes: [convolution("conv", "image")])
        let test = try IntegerCase(network, on: .npu, batch: 1)
        let found = try #require(
            try IntegerAgreement.report(
                test.analysis, store: test.store, inputs: [[1, 0.5, 2.0 / 255, 3]], batch: 1))
        // 0.5 is 127.5 steps, and 3 is beyond 255.
        #expect(found.inputs == [.init(name: "image", elements: 4, moved: 2)])
        #expect(found.parts[0].local.largestStep <= 1)
    }

    @Test("a sum that leaves 32 bits shows as a peak beyond the bound, and parts the networks")
    func overflow() throws {
        func matrix(_ name: String, _ source: String, outputs: Int, _ output: Int) -> Node {
            var product = FullConnected()
            (product.outChannels, product.batchNorm, product.activationFunction) = (outputs, false, .none)
            product.quantizers = Quantization(outputBits: output, clip: 1)
            (product.quantizers.isEnabled, product.quantizers.weightBits) = (true, 8)
            return Node(name, product.layer, inputs: [Source(source)])
        }
        let network = try Network(
            inputs: [Input("in", .vector(1))],
            nodes: [
                matrix("wide", "in", outputs: 4096, 12), matrix("sum", "wide", outputs: 2, 8),
                matrix("scores", "sum", outputs: 2, 32),
            ])
        let test = try IntegerCase(network, on: .npu, batch: 1)
        try test.store.set("wide.bias", to: [Float](repeating: 2, count: 4096))
        try test.store.set("sum.weight", to: [Float](repeating: 1, count: 8192))
        let found = try test.report()
        let sum = try #require(found.layer("sum"))
        // Steps of 4095 and 255.
        #expect(sum.accumulator == .init(peak: 4096 * 4095 * 255, bound: Int(Int32.max)))
        #expect((sum.accumulator?.headroomBits ?? 0) < -0.9)
        #expect(sum.local.mismatched == 2 && sum.local.farthestFromBoundary ?? 0 > IntegerCase.noise)
        #expect(found.firstToPart?.name == "sum" && found.layer("wide")?.local.mismatched == 0)
    }

    @Test("the SIMD family's accumulator is bounded below 8 weight bits, but not at the ends")
    func bounds() throws {
        let nodes = [4, 4, 4].enumerated().map { index, bits in
            convolution("conv\(index)", index == 0 ? "image" : "conv\(index - 1)", bits: bits)
        }
        let free = IntegerReport.Accumulator.bits32
        #expect(try report(nodes, on: .simd).parts.map(\.accumulator?.bound) == [free, 73728, free])
        #expect(try report(nodes).parts.map(\.accumulator?.bound) == [free, free, free])
    }

    @Test("the parts of a composed layer are told one by one, and together")
    func composed() throws {
        var gate = SeBlock()
        (gate.rate, gate.quantizers.isEnabled) = (2, true)
        (gate.quantizers.weightBits, gate.quantizers.outputBits) = (8, 8)
        let found = try report([
            convolution("conv", "image"), Node("se", gate.layer, inputs: ["conv"]), convolution("last", "se"),
        ])
        #expect(
            found.parts.map(\.name) == ["conv", "se.mean", "se.reduce", "se.expand", "se", "last"])
        let whole = try #require(found.layer("se"))
        #expect(whole.local.elements == 2 * (4 + 2 + 4 + 4 * 36))
        #expect(whole.accumulator?.peak == found.parts[1...4].compactMap(\.accumulator?.peak).max())
        #expect(found.layer("nothing") == nil)
    }
}
