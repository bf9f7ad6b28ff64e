import Graph
import QAT
import TestSupport
import Testing

/// Every operator in the middle of a network, so that its quantizers act and gradients pass through it.
struct SandwichCase: CustomTestStringConvertible, Sendable {
    let sample: OperatorSample
    let family: ArithmeticFamily
    let isQuantized: Bool
    let isSigned: Bool
    let bits: Int

    var testDescription: String {
        let mode = isQuantized ? "\(bits) bits, \(isSigned ? "signed" : "unsigned") input" : "float"
        return "\(sample) on \(family.rawValue), \(mode)"
    }

    static let all: [SandwichCase] = OperatorSample.all.flatMap { sample in
        ArithmeticFamily.allCases.flatMap { family -> [SandwichCase] in
            [
                SandwichCase(sample: sample, family: family, isQuantized: false, isSigned: false, bits: 8),
                SandwichCase(sample: sample, family: family, isQuantized: true, isSigned: false, bits: 8),
                SandwichCase(sample: sample, family: family, isQuantized: true, isSigned: true, bits: 4),
            ]
        }
    }

    /// Products with signed or unsigned codes in front of each input and behind each output.
    func network() throws -> Network {
        var layer = sample.layer
        for (field, value) in [
            ("quantize", FieldValue.flag(true)), ("weightBits", .integer(bits)), ("outputBits", .integer(bits)),
        ] {
            guard layer.kind.fields.contains(where: { $0.name == field }) else { continue }
            if field == "outputBits", layer.value(of: field) == .unset { continue }
            try layer.set(field, to: value)
        }
        var nodes: [Node] = []
        var inputs: [Input] = []
        var sources: [Source] = []
        for (index, shape) in sample.inputs.enumerated() {
            inputs.append(Input("in\(index)", shape))
            guard layer.kind != .embedding, layer.kind != .preprocess else {
                sources.append(Source("in\(index)"))
                continue
            }
            nodes.append(Node("front\(index)", product(shape, channels: shape.channels), inputs: [Source("in\(index)")]))
            sources.append(Source("front\(index)"))
        }
        nodes.append(Node("layer", layer, inputs: sources))
        for (index, shape) in sample.outputs.enumerated() {
            nodes.append(
                Node("back\(index)", product(shape, channels: 3), inputs: [Source("layer", output: index)]))
        }
        return try Network(inputs: inputs, nodes: nodes)
    }

    private func product(_ shape: Shape, channels: Int) -> Layer {
        if case .map = shape {
            var product = Conv2D()
            (product.outChannels, product.kernelHeight, product.kernelWidth) = (channels, 1, 1)
            product.activationFunction = isSigned ? .linear : .none
            product.quantizers = quantizers
            return product.layer
        }
        var product = FullConnected()
        product.outChannels = channels
        product.activationFunction = isSigned ? .linear : .none
        product.quantizers = quantizers
        return product.layer
    }

    private var quantizers: Quantization {
        var quantizers = Quantization(outputBits: bits, clip: 1.5)
        (quantizers.isEnabled, quantizers.weightBits) = (true, bits)
        return quantizers
    }
}

@Suite("Kernels against the reference")
struct KernelTests {
    @Test("values and gradients are the reference's", arguments: SandwichCase.all)
    func agreement(_ sandwich: SandwichCase) throws {
        try compare(sandwich, arithmetic: .float, tolerance: 2e-4, gradientTolerance: 5e-4)
    }

    @Test(
        "values on integer codes are the reference's", .enabled(if: Program.Arithmetic.hasCodes),
        arguments: SandwichCase.all.filter(\.isQuantized))
    func codes(_ sandwich: SandwichCase) throws {
        // Gradients go through bf16, which has 8 bits.
        try compare(sandwich, arithmetic: .codes, tolerance: 2e-4, gradientTolerance: 2e-2)
    }

    private func compare(
        _ sandwich: SandwichCase, arithmetic: Program.Arithmetic, tolerance: Double, gradientTolerance: Double
    ) throws {
        let analysis = Analysis(try sandwich.network(), on: sandwich.family)
        let engineCase = EngineCase(
            analysis: analysis, isQuantized: sandwich.isQuantized, arithmetic: arithmetic)
        for seed in UInt64(1)...40 {
            let outcome = try engineCase.run(seed: seed)
            if sandwich.isQuantized && outcome.touchesBoundary(within: 2e-4) { continue }
            for node in analysis.network.nodes {
                let found = try #require(outcome.program.values(of: node.name))
                let apart = difference(found, outcome.reference.values(of: node.name))
                #expect(apart < tolerance, "\(node.name) differs by \(apart) (seed \(seed))")
            }
            for (name, expected) in outcome.referenceGradients.parameters.sorted(by: { $0.key < $1.key }) {
                let apart = difference(outcome.gradient(of: name), expected)
                #expect(apart < gradientTolerance, "the gradient of \(name) differs by \(apart) (seed \(seed))")
            }
            for (input, expected) in zip(outcome.program.inputs, outcome.referenceGradients.inputs)
            where analysis.network["layer"]?.kind != .embedding {
                let gradient = try #require(input.gradient?.baseAddress)
                let found = Program.channelsFirst(gradient, input.shape, batch: engineCase.batch)
                let apart = difference(found, expected)
                #expect(apart < gradientTolerance, "the gradient of \(input.name) differs by \(apart)")
            }
            return
        }
        Issue.record("every seed touches a rounding boundary")
    }
}
