import Graph

extension ReferenceTape {
    /// A convolution without padding; weights have axes out, in / groups, height, width.
    mutating func convolve(
        _ input: ReferenceTensor, _ weight: ReferenceTensor, _ window: Window, groups: Int,
        giving shape: [Int]
    ) -> ReferenceTensor {
        let loop = ConvolutionLoop(input.shape, weight.shape, window, groups: groups, giving: shape)
        let (inputs, weights, offsets) = (input.values, weight.values, loop.taps.offsets)
        var values: [Double] = []
        values.reserveCapacity(shape.reduce(1, *))
        loop.forEachOutput { weightStart, inputStart in
            var sum = 0.0
            for tap in offsets.indices {
                sum += weights[weightStart + tap] * inputs[inputStart + offsets[tap]]
            }
            values.append(sum)
        }
        return record(values, shape) { gradient, gradients in
            var inputGradient = [Double](repeating: 0, count: inputs.count)
            var weightGradient = [Double](repeating: 0, count: weights.count)
            var index = 0
            loop.forEachOutput { weightStart, inputStart in
                let value = gradient[index]
                index += 1
                for tap in offsets.indices {
                    let place = inputStart + offsets[tap]
                    weightGradient[weightStart + tap] += value * inputs[place]
                    inputGradient[place] += value * weights[weightStart + tap]
                }
            }
            gradients.add(inputGradient, to: input)
            gradients.add(weightGradient, to: weight)
        }
    }
}

/// The outputs of a convolution in order, each with where its weights and its window begin.
private struct ConvolutionLoop {
    let taps: WindowTaps
    private let batch: Int
    private let outChannels: Int
    private let channels: Int
    private let plane: Int
    private let groups: Int

    init(_ input: [Int], _ weight: [Int], _ window: Window, groups: Int, giving output: [Int]) {
        precondition(weight[1] * groups == input[1], "\(weight) in \(groups) groups over \(input)")
        taps = WindowTaps(window, channels: weight[1], over: input, giving: output)
        batch = input[0]
        outChannels = weight[0]
        channels = input[1]
        plane = input[2] * input[3]
        self.groups = groups
    }

    func forEachOutput(_ body: (_ weightStart: Int, _ inputStart: Int) -> Void) {
        for sample in 0..<batch {
            for outChannel in 0..<outChannels {
                let group = outChannel / (outChannels / groups)
                let firstChannel = sample * channels + group * (channels / groups)
                for start in taps.starts {
                    body(outChannel * taps.offsets.count, firstChannel * plane + start)
                }
            }
        }
    }
}

extension Conv2D: ReferenceOperator {
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor] {
        let window = Window(
            height: kernelHeight, width: kernelWidth, stride: stride, padding: padding, dilation: dilation)
        let shape = pass.outputShapes[0]
        let input = focus ? pass.tape.focus(inputs[0]) : inputs[0]
        let padded = pass.padded(input, for: window, giving: shape)
        let weight = pass.weight(channels: outChannels, quantizers)
        let sum = pass.tape.convolve(padded, weight, window, groups: groups, giving: shape)
        return [pass.finish(sum, activationFunction, quantizers)]
    }
}

extension DepthwiseConv2D: ReferenceOperator {
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor] {
        let window = Window(height: kernelHeight, width: kernelWidth, stride: stride, padding: padding)
        let shape = pass.outputShapes[0]
        let padded = pass.padded(inputs[0], for: window, giving: shape)
        let weight = pass.weight(channels: shape[1], quantizers, on: .simd)
        let sum = pass.tape.convolve(padded, weight, window, groups: shape[1], giving: shape)
        return [pass.finish(sum, activationFunction, quantizers)]
    }
}

extension ConvTranspose2D: ReferenceOperator {
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor] {
        let window = Window(height: 3, width: 3, padding: 1)
        let shape = pass.outputShapes[0]
        let repeated = pass.tape.repeated(inputs[0], rows: 2, columns: 2)
        let padded = pass.padded(repeated, for: window, giving: repeated.shape)
        let sum: ReferenceTensor
        switch pass.family {
        case .npu:
            let weight = pass.weight(channels: outChannels, quantizers)
            sum = pass.tape.convolve(padded, weight, window, groups: 1, giving: shape)
        case .simd:
            let channels = repeated.shape[1]
            let weight = pass.weight("depthwiseWeight", channels: channels, quantizers, on: .simd)
            let depthwise = pass.tape.convolve(
                padded, weight, window, groups: channels, giving: repeated.shape)
            let between = between(depthwise, in: &pass)
            let pointwise = pass.weight("pointwiseWeight", channels: outChannels, quantizers)
            sum = pass.tape.convolve(
                between, pointwise, Window(height: 1, width: 1), groups: 1, giving: shape)
        }
        return [pass.finish(sum, activationFunction, quantizers)]
    }

    /// What stands between the depthwise and the pointwise convolution.
    private func between(_ sum: ReferenceTensor, in pass: inout ReferencePass) -> ReferenceTensor {
        guard let output = pass.output else { return pass.apply(.relu6, to: sum) }
        return pass.quantize(
            sum, to: Signal(bits: output.bits, isSigned: false), clip: quantizers.clip,
            logClip: pass.parameter("logClip"), part: "depthwise")
    }
}
