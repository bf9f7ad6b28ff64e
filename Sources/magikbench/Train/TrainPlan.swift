import Datasets
import Editing
import Graph
import QAT
import Runs
import Sessions

// What a new run does, by the options.
extension TrainCommand {
    /// An option that says what a new run does, where one was given.
    var givenPlan: String? {
        let given = [
            ("--data", data != nil), ("--epochs", epochs != nil), ("--steps", steps != nil),
            ("--recipe", recipe != nil), ("--optimizer", optimizer != nil),
            ("--learning-rate", learningRate != nil), ("--gradient-norm", gradientNorm != nil),
            ("--patience", patience != nil), ("--arithmetic", arithmetic != nil),
            ("--from-weights", fromWeights == true), ("--no-from-weights", fromWeights == false),
            ("--freeze-after", freezeAfter != nil), ("--average", average != nil),
            ("--freeze", !freeze.isEmpty), ("--rate", !rate.isEmpty),
            ("--accumulate", accumulate != TrainingPlan.usual.accumulate),
            ("--label-smoothing", labelSmoothing != TrainingPlan.usual.labelSmoothing),
            ("--initial-weights", initialWeights != nil),
            ("--memory", memory != TrainingPlan.usual.memory),
            ("--gradients", gradients != TrainingPlan.usual.gradients), ("--deterministic", deterministic),
        ]
        return given.first { $0.1 }?.0
    }

    /// A new run. A session that was quantized from a float model begins with what that gave, unless told otherwise.
    func begin(_ session: Session) throws -> TrainingRun.Request {
        let isQuantized: Bool
        do {
            isQuantized = try session.hasFloatModel
        } catch {
            throw CommandError.session(error)
        }
        let begins = fromWeights ?? isQuantized
        let plan = plan(for: session.document.network, recovers: isQuantized && begins)
        return .begin(plan, fromWeights: begins)
    }

    private func defaults(recovers: Bool) -> StageDefaults {
        StageDefaults(
            recovers: recovers, optimizer: optimizer?.rule(momentum: momentum), hasRate: learningRate != nil)
    }

    /// The weights of a run that is given none.
    var beginsWith: InitialWeights { initialWeights ?? defaults(recovers: false).initialWeights }

    private func plan(for network: Network, recovers: Bool) -> TrainingPlan {
        let defaults = defaults(recovers: recovers)
        let bits: [Int?] = recipe?.values.map { $0 } ?? [nil]
        let stages = bits.enumerated().map { index, bits in
            var stage = defaults.stage(
                bits: bits, epochs: epochs?.value(at: index) ?? StageDefaults.usualEpochs, of: network)
            if let rate = learningRate?.value(at: index) { stage.learningRate = rate }
            return stage
        }
        var plan = TrainingPlan(stages: stages, data: data ?? "\(DataSpec.generated(for: network))")
        plan.batch = batch
        plan.schedule = schedule
        plan.warmup = warmup
        plan.weightDecay = weightDecay
        plan.gradientNorm = gradientNorm
        plan.loss = loss ?? .advised(for: network.task)
        plan.seed = seed
        plan.patience = patience
        plan.freezeAfter = freezeAfter ?? (recovers ? 0 : 1)
        plan.stepLimit = steps
        plan.arithmetic = arithmetic ?? .best
        plan.average = average
        plan.frozen = freeze.flatMap(\.patterns)
        plan.rates = rate.flatMap(\.rates)
        plan.accumulate = accumulate
        plan.labelSmoothing = labelSmoothing
        plan.memory = memory
        plan.gradients = gradients
        plan.isDeterministic = deterministic
        plan.initialWeights = beginsWith
        return plan
    }
}
