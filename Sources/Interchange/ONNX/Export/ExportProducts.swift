import Foundation
import Graph
import QAT

// Layers with weights.
extension ExportRun {
    func convolution(_ settings: Conv2D, _ value: String) throws(ONNXError) {
        var (value, shape) = (value, input)
        if settings.focus { (value, shape) = focused(value, shape) }
        let window = Window(
            height: settings.kernelHeight, width: settings.kernelWidth, stride: settings.stride,
            padding: settings.padding, dilation: settings.dilation)
        let sum = try product(
            value, shape, window, groups: settings.groups, weight: try weight(),
            bias: settings.bias ? parameter("bias") : nil)
        _ = epilogue(
            sum, settings.activationFunction, prefix: "", hasNorm: settings.batchNorm, shape: outputs[0],
            into: node.name)
    }

    func depthwise(_ settings: DepthwiseConv2D, _ value: String) throws(ONNXError) {
        let window = Window(
            height: settings.kernelHeight, width: settings.kernelWidth, stride: settings.stride,
            padding: settings.padding)
        let sum = try product(
            value, input, window, groups: input.channels, weight: try weight(isDepthwise: true),
            bias: settings.bias ? parameter("bias") : nil)
        _ = epilogue(
            sum, settings.activationFunction, prefix: "", hasNorm: settings.batchNorm, shape: outputs[0],
            into: node.name)
    }

    func transposed(_ settings: ConvTranspose2D, _ value: String) throws(ONNXError) {
        let wide = resized(value, "nearest", by: (2, 2))
        let shape = outputs[0].withChannels(input.channels)
        let window = Window(height: 3, width: 3, padding: 1)
        let bias = settings.bias ? parameter("bias") : nil
        let sum: String
        switch family {
        case .npu: sum = try product(wide, shape, window, weight: try weight(), bias: bias)
        case .simd:
            let inner = try product(
                wide, shape, window, groups: input.channels,
                weight: try weight("depthwiseWeight", isDepthwise: true), bias: nil)
            let middle =
                signal.isFloat
                ? activated(inner, .relu6, shape)
                : quantize(inner, Signal(bits: signal.bits, isSigned: false), clip: clip, into: nil)
            sum = try product(
                middle, shape, Window(height: 1, width: 1), weight: try weight("pointwiseWeight"), bias: bias)
        }
        _ = epilogue(
            sum, settings.activationFunction, prefix: "", hasNorm: settings.batchNorm, shape: outputs[0],
            into: node.name)
    }

    func dense(_ settings: FullConnected, _ value: String) throws(ONNXError) {
        let weight = try weight(isPerTensor: true)
        let bias = settings.bias ? parameter("bias") : nil
        var sum: String
        if case .sequence = input {
            sum = writer.add(
                "MatMul", [value, writer.add("Transpose", [weight], [.integers("perm", [1, 0])])])
            if let bias { sum = writer.add("Add", [sum, bias]) }
        } else {
            sum = writer.add("Gemm", [value, weight] + (bias.map { [$0] } ?? []), [.integer("transB", 1)])
        }
        _ = epilogue(
            sum, settings.activationFunction, prefix: "", hasNorm: settings.batchNorm, shape: outputs[0],
            into: node.name)
    }

    func squeezeExcite(_ settings: SeBlock, _ value: String) throws(ONNXError) {
        let acts = isQuantized && settings.quantizers.isEnabled
        let bits = settings.quantizers.outputBits ?? Quantization.float
        let inner = acts && bits < Quantization.float ? Signal(bits: bits, isSigned: false) : .float
        let gate = Shape.map(channels: input.channels, height: 1, width: 1)
        let point = Window(height: 1, width: 1)
        var mean = writer.add("GlobalAveragePool", [value])
        if acts, let arriving = facts.inputs.first { mean = quantize(mean, arriving, clip: 1, into: nil) }
        func step(
            _ value: String, _ part: String, _ activation: Activation, _ shape: Shape
        ) throws(ONNXError)
            -> String
        {
            let sum = try product(
                value, shape, point, weight: try weight("\(part)Weight"),
                bias: settings.bias ? parameter("\(part)Bias") : nil)
            return epilogue(
                sum, activation, prefix: "\(part).", hasNorm: settings.batchNorm, shape: shape, signal: inner,
                into: nil)
        }
        let reduced = try step(
            mean, "reduce", .relu6, gate.withChannels(max(1, input.channels / settings.rate)))
        let scale = try step(reduced, "expand", .hsigmoid, gate)
        _ = quantize(writer.add("Mul", [value, scale]), signal, clip: 1, into: node.name)
    }

    /// A convolution; padding that is no zeros, or that crops, is an operator before it.
    private func product(
        _ value: String, _ shape: Shape, _ window: Window, groups: Int = 1, weight: String, bias: String?
    ) throws(ONNXError) -> String {
        let sides = sides(of: window, on: shape)
        var (value, pads) = (value, sides)
        if sides.contains(where: { $0 < 0 }) || padValue != 0 && sides.contains(where: { $0 != 0 }) {
            value = padded(value, sides, with: padValue)
            pads = [0, 0, 0, 0]
        }
        return writer.add(
            "Conv", [value, weight] + (bias.map { [$0] } ?? []),
            [
                .integers("kernel_shape", [window.height, window.width]),
                .integers("strides", [window.stride, window.stride]), .integers("pads", pads),
                .integers("dilations", [window.dilation, window.dilation]), .integer("group", groups),
            ])
    }

