import Graph
import TestSupport
import TestTraits
import Testing

/// A cost as a test writes it down.
private struct Numbers: Equatable {
    var parameters: Int
    var multiplyAccumulates: Int
    var weightBytes: Int
    var featureBytes: Int
    var paddingBytes: Int
}

extension Numbers {
    init(_ cost: NetworkCost.Cost) {
        self.init(
            parameters: cost.parameters, multiplyAccumulates: cost.multiplyAccumulates,
            weightBytes: cost.weightBytes, featureBytes: cost.featureBytes, paddingBytes: cost.paddingBytes)
    }
}

@Suite(.limited)
struct CostTests {
    /// What a layer costs in a network of its own where something reads it.
    private func cost(
        _ layer: Layer, _ inputs: Shape..., on family: ArithmeticFamily = .npu
    ) throws -> NetworkCost.Cost {
        let network = try Network(
            inputs: inputs.enumerated().map { Input("in\($0)", $1) },
            nodes: [
                Node("layer", layer, inputs: inputs.indices.map { Source("in\($0)") }),
                Node("reader", Preprocess().layer, inputs: ["layer"]),
            ])
        return Analysis(network, on: family).cost.nodes[0]
    }

    private static let map = Shape.map(channels: 3, height: 32, width: 32)

    private func layer<Settings: Operator>(_ change: (inout Settings) -> Void) -> Layer {
        var settings = Settings()
        change(&settings)
        return settings.layer
    }

    private func quantized<Settings: Quantized>(
        _ weight: Int, _ output: Int?, _ change: (inout Settings) -> Void
    ) -> Layer {
        layer { (settings: inout Settings) in
            (settings.quantizers.isEnabled, settings.quantizers.weightBits, settings.quantizers.outputBits) =
                (true, weight, output)
            settings.quantizers.autoBitwidth = false
            change(&settings)
        }
    }

