import Datasets
import Graph

/// Compares the boxes of a detector's heads with those of the pictures.
final class DetectionObjective: Objective {
    let program: Program
    private let task: DetectionTask
    let loss: DetectionLoss
    let decoder: DetectionDecoder
    private var measured: DetectionMeasure

    init(_ program: Program, _ task: DetectionTask, smoothing: Float) throws(TrainingError) {
        guard case .map(_, let height, let width) = program.inputs[0].shape else {
            throw .mismatch(
                "detection needs pictures; input '\(program.inputs[0].name)' is \(program.inputs[0].shape)")
        }
        let outputs = DetectionObjective.sizes(of: program)
        loss = try DetectionLoss(task, input: (height, width), outputs: outputs, smoothing: smoothing)
        decoder = try DetectionDecoder(task, input: (height, width), outputs: outputs)
        measured = DetectionMeasure(classes: task.classes.count)
        self.program = program
        self.task = task
    }

    func check(_ data: Dataset) throws(TrainingError) {
        guard data.holdsBoxes else {
            throw .mismatch(
                "\(data.spec) has no boxes; detection reads yolo:DIR, voc:DIR or coco:FILE; --loss distillation needs none"
            )
        }
    }

    func loss(of batch: AnsweredBatch) -> BatchLoss {
        let values = program.headValues(count: batch.count)
        return BatchLoss(mean: loss.evaluate(values, boxes: batch.answers.map(\.boxes)).total)
    }

    func measure(_ batch: AnsweredBatch, adding result: inout Evaluator.Result) throws(TrainingError) {
        let values = program.headValues(count: batch.count, withGradient: false)
        let parts = loss.evaluate(values, boxes: batch.answers.map(\.boxes))
        guard parts.total.isFinite else {
            throw .engine(.notFinite(layer: program.outputs[0].name, what: "the loss over its boxes"))
        }
        result.loss += parts.total * Double(batch.count)
        for sample in 0..<batch.count {
            let placing = batch.answers[sample].placing
            measured.add(
                decoder.boxes(values, sample: sample), truth: batch.answers[sample].boxes,
                areaScale: 1 / Double(placing.scaleX * placing.scaleY))
        }
    }

    func finish(_ result: inout Evaluator.Result) {
        result.loss /= Double(result.count)
        result.measure = .detection(measured.result())
        measured = DetectionMeasure(classes: task.classes.count)
    }

    /// By layer, the size of each output.
    static func sizes(of program: Program) -> [String: (channels: Int, height: Int, width: Int)] {
        var sizes: [String: (channels: Int, height: Int, width: Int)] = [:]
        for port in program.outputs where sizes[port.name] == nil {
            guard case .map(let channels, let height, let width) = port.shape else { continue }
            sizes[port.name] = (channels, height, width)
        }
        return sizes
    }
}

extension Program {
    /// The outputs that are maps, by layer, as heads are read from them.
    func headValues(count: Int, withGradient: Bool = true) -> [String: HeadValues] {
        var values: [String: HeadValues] = [:]
        for port in outputs where values[port.name] == nil {
            guard case .map(let channels, let height, let width) = port.shape,
                let base = port.values.baseAddress
            else { continue }
            values[port.name] = HeadValues(
                channels: channels, height: height, width: width, values: UnsafePointer(base),
                gradient: withGradient ? port.gradient?.baseAddress : nil)
        }
        return values
    }
}
