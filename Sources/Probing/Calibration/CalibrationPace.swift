import Editing
import Graph
public import QAT
import Sessions

/// How long a step of a calibration will take: by the time that the share took which is done.
struct CalibrationPace {
    private var step: Calibration.Progress.Step?
    private var begin = 0.0

    /// Seconds of a step before its rest is told.
    private static let least = 1.0

    /// A progress with the seconds that are left.
    mutating func timed(
        _ progress: Calibration.Progress, at now: Double = System.steady
    ) -> Calibration.Progress {
        if progress.step != step {
            step = progress.step
            begin = now
        }
        var timed = progress
        let passed = now - begin
        if passed >= CalibrationPace.least, progress.share > 0.01 {
            timed.left = passed * (1 - min(1, progress.share)) / progress.share
        }
        return timed
    }
}

extension Calibration.Progress {
    /// "step 4 of 4, correction 19 %, 20s left".
    public var words: String {
        let steps = Step.allCases
        let number = (steps.firstIndex(of: step) ?? 0) + 1
        let what = step == .samples ? "reading samples" : step.rawValue
        let percent = Int(held: (min(1, max(0, share)) * 100).rounded())
        return "step \(number) of \(steps.count), \(what) \(percent) %"
            + (left.map { ", \(Figures.duration($0)) left" } ?? "")
    }
}
