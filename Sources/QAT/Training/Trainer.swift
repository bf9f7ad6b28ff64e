public import Datasets
public import Graph

/// Trains a network by a plan: a plain loop that hands reports to whoever runs it.
///
/// The same plan, data and number of threads give the same numbers, to the bit, however often the run was stopped and
/// gone on with at a checkpoint. All of it belongs to the thread that calls `run`.
public final class Trainer {
    /// The network as the session has it.
    public let network: Network
    /// What is done.
    public let plan: TrainingPlan
    /// The data.
    public let data: Dataset
    /// Where the run stands.
    public private(set) var state: TrainingState
    /// The network of the stage that runs, or ran last.
    public private(set) var stageNetwork: Network
    /// The numbers of that network.
    public private(set) var store: ParameterStore

    /// The most samples that are asked in whole numbers at the end of a stage, the first ones: ten thousand would take half
    /// as long as an epoch.
    public static let integerSamples = 1000

    private let family: ArithmeticFamily
    private let padsBothSides: Bool
    private let digest: (Network) -> String
    private let resumed: Safetensors?
    private let teacher: ParameterStore?

    /// How a run ended.
    public enum Ending: Hashable, Sendable {
        /// The plan is done.
        case finished
        /// Whoever runs it asked to stop; the last report was a checkpoint.
        case interrupted
    }

    /// Prepares a run. `weights` are what the first stage begins with, drawn by the seed where nil; `checkpoint` goes on
    /// with a run of the same plan; `teacher` holds the float numbers of this network, for distillation.
    public init(
        _ network: Network, on family: ArithmeticFamily, padsBothSides: Bool = false, plan: TrainingPlan,
        data: Dataset, weights: Safetensors? = nil, checkpoint: Safetensors? = nil,
        teacher: Safetensors? = nil, digest: @escaping (Network) -> String
    ) throws(TrainingError) {
        guard !plan.stages.isEmpty, plan.batch > 0 else { throw .mismatch("the plan has no stages") }
        guard data.count(.train) >= plan.batch else {
            throw .mismatch(
                "\(data.count(.train)) training samples do not fill a batch of \(plan.batch); make --batch smaller"
            )
        }
        (self.network, self.plan, self.data, self.family) = (network, plan, data, family)
        (self.padsBothSides, self.digest, resumed) = (padsBothSides, digest, checkpoint)
        state =
            try checkpoint.map { file throws(TrainingError) in try Checkpoint.state(of: file) }
            ?? TrainingState()
        guard plan.stages.indices.contains(state.stage) else {
            throw .checkpoint(
                "the checkpoint is at stage \(state.stage + 1); the plan has \(plan.stages.count)")
        }
        if let checkpoint { try Checkpoint.check(checkpoint, data: data.digest) }
        stageNetwork = Trainer.network(network, at: plan.stages[state.stage])
        store = ParameterStore(Analysis(stageNetwork, on: family))
        if let checkpoint {
            try Checkpoint.load(checkpoint, into: store)
        } else if let weights {
            try Checkpoint.load(weights, into: store)
        } else {
            store.initialize(seed: plan.seed)
        }
        if plan.loss == .distillation {
            guard let teacher else {
                throw .mismatch(
                    "distillation learns from the session's float weights, and it has none; train in float first"
                )
            }
            let store = ParameterStore(Analysis(network, on: family))
            try Checkpoint.load(teacher, into: store)
            self.teacher = store
        } else {
            self.teacher = nil
        }
    }

    /// The network as a stage trains it.
    static func network(_ network: Network, at stage: TrainingPlan.Stage) -> Network {
        guard let bits = stage.bits, bits < Quantization.float else { return network }
        return network.atBits(bits)
    }

    private var stage: TrainingPlan.Stage { plan.stages[state.stage] }
    private var isQuantized: Bool { stage.bits != Quantization.float }
    /// Steps in an epoch.
    public var stepsAnEpoch: Int { data.count(.train) / plan.batch }

    /// Steps of the whole run, where nothing stops it early.
    public var totalSteps: Int {
        let all = plan.stages.reduce(0) { $0 + $1.epochs } * stepsAnEpoch
        return min(all, plan.stepLimit ?? all)
    }

