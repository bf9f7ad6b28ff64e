/// What a screen shows of a session's runs at one moment.
public struct RunsSnapshot: Sendable {
    /// All runs, the newest first.
    public var runs: [RunSummary] = []
    /// The run that is shown: the chosen one, or the newest; nil where there is none.
    public var shown: RunSummary?
    /// Its curves.
    public var detail: RunDetail?
    /// Why the store cannot be read, in a sentence; nil where it can.
    public var problem: String?

    /// Nothing known.
    public init() {}
}

/// A value at a step.
public struct Sample: Hashable, Sendable {
    /// The step.
    public var x: Double
    /// The value; may be not a number.
    public var y: Double

    /// A value at a step.
    public init(x: Double, y: Double) { (self.x, self.y) = (x, y) }
}

/// The curves of a run.
public struct RunDetail: Sendable {
    /// A measurement of how good the network was.
    public struct Evaluation: Hashable, Sendable {
        /// The step.
        public var x: Double
        /// The mean loss.
        public var loss: Double
        /// The fraction that was right, or nil where the loss has none.
        public var accuracy: Double?
    }

    /// The begin of a stage after the first.
    public struct Stage: Hashable, Sendable {
        /// The step before it.
        public var x: Double
        /// What changes: "8 bit -> 4 bit".
        public var title: String
    }

    /// Something that happened.
    public struct LogLine: Hashable, Sendable {
        /// The step, by which lines are ordered.
        public var step: Int
        /// What happened.
        public var text: String
        /// Whether it is a fault.
        public var isProblem = false
    }

    /// A row of the table of numbers.
    public struct Number: Hashable, Sendable {
        /// What it is.
        public var name: String
        /// Its value now.
        public var now: String
        /// The best one, with the epoch.
        public var best: String
    }

    /// The name of the run.
    public var run: String
    /// The last step that is known.
    public var lastStep = 0
    /// Steps in an epoch, or nil where that is not known.
    public var stepsPerEpoch: Double?
    /// The training loss by step.
    public var losses: [Sample] = []
    /// Measurements on samples that are not trained on.
    public var evaluations: [Evaluation] = []
    /// Which samples those are: "val" or "test".
    public var evaluatedSplit = "test"
    /// Stages after the first.
    public var stages: [Stage] = []
    /// Layers whose results were looked at, in the order of the network.
    public var rangedLayers: [String] = []
    /// The last things that happened, the oldest first.
    public var log: [LogLine] = []
    /// Loss, accuracy and rate, now and at their best.
    public var numbers: [Number] = []
    var ranges: [String: RangeSeries] = [:]

    /// How the values of a layer's result were spread over time; nil where nobody looked.
    public func range(of layer: String) -> RangeSeries? { ranges[layer] }
}

/// How the values of a layer's result were spread over time, in front of its quantizer and in the same units as the clip.
public struct RangeSeries: Hashable, Sendable {
    /// The largest value.
    public var maximum: [Sample] = []
    /// The mean.
    public var mean: [Sample] = []
    /// Where the quantizer's range ends.
    public var clip: [Sample] = []
    /// The fraction of values beyond that.
    public var clipRatio: [Sample] = []
    /// Below it lie 99.9 % of the values.
    public var upper: [Sample] = []
    /// Below it lies half of the values.
    public var middle: [Sample] = []
    /// Since which step `upper` has been above the clip; nil where it is not.
    public var crossing: Double?
}
