import Graph

// The statistics of batch norm: those that move with the steps, and those that belong to the weights.
extension Trainer {
    /// Whether a step of this stage takes the running statistics, which then stay as they are.
    func isFrozen(_ stageStep: Int) -> Bool {
        Double(stageStep) >= plan.freezeAfter * Double(stage.epochs * stepsAnEpoch)
    }

    /// Whether the next step is the first that takes the running statistics, and these are not those of its weights: a
    /// run that is frozen from its start takes the ones that its weights came with.
    var beginsFrozen: Bool {
        guard isFrozen(state.stageStep) else { return false }
        return state.stageStep == 0
            ? stageNetwork != network || state.stage > 0 : !isFrozen(state.stageStep - 1)
    }

    /// Makes the statistics of the weights of this moment those that stay.
    func freeze() throws(TrainingError) {
        try estimateStatistics(of: store)
        store.copy(evaluatedStore, statisticsOnly: true)
        // Those of the average are others.
        if average != nil { evaluatedStep = nil }
    }

    /// Takes over the weights of this moment for an evaluation, or their average, with their statistics.
    ///
    /// Those of a run's start, and those that are frozen, are as they are: the weights were made for them.
    func prepareEvaluation() throws(TrainingError) {
        guard evaluatedStep != state.step else { return }
        if state.step == 0 || state.stageStep > 0 && isFrozen(state.stageStep - 1) {
            evaluatedStore.copy(store)
            if let average { evaluatedStore.copyParameters(average) }
            evaluatedStep = state.step
        } else {
            try estimateStatistics(of: average ?? store)
        }
    }

    private func estimateStatistics(of weights: ParameterStore) throws(TrainingError) {
        evaluatedStore.copy(store)
        evaluatedStore.copyParameters(weights)
        evaluatedStep = state.step
        do {
            try statisticsEstimate()?.run()
        } catch .engine(.notFinite(let layer, let what)) {
            throw .notFinite(at: state.step, store, layer: layer, what: what)
        } catch {
            throw error
        }
    }

    private func statisticsEstimate() throws(TrainingError) -> StatisticsEstimate? {
        if let estimate { return estimate }
        estimate = try StatisticsEstimate(
            Analysis(stageNetwork, on: family), store: evaluatedStore, isQuantized: isQuantized,
            padsBothSides: padsBothSides, arithmetic: plan.arithmetic, data: data, seed: plan.seed)
        return estimate
    }
}
