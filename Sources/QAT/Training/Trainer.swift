public import Datasets
public import Graph
public import Weights

/// Trains a network by a plan: a plain loop that hands reports to its caller.
///
/// The same plan and data give the same numbers, to the bit, at any number of threads, however often the run was stopped
/// and gone on with at a checkpoint. All of it belongs to the thread that calls `run`.
public final class Trainer {
    /// The network as the session has it.
    public let network: Network
    /// What is done.
    public let plan: TrainingPlan
    /// The data.
    public let data: Dataset
    /// Where the run stands.
    public internal(set) var state: TrainerState
    /// The network of the stage that runs, or ran last.
    public private(set) var stageNetwork: Network
    /// The numbers of that network.
    public private(set) var store: ParameterStore

    /// The most samples that are asked in whole numbers at the end of a stage, the first ones: ten thousand would take half
    /// as long as an epoch.
    public static let integerSamples = 1000
    /// The most training samples that are asked where the data has no others.
    public static let trainingSamples = 512

    let family: ArithmeticFamily
    let padsBothSides: Bool
    let digest: (Network) -> String
    private let resumed: Safetensors?
    private let timings: ProductTimings?
    let teacher: LoadedModel?
    /// The numbers that an evaluation asks: those of the store, or their average, with the statistics that belong to them.
    public private(set) var evaluatedStore: ParameterStore
    /// The average of the stage's weights, without statistics of its own; nil where the plan has none.
    private(set) var average: ParameterStore?
    /// The step that the evaluated numbers are of; nil before the first of the stage.
    var evaluatedStep: Int?
    /// What finds the statistics in this stage; nil before it is needed.
    var estimate: StatisticsEstimate?
    private var threads = ThreadBalance(limit: 1)
    private var hasLeftThreadsOut = false

    /// How a run ended.
    public enum Ending: Hashable, Sendable {
        /// The plan is done.
        case finished
        /// The caller asked to stop; the last report was a checkpoint.
        case interrupted
    }

    /// Prepares a run. `weights` are what the first stage begins with, drawn by the seed where nil; `checkpoint` goes on
    /// with a run of the same plan; `teacher` is the float model that distillation learns from; by `timings` products have the
    /// fastest methods, as far as the plan allows.
    public init(
        _ network: Network, on family: ArithmeticFamily, padsBothSides: Bool = false, plan: TrainingPlan,
        data: Dataset, weights: Safetensors? = nil, checkpoint: Safetensors? = nil,
        teacher: FloatModel? = nil, timings: ProductTimings? = nil, digest: @escaping (Network) -> String
    ) throws(TrainingError) {
        guard !plan.stages.isEmpty, plan.batch > 0 else { throw .mismatch("the plan has no stages") }
        guard data.count(.train) >= plan.samplesAStep else {
            let batches = plan.accumulate == 1 ? "a batch" : "\(plan.accumulate) batches"
            throw .mismatch(
                "\(data.count(.train)) training samples do not fill \(batches) of \(plan.batch); make --batch smaller"
            )
        }
        self.network = network
        self.plan = plan
        self.data = data
        self.family = family
        self.padsBothSides = padsBothSides
        self.digest = digest
        self.timings = timings
        resumed = checkpoint
        state =
            try checkpoint.map { file throws(TrainingError) in try Checkpoint.state(of: file) }
            ?? TrainerState()
        guard plan.stages.indices.contains(state.stage) else {
            throw .checkpoint(
                "the checkpoint is at stage \(state.stage + 1); the plan has \(plan.stages.count)")
        }
        if let checkpoint { try Checkpoint.check(checkpoint, data: data.digest) }
        stageNetwork = plan.stages[state.stage].network(of: network)
        store = ParameterStore(Analysis(stageNetwork, on: family))
        if let checkpoint {
            try Checkpoint.load(checkpoint, into: store)
        } else if let weights {
            try Checkpoint.load(weights, into: store)
        } else {
            store.initialize(seed: plan.seed)
            if plan.initialWeights == .fitted {
                try store.fit(
                    Analysis(stageNetwork, on: family),
                    isQuantized: plan.stages[state.stage].bits != Quantization.float,
                    padsBothSides: padsBothSides, to: data)
            }
            store.beginRare(network.task)
        }
        try plan.checkPatterns(in: store.layout)
        evaluatedStore = ParameterStore(Analysis(stageNetwork, on: family))
        evaluatedStore.copy(store)
        average = plan.average == nil ? nil : ParameterStore(Analysis(stageNetwork, on: family))
        average?.copyParameters(store)
        if let checkpoint {
            if let average {
                try Checkpoint.loadAverage(checkpoint, into: average)
                evaluatedStore.copyParameters(average)
            }
            try Checkpoint.loadEvaluated(checkpoint, into: evaluatedStore)
            evaluatedStep = state.step
        }
        if plan.loss == .distillation {
            guard let teacher else { throw .mismatch(Loss.needsTeacher) }
            self.teacher = try LoadedModel(teacher, on: family)
        } else {
            self.teacher = nil
        }
    }

    var stage: TrainingPlan.Stage { plan.stages[state.stage] }
    var isQuantized: Bool { stage.bits != Quantization.float }
    /// Steps in an epoch.
    public var stepsAnEpoch: Int { data.count(.train) / plan.samplesAStep }

