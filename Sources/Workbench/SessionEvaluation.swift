import Datasets
import Devices
import Graph
public import QAT

/// How good a session's weights are.
extension Session {
    /// Loss and accuracy over the test set of a data set; nil `data` is the generated set that fits the input.
    ///
    /// Throws `SessionError`, `TrainingError` or what the data set says.
    public func evaluated(
        on data: String?, loss: Loss, batch: Int, seed: UInt64, mode: Evaluator.Mode,
        arithmetic: Program.Arithmetic
    ) throws -> Evaluator.Result {
        guard let input = document.network.inputs.first else {
            throw TrainingError.mismatch("the network has no input to feed data into")
        }
        let spec =
            try data.map { text throws(DatasetError) in try DataSpec(text) } ?? .generated(for: input.shape)
        let dataset = try Dataset.open(spec, shape: input.shape, seed: seed)
        let analysis = Analysis(document.network, on: document.device.family)
        let store = ParameterStore(analysis)
        if let weights = try weights(isRequired: true) { try Checkpoint.load(weights, into: store) }
        let evaluator = try Evaluator(
            analysis, store: store, mode: mode, padsBothSides: document.device.padsBothSides,
            loss: loss, batch: batch, arithmetic: arithmetic)
        guard let result = try evaluator.evaluate(dataset, .test) else {
            preconditionFailure("nobody cancelled the evaluation")
        }
        return result
    }
}