    /// What a window pads: top, left, bottom, right.
    func sides(of window: Window, on shape: Shape) -> [Int] {
        guard case .map(_, let height, let width) = shape, window.padding != 0 else { return [0, 0, 0, 0] }
        if padsBothSides, window.dilation == 1 {
            return [
                1, 1, 1 - (height + 2 - 3) % window.stride, 1 - (width + 2 - 3) % window.stride,
            ]
        }
        if window.dilation > 1 { return [Int](repeating: window.padding, count: 4) }
        let vertical = window.samePadding(height, size: window.height)
        let horizontal = window.samePadding(width, size: window.width)
        return [vertical.before, horizontal.before, vertical.after, horizontal.after]
    }

    /// What surrounds a map where a window reaches over its edge.
    var padValue: Float {
        guard isQuantized, let arriving = facts.inputs.first else { return 0 }
        return family.padding(of: arriving, isFirst: facts.isFirst)
    }

    /// A map in a frame, or without its border where the numbers are negative.
    func padded(_ value: String, _ sides: [Int], with fill: Float) -> String {
        writer.add(
            "Pad",
            [
                value, writer.integers([0, 0, sides[0], sides[1], 0, 0, sides[2], sides[3]]),
                writer.scalar(fill),
            ]
        )
    }

    /// Space to depth: rows and columns even, even; odd, even; even, odd; odd, odd.
    private func focused(_ value: String, _ shape: Shape) -> (String, Shape) {
        guard case .map(let channels, let height, let width) = shape else { return (value, shape) }
        let parts = [(0, 0), (1, 0), (0, 1), (1, 1)].map { row, column in
            writer.add(
                "Slice",
                [
                    value, writer.integers([row, column]), writer.integers([height, width]),
                    writer.integers([2, 3]), writer.integers([2, 2]),
                ])
        }
        return (
            writer.add("Concat", parts, [.integer("axis", 1)]),
            .map(channels: 4 * channels, height: height / 2, width: width / 2)
        )
    }

    /// The clip in effect: the learned one where it is learned.
    var clip: Float {
        if let learned = store["\(node.name).logClip"]?.first { return Foundation.exp(learned) }
        return Float(node.layer.settings.quantization?.clip ?? 1)
    }

    /// What follows a sum: batch norm, activation and quantizer.
    func epilogue(
        _ value: String, _ activation: Activation, prefix: String, hasNorm: Bool, shape: Shape,
        signal: Signal? = nil, into output: String?
    ) -> String {
        let signal = signal ?? self.signal
        var value = value
        if hasNorm { value = normalized(value, prefix, shape) }
        guard !signal.isFloat else { return named(activated(value, activation, shape), output) }
        if activation == .hsigmoid {
            value = writer.add("Add", [value, writer.scalar(3)])
        } else if !activation.isRange {
            value = activated(value, activation, shape)
        }
        return quantize(value, signal, clip: activation == .hsigmoid ? 6 : clip, into: output)
    }

    private func normalized(_ value: String, _ prefix: String, _ shape: Shape) -> String {
        let layer = "\(writer.layer).\(prefix)"
        let gamma = (store[layer + "gamma"] ?? []).map { max($0, BatchNorm.leastGamma) }
        if case .sequence = shape {
            // The channels are the last axis here, where batch norm has the second.
            let (beta, mean) = (store[layer + "beta"] ?? [], store[layer + "runningMean"] ?? [])
            let variance = store[layer + "runningVariance"] ?? []
            let scale = zip(gamma, variance).map { $0 / ($1 + BatchNorm.epsilon).squareRoot() }
            let shift = zip(beta, zip(mean, scale)).map { $0 - $1.0 * $1.1 }
            let scaled = writer.add("Mul", [value, writer.floats(layer + "normScale", scale)])
            return writer.add("Add", [scaled, writer.floats(layer + "normShift", shift)])
        }
        let names = ["beta", "runningMean", "runningVariance"].map { parameter(prefix + $0) ?? "" }
        return writer.add(
            "BatchNormalization", [value, writer.floats(layer + "gamma", gamma)] + names,
            [.number("epsilon", BatchNorm.epsilon)])
    }

    /// An activation as it is written.
    func activated(_ value: String, _ activation: Activation, _ shape: Shape) -> String {
        let hard: [ONNXAttribute] = [.number("alpha", 1 / 6), .number("beta", 0.5)]
        switch activation {
        case .none, .linear: return value
        case .relu: return writer.add("Relu", [value])
        case .relu6: return writer.add("Clip", [value, writer.scalar(0), writer.scalar(6)])
        case .leakyReLU: return writer.add("LeakyRelu", [value], [.number("alpha", 0.01)])
        case .hsigmoid: return writer.add("HardSigmoid", [value], hard)
        case .hswish: return writer.add("Mul", [value, writer.add("HardSigmoid", [value], hard)])
        case .prelu:
            let dims = if case .map = shape { [shape.channels, 1, 1] } else { [shape.channels] }
            return writer.add("PRelu", [value, parameter("slope", dims: dims) ?? ""])
        }
    }
}