    /// Steps of the whole run, where nothing stops it early.
    public var totalSteps: Int {
        let all = plan.stages.reduce(0) { $0 + $1.epochs } * stepsAnEpoch
        return min(all, plan.stepLimit ?? all)
    }

    /// How many numbers are learned.
    public var parameterCount: Int { store.layout.parameters.reduce(0) { $0 + $1.count } }

    /// The samples that are asked: held out ones, else those of the test. Distillation, which needs no labels to be right
    /// or wrong about, asks training samples where there are no others.
    public var evaluatedSplit: Split {
        if data.count(.validation) > 0 { return .validation }
        return plan.loss == .distillation && data.count(.test) == 0 ? .train : .test
    }

    /// What the caller of a trainer wants next; asked after every step.
    public enum StepDirective: Sendable {
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
    public func run(wish: () -> StepDirective, report: (TrainingReport) throws -> Void) throws -> Ending {
        threads = ThreadBalance(limit: Engine.isAutomatic ? Engine.threads : 1)
        defer { Engine.activeThreads = Engine.threads }
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
        state.stageStep = 0
        state.stageEpoch = state.epoch
        state.forgetBest()
        stageNetwork = stage.network(of: network)
        let next = ParameterStore(Analysis(stageNetwork, on: family))
        // The average is what a stage made, and the last checkpoint of the stage gave it its statistics.
        next.adopt(average == nil ? store : evaluatedStore)
        store = next
        evaluatedStore = ParameterStore(Analysis(stageNetwork, on: family))
        evaluatedStore.copy(store)
        average = plan.average == nil ? nil : ParameterStore(Analysis(stageNetwork, on: family))
        average?.copyParameters(store)
        evaluatedStep = nil
        estimate = nil
    }

    private func runStage(
        isResumed: Bool, _ wish: () -> StepDirective, _ report: (TrainingReport) throws -> Void
    ) throws -> Ending {
        if isStale { return .finished }
        let analysis = Analysis(stageNetwork, on: family)
        let step = try StageStep(
            analysis, store: store, plan: plan, stage: stage, isQuantized: isQuantized,
            padsBothSides: padsBothSides, products: products, teacher: teacher, data: data)
        state.products?.merge(step.products) { begun, _ in begun }
        if isResumed, let resumed { try Checkpoint.load(resumed, into: step.optimizer, store.layout) }
        let loader = Loader(
            data, split: .train, batch: plan.batch, seed: plan.seed, shuffled: true, augmented: true,
            dropsLast: true, mean: step.normalization.mean, variance: step.normalization.variance,
            from: LoaderPosition(epoch: state.epoch, sample: state.sample))
        let stageSteps = stage.epochs * stepsAnEpoch
        try report(
            .stage(
                index: state.stage, count: plan.stages.count, title: stage.title, steps: stageSteps))
        let evaluator =
            data.count(evaluatedSplit) == 0
            ? nil : try evaluator(isQuantized ? .quantized : .float, analysis)
        if let evaluator, try evaluateStart(evaluator, step, wish, report) == .interrupted {
            return .interrupted
        }
        var observer: Observer?
        while state.stageStep < stageSteps, state.step < totalSteps {
            let share = plan.schedule.share(step: state.stageStep, of: stageSteps, warmup: plan.warmup)
            let rate = stage.learningRate * share
            if beginsFrozen { try freeze() }
            let isFrozen = isFrozen(state.stageStep)
            let begin = ContinuousClock.now
            guard let done = try step.run(loader, rate: rate, at: state.step + 1, isFrozen: isFrozen) else {
                if let ending = try endEpoch(evaluator, step, wish, report) { return ending }
                continue
            }
            state.step += 1
            state.stageStep += 1
            if let decay = plan.average {
                average?.follow(store, share: WeightAverage.share(decay: decay, step: state.stageStep))
            }
            state.sample = loader.position.sample
            try report(
                .step(
                    TrainingReport.Step(
                        step: state.step, steps: totalSteps, epoch: state.epoch, stage: state.stage,
                        learningRate: rate, result: done)))
            let computing = (ContinuousClock.now - begin) / .seconds(1) * (1 - (done.loadingShare ?? 0))
            try balanceThreads(seconds: computing, report)
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

    /// How products are chosen: as the run began with, else the fastest.
    private var products: ProductSelection {
        guard let recorded = state.products else { return .fixed }
        var selection = ProductSelection(
            timings: plan.isDeterministic ? nil : timings, gradients: plan.gradients)
        selection.recorded = recorded
        return selection
    }

    /// Lets as many threads take part as are fastest; says it when some are left out for the first time.
    private func balanceThreads(
        seconds: Double, _ report: (TrainingReport) throws -> Void
    ) throws {
        guard threads.limit > 1 else { return }
        threads.add(step: seconds)
        if threads.active != Engine.activeThreads { Engine.activeThreads = threads.active }
        guard !hasLeftThreadsOut, !threads.isTrying, threads.active < threads.limit else { return }
        hasLeftThreadsOut = true
        try report(.threads(threads.active, of: threads.limit))
    }

    private func observe(
        _ observer: inout Observer?, _ analysis: Analysis, _ report: (TrainingReport) throws -> Void
    ) throws {
        let current =
            try observer
            ?? Observer(
                analysis, store: store, isQuantized: isQuantized, padsBothSides: padsBothSides, data: data)
        observer = current
        try report(.observation(try current.observe(), step: state.step))
    }
}
