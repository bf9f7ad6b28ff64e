import Graph
import TestSupport
import TestTraits
import Testing

/// The reference interpreter against PyTorch, values and gradients.
@Suite("Reference against PyTorch", .limited)
struct ReferencePyTorchTests {
    @Test(
        "every file of PyTorch's numbers has cases, each with tensors of their shape",
        arguments: PyTorchFixture.files)
    func files(_ file: String) throws {
        let cases = try PyTorchFixture.cases(file)
        #expect(!cases.isEmpty)
        for tensor in cases.flatMap(\.tensors.values) {
            #expect(tensor.values.count == tensor.shape.reduce(1, *))
        }
    }

    @Test("convolutions")
    func convolutions() throws {
        for fixture in try PyTorchFixture.cases("conv2d") {
            var settings = Conv2D()
            settings.activationFunction = .linear
            settings.outChannels = try fixture.tensor("bias").shape[0]
            settings.kernelHeight = try fixture.count("kernelHeight")
            settings.kernelWidth = try fixture.count("kernelWidth")
            settings.stride = try fixture.count("stride")
            settings.padding = try fixture.count("padding")
            settings.groups = try fixture.count("groups")
            settings.dilation = try fixture.count("dilation")
            try expectAgreement(of: settings.layer, with: fixture)
        }
    }

    @Test("depthwise convolutions")
    func depthwise() throws {
        for fixture in try PyTorchFixture.cases("depthwise") {
            var settings = DepthwiseConv2D()
            settings.activationFunction = .linear
            settings.kernelHeight = try fixture.count("kernelHeight")
            settings.kernelWidth = try fixture.count("kernelWidth")
            settings.stride = try fixture.count("stride")
            settings.padding = try fixture.count("padding")
            try expectAgreement(of: settings.layer, with: fixture)
        }
    }

    @Test("matrix products")
    func products() throws {
        for fixture in try PyTorchFixture.cases("linear") {
            var settings = FullConnected()
            settings.activationFunction = .linear
            settings.outChannels = try fixture.tensor("bias").shape[0]
            try expectAgreement(of: settings.layer, with: fixture)
        }
    }

    @Test("batch norm, with its running statistics")
    func batchNorms() throws {
        for fixture in try PyTorchFixture.cases("batchnorm") {
            try expectAgreement(
                of: BatchNorm().layer, with: fixture, training: try fixture.flag("training"))
        }
    }

    @Test("pools, upsampling and shuffling")
    func resizing() throws {
        for fixture in try PyTorchFixture.cases("maxpool") {
            var settings = Maxpool2D()
            settings.window = try window(of: fixture)
            try expectAgreement(of: settings.layer, with: fixture)
        }
        for fixture in try PyTorchFixture.cases("avgpool") {
            var settings = Avgpool2D()
            settings.window = try window(of: fixture)
            try expectAgreement(of: settings.layer, with: fixture)
        }
        for fixture in try PyTorchFixture.cases("unpool") {
            var settings = Unpool2D()
            settings.kernelHeight = try fixture.count("kernelHeight")
            settings.kernelWidth = try fixture.count("kernelWidth")
            settings.mode = try #require(Unpool2D.Mode(rawValue: fixture.name))
            try expectAgreement(of: settings.layer, with: fixture)
        }
        for fixture in try PyTorchFixture.cases("pixelshuffle") {
            var settings = PixelShuffle()
            settings.factor = try fixture.count("factor")
            try expectAgreement(of: settings.layer, with: fixture)
        }
    }

    @Test("a quantized convolution with batch norm and a learned clip, straight through")
    func quantized() throws {
        for fixture in try PyTorchFixture.cases("quantized") {
            var settings = Conv2D()
            (settings.outChannels, settings.padding, settings.batchNorm) = (4, 1, true)
            let hasSlope = fixture.tensors["slope"] != nil
            settings.activationFunction = hasSlope ? .prelu : try fixture.flag("isSigned") ? .linear : .none
            settings.quantizers = Quantization(
                outputBits: try fixture.count("outputBits"), clip: try fixture.setting("clip"))
            settings.quantizers.isEnabled = true
            settings.quantizers.quantizesLastFeature = true
            settings.quantizers.autoThreshold = true
            settings.quantizers.weightBits = try fixture.count("weightBits")
            settings.quantizers.weightFactor = try fixture.setting("weightFactor")
            try expectAgreement(
                of: settings.layer, with: fixture, on: try family(of: fixture), quantized: true)
        }
    }

