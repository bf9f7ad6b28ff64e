import QAT
import Sessions

/// When all layers are looked at: at first, then so that looking takes a twentieth of the time at most, and never
/// more often than a screen or a disk would like. Looking changes no number of the run.
struct ObservationRhythm {
    private var next = ContinuousClock.now
    private var begun = ContinuousClock.now
    private var nextHistogram = ContinuousClock.now

    private static let least = (ranges: Duration.seconds(2), histograms: Duration.seconds(15))

    /// Whether it is time; a look begins where it is.
    var isDue: Bool {
        mutating get {
            begun = .now
            return begun >= next
        }
    }

    /// A look is over; says whether its histograms are to be kept.
    mutating func done() -> Bool {
        let now = ContinuousClock.now
        next = now + max(ObservationRhythm.least.ranges, (now - begun) * 20)
        guard now >= nextHistogram else { return false }
        nextHistogram = now + ObservationRhythm.least.histograms
        return true
    }
}

/// How fast a run is, over its last steps.
struct Speed {
    private var times: [ContinuousClock.Instant] = []
    private static let window = 32

    /// Time passes that is no step's.
    mutating func pause() { times = [] }

    mutating func metrics(of step: TrainingReport.Step, _ batch: Int) -> RunMetrics {
        times.append(ContinuousClock.now)
        if times.count > Speed.window { times.removeFirst() }
        var rate = 0.0
        if let first = times.first, let last = times.last, times.count > 1 {
            rate = Double((times.count - 1) * batch) / ((last - first) / .seconds(1))
        }
        return RunMetrics(step, imagesPerSecond: rate, written: Machine.now)
    }
}
