import Datasets
import Graph

/// Compares the classes of pixels with masks.
final class SegmentationObjective: Objective {
    let output: Program.Port
    private let task: SegmentationTask
    let loss: SegmentationLoss
    private var measured: SegmentationMeasure

    init(_ program: Program, _ task: SegmentationTask) throws(TrainingError) {
        guard program.outputs.count == 1, let output = program.outputs.first,
            case .map(let channels, let height, let width) = output.shape
        else {
            let shapes = program.outputs.map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
            throw .mismatch("masks need one map, a channel for each class; this network gives \(shapes)")
        }
        let input = program.inputs[0]
        guard case .map(_, let rows, let columns) = input.shape else {
            throw .mismatch("masks need pictures; input '\(input.name)' is \(input.shape)")
        }
        self.output = output
        self.task = task
        loss = try SegmentationLoss(
            task,
            SegmentationLoss.Map(
                height: height, width: width, channels: channels, maskHeight: rows, maskWidth: columns),
            of: output.name)
        measured = SegmentationMeasure(classes: task.classes.count)
    }

    func check(_ data: Dataset) throws(TrainingError) {
        guard data.holdsMasks else {
            throw .mismatch(
                "\(data.spec) has no masks; segmentation reads masks:DIR; --loss distillation needs none")
        }
    }

    func loss(of batch: AnsweredBatch) -> BatchLoss {
        let value = loss.evaluate(
            UnsafeBufferPointer(output.values), answers: batch.answers, gradient: output.gradient)
        return BatchLoss(
            mean: value.mean, accuracy: value.count == 0 ? nil : Double(value.right) / Double(value.count))
    }

    func measure(_ batch: AnsweredBatch, adding result: inout Evaluator.Result) throws(TrainingError) {
        let value = loss.evaluate(UnsafeBufferPointer(output.values), answers: batch.answers, gradient: nil)
        guard value.sum.isFinite else {
            throw .engine(.notFinite(layer: output.name, what: "the loss over its pixels"))
        }
        result.loss += value.mean * Double(batch.count)
        let size = output.shape.elements
        for (sample, answer) in batch.answers.enumerated() {
            let values = UnsafeBufferPointer(rebasing: output.values[sample * size..<(sample + 1) * size])
            measured.add(values, map: loss.map, mask: answer.mask)
        }
    }

    func finish(_ result: inout Evaluator.Result) {
        result.loss /= Double(result.count)
        result.measure = .segmentation(measured)
        measured = SegmentationMeasure(classes: task.classes.count)
    }
}

/// Compares numbers, such as the places of landmarks.
final class RegressionObjective: Objective {
    let output: Program.Port
    let loss: RegressionLoss
    private var measured: RegressionMeasure

    init(_ program: Program) throws(TrainingError) {
        guard program.outputs.count == 1, let output = program.outputs.first else {
            throw .mismatch("regression reads one output; this network has \(program.outputs.count)")
        }
        self.output = output
        loss = RegressionLoss(outputs: output.shape.elements)
        measured = RegressionMeasure(outputs: output.shape.elements)
    }

    func check(_ data: Dataset) throws(TrainingError) {
        guard data.answerNumbers == loss.outputs else {
            let found = data.answerNumbers == 0 ? "none" : "\(data.answerNumbers) for each sample"
            throw .mismatch(
                "layer '\(output.name)' gives \(loss.outputs) numbers, \(data.spec) has \(found); npz:FILE with y_train of floats has them"
            )
        }
    }

    func loss(of batch: AnsweredBatch) -> BatchLoss {
        let sum = loss.evaluate(
            UnsafeBufferPointer(output.values), answers: batch.answers, gradient: output.gradient)
        return BatchLoss(mean: sum / Double(batch.count))
    }

    func measure(_ batch: AnsweredBatch, adding result: inout Evaluator.Result) throws(TrainingError) {
        let sum = loss.evaluate(UnsafeBufferPointer(output.values), answers: batch.answers, gradient: nil)
        guard sum.isFinite else {
            throw .engine(.notFinite(layer: output.name, what: "the loss over its numbers"))
        }
        result.loss += sum
        for (sample, answer) in batch.answers.enumerated() {
            let first = sample * loss.outputs
            measured.add(
                UnsafeBufferPointer(rebasing: output.values[first..<first + loss.outputs]),
                wanted: answer.numbers)
        }
    }

    func finish(_ result: inout Evaluator.Result) {
        result.loss /= Double(result.count)
        result.measure = .regression(measured)
        measured = RegressionMeasure(outputs: loss.outputs)
    }
}