    @Test("a convolution: the stem of the manual's sample network")
    func stem() throws {
        let conv = quantized(8, 8) { (conv: inout Conv2D) in
            (conv.padding, conv.batchNorm, conv.bias) = (1, true, false)
        }
        // 32 kernels of 3 x 3 x 3, and 32 pairs of batch norm; each weight acts at 32 x 32 places.
        #expect(
            try Numbers(cost(conv, Self.map))
                == Numbers(
                    parameters: 864 + 64, multiplyAccumulates: 864 * 1024, weightBytes: 864 + 64 * 4,
                    featureBytes: 32 * 1024, paddingBytes: 0))
    }

    @Test("a grouped, strided convolution with PReLU at 4 bits")
    func grouped() throws {
        let conv = quantized(4, 4) { (conv: inout Conv2D) in
            (conv.outChannels, conv.stride, conv.padding, conv.groups, conv.kernelWidth) = (24, 2, 1, 4, 1)
            conv.activationFunction = .prelu
        }
        // 24 kernels of 2 x 3 x 1, 24 biases, 24 slopes; 24 x 4 x 5 results of 6 products each.
        #expect(
            try Numbers(cost(conv, .map(channels: 8, height: 7, width: 9)))
                == Numbers(
                    parameters: 144 + 24 + 24, multiplyAccumulates: 480 * 6, weightBytes: 72 + 48 * 4,
                    featureBytes: 240, paddingBytes: 80))
    }

    @Test("Focus quadruples the channels that a convolution reads")
    func focus() throws {
        let conv = layer { (conv: inout Conv2D) in (conv.focus, conv.padding, conv.bias) = (true, 1, false) }
        let cost = try cost(conv, Self.map)
        #expect(cost.parameters == 32 * 12 * 9 && cost.multiplyAccumulates == 32 * 12 * 9 * 256)
        #expect(cost.weightBytes == cost.parameters * 4 && cost.featureBytes == 32 * 256 * 4)
    }

    @Test("a depthwise convolution multiplies each channel by itself")
    func depthwise() throws {
        let cost = try cost(layer { (conv: inout DepthwiseConv2D) in conv.padding = 1 }, Self.map)
        #expect(cost.parameters == 3 * 9 + 3 && cost.multiplyAccumulates == 3 * 1024 * 9)
    }

    @Test("a transposed convolution is made of what its family has")
    func transposed() throws {
        let conv = layer { (conv: inout ConvTranspose2D) in (conv.outChannels, conv.bias) = (8, false) }
        let npu = try cost(conv, Self.map, on: .npu)
        #expect(npu.parameters == 8 * 3 * 9 && npu.multiplyAccumulates == 8 * 64 * 64 * 27)
        let simd = try cost(conv, Self.map, on: .simd)
        #expect(
            simd.parameters == 3 * 9 + 8 * 3 && simd.multiplyAccumulates == 64 * 64 * 27 + 8 * 64 * 64 * 3)
    }

    @Test("a matrix product acts on each step of a sequence")
    func dense() throws {
        let dense = layer { (dense: inout FullConnected) in (dense.outChannels, dense.batchNorm) = (10, true)
        }
        let vector = try cost(dense, .vector(256))
        #expect(vector.parameters == 2560 + 10 + 20 && vector.multiplyAccumulates == 2560)
        let sequence = try cost(dense, .sequence(length: 7, features: 256))
        #expect(sequence.parameters == vector.parameters && sequence.multiplyAccumulates == 7 * 2560)
    }

    @Test("squeeze and excite has two matrices on the channels' means")
    func squeeze() throws {
        let block = layer { (block: inout SeBlock) in (block.rate, block.batchNorm) = (4, true) }
        let cost = try cost(block, .map(channels: 64, height: 5, width: 5))
        #expect(
            cost.parameters == 2 * 64 * 16 + (16 + 64) + 2 * (16 + 64)
                && cost.multiplyAccumulates == 2 * 64 * 16)
    }

    @Test(
        "batch norm has two numbers a channel, and PReLU a third",
        arguments: [(Activation.linear, 6), (.prelu, 9)])
    func norm(activation: Activation, parameters: Int) throws {
        let cost = try cost(
            layer { (norm: inout BatchNorm) in norm.activationFunction = activation }, Self.map)
        #expect(
            cost.parameters == parameters && cost.multiplyAccumulates == 0
                && cost.weightBytes == parameters * 4)
    }

    @Test("an LSTM has a matrix a direction for its four gates")
    func lstm() throws {
        let sequence = Shape.sequence(length: 10, features: 32)
        let lstm = quantized(8, 8) { (lstm: inout LSTM) in lstm.hiddenSize = 16 }
        let one = try cost(lstm, sequence)
        #expect(one.parameters == 64 * 48 + 64 && one.multiplyAccumulates == 10 * 64 * 48)
        #expect(one.weightBytes == 64 * 48 + 64 * 4 && one.featureBytes == 160 && one.paddingBytes == 0)
        let two = try cost(
            quantized(8, 8) { (lstm: inout LSTM) in
                (lstm.hiddenSize, lstm.bidirectional, lstm.bias, lstm.returnsStates) = (16, true, false, true)
            }, sequence)
        #expect(two.parameters == 2 * 64 * 48 && two.multiplyAccumulates == 2 * 10 * 64 * 48)
        #expect(two.featureBytes == 320 + 32 + 32)
    }

    @Test("a table of vectors is stored and not multiplied")
    func embedding() throws {
        let table = layer { (table: inout Embedding) in
            (table.vocabularySize, table.embeddingSize) = (1000, 16)
        }
        let cost = try cost(table, .vector(12))
        #expect(cost.parameters == 16000 && cost.weightBytes == 64000 && cost.multiplyAccumulates == 0)
    }

    @Test(
        "layers that learn nothing cost only their result",
        arguments: [
            Maxpool2D().layer, Avgpool2D().layer, AdaptiveAvgpool2D().layer, Unpool2D().layer,
            Preprocess().layer,
        ])
    func free(layer: Layer) throws {
        let cost = try cost(layer, Self.map)
        #expect(
            cost.parameters == 0 && cost.multiplyAccumulates == 0 && cost.weightBytes == 0
                && cost.featureBytes > 0)
    }

    @Test(
        "the NPU family stores maps in blocks of 32 channels, the SIMD family as they are",
        arguments: [
            (1, 31), (24, 8), (32, 0), (33, 31),
        ])
    func padding(channels: Int, padding: Int) throws {
        let map = Shape.map(channels: channels, height: 2, width: 3)
        #expect(try cost(Preprocess().layer, map, on: .npu).paddingBytes == padding * 6)
        #expect(try cost(Preprocess().layer, map, on: .simd).paddingBytes == 0)
        #expect(try cost(Preprocess().layer, .vector(channels), on: .npu).paddingBytes == 0)
    }

    @Test("odd numbers of bits are rounded up to bytes")
    func rounding() throws {
        let conv = quantized(5, 5) { (conv: inout Conv2D) in
            (conv.outChannels, conv.kernelHeight, conv.kernelWidth, conv.bias) = (3, 1, 1, false)
        }
        let cost = try cost(conv, .map(channels: 1, height: 1, width: 1))
        #expect(cost.weightBytes == 2 && cost.featureBytes == 2)
    }

    @Test("a network costs the sum of its layers, without those that have no shape")
    func total() throws {
        let conv = layer { (conv: inout Conv2D) in conv.padding = 1 }
        let network = try Network(
            inputs: [Input("image", Self.map)],
            nodes: [
                Node("a", conv, inputs: ["image"]), Node("wrong", PixelShuffle().layer, inputs: ["image"]),
                Node("waiting", conv, inputs: ["wrong"]), Node("b", conv, inputs: ["a"]),
            ])
        let cost = Analysis(network, on: .npu).cost
        let nothing = Numbers(
            parameters: 0, multiplyAccumulates: 0, weightBytes: 0, featureBytes: 0, paddingBytes: 0)
        #expect(Numbers(cost.nodes[1]) == nothing && Numbers(cost.nodes[2]) == nothing)
        #expect(cost.total.parameters == 896 + 9248)
        #expect(
            cost.total.multiplyAccumulates == cost.nodes[0].multiplyAccumulates
                + cost.nodes[3].multiplyAccumulates)
        #expect(cost.total.featureBytes == 2 * 32 * 1024 * 4)
    }

    @Test(
        "each sample has the parameters that it costs, with names of their own", arguments: OperatorSample.all
    )
    func parameters(sample: OperatorSample) throws {
        for family in ArithmeticFamily.allCases {
            let parameters = sample.layer.settings.parameters(for: sample.inputs, on: family)
            #expect(Set(parameters.map(\.name)).count == parameters.count)
            #expect(parameters.allSatisfy { $0.count > 0 && !$0.name.isEmpty })
            let cost = Analysis(try sample.network(), on: family).cost
            #expect(cost.total.parameters == parameters.reduce(0) { $0 + $1.count })
            #expect(parameters.isEmpty != sample.layer.kind.learns)
        }
    }
}
