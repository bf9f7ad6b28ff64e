import Editing
import Graph
public import QAT
import Sessions

/// How long a calibration will still take: a step by the time that the share took which is done, and all of it by what its
/// steps are expected to take, corrected by those that are done.
public struct CalibrationPace {
    /// What the steps are expected to take.
    public var expected = Calibration.Expectation()
    private var step: Calibration.Progress.Step?
    private var begin = 0.0
    /// Seconds of the steps that are done: as they were, and as they were expected to be.
    private var done = (taken: 0.0, expected: 0.0)

    /// Seconds of a step before its rest is told.
    private static let least = 1.0

    /// Nothing is done, and nothing expected.
    public init() {}

    /// A progress with the seconds that are left now.
    public mutating func timed(_ progress: Calibration.Progress) -> Calibration.Progress {
        timed(progress, at: System.steady)
    }

    /// The same at a time of a steady clock.
    mutating func timed(_ progress: Calibration.Progress, at now: Double) -> Calibration.Progress {
        if progress.step != step {
            if let step, let seconds = expected.seconds[step] {
                done.taken += now - begin
                done.expected += seconds
            }
            step = progress.step
            begin = now
        }
        var timed = progress
        let passed = now - begin
        let share = expected.share(of: progress.step, done: min(1, progress.share))
        timed.share = share
        if passed >= CalibrationPace.least, share > 0.01 { timed.left = passed * (1 - share) / share }
        timed.leftInAll = leftInAll(progress.step, passed, share, by: timed.left)
        return timed
    }

    /// Seconds until all is done; a step counts by its own pace the more of it is done.
    private func leftInAll(
        _ step: Calibration.Progress.Step, _ passed: Double, _ share: Double, by pace: Double?
    ) -> Double? {
        guard let seconds = expected.seconds[step] else { return nil }
        // A second of small steps says nothing of large ones.
        let ratio = (done.taken + CalibrationPace.least) / (done.expected + CalibrationPace.least)
        let planned = max(0, seconds * ratio - passed)
        let steps = Calibration.Progress.Step.allCases
        let rest = steps.drop { $0 != step }.dropFirst().reduce(0) { $0 + (expected.seconds[$1] ?? 0) }
        return (pace.map { $0 * share + planned * (1 - share) } ?? planned) + rest * ratio
    }
}

extension Calibration.Progress {
    /// The samples are read, and a few of them are timed.
    public static let measuring = Calibration.Progress(step: .samples, share: 1)

    /// "step 4 of 4, correction 19 %, about 20s left".
    public var words: String {
        if step == .samples, share >= 1 { return "timing a few samples" }
        let steps = Step.allCases
        let number = (steps.firstIndex(of: step) ?? 0) + 1
        let what = step == .samples ? "reading samples" : step.rawValue
        let percent = Int(held: (min(1, max(0, share)) * 100).rounded())
        let time =
            leftInAll.map { ", about \(Figures.duration($0)) left" }
            ?? left.map { ", \(Figures.duration($0)) left in this step" } ?? ""
        return "step \(number) of \(steps.count), \(what) \(percent) %\(time)"
    }
}
