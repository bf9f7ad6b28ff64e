// Which checkpoint of a stage is the best, and when a stage ends because none was better for long. The file of the best one
// is written by `Runs`; which of the last and the best a session keeps is `TrainingRun.chosen`.

extension Evaluator.Result {
    /// The larger the better: the accuracy, or the SQNR; for numbers, which have neither, the loss counts.
    var score: Double {
        if let accuracy { return accuracy }
        return outputs.isEmpty ? -loss : min(sqnr ?? Evaluator.Result.exactScore, Evaluator.Result.exactScore)
    }

    /// What counts as SQNR where nothing is lost: more than single precision can have.
    private static let exactScore = 1000.0
}

extension TrainerState {
    /// Counts the evaluation of an epoch; whether it is the best of the stage so far. Of equal ones the first is.
    mutating func takeEvaluation(_ result: Evaluator.Result) -> Bool {
        guard result.score > best ?? -.infinity else {
            epochsSinceBest += 1
            return false
        }
        takeBest(result)
        return true
    }

    /// Takes an evaluation as the best so far.
    mutating func takeBest(_ result: Evaluator.Result) {
        best = result.score
        epochsSinceBest = 0
    }

    /// Begins a stage: evaluations at other bits do not compare with those before.
    mutating func forgetBest() {
        best = nil
        epochsSinceBest = 0
    }
}

extension Trainer {
    /// Whether the stage has not become better for as many epochs as the plan is patient.
    var isStale: Bool { plan.patience.map { state.epochsSinceBest >= $0 } ?? false }
}
