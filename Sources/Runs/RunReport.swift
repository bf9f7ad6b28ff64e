public import Datasets
import Editing
public import QAT

/// Something that a run has to say while it trains.
public enum RunReport: Hashable, Sendable {
    /// How a step went.
    case metrics(RunMetrics)
    /// How good the network was.
    case evaluation(RunEvaluation)
    /// The values of a layer.
    case range(RunRange)
    /// How the values of a layer were spread.
    case histogram(RunHistogram)
    /// A checkpoint was written.
    case checkpoint(RunCheckpoint)
}

/// How good the network was after a step.
public struct RunEvaluation: Hashable, Sendable {
    /// The step after which it was measured.
    public var step: Int
    /// Epochs done.
    public var epoch: Int
    /// The part of the data.
    public var split: Split
    /// The arithmetic.
    public var mode: Evaluator.Mode
    /// The mean loss.
    public var loss: Double
    /// The fraction that was right, or the number of the task that counts (mAP at .50, mIoU); nil where there is none.
    public var accuracy: Double?
    /// Signal to quantization noise of the output that has the least, in dB, against the float model; nil where that was
    /// not asked, or nothing is lost.
    public var sqnr: Double?
    /// How many samples were asked, the first of the split; nil where a version that did not say measured it, all of them.
    public var samples: Int?
    /// The other numbers of the network's task.
    public var numbers: [MeasuredNumber: Double] = [:]

    /// A measurement.
    public init(
        step: Int, epoch: Int, split: Split, mode: Evaluator.Mode, loss: Double, accuracy: Double?,
        sqnr: Double? = nil, samples: Int? = nil, numbers: [MeasuredNumber: Double] = [:]
    ) {
        self.numbers = numbers
        self.step = step
        self.epoch = epoch
        self.split = split
        self.mode = mode
        self.loss = loss
        self.accuracy = accuracy
        self.sqnr = sqnr
        self.samples = samples
    }
}

/// The values of a layer at a step.
public struct RunRange: Hashable, Sendable {
    /// The step.
    public var step: Int
    /// The name of the layer.
    public var layer: String
    /// Which of its tensors.
    public var tensor: TensorObservation.Kind
    /// The smallest value.
    public var minimum: Double
    /// The largest value.
    public var maximum: Double
    /// The clip of the quantizer, or nil where there is none.
    public var clip: Double?
    /// The fraction of values that the clip cut off, or nil where there is none.
    public var clipRatio: Double?
    /// The mean value.
    public var mean: Double
    /// The standard deviation.
    public var deviation: Double
    /// Signal to quantization noise in decibels, or nil where nothing is quantized.
    public var sqnr: Double?
    /// The share of weights below 8 bits whose code has changed since the observation before; nil at the first observation of a stage.
    public var flips: Double?
    /// The fraction of a result's channels that were zero in every sample; nil for weights.
    public var deadChannels: Double?
    /// How far running statistics of batch norm were from those of the batch (`TensorObservation.statisticsGap`); nil without.
    public var statisticsGap: Double?

    /// The values of a tensor.
    public init(
        step: Int, layer: String, tensor: TensorObservation.Kind, minimum: Double, maximum: Double,
        clip: Double?,
        clipRatio: Double?, mean: Double, deviation: Double, sqnr: Double?,
        flips: Double? = nil, deadChannels: Double? = nil, statisticsGap: Double? = nil
    ) {
        self.step = step
        self.layer = layer
        self.tensor = tensor
        self.minimum = minimum
        self.maximum = maximum
        self.clip = clip
        self.clipRatio = clipRatio
        self.mean = mean
        self.deviation = deviation
        self.sqnr = sqnr
        self.flips = flips
        self.deadChannels = deadChannels
        self.statisticsGap = statisticsGap
    }
}

/// How the values of a layer were spread at a step: counts in bins of one width between two edges.
public struct RunHistogram: Hashable, Sendable {
    /// The step.
    public var step: Int
    /// The name of the layer.
    public var layer: String
    /// Which of its tensors.
    public var tensor: TensorObservation.Kind
    /// The lower edge of the first bin.
    public var low: Double
    /// The upper edge of the last bin.
    public var high: Double
    /// The number of values in each bin.
    public var counts: [UInt32]

    /// Counts between two edges.
    public init(
        step: Int, layer: String, tensor: TensorObservation.Kind, low: Double, high: Double, counts: [UInt32]
    ) {
        self.step = step
        self.layer = layer
        self.tensor = tensor
        self.low = low
        self.high = high
        self.counts = counts
    }
}

/// A checkpoint of a run: a file that holds everything to go on.
public struct RunCheckpoint: Hashable, Sendable {
    /// Which of a run's two checkpoints; a newer one takes its file.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The newest.
        case last
        /// The one of the best evaluation.
        case best
    }

    /// The newest, or the best.
    public var kind: Kind
    /// The step after which it was written.
    public var step: Int
    /// Epochs done.
    public var epoch: Int
    /// The file, from the session's folder on.
    public var path: String
    /// When it was written, in seconds since 1970, UTC.
    public var written: Double

    /// A checkpoint that was written.
    public init(kind: Kind, step: Int, epoch: Int, path: String, written: Double) {
        self.kind = kind
        self.step = step
        self.epoch = epoch
        self.path = path
        self.written = written
    }
}

/// That a run went on at a checkpoint, and how it had ended before.
public struct RunResumption: Hashable, Sendable {
    /// The step of the checkpoint.
    public var step: Int
    /// When it went on, in seconds since 1970, UTC.
    public var resumed: Double
    /// When it had ended; nil where its process was gone without a word.
    public var ended: Double?
    /// What had become of it.
    public var state: RunState
    /// Why it had ended, where there was more to say than the state does.
    public var message: String?

    /// A run that goes on.
    public init(step: Int, resumed: Double, ended: Double?, state: RunState, message: String?) {
        self.step = step
        self.resumed = resumed
        self.ended = ended
        self.state = state
        self.message = message
    }
}

extension RunEvaluation {
    /// The accuracy, or the signal to quantization noise, in a word: "92.3 %", "28.4 dB"; nil where there is neither.
    public var measure: String? {
        if let accuracy { return Figures.accuracy(accuracy) + " %" }
        return sqnr.map { Figures.decibels($0) + " dB" }
    }
}

extension Split {
    /// The split that a run is shown with, of those that it was measured on: held-out samples, else the test's, else those
    /// of training.
    static func shown(_ measured: some Collection<Split>) -> Split {
        if measured.contains(.validation) { return .validation }
        return measured.contains(.test) || !measured.contains(.train) ? .test : .train
    }
}
