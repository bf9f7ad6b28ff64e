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
        // Where nothing is clipped, a bar that the clip runs through is not hatched.
        kept = tensor.observation.clipRatio == 0 ? nil : seen.kept
        clips = seen.clips
        self.isLogarithmic = isLogarithmic
        self.isDim = isDim
        self.form = form
    }
}
