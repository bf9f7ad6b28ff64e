import Datasets
import Graph

// What is measured at a run's start and at the end of its epochs.
extension Trainer {
    /// Distillation says what the run begins with, which then is the best so far; the ending where it is stopped.
    func evaluateStart(
        _ evaluator: Evaluator, _ step: StageStep, _ wish: () -> StepDirective,
        _ report: (TrainingReport) throws -> Void
    ) throws -> Ending? {
        guard plan.loss == .distillation, state.step == 0, state.best == nil else { return nil }
        guard let result = try evaluate(evaluator, { wish() == .stop }) else {
            return try leaveEvaluation(state, step, report)
        }
        state.takeBest(result)
        try report(
            .evaluation(
                TrainingReport.Evaluation(
                    step: 0, epoch: 0, stage: 0, split: evaluatedSplit, isQuantized: isQuantized,
                    result: result)))
        try report(.checkpoint(checkpoint(step), step: 0, epoch: 0, isBest: true))
        return nil
    }

    /// Evaluates and checkpoints; the ending where the stage or the run is over.
    func endEpoch(
        _ evaluator: Evaluator?, _ step: StageStep, _ wish: () -> StepDirective,
        _ report: (TrainingReport) throws -> Void
    ) throws -> Ending? {
        let before = state
        state.epoch += 1
        state.sample = 0
        var isBest = evaluator == nil
        if let evaluator {
            let isStopped = { wish() == .stop }
            guard let result = try evaluate(evaluator, isStopped) else {
                return try leaveEvaluation(before, step, report)
            }
            isBest = state.takeEvaluation(result)
            var evaluation = TrainingReport.Evaluation(
                step: state.step, epoch: state.epoch, stage: state.stage, split: evaluatedSplit,
                isQuantized: isQuantized, result: result)
            if isQuantized, isStageOver {
                evaluation.integer = try evaluateInIntegers(isStopped)
                if evaluation.integer == nil { return try leaveEvaluation(before, step, report) }
            }
            try report(.evaluation(evaluation))
        }
        try report(.checkpoint(checkpoint(step), step: state.step, epoch: state.epoch, isBest: isBest))
        return isStale ? .finished : nil
    }

    /// Stops in an evaluation, which is done again when the run goes on.
    private func leaveEvaluation(
        _ before: TrainerState, _ step: StageStep, _ report: (TrainingReport) throws -> Void
    ) throws -> Ending {
        state = before
        try report(.checkpoint(checkpoint(step), step: state.step, epoch: state.epoch, isBest: false))
        return .interrupted
    }

    /// Whether the stage has made its last step.
    private var isStageOver: Bool {
        state.stageStep >= stage.epochs * stepsAnEpoch || state.step >= totalSteps || isStale
    }

    /// How the network does in whole numbers; nil where it was cancelled.
    private func evaluateInIntegers(_ isCancelled: () -> Bool) throws(TrainingError) -> Evaluator.Result? {
        let evaluator = try evaluator(.integer, Analysis(stageNetwork, on: family))
        return try evaluate(evaluator, limit: Trainer.integerSamples, isCancelled)
    }

    func evaluator(
        _ mode: Evaluator.Mode, _ analysis: Analysis
    ) throws(TrainingError) -> Evaluator {
        try Evaluator(
            analysis, store: evaluatedStore, mode: mode, padsBothSides: padsBothSides, loss: plan.loss,
            model: teacher, batch: min(plan.batch, max(1, data.count(evaluatedSplit))),
            arithmetic: plan.arithmetic)
    }

    private func evaluate(
        _ evaluator: Evaluator, limit: Int = .max, _ isCancelled: () -> Bool
    ) throws(TrainingError) -> Evaluator.Result? {
        try prepareEvaluation()
        let limit = evaluatedSplit == .train ? min(limit, Trainer.trainingSamples) : limit
        do {
            return try evaluator.evaluate(data, evaluatedSplit, limit: limit, isCancelled: isCancelled)
        } catch .engine(.notFinite(let layer, let what)) {
            throw .notFinite(at: state.step, store, layer: layer, what: what)
        } catch {
            throw error
        }
    }
}
