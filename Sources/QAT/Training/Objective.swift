import Datasets
import Graph

/// What training makes small and an evaluation measures: compares the outputs of one program with what is right about the
/// samples in its inputs.
protocol Objective: AnyObject {
    /// Throws where the data does not have what the outputs are compared with.
    func check(_ data: Dataset) throws(TrainingError)
    /// The loss of a batch; where the program trains, the gradient of its mean is written to the outputs, which are cleared.
    func loss(of batch: AnsweredBatch) throws(EngineError) -> BatchLoss
    /// Adds a batch to what is measured.
    func measure(_ batch: AnsweredBatch, adding result: inout Evaluator.Result) throws(TrainingError)
    /// What the network says about each sample of a batch; with its loss where the data has what it is compared with. Boxes have at
    /// least a score.
    func answers(
        to batch: AnsweredBatch, withLoss: Bool, threshold: Float
    ) throws(TrainingError) -> [NetworkAnswer]
    /// Turns the sums of all batches into means. `result.count` samples were measured; the next batch begins anew.
    func finish(_ result: inout Evaluator.Result)
}

/// What is right about the samples in a program's inputs.
struct AnsweredBatch {
    /// Samples of the batch.
    var count: Int
    /// The class of each.
    var labels: UnsafeMutableBufferPointer<Int32>
    /// All that is right about each.
    var answers: [SampleAnswer]
}

/// The loss of a batch.
struct BatchLoss {
    /// The mean over its samples.
    var mean: Double
    /// The share that was answered right; nil where nothing is right or wrong.
    var accuracy: Double?
}

/// Compares one vector of scores with labels.
final class LabelObjective: Objective {
    private let program: Program
    let output: Program.Port
    let loss: Loss
    private let smoothing: Double
    private var measured: ClassificationMeasure

    /// `smoothing` is taken of the class of a label and shared by all classes, in training.
    init(_ program: Program, loss: Loss, smoothing: Double) throws(TrainingError) {
        guard program.outputs.count == 1, let output = program.outputs.first,
            output.shape.elements == output.shape.channels
        else {
            let shapes = program.outputs.map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
            throw .mismatch(
                "labels need one vector of scores; this network gives \(shapes); --loss distillation needs no labels"
            )
        }
        self.program = program
        self.output = output
        self.loss = loss
        self.smoothing = smoothing
        measured = ClassificationMeasure(classes: output.shape.elements)
    }

    func check(_ data: Dataset) throws(TrainingError) {
        guard data.isLabelled else {
            throw .mismatch(
                "the pictures of \(data.spec) have no labels: --loss distillation needs none; a folder for each class, such as train/cat, gives them"
            )
        }
        guard output.shape.elements >= data.classes else {
            throw .mismatch(
                "the data has \(data.classes) classes, layer '\(output.name)' gives \(output.shape.elements) scores"
            )
        }
    }

    func loss(of batch: AnsweredBatch) -> BatchLoss {
        let weights = batch.answers.map(\.weight)
        let isWeighted = weights.contains { $0 != 1 }
        let value = weights.withUnsafeBufferPointer { weights in
            loss.evaluate(
                output.values, labels: UnsafeBufferPointer(batch.labels), count: batch.count,
                classes: output.shape.elements, smoothing: smoothing, weights: isWeighted ? weights : nil,
                gradient: output.gradient)
        }
        return BatchLoss(
            mean: value.sum / Double(batch.count), accuracy: Double(value.right) / Double(batch.count))
    }

    func measure(_ batch: AnsweredBatch, adding result: inout Evaluator.Result) throws(TrainingError) {
        let value = loss.evaluate(
            output.values, labels: UnsafeBufferPointer(batch.labels), count: batch.count,
            classes: output.shape.elements, gradient: nil)
        guard value.sum.isFinite else {
            throw .engine(.notFinite(layer: output.name, what: "the loss over its scores"))
        }
        result.loss += value.sum
        let classes = output.shape.elements
        for sample in 0..<batch.count {
            measured.add(
                UnsafeBufferPointer(rebasing: output.values[sample * classes..<(sample + 1) * classes]),
                label: Int(batch.labels[sample]))
        }
    }

    func finish(_ result: inout Evaluator.Result) {
        result.loss /= Double(result.count)
        result.measure = .classification(measured)
        measured = ClassificationMeasure(classes: output.shape.elements)
    }
}

/// Compares all outputs with those of a float model.
final class DistillationObjective: Objective {
    private let teacher: Teacher

    init(_ teacher: Teacher) { self.teacher = teacher }

    func check(_ data: Dataset) {}

    func loss(of batch: AnsweredBatch) throws(EngineError) -> BatchLoss {
        try teacher.answer()
        return BatchLoss(mean: teacher.distance(count: batch.count) / Double(batch.count))
    }

    func measure(_ batch: AnsweredBatch, adding result: inout Evaluator.Result) throws(TrainingError) {
        do {
            try teacher.answer()
        } catch {
            throw .engine(error)
        }
        let loss = teacher.distance(count: batch.count)
        let noise = teacher.noise(count: batch.count)
        guard loss.isFinite, noise.allSatisfy({ $0.noise.isFinite && $0.signal.isFinite }) else {
            let place = noise.first { !($0.noise.isFinite && $0.signal.isFinite) } ?? noise.first
            throw .engine(
                .notFinite(
                    layer: place?.name ?? "", what: "the distance of its result from the float model's"))
        }
        result.loss += loss
        if result.outputs.isEmpty {
            result.outputs = noise
        } else {
            for index in noise.indices {
                result.outputs[index].signal += noise[index].signal
                result.outputs[index].noise += noise[index].noise
            }
        }
    }

    func finish(_ result: inout Evaluator.Result) { result.loss /= Double(result.count) }
}

extension Loss {
    /// What the loss compares the outputs of a program with; `smoothing` is taken of right classes in training.
    func objective(
        for program: Program, of network: Network, teacher: LoadedModel?, padsBothSides: Bool,
        smoothing: Double = 0
    ) throws(TrainingError) -> any Objective {
        try check(network.task)
        guard program.inputs.count == 1 else {
            throw .mismatch("data sets feed one input; this network has \(program.inputs.count)")
        }
        switch self {
        case .crossEntropy, .binaryCrossEntropy, .squaredError:
            return try LabelObjective(program, loss: self, smoothing: smoothing)
        case .distillation:
            guard let teacher else { throw .mismatch(Loss.needsTeacher) }
            return DistillationObjective(
                try Teacher(teacher, beside: program, of: network, padsBothSides: padsBothSides))
        case .detection:
            guard case .detection(let task) = network.task else {
                preconditionFailure("the task was checked")
            }
            return try DetectionObjective(program, task, smoothing: Float(smoothing))
        case .segmentation:
            guard case .segmentation(let task) = network.task else {
                preconditionFailure("the task was checked")
            }
            return try SegmentationObjective(program, task)
        case .regression: return try RegressionObjective(program)
        }
    }
}
