import ArgumentParser
import Editing
import Graph
import QAT

// Which options of a run go together, and what their numbers may be.
extension TrainCommand {
    func validate() throws {
        guard engine == .torch || processes == nil && python == nil else {
            throw ValidationError("--processes and --python are for --engine torch")
        }
        if rangeTest, let steps, !(12...10_000).contains(steps) {
            throw ValidationError("--steps of --range-test are 12 to 10000, not \(steps)")
        }
        try NumberOption.check([
            ("--processes", processes, 1...TrainingLimits.threads), ("--batch", batch, NumberOption.samples),
            ("--steps", steps, 1...TrainingLimits.count), ("--patience", patience, 1...TrainingLimits.epochs),
            ("--warmup", warmup, NumberOption.count), ("--threads", threads.count, NumberOption.threads),
            ("--accumulate", accumulate, NumberOption.samples),
        ])
        if let bad = epochs?.values.first(where: { $0 < 1 }) {
            throw ValidationError("--epochs are at least 1, not \(bad)")
        }
        if let bad = epochs?.values.first(where: { $0 > TrainingLimits.epochs }) {
            throw ValidationError("--epochs are at most \(TrainingLimits.epochs), not \(bad)")
        }
        guard recipe?.values.count ?? 1 <= TrainingLimits.stages else {
            throw ValidationError("--recipe has at most \(TrainingLimits.stages) stages")
        }
        if let bad = recipe?.values.first(where: { !TrainingPlan.Stage.widths.contains($0) }) {
            throw ValidationError("--recipe has 32 for float or 2 to 8 bits, not \(bad)")
        }
        if let bad = learningRate?.values.first(where: { !($0 > 0 && $0.isFinite) }) {
            throw ValidationError("--learning-rate is above 0, not \(bad)")
        }
        guard weightDecay >= 0, weightDecay.isFinite, gradientNorm ?? 1 > 0, momentum.isFinite,
            (0...1).contains(freezeAfter ?? 1)
        else {
            throw ValidationError(
                "--weight-decay is at least 0, --gradient-norm above 0, --freeze-after 0 to 1, --momentum a number"
            )
        }
        guard (0..<1).contains(labelSmoothing), (0..<1).contains(average ?? 0) else {
            throw ValidationError("--label-smoothing and --average are at least 0 and below 1")
        }
        if rangeTest {
            guard resume == nil, engine == .own else {
                throw ValidationError("--range-test goes with neither --resume nor --engine torch")
            }
        } else if rates != nil {
            throw ValidationError("--rates are for --range-test")
        }
        if let rates = rates?.values {
            guard rates.count == 2, rates[0] > 0, rates[0] < rates[1], rates[1] <= 1e6 else {
                throw ValidationError("--rates are two numbers above 0, the smaller one first: 1e-6,1")
            }
        }
        if resume != nil, let given = givenPlan {
            throw ValidationError(
                "a run goes on with the plan that it began with: leave \(given) out with --resume")
        }
        let stages = recipe?.values.count ?? 1
        for (name, count) in [
            ("--epochs", epochs?.values.count), ("--learning-rate", learningRate?.values.count),
        ] {
            if let count, count != 1, count != stages {
                throw ValidationError("\(name) has \(count) values for \(counted(stages, "stage"))")
            }
        }
    }
}
