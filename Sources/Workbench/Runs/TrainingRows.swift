import QAT

// A trainer's reports as the run store keeps them.
extension RunRange {
    init(_ tensor: TensorObservation, step: Int) {
        self.init(
            step: step, layer: tensor.layer, tensor: tensor.kind == .weight ? .weight : .feature,
            minimum: tensor.minimum, maximum: tensor.maximum, clip: tensor.clip, clipRatio: tensor.clipRatio,
            mean: tensor.mean, deviation: tensor.deviation, sqnr: tensor.sqnr)
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
    init(_ evaluation: TrainingReport.Evaluation) {
        self.init(
            step: evaluation.step, epoch: evaluation.epoch,
            split: evaluation.isValidation ? .validation : .test,
            mode: evaluation.isQuantized ? .quantized : .float, loss: evaluation.result.loss,
            accuracy: evaluation.result.accuracy)
    }
}
