import Datasets
import Editing
import Graph
public import QAT
import Sessions

/// A run in a few words and numbers.
public struct RunSummary: Hashable, Sendable {
    /// What a run is doing.
    public enum Activity: Hashable, Sendable {
        /// It trains.
        case running
        /// Its process was stopped and can go on.
        case paused
        /// Its process is there and has not written for a while.
        case silent
        /// Its process is gone without a word.
        case stalled
        /// It did what its plan says.
        case finished
        /// It was stopped, and can go on.
        case interrupted
        /// It could not go on.
        case failed
    }

    /// The run.
    public var record: RunRecord
    /// What it is doing.
    public var activity = Activity.running
    /// How its last step went, or nil before the first.
    public var last: RunMetrics?
    /// How good it was last, or nil before the first measurement.
    public var evaluation: RunEvaluation?
    /// How good it was at its best, measured in the same way.
    public var best: RunEvaluation?
    /// Its plan, where this program understands it.
    public var plan: TrainingPlan?

    /// What is known of a run at a time.
    package init(
        _ record: RunRecord, last: RunMetrics?, evaluation: RunEvaluation?, best: RunEvaluation?,
        at now: Double
    ) {
        self.record = record
        self.last = last
        self.evaluation = evaluation
        self.best = best
        plan = TrainingPlan(json: record.plan)
        evaluateActivity(at: now)
    }

    /// Finds out what the run is doing at a time.
    mutating func evaluateActivity(at now: Double) {
        activity =
            switch (record.liveness(at: now), record.state) {
            case (.ended, .finished): .finished
            case (.ended, .failed): .failed
            case (.ended, .interrupted), (.ended, .running): .interrupted
            case (let liveness, _): activity(at: liveness)
            }
    }

    private func activity(at liveness: RunLiveness) -> Activity {
        switch record.process.isAlive {
        // A process that was killed a moment ago need not be waited for.
        case false: .stalled
        case true where System.isStopped(process: record.process.number): .paused
        case true: liveness == .writing ? .running : .silent
        case nil: liveness == .writing ? .running : .stalled
        }
    }

    /// Whether its process may still write.
    public var isLive: Bool {
        switch activity {
        case .running, .paused, .silent: true
        case .stalled, .finished, .interrupted, .failed: false
        }
    }
}

// In words.
extension RunSummary {
    /// The name without what all runs share: "143012-x7" of "2026-11-25-143012-x7".
    public var shortName: String { RunName.short(record.id) }

    /// Whether it was stopped before its end.
    public var canGoOn: Bool {
        switch activity {
        case .interrupted, .failed, .stalled: true
        case .running, .paused, .silent, .finished: false
        }
    }

    /// What it is doing, in a word.
    public var word: String {
        switch activity {
        case .running: "running"
        case .paused: "paused"
        case .silent: "silent"
        case .stalled: "stalled"
        case .finished: "finished"
        case .interrupted: "stopped"
        case .failed: "failed"
        }
    }

    /// How much is done, 0 to 1; nil where that is not known.
    public var fraction: Double? {
        if activity == .finished { return 1 }
        guard let steps = record.steps, steps > 0 else { return nil }
        return min(1, Double(last?.step ?? 0) / Double(steps))
    }

    /// Seconds until the end; nil where it does not train, or that is not known.
    public var secondsLeft: Double? {
        guard activity == .running, let speed = imagesPerSecond, let steps = record.steps, let plan, let last
        else { return nil }
        return Double(max(0, steps - last.step)) * Double(plan.samplesAStep) / speed
    }

    /// Images a second; nil where it does not train, or that is not known.
    public var imagesPerSecond: Double? {
        guard activity == .running, let last, last.imagesPerSecond > 0 else { return nil }
        return last.imagesPerSecond
    }

    /// Epochs of the whole run.
    public var epochs: Int? { plan.map { $0.stages.reduce(0) { $0 + $1.epochs } } }

    /// "epoch 12 of 40".
    public var epochWords: String {
        guard let last else { return "no step yet" }
        return "epoch \(last.epoch + 1)" + (epochs.map { " of \($0)" } ?? "")
    }

    /// "4,680 of 15,600 steps".
    public var stepWords: String {
        let done = Figures.grouped(last?.step ?? 0)
        return record.steps.map { "\(done) of \(Figures.grouped($0)) steps" } ?? "\(done) steps"
    }

    /// "1.31k img/s"; nothing where it does not train.
    public var speedWords: String { imagesPerSecond.map { Figures.short($0) + " img/s" } ?? "" }

    /// "8m 12s left"; nothing where it does not train.
    public var leftWords: String { secondsLeft.map { Figures.duration($0) + " left" } ?? "" }

    /// A line for a list: "3 epochs 8 bit on glyphs, test 92.3 %".
    public var line: String {
        var words =
            plan.map { plan in
                plan.stages.map { stage in
                    counted(stage.epochs, "epoch") + (stage.bits == nil ? "" : " \(stage.title)")
                }.joined(separator: ", ")
            } ?? "a plan of another version"
        words += " on \(record.data)"
        if let evaluation, let measure = evaluation.measure {
            words += ", \(evaluation.split.storedName) \(measure)"
        }
        return words
    }
}
