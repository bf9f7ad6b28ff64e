import Graph

// What follows a product.
extension LayerNumbers {
    /// A running variance that batch norm takes for 1.
    static let unitVariance = 1 - BatchNorm.epsilon
    /// The slope of a PReLU at the start.
    private static let firstSlope: Float = 0.25

    /// Bias and batch norm of a product, one folded into the other where one of them comes or goes.
    mutating func finish(
        _ weight: String?, _ rows: ChannelMap, bias: String = "bias", prefix: String = ""
    ) {
        let names = ["gamma", "beta", "runningMean", "runningVariance"].map { prefix + $0 }
        let count = rows.sources.count
        let norm = names.map { former($0)?.values }
        let biases = former(bias)?.values
        let hasNorm = shape(names[0]) != nil
        let hasBias = shape(bias) != nil
        var made = [[Float](repeating: 1, count: count), .init(repeating: 0, count: count)]
        made += [
            .init(repeating: 0, count: count), .init(repeating: LayerNumbers.unitVariance, count: count),
        ]
        var sums = [Float](repeating: 0, count: count)
        var scales = [Float](repeating: 1, count: count)
        for (channel, row) in rows.sources.enumerated() where row >= 0 {
            let source = Int(row)
            var sum = biases?[source] ?? 0
            if let gamma = norm[0], let beta = norm[1], let mean = norm[2], let variance = norm[3] {
                if hasNorm {
                    made[0][channel] = gamma[source]
                    made[1][channel] = beta[source]
                    made[2][channel] = hasBias ? mean[source] : mean[source] - sum
                    made[3][channel] = variance[source]
                } else {
                    let deviation = (Double(variance[source]) + Double(BatchNorm.epsilon)).squareRoot()
                    let scale = Double(max(gamma[source], BatchNorm.leastGamma)) / deviation
                    scales[channel] = Float(scale)
                    sum = Float((Double(sum) - Double(mean[source])) * scale + Double(beta[source]))
                }
            } else if hasNorm, !hasBias {
                made[2][channel] = -sum
            }
            sums[channel] = sum
        }
        if hasNorm {
            for (name, values) in zip(names, made) { numbers[self.name(name)] = values }
        } else if norm[0] != nil, let weight, var matrix = numbers[name(weight)] {
            let row = matrix.count / max(1, count)
            for channel in 0..<count {
                for place in 0..<row { matrix[channel * row + place] *= scales[channel] }
            }
            numbers[name(weight)] = matrix
        }
        if hasBias {
            numbers[name(bias)] = sums
        } else if !hasNorm, sums.contains(where: { $0 != 0 }) {
            notes.append(.dropsBias(layer: new.name))
        }
    }

    /// The slopes of a PReLU, which are those of the activation before where it was another.
    mutating func slopes() {
        guard shape("slope") != nil else { return }
        let known = self.former("slope")?.values
        let first = slope(of: old.layer.settings.activation)
        numbers[name("slope")] = layer.rows.sources.map { source in
            source < 0 ? LayerNumbers.firstSlope : known?[Int(source)] ?? first
        }
    }

    private func slope(of activation: Activation?) -> Float {
        // A quantized result without a sign ends at 0.
        if activation == Activation.none, !before.facts.nodes[layer.old].output.isFloat { return 0 }
        return activation?.slopeBelowZero ?? LayerNumbers.firstSlope
    }
}
