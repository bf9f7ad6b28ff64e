import COneDNN
import Graph
import TestSupport
import TestTraits
import Testing

@testable import QAT

/// Products that are large enough to be divided among threads.
@Suite("Results at any number of threads", .limited)
struct ThreadIndependenceTests {
    private func network() throws -> Network {
        func product(_ channels: Int, stride: Int = 1, padding: Int = 1) -> Layer {
            var product = Conv2D()
            (product.outChannels, product.kernelHeight, product.kernelWidth) = (channels, 3, 3)
            (product.stride, product.padding) = (stride, padding)
            product.quantizers = Quantization(outputBits: 8, clip: 1.5)
            (product.quantizers.isEnabled, product.quantizers.weightBits) = (true, 8)
            return product.layer
        }
        return try Network(
            inputs: [Input("in", .map(channels: 3, height: 16, width: 16))],
            nodes: [
                Node("first", product(24), inputs: [Source("in")]),
                Node("second", product(32, stride: 2), inputs: [Source("first")]),
                Node("third", product(32), inputs: [Source("second")]),
            ])
    }

    @Test("products in slices of the batch agree with the reference", arguments: [false, true])
    func agreement(isQuantized: Bool) throws {
        let engine = EngineCase(
            analysis: Analysis(try network(), on: .npu), isQuantized: isQuantized, arithmetic: .best,
            batch: 12)
        try engine.expectAgreement(within: 2e-4, gradients: 1e-3, boundary: 1e-5, seeds: 1) {
            try engine.run(seed: $0)
        }
    }

    @Test("gradients are the same to the bit", arguments: [false, true])
    func gradients(isQuantized: Bool) throws {
        let engine = EngineCase(
            analysis: Analysis(try network(), on: .npu), isQuantized: isQuantized, arithmetic: .best,
            batch: 12)
        func gradients(threads: Int) throws -> [Float] {
            Engine.useThreads(threads)
            let program = try engine.run(seed: 3).program
            return withExtendedLifetime(program) { Array(program.gradients) }
        }
        let alone = try gradients(threads: 1)
        #expect(alone.contains { $0 != 0 } && alone.allSatisfy(\.isFinite))
        for threads in 2...4 { #expect(try gradients(threads: threads) == alone, "\(threads) threads") }
    }

    @Test("a product is divided by its shape into slices of one size")
    func slices() {
        func shape(batch: Int, channels: Int, size: Int) -> onednn_convolution {
            onednn_convolution(
                batch: Int64(batch), groups: 1, in_channels: Int64(channels), in_height: Int64(size),
                in_width: Int64(size), out_channels: Int64(channels), out_height: Int64(size),
                out_width: Int64(size), kernel_height: 3, kernel_width: 3, stride: 1, dilation: 1, pad_top: 1,
                pad_left: 1, pad_bottom: 1, pad_right: 1)
        }
        func count(_ shape: onednn_convolution, sumsWeights: Bool = false) -> Int {
            let slices = BatchSlices(shape, sumsWeights: sumsWeights)
            #expect(slices.count * slices.samples == Int(shape.batch))
            return slices.count
        }
        #expect(count(shape(batch: 128, channels: 64, size: 16)) == 16)
        #expect(count(shape(batch: 100, channels: 64, size: 16)) == 10)
        #expect(count(shape(batch: 1, channels: 64, size: 16)) == 1)
        #expect(count(shape(batch: 128, channels: 4, size: 2)) == 1)
        // Weights' sums of few pixels cost more than they save.
        #expect(count(shape(batch: 128, channels: 256, size: 2), sumsWeights: true) == 2)
    }
}
