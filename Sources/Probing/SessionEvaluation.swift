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
    /// What answered.
    public var mode: Evaluator.Mode
    /// The names of the classes.
    public var classNames: [String]
    /// What came out.
    public var result: Evaluator.Result
}

extension Session {
    /// Loss and accuracy over the test set of a data set, else over samples that are held out, of each mode, all in one pass
    /// over the samples; nil `data` is the generated set that fits the input. Distillation needs no labels: it compares with
    /// the float model, and asks training samples where there are no others.
    ///
    /// Without a loss, that of the network's task is measured. In float the float model answers that the session was
    /// quantized from, where there is one. `batch` nil is 100 samples, or fewer where they are large.
    ///
    /// Throws `SessionError`, `TrainingError` or what the data set says.
    public func evaluated(
        on data: String?, loss chosen: Loss?, batch: Int?, seed: UInt64, modes: [Evaluator.Mode],
        arithmetic: Program.Arithmetic
    ) throws -> [SessionEvaluation] {
        let network = document.network
        let model = try floatModel()
        let numbers = try weights(isRequired: true)
        guard let input = network.inputs.first else {
            throw TrainingError.mismatch("the network has no input to feed data into")
        }
        let spec =
            try data.map { text throws(DatasetError) in try DataSpec(text) } ?? .generated(for: network)
        let loss = chosen ?? .advised(for: network.task)
        let dataset = try Dataset.open(
            spec, shape: input.shape, task: network.task, readsLabels: loss != .distillation, seed: seed)
        let splits: [Split] = loss == .distillation ? [.test, .validation, .train] : [.test, .validation]
        let split = splits.first { dataset.count($0) > 0 } ?? .test
        let batch = min(
            batch ?? Session.batch(for: Analysis(network, on: document.device.family)),
            max(1, dataset.count(split)))
        let teacher = model ?? numbers.map { FloatModel(network: network, weights: $0) }
        let evaluators = try modes.map { mode in
            var asked = network
            var values = numbers
            if mode == .float, let model {
                asked = model.network
                values = model.weights
                // What a network is for may have been said after it was quantized.
                asked = try asked.applying(.setTask(network.task))
            }
            let analysis = Analysis(asked, on: document.device.family)
            let store = ParameterStore(analysis)
            if let values { try Checkpoint.load(values, into: store) }
            return try Evaluator(
                analysis, store: store, mode: mode, padsBothSides: document.device.padsBothSides,
                loss: loss, teacher: loss == .distillation ? teacher : nil,
                batch: batch, arithmetic: arithmetic)
        }
        let results = try Session.results(of: evaluators, dataset, split)
        return zip(modes, results).map { mode, result in
            SessionEvaluation(
                split: split, isOfFloatModel: mode == .float && model != nil, mode: mode,
                classNames: network.task.classes ?? dataset.classNames, result: result)
        }
    }

    /// How many samples are asked together unless the caller says: 100, or so many that the loader's and a layer's values take no
    /// more than `batchBytes`.
    private static func batch(for analysis: Analysis) -> Int {
        let inputs = analysis.network.inputs.map(\.shape.elements)
        let results = analysis.network.nodes.indices.compactMap { analysis.shapes.output($0)?.elements }
        // Three batches are being loaded; a layer reads one map, and fills its sums and another.
        let floats = 3 * inputs.reduce(0, +) + 3 * (results.max() ?? 0)
        return min(100, max(1, batchBytes / (4 * max(1, floats))))
    }

    private static let batchBytes = 96 << 20

    /// One pass over the samples, or one for each where they are not read alike.
    private static func results(
        of evaluators: [Evaluator], _ data: Dataset, _ split: Split
    ) throws -> [Evaluator.Result] {
        let isAlike = evaluators.allSatisfy { $0.readsSamples(as: evaluators[0]) }
        let groups = isAlike ? [evaluators] : evaluators.map { [$0] }
        return try groups.flatMap { group in
            guard let found = try Evaluator.evaluate(group, data, split) else {
                preconditionFailure("the evaluation cannot be cancelled")
            }
            return found
        }
    }
}
