import Graph
import TestSupport
import TestTraits
import Testing

/// Layers whose arithmetic is that of others, and what the pages say of single operators.
@Suite("Reference layers", .limited)
struct ReferenceLayerTests {
    @Test("a quantizer passes the gradient in its range, both ends included, divided by the clip")
    func straightThrough() throws {
        let input = [-2.1, -2, -1, 0, 1, 2, 2.1]
        for family in ArithmeticFamily.allCases {
            for (activation, expected) in [
                (Activation.linear, [0, 0.5, 0.5, 0.5, 0.5, 0.5, 0]), (.none, [0, 0, 0, 0.5, 0.5, 0.5, 0]),
            ] {
                var settings = FullConnected()
                (settings.outChannels, settings.activationFunction) = (1, activation)
                settings.bias = false
                settings.quantizers = quantizers(outputBits: 4, clip: 2)
                var reference = try network([settings.layer], .vector(1), on: family)
                reference.parameters["0.weight"] = [1]
                _ = reference.forward([input], batch: 7, training: true)
                let gradients = reference.backward([[Double](repeating: 1, count: 7)])
                #expect(gradients.inputs == [expected])
                let weightGradient = zip(input, expected).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(gradients.parameters["0.weight"] == [weightGradient])
            }
        }
    }

    @Test(
        "ConvTranspose2D is an unpool and its convolutions", arguments: ArithmeticFamily.allCases,
        [false, true])
    func convTranspose(on family: ArithmeticFamily, isLast: Bool) throws {
        let shape = Shape.map(channels: 3, height: 3, width: 2)
        let names: [String: String]
        var parts: [Layer] = []
        var unpool = Unpool2D()
        unpool.mode = .nearest
        var convolution = Conv2D()
        (convolution.outChannels, convolution.padding, convolution.batchNorm) = (4, 1, true)
        convolution.quantizers = quantizers(outputBits: 4, clip: 4, last: !isLast)
        switch family {
        case .npu:
            parts = [unpool.layer, convolution.layer]
            names = ["weight": "1.weight", "bias": "1.bias", "gamma": "1.gamma", "beta": "1.beta"]
        case .simd:
            var depthwise = DepthwiseConv2D()
            (depthwise.padding, depthwise.bias) = (1, false)
            depthwise.quantizers = quantizers(outputBits: isLast ? 32 : 4, clip: 4)
            (convolution.kernelHeight, convolution.kernelWidth, convolution.padding) = (1, 1, 0)
            parts = [unpool.layer, depthwise.layer, convolution.layer]
            names = [
                "depthwiseWeight": "1.weight", "pointwiseWeight": "2.weight", "bias": "2.bias",
                "gamma": "2.gamma", "beta": "2.beta",
            ]
        }
        var whole = ConvTranspose2D()
        (whole.outChannels, whole.batchNorm) = (4, true)
        whole.quantizers = quantizers(outputBits: 4, clip: 4, last: !isLast)
        try expectSame(
            try network([whole.layer], shape, on: family), try network(parts, shape, on: family), names)
    }

