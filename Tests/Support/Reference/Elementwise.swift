// The steps that work on each value by itself, and the one that moves values around.
extension ReferenceTape {
    /// A function of each value, with its derivative there.
    mutating func map(
        _ input: ReferenceTensor, _ function: (Double) -> Double, slope: @escaping (Double) -> Double
    ) -> ReferenceTensor {
        record(input.values.map(function), input.shape) { gradient, gradients in
            gradients.add(zip(gradient, input.values).map { $0 * slope($1) }, to: input)
        }
    }

    /// A function of each two values, with its derivatives by either.
    mutating func combine(
        _ first: ReferenceTensor, _ second: ReferenceTensor, _ function: (Double, Double) -> Double,
        slopes: @escaping (Double, Double) -> (first: Double, second: Double)
    ) -> ReferenceTensor {
        precondition(first.shape == second.shape, "\(first.shape) against \(second.shape)")
        return record(zip(first.values, second.values).map(function), first.shape) { gradient, gradients in
            let slopes = zip(first.values, second.values).map(slopes)
            gradients.add(zip(gradient, slopes).map { $0 * $1.first }, to: first)
            gradients.add(zip(gradient, slopes).map { $0 * $1.second }, to: second)
        }
    }

    /// The sum.
    mutating func add(_ first: ReferenceTensor, _ second: ReferenceTensor) -> ReferenceTensor {
        combine(first, second, +) { _, _ in (1, 1) }
    }

    /// The product.
    mutating func multiply(_ first: ReferenceTensor, _ second: ReferenceTensor) -> ReferenceTensor {
        combine(first, second, *) { ($1, $0) }
    }

    /// The value plus a constant.
    mutating func offset(_ input: ReferenceTensor, by constant: Double) -> ReferenceTensor {
        map(input) {
            $0 + constant
        } slope: { _ in
            1
        }
    }

    /// The value held to a range; the gradient passes inside, both ends included.
    mutating func clamp(_ input: ReferenceTensor, to range: ClosedRange<Double>) -> ReferenceTensor {
        map(input) {
            min(max($0, range.lowerBound), range.upperBound)
        } slope: {
            range.contains($0) ? 1 : 0
        }
    }

    /// Each result is the input's value at an index, or `fill` where there is no index.
    mutating func gather(
        _ input: ReferenceTensor, _ indices: [Int?], _ shape: [Int], fill: Double = 0
    ) -> ReferenceTensor {
        record(indices.map { $0.map { input.values[$0] } ?? fill }, shape) { gradient, gradients in
            var sums = [Double](repeating: 0, count: input.values.count)
            for (index, value) in zip(indices, gradient) {
                if let index { sums[index] += value }
            }
            gradients.add(sums, to: input)
        }
    }

    /// The same values under other axes.
    mutating func reshape(_ input: ReferenceTensor, to shape: [Int]) -> ReferenceTensor {
        record(input.values, shape) { gradient, gradients in gradients.add(gradient, to: input) }
    }

    /// The tensors joined on their channels.
    mutating func concatenate(_ inputs: [ReferenceTensor]) -> ReferenceTensor {
        let axes = inputs.map { ChannelAxes($0.shape) }
        let outer = axes[0].outer
        let sizes = axes.map { $0.channels * $0.inner }
        var values: [Double] = []
        for block in 0..<outer {
            for (input, size) in zip(inputs, sizes) {
                values += input.values[block * size..<(block + 1) * size]
            }
        }
        var shape = inputs[0].shape
        shape[shape.count == 4 ? 1 : shape.count - 1] = axes.reduce(0) { $0 + $1.channels }
        return record(values, shape) { gradient, gradients in
            var start = 0
            var parts = [[Double]](repeating: [], count: inputs.count)
            for _ in 0..<outer {
                for (part, size) in sizes.enumerated() {
                    parts[part] += gradient[start..<start + size]
                    start += size
                }
            }
            for (input, part) in zip(inputs, parts) { gradients.add(part, to: input) }
        }
    }
}
