import Graph
public import QAT

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
    public var activity: Activity
    /// How its last step went, or nil before the first.
    public var last: RunMetrics?
    /// How good it was last, or nil before the first measurement.
    public var evaluation: RunEvaluation?
    /// Its plan, where this program understands it.
    public var plan: TrainingPlan?

    init(_ record: RunRecord, last: RunMetrics?, evaluation: RunEvaluation?, at now: Double) {
        (self.record, self.last, self.evaluation) = (record, last, evaluation)
        plan = TrainingPlan(json: record.plan)
        switch record.liveness(at: now) {
        case .ended:
            activity =
                switch record.state {
                case .finished: .finished
                case .failed: .failed
                case .interrupted, .running: .interrupted
                }
        case .writing, .silent, .stalled:
            let isHere = record.process.isAlive
            if isHere == true, Machine.isStopped(process: record.process.number) {
                activity = .paused
            } else if isHere == false {
                activity = .stalled
            } else {
                activity = record.liveness(at: now) == .writing ? .running : isHere == true ? .silent : .stalled
            }
        }
    }

    /// How much is done; nil where that is not known.
    public var fraction: Double? {
        guard let steps = record.steps, steps > 0 else { return activity == .finished ? 1 : nil }
        return activity == .finished ? 1 : min(1, Double(last?.step ?? 0) / Double(steps))
    }

    /// Epochs of the whole run.
    private var epochs: Int? { plan.map { $0.stages.reduce(0) { $0 + $1.epochs } } }

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
    public var speedWords: String {
        guard activity == .running, let last, last.imagesPerSecond > 0 else { return "" }
        return Figures.short(last.imagesPerSecond) + " img/s"
    }

    /// "8m 12s left"; nothing where it does not train.
    public var leftWords: String {
        guard activity == .running, let last, last.imagesPerSecond > 0, let steps = record.steps, let plan
        else { return "" }
        return Figures.duration(Double((steps - last.step) * plan.batch) / last.imagesPerSecond) + " left"
    }

    /// A line for a list: "3 epochs of 8 bit on glyphs, test 92.3 %".
    public var line: String {
        var words = plan.map { plan in
            plan.stages.map { "\(counted($0.epochs, "epoch")) \($0.title)" }.joined(separator: ", ")
        } ?? "a plan of another version"
        words += " on \(record.data)"
        if let evaluation, let accuracy = evaluation.accuracy {
            words += ", \(evaluation.split.rawValue) \(Figures.decibels(accuracy * 100)) %"
        }
        return words
    }
}