    /// How many numbers are learned.
    public var parameterCount: Int { store.layout.parameters.reduce(0) { $0 + $1.count } }

    /// Whether the samples for choosing the best weights were held out of training.
    private var evaluated: Split { data.count(.validation) > 0 ? .validation : .test }

    /// What whoever runs a trainer wants of it; asked after every step.
    public enum Wish: Sendable {
        /// The next step.
        case goOn
        /// A look at all layers, then the next step.
        case observation
        /// A checkpoint, then the next step.
        case checkpoint
        /// A checkpoint, then the end.
        case stop
    }

    /// Trains until the plan is done or `wish` asks to stop. Errors of `report` stop it too.
    public func run(wish: () -> Wish, report: (TrainingReport) throws -> Void) throws -> Ending {
        var isResumed = resumed != nil
        while true {
            let ending = try runStage(isResumed: isResumed, wish, report)
            isResumed = false
            guard ending == .finished else { return ending }
            guard plan.stages.indices.contains(state.stage + 1), state.step < totalSteps else {
                return .finished
            }
            enterNextStage()
        }
    }

    private func enterNextStage() {
        state.stage += 1
        (state.stageStep, state.stageEpoch, state.best, state.epochsSinceBest) = (0, state.epoch, nil, 0)
        stageNetwork = Trainer.network(network, at: stage)
        let next = ParameterStore(Analysis(stageNetwork, on: family))
        next.adopt(store)
        store = next
    }

    private func runStage(
        isResumed: Bool, _ wish: () -> Wish, _ report: (TrainingReport) throws -> Void
    ) throws -> Ending {
        if isStale { return .finished }
        let analysis = Analysis(stageNetwork, on: family)
        let step = try StageStep(
            analysis, store: store, plan: plan, stage: stage, isQuantized: isQuantized,
            padsBothSides: padsBothSides, teacher: teacher, data: data)
        if isResumed, let resumed { try Checkpoint.load(resumed, into: step.optimizer, store.layout) }
        let loader = Loader(
            data, split: .train, batch: plan.batch, seed: plan.seed, shuffled: true, augmented: true,
            dropsLast: true, mean: step.normalization.mean, variance: step.normalization.variance,
            from: Position(epoch: state.epoch, sample: state.sample))
        let stageSteps = stage.epochs * stepsAnEpoch
        try report(
            .stage(
                index: state.stage, count: plan.stages.count, title: stage.title, steps: stageSteps))
        let evaluator =
            plan.loss == .distillation || data.count(evaluated) == 0
            ? nil
            : try Evaluator(
                analysis, store: store, mode: isQuantized ? .quantized : .float, padsBothSides: padsBothSides,
                loss: plan.loss,
                batch: min(plan.batch, max(1, data.count(evaluated))), arithmetic: plan.arithmetic)
        var observer: Observer?
        while state.stageStep < stageSteps, state.step < totalSteps {
            let share = plan.schedule.share(step: state.stageStep, of: stageSteps, warmup: plan.warmup)
            let rate = stage.learningRate * share
            let isFrozen = Double(state.stageStep) >= plan.freezeAfter * Double(stageSteps)
            guard let done = try step.run(loader, rate: rate, at: state.step + 1, isFrozen: isFrozen) else {
                if let ending = try endEpoch(evaluator, step, wish, report) { return ending }
                continue
            }
            state.step += 1
            state.stageStep += 1
            state.sample = loader.position.sample
            try report(
                .step(
                    TrainingReport.Step(
                        step: state.step, steps: totalSteps, epoch: state.epoch, stage: state.stage,
                        loss: done.loss, accuracy: done.accuracy, learningRate: rate,
                        gradientNorm: done.gradientNorm)))
            switch wish() {
            case .goOn: break
            case .observation: try observe(&observer, analysis, report)
            case .checkpoint:
                try report(
                    .checkpoint(checkpoint(step), step: state.step, epoch: state.epoch, isBest: false))
            case .stop:
                try report(
                    .checkpoint(checkpoint(step), step: state.step, epoch: state.epoch, isBest: false))
                return .interrupted
            }
        }
        // The last epoch of a stage ends with its last step.
        guard state.sample > 0 else { return .finished }
        return try endEpoch(evaluator, step, wish, report) ?? .finished
    }

