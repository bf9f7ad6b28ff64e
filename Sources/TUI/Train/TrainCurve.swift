import QAT
import Runs
import Terminal

/// What the upper plot of view 4 can show of a run over time.
enum TrainCurve: String, CaseIterable, Hashable, Sendable {
    case loss, accuracy, rate, gradients, speed, loading, load

    /// What stands in front of the plot.
    var title: String {
        switch self {
        case .loss: "LOSS"
        case .accuracy: "ACCURACY"
        case .rate: "LEARNING RATE"
        case .gradients: "NORM OF THE GRADIENTS"
        case .speed: "SPEED"
        case .loading: "WAITING FOR DATA"
        case .load: "LOAD OF THE MACHINE"
        }
    }

    /// What is measured, for the axis; nil for the loss, whose name the plan has, and for plain numbers.
    var unit: String? {
        switch self {
        case .loss, .rate, .gradients: nil
        case .accuracy: "%"
        case .speed: "images/s"
        case .loading: "% of the step's time"
        case .load: "% of all processors"
        }
    }

    /// The number of each step that it shows.
    var metric: RunMetric {
        switch self {
        case .loss: .loss
        case .accuracy: .accuracy
        case .rate: .learningRate
        case .gradients: .gradientNorm
        case .speed: .imagesPerSecond
        case .loading: .loadingShare
        case .load: .machineLoad
        }
    }

    /// What that number is multiplied with.
    var factor: Double {
        switch self {
        case .accuracy, .loading, .load: 100
        case .loss, .rate, .gradients, .speed: 1
        }
    }
}

extension RunDetail {
    /// The samples of a curve, smoothed by the weight at a position of `Smoothing.weights` where it is one that is smoothed.
    func samples(_ curve: TrainCurve, smoothing: Int) -> [CurvePoint] {
        let samples: [CurvePoint]
        switch curve {
        case .loss: samples = smoothedLosses.indices.contains(smoothing) ? smoothedLosses[smoothing] : []
        case .accuracy:
            samples = smoothedAccuracies.indices.contains(smoothing) ? smoothedAccuracies[smoothing] : []
        case .rate, .gradients, .speed, .loading, .load: samples = metrics[curve.metric] ?? []
        }
        return curve.factor == 1 ? samples : samples.map { CurvePoint(x: $0.x, y: $0.y * curve.factor) }
    }

    /// The evaluations that belong to a curve.
    func measured(_ curve: TrainCurve) -> [CurvePoint] {
        switch curve {
        case .loss: evaluations.map { CurvePoint(x: $0.x, y: $0.loss) }
        case .accuracy:
            evaluations.compactMap { evaluation in
                evaluation.accuracy.map { CurvePoint(x: evaluation.x, y: $0 * curve.factor) }
            }
        case .rate, .gradients, .speed, .loading, .load: []
        }
    }

    /// Whether there is anything to show of a curve.
    func has(_ curve: TrainCurve) -> Bool {
        !samples(curve, smoothing: 0).isEmpty || !measured(curve).isEmpty
    }
}
