import QAT

// What a probe saw, as a picture.
extension HistogramPlot {
    /// A tensor and its quantizer: zero in the middle for weights, at the left for values without a sign.
    init(_ tensor: ProbedTensor, isLogarithmic: Bool, isDim: Bool, form: Form = .compact) {
        let (seen, quantizer) = (tensor.observation, tensor.quantizer)
        let fine = FineHistogram(low: seen.minimum, high: seen.maximum, counts: seen.histogram)
        let reach = [
            seen.minimum, seen.maximum, quantizer?.lower ?? 0, quantizer?.upper ?? 0, seen.clip ?? 0,
        ].filter(\.isFinite)
        let (low, high) = (reach.min() ?? 0, reach.max() ?? 0)
        // Without a sign the quantizer is the activation: what lies below zero becomes zero.
        let isUnsigned = seen.kind == .feature && (low >= 0 || quantizer.map { $0.lower >= 0 } ?? false)
        self.init(isUnsigned ? fine.rectified : fine)
        if seen.kind == .weight {
            let end = max(abs(low), abs(high), 1e-12)
            range = -end...end
        } else {
            range = isUnsigned ? 0...max(high, 1e-12) : low...max(high, low + 1e-12)
        }
        if let quantizer {
            levels = Levels(first: quantizer.lower, step: quantizer.step, count: quantizer.levels)
            let lower = seen.kind == .feature ? min(0, quantizer.lower) : quantizer.lower
            let upper = seen.kind == .feature ? seen.clip ?? quantizer.upper : quantizer.upper
            if lower <= upper { kept = lower...upper }
        }
        // Where nothing is clipped, a bar that the clip runs through is not hatched.
        defer { if seen.clipRatio == 0 { kept = nil } }
        if let kept, seen.clip != nil {
            clips = kept.lowerBound < 0 ? [kept.lowerBound, kept.upperBound] : [kept.upperBound]
        }
        self.isLogarithmic = isLogarithmic
        self.isDim = isDim
        self.form = form
    }
}
