import QAT
import Sessions

/// When all layers are looked at: at first, then so that looking takes a twentieth of the time at most, and never
/// more often than a screen or a disk would like. Looking changes no number of the run.
struct RecordingSchedule {
    private let start = ContinuousClock.now
    private var next = ContinuousClock.now
    private var begun = ContinuousClock.now
    private var nextHistogram = ContinuousClock.now

    private static let least = (ranges: Duration.seconds(2), histograms: Duration.seconds(15))

    /// Whether it is time; an observation begins where it is.
    var isDue: Bool {
        mutating get {
            begun = .now
            return begun >= next
        }
    }

    /// An observation is over; says whether its histograms are to be kept.
    mutating func done() -> Bool {
        let now = ContinuousClock.now
        next = now + max(RecordingSchedule.least.ranges, (now - begun) * 20)
        guard now >= nextHistogram else { return false }
        nextHistogram = now + RecordingSchedule.pause(after: now - start)
        return true
    }

    /// What passes between histograms: a short run has several of them too.
    static func pause(after passed: Duration) -> Duration {
        min(least.histograms, max(least.ranges, passed / 4))
    }
}
