import Datasets

extension RunEvaluation {
    /// The accuracy, or the signal to quantization noise, in a word: "92.3 %", "28.4 dB"; nil where there is neither.
    public var measure: String? {
        if let accuracy { return Figures.accuracy(accuracy) + " %" }
        return sqnr.map { Figures.decibels($0) + " dB" }
    }
}

extension Split {
    /// The split that a run is shown with, of those that it was measured on: held-out samples, else the test's, else those
    /// of training.
    static func shown(_ measured: some Collection<Split>) -> Split {
        if measured.contains(.validation) { return .validation }
        return measured.contains(.test) || !measured.contains(.train) ? .test : .train
    }
}
