import Foundation
import Graph

/// An operator that the reference interpreter can evaluate.
protocol ReferenceOperator {
    /// The layer's outputs, one for each shape that its description declares.
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor]
}

/// A forward pass while it runs: how it computes, what it has recorded, and the layer whose turn it is.
struct ReferencePass {
    /// What is computed.
    let analysis: Analysis
    /// The number of samples.
    let batch: Int
    /// Whether quantizers act at all.
    let isQuantized: Bool
    /// Whether batch norm uses the batch's statistics and moves the running ones.
    let isTraining: Bool
    /// Whether any padding is 1 on both sides, as on T02.
    let padsBothSides: Bool

    /// The steps so far.
    var tape = ReferenceTape()
    /// The parameters of all layers, under "layer.parameter".
    var parameters: [String: ReferenceTensor] = [:]
    /// The running statistics of all layers, under "layer.runningMean" and the like.
    var statistics: [String: [Double]] = [:]
    /// What each activation quantizer read, in code units: under the layer's name for its last one, "layer.part" for others.
    var unrounded: [String: [Double]] = [:]

    /// The position of the layer in the network.
    var position = 0

    /// The kind of arithmetic.
    var family: ArithmeticFamily { analysis.facts.family }
    /// The name of the layer.
    var layer: String { analysis.network.nodes[position].name }
    /// What the wiring decides about the layer.
    var facts: SignalAnalysis.Facts { analysis.facts.nodes[position] }
    /// The axes of the layer's outputs, with the batch.
    var outputShapes: [[Int]] {
        guard case .success(let shapes) = analysis.shapes.outputs[position] else {
            preconditionFailure("layer '\(layer)' has no shape")
        }
        return shapes.map { [batch] + $0.dimensions }
    }
    /// The codes of the layer's result, or nil where it is float.
    var output: Signal? { isQuantized && !facts.output.isFloat ? facts.output : nil }
    /// The codes of the layer's first input, or nil where it is float.
    var arriving: Signal? { isQuantized && !facts.inputs[0].isFloat ? facts.inputs[0] : nil }
    /// What padding is filled with (docs/arithmetic.md, Products and padding).
    var padValue: Double {
        family == .npu && !facts.isFirst && (arriving?.isSigned ?? false) ? -1 : 0
    }

    /// A parameter of the layer, or nil where its settings leave it out.
    func parameter(_ name: String) -> ReferenceTensor? { parameters["\(layer).\(name)"] }

    /// A weight of the layer, quantized where it has weight bits; `channels` is the number of scales.
    ///
    /// The gradient passes everywhere, unscaled.
    mutating func weight(
        _ name: String = "weight", channels: Int, _ quantization: Quantization,
        on grid: ArithmeticFamily? = nil
    ) -> ReferenceTensor {
        guard let weight = parameter(name) else {
            preconditionFailure("layer '\(layer)' has no parameter '\(name)'")
        }
        guard isQuantized, let bits = facts.weightBits, bits < Quantization.float else { return weight }
        let quantizer = ReferenceWeightQuantizer(
            bits: bits, factor: quantization.weightFactor, on: grid ?? family)
        let values = quantizer.quantized(weight.values, channels: channels)
        tape.note(weights: quantizer.unrounded(weight.values, channels: channels))
        return tape.record(values, weight.shape) { gradient, gradients in gradients.add(gradient, to: weight)
        }
    }

    /// Codes of a signal, as normalized values. The clip is fixed, or learned where `logClip` holds its logarithm.
    mutating func quantize(
        _ input: ReferenceTensor, to signal: Signal, clip: Double, logClip: ReferenceTensor? = nil,
        part: String? = nil
    ) -> ReferenceTensor {
        let clip = logClip.map { exp($0.values[0]) } ?? clip
        let quantizer = ReferenceFeatureQuantizer(signal, on: family, clip: clip)
        let steps = input.values.map(quantizer.unrounded)
        unrounded[part.map { "\(layer).\($0)" } ?? layer] = steps
        tape.note(unrounded: steps, fromEnd: input.values.map(quantizer.distanceFromEnd))
        return tape.record(input.values.map(quantizer.quantized), input.shape) { gradient, gradients in
            let passed = zip(gradient, input.values).map { quantizer.contains($1) ? $0 / clip : 0 }
            gradients.add(passed, to: input)
            if let logClip {
                gradients.add([quantizer.clipGradient(gradient, of: input.values)], to: logClip)
            }
        }
    }

    /// What follows a product: bias, batch norm, activation, activation quantizer.
    mutating func finish(
        _ sum: ReferenceTensor, _ activation: Activation, _ quantization: Quantization
    ) -> ReferenceTensor {
        let biased = parameter("bias").map { tape.add(sum, channelwise: $0) } ?? sum
        return activate(normalize(biased), activation, quantization)
    }

    /// Activation and activation quantizer with the layer's own clip (docs/arithmetic.md, Activations).
    mutating func activate(
        _ input: ReferenceTensor, _ activation: Activation, _ quantization: Quantization
    ) -> ReferenceTensor {
        guard let output else { return apply(activation, to: input) }
        let (clip, logClip) = (quantization.clip, parameter("logClip"))
        switch activation {
        case .none, .relu, .relu6, .linear:
            return quantize(input, to: output, clip: clip, logClip: logClip)
        case .leakyReLU, .prelu, .hswish:
            return quantize(apply(activation, to: input), to: output, clip: clip, logClip: logClip)
        case .hsigmoid:
            return quantize(tape.offset(input, by: 3), to: output, clip: 6)
        }
    }

    /// An activation as it is written.
    mutating func apply(_ activation: Activation, to input: ReferenceTensor) -> ReferenceTensor {
        if activation == .prelu, let slope = parameter("slope") {
            return tape.rectify(input, channelwise: slope)
        }
        return tape.map(input, activation.value, slope: activation.slope)
    }
}

extension ReferenceFeatureQuantizer {
    /// The gradient of the clip's logarithm (docs/arithmetic.md, Learned clips).
    fileprivate func clipGradient(_ gradient: [Double], of values: [Double]) -> Double {
        let sum = zip(gradient, values).reduce(0) { sum, pair in
            if pair.1 > clip { return sum + pair.0 }
            return signal.isSigned && pair.1 < -clip ? sum - pair.0 : sum
        }
        return sum / Double(values.count * levels).squareRoot()
    }
}
