import Graph
public import QAT

// What a run reports of its start, its progress and its end.
extension TrainingRun {
    /// What watchers are told.
    public enum Event: Sendable {
        /// The run is about to make its first step.
        case started(Start)
        /// A report of the trainer.
        case report(TrainingReport)
        /// A checkpoint is on disk.
        case saved(path: String)
        /// The run is over, and recorded.
        case ended(End)
    }

    /// What is known when a run begins.
    public struct Start: Sendable {
        /// The run's name.
        public var run: String
        /// Learned numbers.
        public var parameters: Int
        /// Threads of the pool.
        public var threads: Int
        /// Steps of the whole run.
        public var steps: Int
        /// Steps done before.
        public var doneSteps: Int
        /// The plan.
        public var plan: TrainingPlan
        /// Remarks on the data.
        public var notes: [String]
    }

    /// What is known when a run is over.
    public struct End: Sendable {
        /// Whether the plan is done.
        public var isFinished: Bool
        /// The run's name.
        public var run: String
        /// Steps done in all.
        public var steps: Int
        /// The accuracy on the test set (validation where there is one) of the last evaluation; nil before the first.
        public var accuracy: Double?
        /// The signal to quantization noise of the last evaluation against the float model, in dB; nil without one.
        public var sqnr: Double?
        /// Where the numbers are; nil where the run was stopped before its end.
        public var weights: String?
        /// What of the session's network the last stage changed: "4 bit"; nil for nothing.
        public var changedNetwork: String?
        /// What another engine's last evaluation is here; nil where this one trained.
        public var check: Check?
    }

    /// An accuracy that another engine measured, and measured again.
    public struct Check: Hashable, Sendable {
        /// What the other engine says.
        public var theirs: Double
        /// What this one says.
        public var own: Double
        /// The samples.
        public var count: Int

        /// Samples that are right in one of the two alone, at least.
        public var parted: Int { Int(held: (abs(theirs - own) * Double(count)).rounded()) }

        /// A remark on a difference that rounding does not explain: more than 2 samples of 1000.
        public var difference: String? {
            guard parted * 500 > count else { return nil }
            func percent(_ share: Double) -> String { "\((share * 10000).rounded() / 100) %" }
            return "PyTorch counts \(percent(theirs)) right, magikbench \(percent(own)): "
                + "\(parted) of \(count) samples"
        }
    }
}