    @Test("LSTMs in float and on both families' codes")
    func recurrent() throws {
        for fixture in try PyTorchFixture.cases("lstm") {
            var settings = LSTM()
            settings.hiddenSize = try fixture.count("hidden")
            settings.bidirectional = fixture.tensors["backward.weight"] != nil
            settings.returnsStates = true
            settings.quantizers.outputBits = try fixture.count("bits")
            settings.quantizers.isEnabled = true
            try expectAgreement(
                of: settings.layer, with: fixture, on: try family(of: fixture), quantized: true)
        }
    }

    private func family(of fixture: PyTorchFixture) throws -> ArithmeticFamily {
        try fixture.flag("isNPU") ? .npu : .simd
    }

    private func window(of fixture: PyTorchFixture) throws -> Window {
        Window(
            height: try fixture.count("kernelHeight"), width: try fixture.count("kernelWidth"),
            stride: try fixture.count("stride"), padding: try fixture.count("padding"))
    }
}

/// Compares a layer in a network of its own with a case that has its input, parameters, output and gradients.
private func expectAgreement(
    of layer: Layer, with fixture: PyTorchFixture, on family: ArithmeticFamily = .npu,
    quantized: Bool = false,
    training: Bool = true
) throws {
    let input = try fixture.tensor("input")
    let shape = try #require(Shape(dimensions: Array(input.shape.dropFirst())))
    let network = try Network(inputs: [Input("in", shape)], nodes: [Node("layer", layer, inputs: ["in"])])
    var reference = ReferenceNetwork(Analysis(network, on: family), quantized: quantized)
    for name in reference.parameterNames { reference.parameters[name] = try fixture.values(stem(name)) }
    for name in reference.statistics.keys {
        if let before = fixture.tensors["\(stem(name)).before"] { reference.statistics[name] = before.values }
    }

    let batch = input.shape[0]
    let outputs = reference.forward([input.values], batch: batch, training: training)
    let title = "\(layer.title), \(fixture)"
    expectClose(joined(outputs, batch), try fixture.values("output"), within: 1e-7, "\(title): output")
    let gradients = reference.backward(
        parted(try fixture.values("gradient.output"), like: outputs, batch))
    expectClose(
        gradients.inputs[0], try fixture.values("gradient.input"), within: 1e-7, "\(title): input gradient")
    for (name, gradient) in gradients.parameters {
        expectClose(
            gradient, try fixture.values("gradient.\(stem(name))"), within: 1e-7, floor: 0.01,
            "\(title): gradient of \(name)")
    }
    for (name, values) in reference.statistics {
        guard let expected = fixture.tensors[stem(name)] else { continue }
        expectClose(values, expected.values, within: 1e-7, "\(title): \(name)")
    }
}

/// A name within its layer.
private func stem(_ name: String) -> String { String(name.dropFirst("layer.".count)) }

/// The outputs of each sample one after another.
private func joined(_ outputs: [[Double]], _ batch: Int) -> [Double] {
    (0..<batch).flatMap { sample in
        outputs.flatMap { output in
            let size = output.count / batch
            return output[sample * size..<(sample + 1) * size]
        }
    }
}

/// The reverse of `joined`: the values of several outputs that lie one after another in each sample.
private func parted(_ values: [Double], like outputs: [[Double]], _ batch: Int) -> [[Double]] {
    var start = 0
    var parts = outputs.map { _ in [Double]() }
    for _ in 0..<batch {
        for (index, output) in outputs.enumerated() {
            let size = output.count / batch
            parts[index] += values[start..<start + size]
            start += size
        }
    }
    return parts
}
