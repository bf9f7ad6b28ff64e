import Editing
import Foundation
import Graph
import QAT

// The rules, each a sentence with its number; nil where all is well. The bounds are such that runs that learn keep well away
// from them.
extension TrainingDiagnosis {
    /// A number was not finite, and the run stopped there.
    var notFinite: TrainingFinding? {
        guard let failure, failure.contains("not a finite number") else { return nil }
        let layer = failure.split(separator: "'").dropFirst().first.map { " in \($0)" } ?? ""
        let step = losses.last.map { " after step \(Figures.grouped(Int(held: $0.x)))" } ?? ""
        return TrainingFinding(
            .notFinite, "a number was not finite\(layer)\(step): the rate is too high", halfRate)
    }

    /// The mean of ten steps is a third above the least one, by more than the noise, and far from that of a network that has
    /// learned.
    var growing: TrainingFinding? {
        guard steps >= 60, let first = firstLoss, let unlearned = unlearnedLoss,
            let now = part(shortMeans).last,
            let least = part(shortMeans).dropFirst(10).min(by: { $0.y < $1.y }), least.x < now.x
        else { return nil }
        guard now.y > 1.3 * least.y, now.y - least.y > noise, now.y > 0.3 * first,
            now.y > 0.1 * unlearned
        else { return nil }
        let rate = plannedRate.map { "the rate \($0)" } ?? "the rate"
        return TrainingFinding(
            .growing,
            "loss grew from \(Figures.significant(least.y)) at step \(Figures.grouped(Int(held: least.x))) to "
                + "\(Figures.significant(now.y)): \(rate) is too high", halfRate)
    }

    /// Losses of single steps differ by more than half of their mean, and the mean does not fall and has most of its way before
    /// it. The small losses of a network that has learned differ as much from batch to batch.
    var oscillating: TrainingFinding? {
        guard steps >= 100, let unlearned = unlearnedLoss, let last = losses.last,
            let now = part(longMeans).last?.y,
            let before = TrainingDiagnosis.value(longMeans, at: last.x - 50)
        else { return nil }
        guard noise > 0.5 * now, now > 0.98 * before, now > 0.5 * unlearned else { return nil }
        return TrainingFinding(
            .oscillating,
            "loss jumps by \(Figures.significant(noise)) from step to step and does not fall: the rate is too high",
            halfRate)
    }

    /// The gradients are a hundred times those of the begin, and the loss has not fallen.
    var exploding: TrainingFinding? {
        guard steps >= 50, let ends = gradientEnds, ends.first > 0, ends.last > 100 * ends.first,
            hasFallenLittle
        else { return nil }
        return TrainingFinding(
            .exploding,
            "the norm of the gradients grew from \(Figures.significant(ends.first)) to "
                + "\(Figures.significant(ends.last)): the rate is too high", halfRate)
    }

    /// The gradients are a thousandth of those of the begin or none at all, and the loss has not fallen.
    var vanishing: TrainingFinding? {
        guard steps >= 50, let ends = gradientEnds, hasFallenLittle,
            ends.last < 1e-3 * ends.first || ends.last < 1e-9
        else { return nil }
        let fell =
            ends.last > 0
            ? "the norm of the gradients fell from \(Figures.significant(ends.first)) to "
                + Figures.significant(ends.last)
            : "the gradients are zero"
        return TrainingFinding(.vanishing, "\(fell): nothing is learned", newBegin)
    }

    /// For a hundred steps the loss is that of the same answer for every sample.
    var guessing: TrainingFinding? {
        guard let classes, steps >= 100, let now = part(longMeans).last?.y else { return nil }
        let guess = log(Double(classes))
        guard abs(now - guess) < 0.013 * guess else { return nil }
        return TrainingFinding(
            .guessing,
            "loss \(Figures.significant(now)) is that of guessing among \(classes) classes (ln \(classes)) since 100 steps",
            newBegin)
    }

    /// Half of a layer's channels and more are zero for every sample.
    var deadChannels: TrainingFinding? {
        let dead = layers.filter { ($0.deadChannels ?? 0) >= 0.5 && $0.step - start >= 50 }
        guard let worst = dead.max(by: { ($0.deadChannels ?? 0) < ($1.deadChannels ?? 0) }),
            let share = worst.deadChannels
        else { return nil }
        let others = dead.count > 1 ? ", and \(counted(dead.count - 1, "layer")) more" : ""
        let what =
            share == 1
            ? "every channel is zero" : "\(Figures.percent(share))% of the channels are zero"
        return TrainingFinding(
            .deadChannels, "\(worst.name): \(what) for all samples\(others)", .layer(worst.name))
    }

    /// The median channel of a batch norm is a deviation away from its running statistics.
    var staleStatistics: TrainingFinding? {
        let stale = layers.filter { ($0.statisticsGap ?? 0) > 1 && $0.step - start >= 100 }
        guard let worst = stale.max(by: { ($0.statisticsGap ?? 0) < ($1.statisticsGap ?? 0) }),
            let gap = worst.statisticsGap
        else { return nil }
        return TrainingFinding(
            .staleStatistics,
            "\(worst.name): batch norm's running statistics are \(Figures.significant(gap)) deviations off those "
                + "of a batch", halfRate)
    }