    @Test("Se_Block is a pool, two convolutions and a product", arguments: ArithmeticFamily.allCases)
    func squeezeAndExcite(on family: ArithmeticFamily) throws {
        let shape = Shape.map(channels: 4, height: 3, width: 2)
        var whole = SeBlock()
        (whole.rate, whole.batchNorm) = (2, true)
        whole.quantizers = quantizers(outputBits: 8, clip: 3)
        var pool = AdaptiveAvgpool2D()
        pool.quantizers.isEnabled = true
        var reduce = Conv2D()
        (reduce.outChannels, reduce.kernelHeight, reduce.kernelWidth, reduce.batchNorm) = (2, 1, 1, true)
        reduce.quantizers = quantizers(outputBits: 8, clip: 3)
        var expand = reduce
        (expand.outChannels, expand.activationFunction) = (4, .hsigmoid)
        var product = Mul()
        (product.quantizers.isEnabled, product.quantizers.quantizesLastFeature) = (true, true)
        let parts = try Network(
            inputs: [Input("in", shape)],
            nodes: [
                Node("pool", pool.layer, inputs: ["in"]), Node("reduce", reduce.layer, inputs: ["pool"]),
                Node("expand", expand.layer, inputs: ["reduce"]),
                Node("product", product.layer, inputs: ["in", "expand"]),
            ])
        let names = [
            "reduceWeight": "reduce.weight", "reduceBias": "reduce.bias", "reduce.gamma": "reduce.gamma",
            "reduce.beta": "reduce.beta", "expandWeight": "expand.weight", "expandBias": "expand.bias",
            "expand.gamma": "expand.gamma", "expand.beta": "expand.beta",
        ]
        try expectSame(
            try network([whole.layer], shape, on: family),
            ReferenceNetwork(Analysis(parts, on: family), quantized: true), names)
    }

    @Test("a pad that wins a maximum takes the gradient away; the first of equal values wins")
    func maximum() throws {
        var pool = Maxpool2D()
        pool.window = Window(height: 1, width: 2, stride: 1, padding: 1)
        var reference = try network([pool.layer], .map(channels: 1, height: 1, width: 3), on: .npu)
        #expect(reference.forward([[2, 2, -1]], batch: 1, training: true) == [[2, 2, 0]])
        #expect(reference.backward([[1, 10, 100]]).inputs == [[1, 10, 0]])
    }

    @Test("padding and the fill of an unpool are -1 where the NPU family's input is signed")
    func signedPadding() throws {
        var norm = BatchNorm()
        norm.quantizers = quantizers(outputBits: nil, clip: 1)
        var unpool = Unpool2D()
        (unpool.kernelHeight, unpool.kernelWidth) = (1, 2)
        var pool = Avgpool2D()
        pool.window = Window(height: 1, width: 2, stride: 1, padding: 1)
        for (family, pad) in [(ArithmeticFamily.npu, -1.0), (.simd, 0)] {
            var preprocess = Preprocess()
            preprocess.mean = 1
            var reference = try network(
                [preprocess.layer, norm.layer, unpool.layer, pool.layer],
                .map(channels: 1, height: 1, width: 2),
                on: family)
            _ = reference.forward([[0.5, -0.5]], batch: 1, training: false)
            let (values, means) = (reference.values(of: "2"), reference.values(of: "3"))
            #expect(values[1] == pad && values[3] == pad)
            #expect(means[3] == (values[3] + pad) / 2)
        }
    }

    @Test("T02 pads one on both sides where SAME would pad only behind")
    func bothSides() throws {
        var settings = Conv2D()
        (settings.outChannels, settings.stride, settings.padding, settings.bias) = (1, 2, 1, false)
        settings.activationFunction = .linear
        let shape = Shape.map(channels: 1, height: 4, width: 4)
        let layers = try Network(
            inputs: [Input("in", shape)], nodes: [Node("conv", settings.layer, inputs: ["in"])])
        let input = (1...16).map(Double.init)
        for (padsBothSides, expected) in [(false, [1.0, 3, 9, 11]), (true, [0, 0, 0, 6])] {
            var reference = ReferenceNetwork(
                Analysis(layers, on: .npu), quantized: false, padsBothSides: padsBothSides)
            reference.parameters["conv.weight"] = [1, 0, 0, 0, 0, 0, 0, 0, 0]
            #expect(reference.forward([input], batch: 1, training: false) == [expected])
        }
    }

