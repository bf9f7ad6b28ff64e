public import Datasets
import QAT

// A trainer's reports as the run store keeps them.
extension RunRange {
    init(_ tensor: TensorObservation, step: Int) {
        self.init(
            step: step, layer: tensor.layer, tensor: tensor.kind,
            minimum: tensor.minimum, maximum: tensor.maximum, clip: tensor.clip, clipRatio: tensor.clipRatio,
            mean: tensor.mean, deviation: tensor.deviation, sqnr: tensor.sqnr, flips: tensor.flips,
            deadChannels: tensor.deadChannels, statisticsGap: tensor.statisticsGap)
    }
}

extension RunHistogram {
    init(_ tensor: TensorObservation, step: Int) {
        self.init(
            step: step, layer: tensor.layer, tensor: tensor.kind,
            low: tensor.minimum, high: tensor.maximum, counts: tensor.histogram)
    }
}

extension RunEvaluation {
    /// What one report says: the arithmetic of training, and at the end of a stage that of whole numbers.
    static func all(of report: TrainingReport.Evaluation) -> [RunEvaluation] {
        let results =
            [(report.isQuantized ? Evaluator.Mode.quantized : .float, report.result)]
            + (report.integer.map { [(Evaluator.Mode.integer, $0)] } ?? [])
        return results.map { mode, result in
            RunEvaluation(
                step: report.step, epoch: report.epoch, split: report.split, mode: mode,
                loss: result.loss, accuracy: result.accuracy, sqnr: result.sqnr, samples: result.count,
                numbers: result.measure?.numbers ?? [:])
        }
    }
}

extension Split {
    /// The name in run stores and in what is exported of them.
    public var storedName: String { self == .train ? "training" : rawValue }

    /// The part of a data set with a stored name; nil for other names.
    init?(storedName: String) {
        guard let split = Split.allCases.first(where: { $0.storedName == storedName }) else { return nil }
        self = split
    }
}