    private func observe(
        _ observer: inout Observer?, _ analysis: Analysis, _ report: (TrainingReport) throws -> Void
    ) throws {
        let eye =
            try observer
            ?? Observer(
                analysis, store: store, isQuantized: isQuantized, padsBothSides: padsBothSides, data: data)
        observer = eye
        try report(.observation(try eye.observe(), step: state.step))
    }

    /// Whether the stage has not become better for too long.
    private var isStale: Bool { plan.patience.map { state.epochsSinceBest >= $0 } ?? false }

    /// Evaluates and checkpoints; the ending where the stage or the run is over.
    private func endEpoch(
        _ evaluator: Evaluator?, _ step: StageStep, _ wish: () -> Wish,
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
            isBest = result.accuracy > state.best ?? -1
            if isBest { state.best = result.accuracy }
            state.epochsSinceBest = isBest ? 0 : state.epochsSinceBest + 1
            var evaluation = TrainingReport.Evaluation(
                step: state.step, epoch: state.epoch, stage: state.stage,
                isValidation: evaluated == .validation, isQuantized: isQuantized, result: result)
            if isQuantized, isStageOver {
                evaluation.integer = try evaluateInIntegers(isStopped)
                if evaluation.integer == nil { return try leaveEvaluation(before, step, report) }
            }
            try report(.evaluation(evaluation))
        }
        try report(.checkpoint(checkpoint(step), step: state.step, epoch: state.epoch, isBest: isBest))
        return isStale ? .finished : nil
    }

    /// Stops in an evaluation, which is done again by whoever goes on.
    private func leaveEvaluation(
        _ before: TrainingState, _ step: StageStep, _ report: (TrainingReport) throws -> Void
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
        let evaluator = try Evaluator(
            Analysis(stageNetwork, on: family), store: store, mode: .integer, padsBothSides: padsBothSides,
            loss: plan.loss, batch: min(plan.batch, data.count(evaluated)), arithmetic: plan.arithmetic)
        return try evaluate(evaluator, limit: Trainer.integerSamples, isCancelled)
    }

    private func evaluate(
        _ evaluator: Evaluator, limit: Int = .max, _ isCancelled: () -> Bool
    ) throws(TrainingError) -> Evaluator.Result? {
        do {
            return try evaluator.evaluate(data, evaluated, limit: limit, isCancelled: isCancelled)
        } catch .engine(.notFinite(let layer, let what)) {
            throw .notFinite(at: state.step, store, layer: layer, what: what)
        } catch {
            throw error
        }
    }

    private func checkpoint(_ step: StageStep) throws(TrainingError) -> Safetensors {
        // A bias that is none can hide behind a quantizer, which holds every value in its range.
        if let entry = store.firstNotFinite {
            throw .notFinite(step: state.step, layer: entry.layer, what: "its \(entry.stem)")
        }
        return checkpoint(step.optimizer)
    }

    private func checkpoint(_ optimizer: Optimizer) -> Safetensors {
        Checkpoint.run(store, optimizer, state, network: digest(stageNetwork), data: data.digest)
    }

    /// The checkpoint in front of the first step.
    public var start: Safetensors {
        checkpoint(Optimizer(stage.optimizer, weightDecay: plan.weightDecay, for: store))
    }

    /// The numbers as `weights.safetensors` holds them.
    public var weights: Safetensors { Checkpoint.weights(store, digest: digest(stageNetwork)) }

    /// The numbers of a checkpoint of the stage that ran last, as `weights.safetensors` holds them.
    public func weights(of checkpoint: Safetensors) throws(TrainingError) -> Safetensors {
        let store = ParameterStore(Analysis(stageNetwork, on: family))
        try Checkpoint.load(checkpoint, into: store)
        return Checkpoint.weights(store, digest: digest(stageNetwork))
    }
}