    @Test("Focus takes even rows and columns, then odd rows, then odd columns, then both odd")
    func focus() throws {
        var settings = Conv2D()
        (settings.outChannels, settings.kernelHeight, settings.kernelWidth) = (4, 1, 1)
        (settings.focus, settings.bias, settings.activationFunction) = (true, false, .linear)
        var reference = try network(
            [settings.layer], .map(channels: 1, height: 2, width: 4), on: .simd, quantized: false)
        reference.parameters["0.weight"] = (0..<16).map { $0 / 4 == $0 % 4 ? 1 : 0 }
        let outputs = reference.forward([[0, 1, 2, 3, 10, 11, 12, 13]], batch: 1, training: false)
        #expect(outputs == [[0, 2, 10, 12, 1, 3, 11, 13]])
    }

    @Test("an Embedding holds indices to its table, and its padding row is not learned")
    func embedding() throws {
        var settings = Embedding()
        (settings.vocabularySize, settings.embeddingSize, settings.paddingIndex) = (3, 2, 1)
        let table = try Network(
            inputs: [Input("a", .vector(2)), Input("b", .vector(2))],
            nodes: [Node("table", settings.layer, inputs: ["a", "b"])])
        var reference = ReferenceNetwork(Analysis(table, on: .npu), quantized: false)
        reference.parameters["table.weight"] = [1, 2, 0, 0, 5, 6]
        let outputs = reference.forward([[0, 9], [1, 2]], batch: 1, training: true)
        #expect(outputs == [[1, 2, 0, 0, 5, 6, 5, 6]])
        let gradients = reference.backward([[1, 2, 3, 4, 5, 6, 7, 8]])
        #expect(gradients.parameters["table.weight"] == [1, 2, 0, 0, 12, 14])
        #expect(gradients.inputs == [[0, 0], [0, 0]])
    }

    @Test("an Embedding is unsigned with clip 6", arguments: ArithmeticFamily.allCases)
    func quantizedEmbedding(on family: ArithmeticFamily) throws {
        var settings = Embedding()
        (settings.vocabularySize, settings.embeddingSize) = (2, 2)
        settings.quantizers = quantizers(outputBits: 8, clip: 2)
        var reference = try network([settings.layer], .vector(2), on: family)
        reference.parameters["0.weight"] = [-1, 3, 7, 1]
        let outputs = reference.forward([[0, 1]], batch: 1, training: true)
        #expect(outputs == [[0, 128.0 / 255, 1, 42.0 / 255]])
    }

    @Test("depthwise weights are two's complement on every device", arguments: ArithmeticFamily.allCases)
    func depthwise(on family: ArithmeticFamily) throws {
        var settings = DepthwiseConv2D()
        (settings.kernelHeight, settings.kernelWidth, settings.bias) = (1, 8, false)
        (settings.quantizers.isEnabled, settings.quantizers.autoBitwidth) = (true, false)
        (settings.quantizers.weightBits, settings.quantizers.weightFactor) = (4, 100)
        settings.activationFunction = .linear
        var reference = try network([settings.layer], .map(channels: 1, height: 1, width: 8), on: family)
        reference.parameters["0.weight"] = [-1, -0.6, -0.25, -0.05, 0, 0.05, 0.3, 0.9]
        _ = reference.forward([[Double](repeating: 0, count: 8)], batch: 1, training: true)
        // The gradient of the input of a product is the weight that it was multiplied by.
        #expect(reference.backward([[1]]).inputs == [[-1, -0.625, -0.25, -0.125, 0, 0, 0.25, 0.75]])
    }

    @Test("two equal values in a Max share the gradient")
    func equals() throws {
        let larger = try Network(
            inputs: [Input("a", .vector(3)), Input("b", .vector(3))],
            nodes: [Node("max", Max().layer, inputs: ["a", "b"])])
        var reference = ReferenceNetwork(Analysis(larger, on: .npu), quantized: true)
        #expect(reference.forward([[1, 2, 3], [2, 2, 2]], batch: 1, training: true) == [[2, 2, 3]])
        #expect(reference.backward([[1, 2, 3]]).inputs == [[0, 1, 3], [1, 1, 0]])
    }