    /// The loss on other samples has risen by a tenth since its least, two epochs ago or more, while that of training fell.
    var overfitting: TrainingFinding? {
        let seen = evaluations.filter { $0.x > start && $0.loss.isFinite }
        guard let last = seen.last, let best = seen.min(by: { $0.loss < $1.loss }),
            last.epoch - best.epoch >= 2, last.loss > 1.1 * best.loss,
            let before = TrainingDiagnosis.value(longMeans, at: best.x),
            let now = TrainingDiagnosis.value(longMeans, at: last.x), now < 0.98 * before
        else { return nil }
        return TrainingFinding(
            .overfitting,
            "\(split) loss rose from \(Figures.significant(best.loss)) after epoch \(best.epoch) to "
                + "\(Figures.significant(last.loss)) while that of training fell: it learns samples by heart",
            .run(["--epochs": "\(best.epoch)"], first: "--epochs"))
    }

    /// The loss fell by less than a hundredth in 200 steps, has most of its way before it, and the rate is not decayed.
    var slow: TrainingFinding? {
        guard steps >= 300, let unlearned = unlearnedLoss, let last = losses.last,
            let now = part(longMeans).last?.y,
            let before = TrainingDiagnosis.value(longMeans, at: last.x - 200), before > 0,
            let rate, rate >= 0.1 * (part(rates).map(\.y).max() ?? rate)
        else { return nil }
        let fall = (before - now) / before
        guard fall < 0.01, now > 0.7 * unlearned else { return nil }
        return TrainingFinding(
            .slow,
            "loss fell by \(Figures.percent(max(0, fall)))% in 200 steps: the rate "
                + "\(Figures.scientific(rate)) may be too low", .rangeTest)
    }

    /// The steps wait for their data half of the time.
    var waiting: TrainingFinding? {
        guard steps >= 50, let share = TrainingDiagnosis.median(part(loadingShares).suffix(50).map(\.y)),
            share > 0.5
        else { return nil }
        return TrainingFinding(
            .waiting, "the steps wait \(Figures.percent(share))% of their time for data",
            .run([:], first: "--data"))
    }

    /// The run is over, and in the last third of its last stage the loss still fell by a twentieth to its least: that on other
    /// samples, or that of training where those were measured once. Or the network knows little of the samples that it was
    /// trained on, though its curve is level: the rate ends near 0.
    var unfinished: TrainingFinding? {
        guard isFinished, steps >= 50, let unlearned = unlearnedLoss, let plan, let stage = plan.stages.last
        else { return nil }
        let remedy = TrainingFinding.Remedy.more(epochs: max(2, 2 * stage.epochs), bits: stage.bits)
        if let classes, let now = part(shortMeans).last?.y, now > 0.3 * unlearned {
            return TrainingFinding(
                .unfinished,
                "train loss \(Figures.significant(now)) is \(Figures.percent(now / unlearned))% of that of guessing among "
                    + "\(classes) classes: it needs more epochs, or a larger network", remedy)
        }
        let seen = evaluations.filter { $0.x > start && $0.loss.isFinite }.map {
            CurvePoint(x: $0.x, y: $0.loss)
        }
        let isMeasured = seen.count > 1
        let curve = isMeasured ? seen : Array(part(longMeans))
        guard let last = curve.last, let least = curve.map(\.y).min(), last.y <= least,
            let before = TrainingDiagnosis.value(curve, at: last.x - (last.x - start) / 3),
            last.y < 0.95 * before, last.y > 0.02 * unlearned
        else { return nil }
        let fall = Figures.percent((before - last.y) / before)
        return TrainingFinding(
            .unfinished,
            "\(isMeasured ? split : "train") loss still fell by \(fall)% in the last third of the run",
            remedy)
    }

    /// The median norm of the gradients in the first steps of the stage, and in the last.
    private var gradientEnds: (first: Double, last: Double)? {
        let norms = part(gradientNorms)
        guard norms.count >= 40, let first = TrainingDiagnosis.median(norms.prefix(20).map(\.y)),
            let last = TrainingDiagnosis.median(norms.suffix(20).map(\.y))
        else { return nil }
        return (first, last)
    }

    private var hasFallenLittle: Bool {
        guard let first = firstLoss, let now = part(shortMeans).last?.y else { return false }
        return now > 0.9 * first
    }

    /// A run that begins as the program proposes; where this one did, a range test.
    private var newBegin: TrainingFinding.Remedy {
        let proposed = TrainingPlan.Stage.proposedRate
        if let plan, plan.initialWeights == .fitted, plan.stages.allSatisfy({ $0.optimizer == .adam }) {
            return .rangeTest
        }
        return .run(
            [
                "--optimizer": "adam", "--learning-rate": "\(proposed)",
                "--initial-weights": InitialWeights.fitted.rawValue,
            ], first: "--optimizer")
    }
}
