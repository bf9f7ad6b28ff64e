import Graph

/// The numbers of batch norm that the training kit fixes (docs/arithmetic.md, Products and padding).
private enum BatchNormConstants {
    static let epsilon = 1e-5
    static let momentum = 0.1
    static let smallestGamma = 0.01
}

/// Mean and biased variance of each channel.
private struct ChannelMoments {
    var mean: [Double]
    var variance: [Double]

    init(mean: [Double], variance: [Double]) { (self.mean, self.variance) = (mean, variance) }

    /// The moments of the values that a batch has of each channel.
    init(_ values: [Double], _ axes: ChannelAxes) {
        let count = Double(axes.outer * axes.inner)
        let zeros = [Double](repeating: 0, count: axes.channels)
        mean = zeros
        variance = zeros
        for (index, value) in values.enumerated() { mean[axes.channel(of: index)] += value / count }
        for (index, value) in values.enumerated() {
            let difference = value - mean[axes.channel(of: index)]
            variance[axes.channel(of: index)] += difference * difference / count
        }
    }
}

extension ReferencePass {
    /// Batch norm of each channel, where the layer has one; `prefix` sets the norms of a layer apart.
    mutating func normalize(_ input: ReferenceTensor, prefix: String = "") -> ReferenceTensor {
        guard let gamma = parameter(prefix + "gamma"), let beta = parameter(prefix + "beta") else {
            return input
        }
        let axes = ChannelAxes(input.shape)
        let moments = isTraining ? ChannelMoments(input.values, axes) : running(prefix)
        if isTraining { moveRunning(prefix, toward: moments, count: axes.outer * axes.inner) }
        let deviation = moments.variance.map { ($0 + BatchNormConstants.epsilon).squareRoot() }
        let scale = gamma.values.map { max($0, BatchNormConstants.smallestGamma) }
        let normalized = input.values.enumerated().map { index, value in
            (value - moments.mean[axes.channel(of: index)]) / deviation[axes.channel(of: index)]
        }
        let values = normalized.enumerated().map { index, value in
            value * scale[axes.channel(of: index)] + beta.values[axes.channel(of: index)]
        }
        let isTraining = isTraining
        return tape.record(values, input.shape) { gradient, gradients in
            let zeros = [Double](repeating: 0, count: axes.channels)
            var (sum, product) = (zeros, zeros)
            for (index, value) in gradient.enumerated() {
                sum[axes.channel(of: index)] += value
                product[axes.channel(of: index)] += value * normalized[index]
            }
            gradients.add(sum, to: beta)
            gradients.add(
                zip(product, gamma.values).map { $1 < BatchNormConstants.smallestGamma ? 0 : $0 }, to: gamma)
            let count = Double(axes.outer * axes.inner)
            let inputGradient = gradient.enumerated().map { index, value in
                let channel = axes.channel(of: index)
                // The batch's own moments move with the input; the running ones do not.
                let moved = isTraining ? (sum[channel] + normalized[index] * product[channel]) / count : 0
                return scale[channel] / deviation[channel] * (value - moved)
            }
            gradients.add(inputGradient, to: input)
        }
    }

    private func running(_ prefix: String) -> ChannelMoments {
        guard let mean = statistics["\(layer).\(prefix)runningMean"],
            let variance = statistics["\(layer).\(prefix)runningVariance"]
        else { preconditionFailure("layer '\(layer)' has no running statistics") }
        return ChannelMoments(mean: mean, variance: variance)
    }

    /// Moves the running moments a step toward the batch's; the variance is the unbiased one.
    private mutating func moveRunning(_ prefix: String, toward batch: ChannelMoments, count: Int) {
        let momentum = BatchNormConstants.momentum
        let unbiased = count > 1 ? Double(count) / Double(count - 1) : 1
        let running = running(prefix)
        statistics["\(layer).\(prefix)runningMean"] = zip(running.mean, batch.mean)
            .map { (1 - momentum) * $0 + momentum * $1 }
        statistics["\(layer).\(prefix)runningVariance"] = zip(running.variance, batch.variance)
            .map { (1 - momentum) * $0 + momentum * $1 * unbiased }
    }
}

extension Preprocess: ReferenceOperator {
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor] { inputs }
}

extension BatchNorm: ReferenceOperator {
    func evaluate(_ inputs: [ReferenceTensor], in pass: inout ReferencePass) -> [ReferenceTensor] {
        [pass.activate(pass.normalize(inputs[0]), activationFunction, quantizers)]
    }
}