    @Test("every operator runs on codes", arguments: OperatorSample.all, ArithmeticFamily.allCases)
    func codes(of sample: OperatorSample, on family: ArithmeticFamily) throws {
        var reference = ReferenceNetwork(Analysis(try sample.network(), on: family), quantized: true)
        reference.randomizeParameters(seed: 1)
        let inputs = reference.randomInputs(batch: 2, seed: 2)
        let outputs = reference.forward(inputs, batch: 2, training: true)
        #expect(outputs.map(\.count) == sample.outputs.map { 2 * $0.elements })
        let gradients = reference.backward(outputs)
        #expect(gradients.inputs.map(\.count) == inputs.map(\.count))
        let all = (outputs + gradients.inputs + gradients.parameters.values).flatMap { $0 }
        #expect(all.filter { !$0.isFinite } == [])
    }

    @Test("what is rounded becomes the code", arguments: ArithmeticFamily.allCases)
    func unrounded(on family: ArithmeticFamily) throws {
        var settings = Conv2D()
        (settings.outChannels, settings.activationFunction) = (2, .hsigmoid)
        settings.quantizers = quantizers(outputBits: 4, clip: 2)
        var reference = try network([settings.layer], .map(channels: 2, height: 4, width: 4), on: family)
        reference.randomizeParameters(seed: 3)
        let values = reference.forward(reference.randomInputs(batch: 2, seed: 4), batch: 2, training: true)[0]
        let codes = try #require(reference.unrounded(of: "0")).map { ReferenceRounding.r($0) }
        #expect(codes.map { $0 / 15 } == values)
        #expect(Set(codes).count > 3)
        #expect(reference.unrounded(of: "in") == nil)
    }
}

private func quantizers(outputBits: Int?, clip: Double, last: Bool = true) -> Quantization {
    var quantizers = Quantization(outputBits: outputBits, clip: clip)
    (quantizers.isEnabled, quantizers.quantizesLastFeature) = (true, last)
    return quantizers
}

/// Layers named by their position, each reading the one before.
private func network(
    _ layers: [Layer], _ input: Shape, on family: ArithmeticFamily, quantized: Bool = true
) throws -> ReferenceNetwork {
    let nodes = layers.enumerated().map { Node("\($0)", $1, inputs: [Source($0 == 0 ? "in" : "\($0 - 1)")]) }
    let network = try Network(inputs: [Input("in", input)], nodes: nodes)
    return ReferenceNetwork(Analysis(network, on: family), quantized: quantized)
}

/// Compares a network of one layer with a network of its parts, whose names for the layer's parameters are given.
private func expectSame(
    _ layer: ReferenceNetwork, _ parts: ReferenceNetwork, _ names: [String: String]
) throws {
    var (whole, parts) = (layer, parts)
    whole.randomizeParameters(seed: 7)
    #expect(Set(names.values) == Set(parts.parameterNames))
    for name in whole.parameterNames {
        let part = try #require(names[String(name.dropFirst("0.".count))])
        parts.parameters[part] = whole.parameters[name]
    }
    let inputs = whole.randomInputs(batch: 2, seed: 8)
    let outputs = whole.forward(inputs, batch: 2, training: true)
    #expect(outputs == parts.forward(inputs, batch: 2, training: true))
    let gradient = whole.forward(whole.randomInputs(batch: 2, seed: 9), batch: 2, training: false)
    _ = whole.forward(inputs, batch: 2, training: true)
    let (found, expected) = (whole.backward(gradient), parts.backward(gradient))
    expectClose(found.inputs[0], expected.inputs[0], within: 1e-12, "input gradient")
    for name in whole.parameterNames {
        let part = try #require(names[String(name.dropFirst("0.".count))])
        expectClose(
            found.parameters[name] ?? [], expected.parameters[part] ?? [], within: 1e-12, floor: 1e-3, name)
    }
}
