package import QAT

/// The values of a tensor beside the levels and the range of its quantizer, as plots show them.
package struct TensorHistogram: Hashable, Sendable {
    /// Evenly spaced values that a quantizer gives.
    package struct Levels: Hashable, Sendable {
        /// The lowest level.
        package var first: Double
        /// The distance of neighbours.
        package var step: Double
        /// How many there are.
        package var count: Int

        /// Levels from the lowest one on.
        package init(first: Double, step: Double, count: Int) {
            self.first = first
            self.step = step
            self.count = count
        }
    }

    /// The values in front of the quantizer; without those below zero where the quantizer has no sign.
    package let counts: FineHistogram
    /// The values at the ends of the axis: zero is in the middle for weights, at the left for values without a sign.
    package let range: ClosedRange<Double>
    /// The quantizer's levels; nil without one.
    package let levels: Levels?
    /// The range of the quantizer; nil without one.
    package let kept: ClosedRange<Double>?
    /// Where the range ends inside the axis.
    package let clips: [Double]

    /// Takes a tensor as a probe saw it.
    package init(_ tensor: ProbedTensor) {
        let seen = tensor.observation
        let quantizer = tensor.quantizer
        let fine = FineHistogram(low: seen.minimum, high: seen.maximum, counts: seen.histogram)
        let reach = [
            seen.minimum, seen.maximum, quantizer?.lower ?? 0, quantizer?.upper ?? 0, seen.clip ?? 0,
        ].filter(\.isFinite)
        let low = reach.min() ?? 0
        let high = reach.max() ?? 0
        // Without a sign the quantizer is the activation: what lies below zero becomes zero.
        let isUnsigned = seen.kind == .feature && (low >= 0 || quantizer.map { $0.lower >= 0 } ?? false)
        counts = isUnsigned ? fine.rectified : fine
        if seen.kind == .weight {
            let end = max(abs(low), abs(high), 1e-12)
            range = -end...end
        } else {
            range = isUnsigned ? 0...max(high, 1e-12) : low...max(high, low + 1e-12)
        }
        guard let quantizer else {
            levels = nil
            kept = nil
            clips = []
            return
        }
        levels = Levels(first: quantizer.lower, step: quantizer.step, count: quantizer.levels)
        let lower = seen.kind == .feature ? min(0, quantizer.lower) : quantizer.lower
        let upper = seen.kind == .feature ? seen.clip ?? quantizer.upper : quantizer.upper
        kept = lower <= upper ? lower...upper : nil
        clips =
            kept.map {
                seen.clip == nil ? [] : $0.lowerBound < 0 ? [$0.lowerBound, $0.upperBound] : [$0.upperBound]
            } ?? []
    }
}
