import Foundation
import Graph

/// A product or a batch norm that scales are folded into, with the scales on both of its sides.
struct ScaledPart {
    /// The layer.
    var layer: String
    /// The full name of its weights; nil for a batch norm by itself.
    var weight: String?
    /// What the names of its batch norm's numbers begin with; nil where it has none.
    var norm: String?
    /// The full name of its bias; nil where it has none.
    var bias: String?
    /// Channels of what it gives.
    var rows: Int
    /// Weights that lie beside each other for each input channel: height x width of the kernel.
    var taps: Int
    var activation: Activation
    /// Weights are on the two's-complement grid.
    var isSIMD: Bool
    /// Weights share one scale.
    var isPerTensor: Bool
    /// Bits of a weight; 32 is float.
    var weightBits: Int
    /// The scale of what it reads.
    var input: Double
    /// The scale of what it gives.
    var output: Double
    /// Whether its sums are in real units in front of the activation: an Hsigmoid or Hswish acts there, and float results
    /// are given out.
    var isReal: Bool
    /// Where its quantizer's range ends.
    var clip: Double

    /// The values that its weights' quantizer gives, in units of the scale. Its weights are not float.
    var grid: QuantizationGrid { QuantizationGrid(isSIMD ? .twosComplement : .offset, bits: weightBits) }

    /// What its sums are for a real sum of 1.
    var unit: Double { isReal ? 1 : clip / output }
}

extension ScaledPart {
    /// The parts of a network, in the order of evaluation. `scale` knows tensors, and the inner ones of composed layers by
    /// the names of their parts.
    static func parts(
        of analysis: Analysis, clips: [String: Double], scale: (Source) -> Double
    ) -> [ScaledPart] {
        analysis.order.evaluation.flatMap { index -> [ScaledPart] in
            let node = analysis.network.nodes[index]
            let facts = analysis.facts.nodes[index]
            let name = node.name
            let layer = node.layer
            let quantization = layer.settings.quantization ?? Quantization()
            let parameters =
                analysis.shapes.known(index).map {
                    layer.settings.parameters(for: $0, on: analysis.facts.family)
                } ?? []
            func part(
                weight: String?, norm: String?, bias: String?, activation: Activation, input: Double,
                output: Double, isFloat: Bool, isDepthwise: Bool = false
            ) -> ScaledPart {
                let shape = parameters.first { $0.name == weight ?? "gamma" }?.shape ?? []
                return ScaledPart(
                    layer: name, weight: weight.map { "\(name).\($0)" }, norm: norm,
                    bias: bias.map { "\(name).\($0)" },
                    rows: shape.first ?? 0, taps: shape.dropFirst(2).reduce(1, *),
                    activation: activation,
                    isSIMD: isDepthwise || analysis.facts.family == .simd,
                    isPerTensor: node.kind == .fullConnected,
                    weightBits: facts.weightBits ?? Quantization.float, input: input, output: output,
                    isReal: isFloat || activation == .hsigmoid || activation == .hswish,
                    clip: clips[name] ?? quantization.clip)
            }
            func plain(
                batchNorm: Bool, bias: Bool, weight: String? = "weight", isDepthwise: Bool = false
            )
                -> ScaledPart
            {
                part(
                    weight: weight, norm: batchNorm ? "\(name)." : nil, bias: bias ? "bias" : nil,
                    activation: layer.settings.activation ?? .none, input: scale(node.inputs[0]),
                    output: scale(Source(name)), isFloat: facts.output.isFloat, isDepthwise: isDepthwise)
            }
            if case .convTranspose2D(let product) = layer, analysis.facts.family == .simd {
                let inner = scale(Source("\(name).depthwise"))
                var last = plain(batchNorm: product.batchNorm, bias: product.bias, weight: "pointwiseWeight")
                last.input = inner
                return [
                    part(
                        weight: "depthwiseWeight", norm: nil, bias: nil, activation: .relu6,
                        input: scale(node.inputs[0]), output: inner, isFloat: facts.output.isFloat,
                        isDepthwise: true), last,
                ]
            }
            if case .seBlock(let gate) = layer {
                let inner = scale(Source("\(name).reduce"))
                func half(
                    _ stem: String, _ activation: Activation, _ input: Double, _ output: Double
                )
                    -> ScaledPart
                {
                    part(
                        weight: "\(stem)Weight", norm: gate.batchNorm ? "\(name).\(stem)." : nil,
                        bias: gate.bias ? "\(stem)Bias" : nil, activation: activation, input: input,
                        output: output, isFloat: !gate.quantizers.isEnabled)
                }
                return [
                    half("reduce", .relu6, scale(node.inputs[0]), inner),
                    half("expand", .hsigmoid, inner, 1),
                ]
            }
            if let product = layer.settings as? any Product {
                let isDepthwise = node.kind == .depthwiseConv2D
                return [plain(batchNorm: product.batchNorm, bias: product.bias, isDepthwise: isDepthwise)]
            }
            return node.kind == .batchNorm ? [plain(batchNorm: true, bias: false, weight: nil)] : []
        }
    }
}

