import QAT
import Reporting

// What a probe saw, as a picture.
extension HistogramPlot {
    /// A tensor and its quantizer.
    init(_ tensor: ProbedTensor, isLogarithmic: Bool, isDim: Bool, form: Form = .compact) {
        let seen = TensorHistogram(tensor)
        self.init(seen.counts)
        range = seen.range
        levels = seen.levels
        kept = seen.kept
        clips = seen.clips
        self.isLogarithmic = isLogarithmic
        self.isDim = isDim
        self.form = form
    }
}
