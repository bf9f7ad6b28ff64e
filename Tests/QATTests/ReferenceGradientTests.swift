import Graph
import TestSupport
import TestTraits
import Testing

/// Every operator's gradients in float mode against central differences.
@Suite("Reference gradients", .limited)
struct ReferenceGradientTests {
    /// Only ConvTranspose2D is another computation on the other family.
    private static let cases = OperatorSample.all.flatMap { sample in
        ArithmeticFamily.allCases.filter { $0 == .npu || sample.layer.kind == .convTranspose2D }.map {
            (sample, $0)
        }
    }

    @Test("gradients agree with central differences", arguments: cases)
    func operators(of sample: OperatorSample, on family: ArithmeticFamily) throws {
        let analysis = Analysis(try sample.network(), on: family)
        expectGradients(ReferenceNetwork(analysis, quantized: false), batch: 2, training: true)
    }

    @Test("gradients of layers that several layers read add up, through several outputs")
    func readers() throws {
        expectGradients(
            ReferenceNetwork(Analysis(try branching(), on: .npu), quantized: false), batch: 3, training: true)
    }

    @Test("in evaluation, batch norm is a scale and a shift by the running statistics")
    func evaluation() throws {
        var reference = ReferenceNetwork(Analysis(try branching(), on: .npu), quantized: false)
        for name in reference.statistics.keys.sorted() where name.hasSuffix("Variance") {
            reference.statistics[name] = reference.statistics[name]?.map { $0 * 0.7 }
        }
        expectGradients(reference, batch: 3, training: false)
    }

    @Test("a forward pass in training moves the running statistics, one in evaluation does not")
    func statistics() throws {
        var reference = ReferenceNetwork(Analysis(try branching(), on: .npu), quantized: false)
        reference.randomizeParameters(seed: 5)
        let before = reference.statistics
        let inputs = reference.randomInputs(batch: 3, seed: 6)
        _ = reference.forward(inputs, batch: 3, training: false)
        #expect(reference.statistics == before)
        _ = reference.forward(inputs, batch: 3, training: true)
        #expect(reference.statistics != before)
    }

    /// A map that two layers read, a split whose parts meet again, and two last layers.
    private func branching() throws -> Network {
        var stem = Conv2D()
        (stem.outChannels, stem.padding, stem.batchNorm, stem.bias) = (4, 1, true, false)
        stem.activationFunction = .hswish
        var split = ChannelSplit()
        split.split = [2, 2]
        var head = FullConnected()
        (head.outChannels, head.activationFunction) = (3, .linear)
        var pool = AdaptiveAvgpool2D()
        pool.keepDimensions = false
        return try Network(
            inputs: [Input("in", .map(channels: 2, height: 5, width: 4))],
            nodes: [
                Node("stem", stem.layer, inputs: ["in"]),
                Node("split", split.layer, inputs: ["stem"]),
                Node(
                    "sum", Shortcut().layer,
                    inputs: [Source("split", output: 1), Source("split", output: 0)]),
                Node("joined", Route().layer, inputs: ["sum", "stem", "sum"]),
                Node("product", Mul().layer, inputs: ["joined", "joined"]),
                Node("pool", pool.layer, inputs: ["product"]),
                Node("head", head.layer, inputs: ["pool"]),
                Node("norm", BatchNorm().layer, inputs: ["joined"]),
            ])
    }
}

/// Compares the gradients of a weighted sum of a network's outputs with central differences: along a random direction
/// through each parameter and input, and along some single axes.
private func expectGradients(_ network: ReferenceNetwork, batch: Int, training: Bool) {
    var reference = network
    var generator = SeededGenerator(seed: 42)
    reference.randomizeParameters(seed: 1)
    let inputs = reference.randomInputs(batch: batch, seed: 2)
    let outputs = reference.forward(inputs, batch: batch, training: training)
    let weights = outputs.map { output in output.map { _ in Double.random(in: -1...1, using: &generator) } }
    let gradients = reference.backward(weights)

    let loss = { (parameters: [String: [Double]], inputs: [[Double]]) in
        var moved = reference
        moved.parameters = parameters
        let outputs = moved.forward(inputs, batch: batch, training: training)
        return zip(outputs, weights).reduce(0) { $0 + dot($1.0, $1.1) }
    }
    for name in reference.parameterNames {
        guard let values = reference.parameters[name], let gradient = gradients.parameters[name] else {
            Issue.record("\(name) has no gradient")
            continue
        }
        expectSlope(gradient, at: values, name, &generator) { values in
            var parameters = reference.parameters
            parameters[name] = values
            return loss(parameters, inputs)
        }
    }
    for (index, gradient) in gradients.inputs.enumerated() {
        expectSlope(gradient, at: inputs[index], "input \(index)", &generator) { values in
            var inputs = inputs
            inputs[index] = values
            return loss(reference.parameters, inputs)
        }
    }
}

private func expectSlope(
    _ gradient: [Double], at values: [Double], _ name: String, _ generator: inout SeededGenerator,
    of loss: ([Double]) -> Double
) {
    let step = 1e-6
    let everywhere = values.map { _ in Double.random(in: -1...1, using: &generator) }
    let axes = (0..<2).map { _ in
        let axis = Int.random(in: 0..<values.count, using: &generator)
        return values.indices.map { $0 == axis ? 1.0 : 0.0 }
    }
    for direction in [everywhere] + axes {
        let found = dot(gradient, direction)
        let after = loss(zip(values, direction).map { $0 + step * $1 })
        let before = loss(zip(values, direction).map { $0 - step * $1 })
        let expected = (after - before) / (2 * step)
        let scale = max(abs(expected), 0.1 * dot(gradient, gradient).squareRoot(), 0.01)
        #expect(abs(found - expected) <= 1e-5 * scale, "\(name): \(found), not \(expected)")
    }
}

private func dot(_ first: [Double], _ second: [Double]) -> Double {
    zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
}
