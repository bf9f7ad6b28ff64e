import Datasets
import Graph
public import Weights

// Where a run stands and what it has made, as files.
extension Trainer {
    func checkpoint(_ step: StageStep) throws(TrainingError) -> Safetensors {
        // A bias that is none can hide behind a quantizer, which holds every value in its range.
        if let entry = store.firstNotFinite {
            throw .notFinite(step: state.step, layer: entry.layer, what: "its \(entry.stem)")
        }
        try prepareEvaluation()
        return checkpoint(step.optimizer, evaluatedStore)
    }

    private func checkpoint(_ optimizer: Optimizer, _ evaluated: ParameterStore) -> Safetensors {
        Checkpoint.run(
            store, evaluated: evaluated, average: average, optimizer, state, network: digest(stageNetwork),
            data: data.digest)
    }

    /// The checkpoint in front of the first step.
    public var start: Safetensors {
        checkpoint(Optimizer(stage.optimizer, weightDecay: plan.weightDecay, for: store), store)
    }

    /// The numbers as `weights.safetensors` holds them.
    public var weights: Safetensors {
        Checkpoint.weights(
            evaluatedStep == state.step ? evaluatedStore : average ?? store, digest: digest(stageNetwork))
    }

    /// The numbers of a checkpoint of the stage that ran last, as `weights.safetensors` holds them.
    public func weights(of checkpoint: Safetensors) throws(TrainingError) -> Safetensors {
        try Checkpoint.weights(
            of: checkpoint, stageNetwork, on: family, digest: digest(stageNetwork))
    }
}
