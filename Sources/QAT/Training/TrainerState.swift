import Datasets
import Graph

/// Where a run stands, beside its numbers: enough to go on with the same bits.
public struct TrainerState: Hashable, Sendable {
    /// The stage, counted from 0.
    public var stage = 0
    /// Steps done in the stage.
    public var stageStep = 0
    /// Steps done in all.
    public var step = 0
    /// Epochs that are over, over all stages.
    public var epoch = 0
    /// Samples taken from the epoch that runs.
    public var sample = 0
    /// Epochs that were over when the stage began.
    public var stageEpoch = 0
    /// The best accuracy of the stage (without labels, the best SQNR in dB); nil before the first evaluation.
    public var best: Double?
    /// Epochs since then.
    public var epochsSinceBest = 0

    /// The beginning.
    public init() {}

    var json: JSON {
        .object([
            .init("stage", .integer(stage)), .init("stageStep", .integer(stageStep)),
            .init("step", .integer(step)), .init("epoch", .integer(epoch)), .init("sample", .integer(sample)),
            .init("stageEpoch", .integer(stageEpoch)), .init("best", best.map(JSON.number) ?? .null),
            .init("epochsSinceBest", .integer(epochsSinceBest)),
        ])
    }

    init?(_ json: JSON) {
        func number(_ key: String) -> Int? {
            guard case .integer(let value)? = json[key], (0...TrainingLimits.count).contains(value) else {
                return nil
            }
            return value
        }
        guard let stage = number("stage"), let stageStep = number("stageStep"), let step = number("step"),
            let epoch = number("epoch"), let sample = number("sample"),
            let stageEpoch = number("stageEpoch"), let since = number("epochsSinceBest")
        else { return nil }
        self.stage = stage
        self.stageStep = stageStep
        self.step = step
        self.epoch = epoch
        self.sample = sample
        self.stageEpoch = stageEpoch
        epochsSinceBest = since
        switch json["best"] {
        case .number(let value)?: best = value
        case .integer(let value)?: best = Double(value)
        case .null, .boolean, .string, .array, .object, nil: best = nil
        }
    }
}
