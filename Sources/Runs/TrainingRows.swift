import Datasets
import QAT

// A trainer's reports as the run store keeps them.
extension RunRange {
    init(_ tensor: TensorObservation, step: Int) {
        self.init(
            step: step, layer: tensor.layer, tensor: tensor.kind == .weight ? .weight : .feature,
            minimum: tensor.minimum, maximum: tensor.maximum, clip: tensor.clip, clipRatio: tensor.clipRatio,
            mean: tensor.mean, deviation: tensor.deviation, sqnr: tensor.sqnr, flips: tensor.flips)
    }
}

extension RunHistogram {
    init(_ tensor: TensorObservation, step: Int) {
        self.init(
            step: step, layer: tensor.layer, tensor: tensor.kind == .weight ? .weight : .feature,
            low: tensor.minimum, high: tensor.maximum, counts: tensor.histogram)
    }
}

extension RunEvaluation {
    /// What one report says: the arithmetic of training, and at the end of a stage that of whole numbers.
    static func all(of report: TrainingReport.Evaluation) -> [RunEvaluation] {
        let results =
            [(report.isQuantized ? Mode.quantized : .float, report.result)]
            + (report.integer.map { [(Mode.integer, $0)] } ?? [])
        return results.map { mode, result in
            RunEvaluation(
                step: report.step, epoch: report.epoch, split: RunEvaluation.Split(report.split), mode: mode,
                loss: result.loss, accuracy: result.accuracy, sqnr: result.sqnr, samples: result.count)
        }
    }
}

extension RunEvaluation.Split {
    /// The part of a data set as the run store calls it.
    init(_ split: Datasets.Split) {
        switch split {
        case .train: self = .training
        case .validation: self = .validation
        case .test: self = .test
        }
    }
}
