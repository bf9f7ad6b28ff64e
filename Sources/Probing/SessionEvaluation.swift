public import Datasets
import Devices
import Editing
import Graph
public import QAT
public import Sessions
import Weights

/// How good a session's weights are: what was asked, and what came out.
public struct SessionEvaluation: Hashable, Sendable {
    /// The samples that were asked.
    public var split: Split
    /// Whether the float model answered that the session was quantized from.
    public var isOfFloatModel: Bool
    /// What came out.
    public var result: Evaluator.Result
}

extension Session {
    /// Loss and accuracy over the test set of a data set, else over samples that are held out; nil `data` is the generated
    /// set that fits the input. Distillation needs no labels: it compares with the float model, and asks training samples
    /// where there are no others.
    ///
    /// Without a loss, that of the network's task is measured. In float the float model answers that the session was quantized from, where there is one.
    ///
    /// Throws `SessionError`, `TrainingError` or what the data set says.
    public func evaluated(
        on data: String?, loss chosen: Loss?, batch: Int, seed: UInt64, mode: Evaluator.Mode,
        arithmetic: Program.Arithmetic
    ) throws -> SessionEvaluation {
        let model = try floatModel()
        var (network, numbers) = (document.network, try weights(isRequired: true))
        if mode == .float, let model { (network, numbers) = (model.network, model.weights) }
        guard let input = network.inputs.first else {
            throw TrainingError.mismatch("the network has no input to feed data into")
        }
        let spec =
            try data.map { text throws(DatasetError) in try DataSpec(text) } ?? .generated(for: input.shape)
        let dataset = try Dataset.open(spec, shape: input.shape, task: network.task, seed: seed)
        let loss = chosen ?? .advised(for: network.task)
        let splits: [Split] = loss == .distillation ? [.test, .validation, .train] : [.test, .validation]
        let split = splits.first { dataset.count($0) > 0 } ?? .test
        let analysis = Analysis(network, on: document.device.family)
        let store = ParameterStore(analysis)
        if let numbers { try Checkpoint.load(numbers, into: store) }
        let teacher = model ?? numbers.map { FloatModel(network: network, weights: $0) }
        let evaluator = try Evaluator(
            analysis, store: store, mode: mode, padsBothSides: document.device.padsBothSides,
            loss: loss, teacher: loss == .distillation ? teacher : nil,
            batch: min(batch, max(1, dataset.count(split))), arithmetic: arithmetic)
        guard let result = try evaluator.evaluate(dataset, split) else {
            preconditionFailure("the evaluation cannot be cancelled")
        }
        return SessionEvaluation(split: split, isOfFloatModel: mode == .float && model != nil, result: result)
    }
}
