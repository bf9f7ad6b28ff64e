public import QAT

/// How a training step went.
public struct RunMetrics: Hashable, Sendable {
    /// The step, counted from the run's begin over all stages.
    public var step: Int
    /// The epoch, counted from 0.
    public var epoch: Int
    /// The stage of the recipe, counted from 0.
    public var stage: Int
    /// When the step was made, in seconds since 1970, UTC; nil where a version that did not say made it.
    public var written: Double?
    /// By metric, its number; nil where the step has none.
    private var numbers: [Double?]

    /// A step with the number of each metric, in the order of the list.
    init(step: Int, epoch: Int, stage: Int, values: [Double?], written: Double?) {
        precondition(values.count == RunMetric.allCases.count, "a number for each metric")
        self.step = step
        self.epoch = epoch
        self.stage = stage
        numbers = values
        self.written = written
    }

    /// What a trainer reports of a step.
    public init(
        _ step: TrainingReport.Step, imagesPerSecond: Double, machineLoad: Double? = nil, written: Double
    ) {
        self.init(
            step: step.step, epoch: step.epoch, stage: step.stage,
            values: RunMetric.allCases.map {
                $0.value(of: step, imagesPerSecond: imagesPerSecond, machineLoad: machineLoad)
            },
            written: written)
    }

    /// A step of which no more is known.
    public init(
        step: Int, epoch: Int, stage: Int = 0, loss: Double, accuracy: Double?, learningRate: Double,
        imagesPerSecond: Double, written: Double? = nil
    ) {
        self.init(
            step: step, epoch: epoch, stage: stage,
            values: [Double?](repeating: nil, count: RunMetric.allCases.count), written: written)
        self.loss = loss
        self.accuracy = accuracy
        self.learningRate = learningRate
        self.imagesPerSecond = imagesPerSecond
    }

    /// The number of a metric; nil where the step has none.
    public subscript(_ metric: RunMetric) -> Double? {
        get { numbers[metric.rawValue] }
        set { numbers[metric.rawValue] = newValue }
    }

    /// The loss of the batch; not a number where the step gave none.
    public var loss: Double {
        get { self[.loss] ?? .nan }
        set { self[.loss] = newValue }
    }

    /// The fraction of the batch that was right, or nil where the loss has none.
    public var accuracy: Double? {
        get { self[.accuracy] }
        set { self[.accuracy] = newValue }
    }

    /// The learning rate of the step.
    public var learningRate: Double {
        get { self[.learningRate] ?? .nan }
        set { self[.learningRate] = newValue }
    }

    /// Images a second over the last steps.
    public var imagesPerSecond: Double {
        get { self[.imagesPerSecond] ?? .nan }
        set { self[.imagesPerSecond] = newValue }
    }
}
