import Graph

extension ReferenceTape {
    /// A matrix times the last axis; the matrix has axes out, in.
    mutating func multiply(_ input: ReferenceTensor, byMatrix weight: ReferenceTensor) -> ReferenceTensor {
        let (outputs, features) = (weight.shape[0], weight.shape[1])
        let rows = input.values.count / features
        var values: [Double] = []
        values.reserveCapacity(rows * outputs)
        for row in 0..<rows {
            for output in 0..<outputs {
                var sum = 0.0
                for feature in 0..<features {
                    sum += weight.values[output * features + feature] * input.values[row * features + feature]
                }
                values.append(sum)
            }
        }
        return record(values, input.shape.dropLast() + [outputs]) { gradient, gradients in
            var inputGradient = [Double](repeating: 0, count: input.values.count)
            var weightGradient = [Double](repeating: 0, count: weight.values.count)
            for row in 0..<rows {
                for output in 0..<outputs {
                    let value = gradient[row * outputs + output]
                    for feature in 0..<features {
                        let (place, tap) = (row * features + feature, output * features + feature)
                        inputGradient[place] += value * weight.values[tap]
                        weightGradient[tap] += value * input.values[place]
                    }
                }
            }
            gradients.add(inputGradient, to: input)
            gradients.add(weightGradient, to: weight)
        }
    }
}

extension FullConnected: ReferenceOperator {
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor] {
        let weight = pass.weight(channels: 1, quantizers)
        let sum = pass.tape.multiply(inputs[0], byMatrix: weight)
        return [pass.finish(sum, activationFunction, quantizers)]
    }
}

extension SeBlock: ReferenceOperator {
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor] {
        let channels = inputs[0].shape[1]
        let codes = innerSignal(in: pass)
        var mean = pass.tape.average(inputs[0])
        if codes != nil, let arriving = pass.arriving {
            mean = pass.quantize(mean, to: arriving, clip: 1, part: "mean")
        }
        let reduced = product(mean, "reduce", outChannels: channels / rate, in: &pass)
        let inner =
            codes.map { pass.quantize(reduced, to: $0, clip: quantizers.clip, part: "reduce") }
            ?? pass.apply(.relu6, to: reduced)
        let expanded = product(inner, "expand", outChannels: channels, in: &pass)
        let gate =
            codes.map { pass.quantize(pass.tape.offset(expanded, by: 3), to: $0, clip: 6, part: "expand") }
            ?? pass.apply(.hsigmoid, to: expanded)
        let gated = pass.tape.multiply(
            inputs[0], pass.tape.broadcast(gate, to: inputs[0].shape))
        return [pass.output.map { pass.quantize(gated, to: $0, clip: 1) } ?? gated]
    }

    /// The unsigned codes inside the block, or nil where it computes in float.
    private func innerSignal(in pass: ReferencePass) -> Signal? {
        guard pass.isQuantized, quantizers.isEnabled, let bits = quantizers.outputBits,
            bits < Quantization.float
        else { return nil }
        return Signal(bits: bits, isSigned: false)
    }

    /// One of the two 1x1 convolutions, with its bias and batch norm.
    private func product(
        _ input: ReferenceTensor, _ part: String, outChannels: Int, in pass: inout ReferencePass
    ) -> ReferenceTensor {
        let weight = pass.weight(part + "Weight", channels: outChannels, quantizers)
        let sum = pass.tape.convolve(
            input, weight, Window(height: 1, width: 1), groups: 1,
            giving: [input.shape[0], outChannels, 1, 1])
        let biased = pass.parameter(part + "Bias").map { pass.tape.add(sum, channelwise: $0) } ?? sum
        return pass.normalize(biased, prefix: part + ".")
    }
}
