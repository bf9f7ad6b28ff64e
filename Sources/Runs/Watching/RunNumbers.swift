import Datasets
import Editing
import QAT

/// The table of a run's numbers: now, and at their best in the present stage, for stages cannot be compared.
struct RunNumbers {
    let schedule: Schedule?
    private var loss: (value: Double, stage: Int)?
    private var evaluations: [Split: Measured] = [:]
    private var integers: [Split: (accuracy: Double, stage: Int)] = [:]
    /// The last accuracy without quantizers.
    private var floats: [Split: Double] = [:]

    /// The last measurement on a split, and the best ones of its stage.
    private struct Measured {
        var stage: Int
        var last: RunEvaluation
        var leastLoss: RunEvaluation
        var mostAccuracy: RunEvaluation
        var mostSQNR: RunEvaluation
    }

    init(schedule: Schedule?) { self.schedule = schedule }

    /// "val".
    static func word(_ split: Split) -> String {
        switch split {
        case .train: "train"
        case .validation: "val"
        case .test: "test"
        }
    }

    mutating func take(_ metrics: RunMetrics) {
        if loss?.stage != metrics.stage { loss = nil }
        if metrics.loss < loss?.value ?? .infinity { loss = (metrics.loss, metrics.stage) }
    }

    mutating func take(integer evaluation: RunEvaluation, stage: Int) {
        integers[evaluation.split] = evaluation.accuracy.map { ($0, stage) }
    }

    mutating func take(_ evaluation: RunEvaluation, stage: Int) {
        if evaluation.mode == .float { floats[evaluation.split] = evaluation.accuracy }
        guard var measured = evaluations[evaluation.split], measured.stage == stage else {
            evaluations[evaluation.split] = Measured(
                stage: stage, last: evaluation, leastLoss: evaluation, mostAccuracy: evaluation,
                mostSQNR: evaluation)
            return
        }
        measured.last = evaluation
        if !(measured.leastLoss.loss <= evaluation.loss) { measured.leastLoss = evaluation }
        if evaluation.accuracy ?? -1 > measured.mostAccuracy.accuracy ?? -1 {
            measured.mostAccuracy = evaluation
        }
        if evaluation.sqnr ?? -.infinity > measured.mostSQNR.sqnr ?? -.infinity {
            measured.mostSQNR = evaluation
        }
        evaluations[evaluation.split] = measured
    }

    /// The rows; nothing before the first step.
    func rows(_ last: RunMetrics?, _ split: Split) -> [RunDetail.Number] {
        guard let last else { return [] }
        var rows = [
            RunDetail.Number(
                name: "train loss", now: Figures.significant(last.loss),
                best: loss.map { Figures.significant($0.value) } ?? "")
        ]
        if let measured = evaluations[split] {
            let word = RunNumbers.word(split)
            rows.append(
                .init(
                    name: "\(word) loss", now: Figures.significant(measured.last.loss),
                    best: Figures.significant(measured.leastLoss.loss), epoch: measured.leastLoss.epoch))
            if let now = measured.last.accuracy, let best = measured.mostAccuracy.accuracy {
                rows.append(
                    .init(
                        name: "\(word) acc", now: Figures.accuracy(now) + "%",
                        best: Figures.accuracy(best) + "%", epoch: measured.mostAccuracy.epoch))
            }
            if let now = measured.last.sqnr, let best = measured.mostSQNR.sqnr {
                rows.append(
                    .init(
                        name: "\(word) SQNR", now: Figures.decibels(now) + " dB",
                        best: Figures.decibels(best) + " dB", epoch: measured.mostSQNR.epoch))
            }
            if let integer = integers[split], integer.stage == measured.stage {
                rows.append(
                    .init(name: "integer acc", now: Figures.accuracy(integer.accuracy) + "%", best: ""))
                if let float = floats[split] {
                    let loss = Figures.signed((integer.accuracy - float) * 100) + " pt"
                    rows.append(.init(name: "vs float", now: loss, best: ""))
                }
            }
        }
        rows.append(
            .init(name: "rate", now: Figures.scientific(last.learningRate), best: schedule?.rawValue ?? ""))
        return rows
    }
}
