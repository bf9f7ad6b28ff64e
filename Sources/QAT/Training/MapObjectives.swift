import Datasets
import Graph

/// Compares the classes of pixels with masks.
final class SegmentationObjective: Objective {
    private let output: Program.Port
    private let task: SegmentationTask
    private let loss: SegmentationLoss
    private var measured: SegmentationMeasure

    init(_ program: Program, _ task: SegmentationTask) throws(TrainingError) {
        let classes = task.classes.count
        guard program.outputs.count == 1, let output = program.outputs.first,
            case .map(let channels, let height, let width) = output.shape
        else {
            let shapes = program.outputs.map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
            throw .mismatch("segmentation reads one map, a channel for each class; this network gives \(shapes)")
        }
        guard channels == classes || channels == 1 && classes == 2 else {
            throw .mismatch(
                "the task has \(classes) classes, layer '\(output.name)' gives \(channels) channels"
                    + (classes == 2 ? "; 2 or 1 are right" : ""))
        }
        guard case .map(_, let rows, let columns) = program.inputs[0].shape else {
            throw .mismatch("segmentation needs pictures; input '\(program.inputs[0].name)' is \(program.inputs[0].shape)")
        }
        self.output = output
        self.task = task
        loss = SegmentationLoss(
            input: (rows, columns), output: (height, width), channels: channels)
        measured = SegmentationMeasure(classes: classes)
    }

    func check(_ data: Dataset) throws(TrainingError) {
        guard data.holdsMasks else {
            throw .mismatch("\(data.spec) has no masks; segmentation reads masks:DIR; --loss distillation needs none")
        }
    }

    func loss(of batch: AnsweredBatch) -> BatchLoss {
        BatchLoss(
            mean: loss.evaluate(
                output.values, masks: batch.answers.map(\.mask), gradient: output.gradient))
    }

    func measure(_ batch: AnsweredBatch, adding result: inout Evaluator.Result) throws(TrainingError) {
        let masks = batch.answers.map(\.mask)
        let mean = loss.evaluate(output.values, masks: masks, gradient: nil)
        guard mean.isFinite else {
            throw .engine(.notFinite(layer: output.name, what: "the loss over its pixels"))
        }
        result.loss += mean * Double(batch.count)
        loss.classes(of: output.values, masks: masks) { answered, truth in
            measured.add(answered, truth: truth)
        }
    }

    func finish(_ result: inout Evaluator.Result) {
        result.loss /= Double(result.count)
        let found = measured.result()
        result.segmentation = found
        result.accuracy = found.meanIntersection
        measured = SegmentationMeasure(classes: task.classes.count)
    }
}

/// Compares numbers, such as the places of landmarks.
final class RegressionObjective: Objective {
    private let output: Program.Port
    private var measured: RegressionMeasure

    init(_ program: Program) throws(TrainingError) {
        guard program.outputs.count == 1, let output = program.outputs.first else {
            throw .mismatch("regression reads one output; this network has \(program.outputs.count)")
        }
        self.output = output
        measured = RegressionMeasure(outputs: output.shape.elements)
    }

    func check(_ data: Dataset) throws(TrainingError) {
        guard data.numbersPerSample == output.shape.elements else {
            throw .mismatch(
                "layer '\(output.name)' gives \(output.shape.elements) numbers, \(data.spec) has \(data.numbersPerSample) for each sample")
        }
    }

    func loss(of batch: AnsweredBatch) -> BatchLoss {
        BatchLoss(
            mean: RegressionLoss.evaluate(
                output.values, right: batch.answers.map(\.numbers), gradient: output.gradient))
    }

    func measure(_ batch: AnsweredBatch, adding result: inout Evaluator.Result) throws(TrainingError) {
        let right = batch.answers.map(\.numbers)
        let mean = RegressionLoss.evaluate(output.values, right: right, gradient: nil)
        guard mean.isFinite else { throw .engine(.notFinite(layer: output.name, what: "the loss over its numbers")) }
        result.loss += mean * Double(batch.count)
        measured.add(output.values, right: right)
    }

    func finish(_ result: inout Evaluator.Result) {
        result.loss /= Double(result.count)
        result.regression = measured.result()
        measured = RegressionMeasure(outputs: output.shape.elements)
    }
}
