import Graph

extension Activation {
    /// The slope of a PReLU where it starts, and where a layer has none to learn.
    static let firstSlope = 0.25

    /// The activation of a value in float mode; a learned slope is `rectify`'s.
    func value(_ input: Double) -> Double {
        switch self {
        case .none, .linear: input
        case .relu: max(0, input)
        case .relu6: max(0, min(input, 6))
        case .hsigmoid: Activation.hardSigmoid(input)
        case .hswish: input * Activation.hardSigmoid(input)
        case .leakyReLU: input > 0 ? input : 0.01 * input
        case .prelu: input > 0 ? input : Activation.firstSlope * input
        }
    }

    /// Its derivative; at a kink PyTorch's, which is that of the flatter side.
    func slope(_ input: Double) -> Double {
        switch self {
        case .none, .linear: 1
        case .relu: input > 0 ? 1 : 0
        case .relu6: input > 0 && input < 6 ? 1 : 0
        case .hsigmoid: abs(input) < 3 ? 1.0 / 6 : 0
        case .hswish: abs(input) < 3 ? (2 * input + 3) / 6 : input < 0 ? 0 : 1
        case .leakyReLU: input > 0 ? 1 : 0.01
        case .prelu: input > 0 ? 1 : Activation.firstSlope
        }
    }

    private static func hardSigmoid(_ input: Double) -> Double { min(max((input + 3) / 6, 0), 1) }
}

extension ReferenceTape {
    /// The value, or `slopes` times the value below zero, one slope a channel.
    mutating func rectify(_ input: ReferenceTensor, channelwise slopes: ReferenceTensor) -> ReferenceTensor {
        let axes = ChannelAxes(input.shape)
        let values = input.values.enumerated().map { index, value in
            value > 0 ? value : slopes.values[axes.channel(of: index)] * value
        }
        return record(values, input.shape) { gradient, gradients in
            var inputGradient = gradient
            var slopeGradient = [Double](repeating: 0, count: slopes.values.count)
            for (index, value) in input.values.enumerated() where value <= 0 {
                let channel = axes.channel(of: index)
                inputGradient[index] *= slopes.values[channel]
                slopeGradient[channel] += gradient[index] * value
            }
            gradients.add(inputGradient, to: input)
            gradients.add(slopeGradient, to: slopes)
        }
    }

    /// Adds one number to each channel.
    mutating func add(_ input: ReferenceTensor, channelwise bias: ReferenceTensor) -> ReferenceTensor {
        let axes = ChannelAxes(input.shape)
        let values = input.values.enumerated().map { $1 + bias.values[axes.channel(of: $0)] }
        return record(values, input.shape) { gradient, gradients in
            var biasGradient = [Double](repeating: 0, count: bias.values.count)
            for (index, value) in gradient.enumerated() { biasGradient[axes.channel(of: index)] += value }
            gradients.add(gradient, to: input)
            gradients.add(biasGradient, to: bias)
        }
    }
}
