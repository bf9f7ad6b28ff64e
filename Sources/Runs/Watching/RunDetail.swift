public import Datasets
public import QAT

/// The curves of a run. Series that are long keep their first, least, greatest and last values (`DownsampledSeries`).
public struct RunDetail: Hashable, Sendable {
    /// A measurement of how good the network was.
    public struct Evaluation: Hashable, Sendable {
        /// The step.
        public var x: Double
        /// The mean loss.
        public var loss: Double
        /// The fraction that was right, or nil where the loss has none.
        public var accuracy: Double?
        /// Epochs done.
        public var epoch: Int
        /// The part of the data.
        public var split: Split
        /// The arithmetic.
        public var mode: Evaluator.Mode
    }

    /// The begin of a stage after the first.
    public struct Stage: Hashable, Sendable {
        /// Its first step.
        public var x: Double
        /// What changes: "8 bit -> 4 bit".
        public var title: String
    }

    /// Something that happened.
    public struct LogLine: Hashable, Sendable {
        /// The step, by which lines are ordered.
        public var step: Int
        /// The time on the wall, "14:21"; "" in runs whose steps have none.
        public var clock: String
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
        /// The best one of the stage.
        public var best: String
        /// The epoch of the best one; nil where it has none.
        public var epoch: Int?
    }

    /// The name of the run.
    public var run: String
    /// The last step that is known.
    public var lastStep = 0
    /// The step at which the run is to end: that of its plan, or the last one of a run that is finished; nil where that is not
    /// known.
    public var plannedSteps: Int?
    /// Steps in an epoch, or nil where that is not known.
    public var stepsPerEpoch: Double?
    /// The training loss by step.
    public var losses: [CurvePoint] { smoothedLosses.first ?? [] }
    /// The training loss by step, smoothed with each of `Smoothing.weights`.
    public var smoothedLosses: [[CurvePoint]] = []
    /// The share of right answers in the batches by step, smoothed with each of `Smoothing.weights`; empty where the loss has
    /// none.
    public var smoothedAccuracies: [[CurvePoint]] = []
    /// By metric, its number by step; absent where no step had one.
    public var metrics: [RunMetric: [CurvePoint]] = [:]
    /// Measurements on samples that are not trained on.
    public var evaluations: [Evaluation] = []
    /// Which samples those are: "val" or "test".
    public var evaluatedSplit = "test"
    /// Stages after the first.
    public var stages: [Stage] = []
    /// Layers whose results were looked at, in the order of the network.
    public var rangedLayers: [String] = []
    /// The last things that happened, the oldest first; at most 200.
    public var log: [LogLine] = []
    /// What goes wrong, the worst first.
    public var findings: [TrainingFinding] = []
    /// Loss, accuracy and rate, now and at their best.
    public var numbers: [Number] = []
    var ranges: [String: RangeSeries] = [:]

    /// No curves yet.
    package init(run: String) { self.run = run }

    /// How the values of a layer's result were spread over time; nil if they were not recorded.
    public func range(of layer: String) -> RangeSeries? { ranges[layer] }

    /// The fraction of a layer's weights whose code changed between observations; empty where none can be told.
    public func flips(of layer: String) -> [CurvePoint] { ranges[layer]?.flips ?? [] }
}

/// How the values of a layer's result were spread over time, in front of its quantizer and in the same units as the clip.
public struct RangeSeries: Hashable, Sendable {
    /// The smallest value.
    public var minimum: [CurvePoint] = []
    /// The largest value.
    public var maximum: [CurvePoint] = []
    /// The mean.
    public var mean: [CurvePoint] = []
    /// The standard deviation.
    public var deviation: [CurvePoint] = []
    /// Where the quantizer's range ends.
    public var clip: [CurvePoint] = []
    /// The fraction of values beyond that.
    public var clipRatio: [CurvePoint] = []
    /// Below it lie 99.9 % of the values.
    public var upper: [CurvePoint] = []
    /// Below it lies half of the values.
    public var middle: [CurvePoint] = []
    /// The fraction of the layer's weights, below 8 bits, whose code changed since the observation before.
    public var flips: [CurvePoint] = []
    /// The fraction of channels that were zero in every sample of the last look; nil before the first.
    public var deadChannels: Double?
    /// How far the running statistics of batch norm were from those of the batch at the last look; nil without batch norm.
    public var statisticsGap: Double?
    /// Since which step `upper` has been above the clip; nil where it is not.
    public var crossing: Double?
}
