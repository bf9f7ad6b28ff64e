public import Datasets
import Graph
public import Weights

/// What a trainer reports to its caller, as it happens.
public enum TrainingReport: Sendable {
    /// A stage begins.
    case stage(index: Int, count: Int, title: String, steps: Int)
    /// A step is done.
    case step(Step)
    /// For the first time fewer threads take part than there are: other work keeps the processor busy.
    case threads(Int, of: Int)
    /// A split was evaluated.
    case evaluation(Evaluation)
    /// A look at all layers.
    case observation([TensorObservation], step: Int)
    /// A checkpoint; `isBest` where its evaluation was the best of the last stage so far.
    case checkpoint(Safetensors, step: Int, epoch: Int, isBest: Bool)

    /// One step.
    public struct Step: Hashable, Sendable {
        /// Steps so far in the whole run, this one counted.
        public var step: Int
        /// Steps of the whole run.
        public var steps: Int
        /// The epoch, counted from 0 over all stages.
        public var epoch: Int
        /// The stage, counted from 0.
        public var stage: Int
        /// The rate that was applied.
        public var learningRate: Double
        /// What was measured.
        public var result: StepResult

        /// The mean loss of the batch.
        public var loss: Double { result.loss }
        /// The share of right answers in the batch; nil without labels.
        public var accuracy: Double? { result.accuracy }

        /// A step of a run.
        public init(
            step: Int, steps: Int, epoch: Int, stage: Int, learningRate: Double, result: StepResult
        ) {
            self.step = step
            self.steps = steps
            self.epoch = epoch
            self.stage = stage
            self.learningRate = learningRate
            self.result = result
        }
    }

    /// One evaluation.
    public struct Evaluation: Hashable, Sendable {
        /// Steps so far.
        public var step: Int
        /// Epochs that are over.
        public var epoch: Int
        /// The stage.
        public var stage: Int
        /// The samples that were asked; those of training only where the data has no others.
        public var split: Split
        /// Whether the quantizers acted.
        public var isQuantized: Bool
        /// What came out.
        public var result: Evaluator.Result
        /// What came out in whole numbers, as a chip computes; only at the end of a stage with quantizers. Its count says
        /// how many of the samples were asked, the first ones.
        public var integer: Evaluator.Result?

        /// An evaluation that was recorded.
        public init(
            step: Int, epoch: Int, stage: Int, split: Split, isQuantized: Bool, result: Evaluator.Result
        ) {
            self.step = step
            self.epoch = epoch
            self.stage = stage
            self.split = split
            self.isQuantized = isQuantized
            self.result = result
        }
    }
}