extension ScaledPart {
    /// Folds the scales into its numbers: real sums become those of what it reads, in units of what it gives. Gives where
    /// its weights are placed; nil where it has none that are quantized.
    func fold(into numbers: inout [String: [Float]]) -> WeightPlacement? {
        var gains = [Double](repeating: 1, count: rows)
        var placement: WeightPlacement?
        if let weight, let values = numbers[weight] {
            // Nothing behind a product without batch norm takes a factor back.
            let wanted = norm == nil ? values.map { Float(Double($0) * input * unit) } : values
            if weightBits < Quantization.float {
                let placed = WeightPlacement(wanted, rows: rows, part: self)
                numbers[weight] = placed.stored
                gains = placed.gains
                placement = placed
            } else {
                numbers[weight] = wanted
            }
        }
        guard let norm, let gamma = numbers["\(norm)gamma"], let beta = numbers["\(norm)beta"],
            let mean = numbers["\(norm)runningMean"], let variance = numbers["\(norm)runningVariance"]
        else {
            if let bias, let values = numbers[bias] { numbers[bias] = values.map { $0 * Float(unit) } }
            return placement
        }
        let biases = bias.flatMap { numbers[$0] }
        var found = NormNumbers(channels: gamma.count)
        for channel in gamma.indices {
            let scale =
                Double(max(gamma[channel], BatchNorm.leastGamma))
                / (Double(variance[channel]) + Double(BatchNorm.epsilon)).squareRoot()
            let shift =
                Double(beta[channel]) + scale * (Double(biases?[channel] ?? 0) - Double(mean[channel]))
            found.set(
                channel, scale: scale * input * unit * gains[channel], shift: shift * unit, mean: 0,
                variance: 1)
        }
        found.store(in: &numbers, norm)
        if let bias { numbers[bias] = [Float](repeating: 0, count: gamma.count) }
        return placement
    }
}

/// The four numbers a channel of a batch norm, as they come of what it multiplies with and adds.
struct NormNumbers {
    private var gamma, beta, mean, variance: [Float]

    init(channels: Int) {
        gamma = [Float](repeating: 1, count: channels)
        beta = gamma
        mean = gamma
        variance = gamma
    }

    /// A channel whose sums have a mean and a variance. A gamma below 0.01 would act as 0.01, so the variance gives way.
    mutating func set(_ channel: Int, scale: Double, shift: Double, mean: Double, variance: Double) {
        let epsilon = Double(BatchNorm.epsilon)
        var deviation = (max(0, variance) + epsilon).squareRoot()
        let least = 1.0001 * Double(BatchNorm.leastGamma)
        if scale * deviation < least { deviation = least / max(scale, 1e-12) }
        gamma[channel] = Float(scale * deviation)
        self.variance[channel] = Float(deviation * deviation - epsilon)
        self.mean[channel] = Float(mean)
        beta[channel] = Float(shift + scale * mean)
    }

    func store(in numbers: inout [String: [Float]], _ prefix: String) {
        numbers["\(prefix)gamma"] = gamma
        numbers["\(prefix)beta"] = beta
        numbers["\(prefix)runningMean"] = mean
        numbers["\(prefix)runningVariance"] = variance
    }

    func store(in store: ParameterStore, _ prefix: String) throws(EngineError) {
        try store.set("\(prefix)gamma", to: gamma)
        try store.set("\(prefix)beta", to: beta)
        try store.set("\(prefix)runningMean", to: mean)
        try store.set("\(prefix)runningVariance", to: variance)
    }
}
