import Graph
import QAT
import TestSupport
import TestTraits
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
                // Few bits on SIMD's grid, which has a zero, make sums that cancel to it all the time, where a clamp
                // of the layer's own begins: noise decides there.
                SandwichCase(
                    sample: sample, family: family, isQuantized: true, isSigned: true,
                    bits: sample.layer.kind == .convTranspose2D && family == .simd ? 7 : 4),
            ]
        }
    }

    /// Products with signed or unsigned codes in front of each input and behind each output.
    func network() throws -> Network {
        var layer = sample.layer
        for (field, value) in [
            ("quantize", FieldValue.flag(true)), ("weightBits", .integer(bits)),
            ("outputBits", .integer(bits)),
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
            nodes.append(
                Node(
                    "front\(index)", product(shape, channels: shape.channels), inputs: [Source("in\(index)")])
            )
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

@Suite("Kernels against the reference", .limited)
struct KernelTests {
    @Test("values and gradients are the reference's", arguments: SandwichCase.all)
    func agreement(_ sandwich: SandwichCase) throws {
        try compare(sandwich, arithmetic: .float, tolerance: 2e-4, gradientTolerance: 2e-3)
    }

    @Test(
        "values on integer codes are the reference's", .enabled(if: Program.Arithmetic.hasCodes),
        arguments: SandwichCase.all.filter(\.isQuantized))
    func codes(_ sandwich: SandwichCase) throws {
        try compare(sandwich, arithmetic: .codes, tolerance: 2e-4, gradientTolerance: 2e-3)
    }

    @Test(
        "a window that steps over zeros between pixels gives the reference's values",
        arguments: ArithmeticFamily.allCases, [false, true])
    func zeros(_ family: ArithmeticFamily, _ isQuantized: Bool) throws {
        var front = Conv2D()
        (front.outChannels, front.kernelHeight, front.kernelWidth) = (16, 1, 1)
        front.quantizers = Quantization(outputBits: 8, clip: 1.5)
        (front.quantizers.isEnabled, front.quantizers.weightBits) = (true, 8)
        var product = front
        (product.outChannels, product.kernelHeight, product.kernelWidth, product.padding) = (24, 3, 3, 1)
        let network = try Network(
            inputs: [Input("in", .map(channels: 3, height: 5, width: 4))],
            nodes: [
                Node("front", front.layer, inputs: [Source("in")]),
                Node("wide", Unpool2D().layer, inputs: [Source("front")]),
                Node("layer", product.layer, inputs: [Source("wide")]),
                Node("other", product.layer, inputs: [Source("wide")]),
                Node("sum", Shortcut().layer, inputs: [Source("layer"), Source("other")]),
            ])
        try compare(
            network, on: family, isQuantized: isQuantized, arithmetic: .best, tolerance: 2e-4,
            gradientTolerance: 1e-3)
    }

    @Test("the gradient of an input of few channels is the reference's", arguments: 1...4, [3, 5])
    func fewChannels(_ channels: Int, _ size: Int) throws {
        var product = Conv2D()
        (product.outChannels, product.kernelHeight, product.kernelWidth, product.padding) = (32, size, 3, 1)
        let network = try Network(
            inputs: [Input("in", .map(channels: channels, height: 6, width: 11))],
            nodes: [Node("layer", product.layer, inputs: [Source("in")])])
        try compare(
            network, on: .npu, isQuantized: false, arithmetic: .float, tolerance: 2e-4,
            gradientTolerance: 1e-3)
    }

    private func compare(
        _ sandwich: SandwichCase, arithmetic: Program.Arithmetic, tolerance: Double, gradientTolerance: Double
    ) throws {
        try compare(
            try sandwich.network(), on: sandwich.family, isQuantized: sandwich.isQuantized,
            arithmetic: arithmetic, tolerance: tolerance, gradientTolerance: gradientTolerance)
    }

    private func compare(
        _ network: Network, on family: ArithmeticFamily, isQuantized: Bool, arithmetic: Program.Arithmetic,
        tolerance: Double, gradientTolerance: Double
    ) throws {
        let analysis = Analysis(network, on: family)
        let engineCase = EngineCase(analysis: analysis, isQuantized: isQuantized, arithmetic: arithmetic)
        let isComposed = network.nodes.contains { [.lstm, .convTranspose2D, .seBlock].contains($0.kind) }
        try engineCase.expectAgreement(
            within: tolerance, gradients: gradientTolerance, boundary: 3e-5, seeds: isComposed ? 6 : 3,
            isComposed: isComposed
        ) { try engineCase.run(seed: $0) }
    }
}

extension EngineCase.Outcome {
    /// Where the engine's values or gradients are not the reference's.
    ///
    /// Differences count in units of the tensor's largest magnitude.
    func disagreements(
        _ tolerance: Double, _ gradientTolerance: Double
    ) throws -> [String] {
        var found: [String] = []
        func note(_ what: String, _ apart: Double, _ tolerance: Double) {
            if !(apart < tolerance) { found.append("\(what) differs by \(apart)") }
        }
        let network = reference.analysis.network
        for node in network.nodes {
            let values = try #require(program.values(of: node.name))
            note(node.name, difference(values, reference.values(of: node.name)), tolerance)
        }
        for (name, expected) in referenceGradients.parameters.sorted(by: { $0.key < $1.key }) {
            note(
                "the gradient of \(name)",
                difference(gradient(of: name), expected),
                gradientTolerance)
        }
        for (name, expected) in reference.statistics.sorted(by: { $0.key < $1.key }) {
            note(name, difference(try #require(store[name]), expected), tolerance)
        }
        for (input, expected) in zip(program.inputs, referenceGradients.inputs)
        where network["layer"]?.kind != .embedding {
            let gradient = try #require(input.gradient?.baseAddress)
            let values = Program.channelsFirst(gradient, input.shape, batch: program.options.batch)
            note("the gradient of \(input.name)", difference(values, expected), gradientTolerance)
        }
        return found
    }
}
