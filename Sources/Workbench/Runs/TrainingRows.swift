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
                step: report.step, epoch: report.epoch, split: report.isValidation ? .validation : .test,
                mode: mode, loss: result.loss, accuracy: result.accuracy, samples: result.count)
        }
    }
}
