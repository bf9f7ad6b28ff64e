import Devices
import Graph
import QAT
import Reporting
import Runs
import Terminal

/// What view 4 shows, and how.
struct TrainingState: Sendable {
    /// The last snapshot of the session's runs; nil before the first one.
    var snapshot: RunsSnapshot?
    /// The picture is of this while it is frozen.
    var frozen: RunsSnapshot?
    /// The layer whose range is shown.
    var layer: String?
    /// The chosen line of the log, counted from the newest.
    var logLine = 0
    /// Whether losses are drawn on a logarithmic axis.
    var isLogarithmic = false
    /// What the upper plot shows.
    var curve = TrainCurve.loss
    /// Whether other runs lie over that plot.
    var isOverlaid = false
    /// The chosen position in `Smoothing.weights`; nil for one that suits the run.
    var smoothing: Int?
    /// The position of the longest memory that suits any run.
    static let longestMemory = 3
    /// How often time was halved.
    var zoom = 0
    /// The end of the shown time, as a part of all; 1 is now.
    var position = 1.0
    /// Where the hairline is, as a part of the shown time; shown while inspecting.
    var hairline = 0.5
    var isInspecting = false
    /// Options of the last run that are not the command's own.
    var settings: [String: String] = [:]
    /// The axis of the upper plot.
    var curveAxis = AxisRange()
    /// The axis of the range.
    var rangeAxis = AxisRange()

    /// The runs, newest first.
    var runs: [RunSummary] { snapshot?.runs ?? [] }
    /// What the pictures are of.
    var pictured: RunsSnapshot? { frozen ?? snapshot }
    /// The run that is shown.
    var shown: RunSummary? { snapshot?.shown }
    /// A run that is training now.
    var liveRun: RunSummary? { runs.first(where: \.isLive) }
    /// Whether any run is training now.
    var hasLiveRun: Bool { liveRun != nil }
}
