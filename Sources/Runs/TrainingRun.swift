import Datasets
import Devices
import Editing
import Graph
public import QAT
public import Sessions
import Weights

/// A run of a session: what `magikbench train` does, with every report in the run store.
public struct TrainingRun {
    /// What to do.
    public enum Request: Sendable {
        /// A new run; `fromWeights` begins with the session's weights instead of drawing new ones.
        case begin(TrainingPlan, fromWeights: Bool)
        /// Goes on with a run at its last checkpoint; nil is the newest run.
        case resume(run: String?)
    }

    var session: Session
    let isStopped: () -> Bool
    private let isCheckpointDue: () -> Bool
    let tell: (Event) -> Void
    private let torch: TorchEngine?
    private let timings: ProductTimingsFile?
    /// What the methods take, as far as it is measured; nil where nothing is.
    private var measured: ProductTimings?

    /// A run that tells `tell` what happens, and stops at a checkpoint when `isStopped` says so; by this program's own
    /// engine, or by PyTorch. `timings` is the cache of measured product times; nil uses the method every machine has.
    public init(
        _ session: Session, with torch: TorchEngine? = nil, timings: ProductTimingsFile? = nil,
        isStopped: @escaping () -> Bool,
        isCheckpointDue: @escaping () -> Bool, tell: @escaping (Event) -> Void
    ) {
        self.session = session
        self.torch = torch
        self.timings = timings
        self.isStopped = isStopped
        self.isCheckpointDue = isCheckpointDue
        self.tell = tell
    }

    /// Trains. Throws `TrainingError`, `TorchFailure`, `RunStoreError` or `SessionError`; the last checkpoint is then as it was.
    public mutating func run(_ request: Request) throws -> End {
        let folder = try session.folder()
        let store = try RunStore.openForWriting(session: folder)
        switch request {
        case .begin(var plan, let fromWeights):
            plan.beginsWithWeights = fromWeights
            try torch?.check(plan)
            let data = try TrainingRun.open(plan, for: session.document)
            let weights = try session.weights(isRequired: fromWeights)
            let teacher = plan.loss == .distillation ? try teacher(weights) : nil
            let trainer = try makeTrainer(
                session.document, plan, data, weights: fromWeights ? weights : nil, checkpoint: nil,
                teacher: teacher)
            var record = RunRecord(
                plan: plan.json(with: torch), seed: plan.seed, data: plan.data,
                digest: session.document.network.digest,
                network: session.document.text, device: session.document.device.rawValue)
            record.steps = trainer.totalSteps
            record.stepsPerEpoch = trainer.stepsAnEpoch
            let writer = try store.begin(record, checkpoint: trainer.start, teacher: teacher)
            return try train(trainer, store, writer)
        case .resume(let name):
            let record = try TrainingRun.record(name, in: store)
            guard record.state != .finished else {
                throw TrainingError.checkpoint(
                    "run '\(record.id)' is finished; train without --resume begins another")
            }
            guard let plan = TrainingPlan(json: record.plan) else {
                throw TrainingError.checkpoint(
                    "run '\(record.id)' has no plan that this magikbench understands")
            }
            try torch?.check(plan)
            let document = try Document(bytes: Array(record.network.utf8))
            guard let checkpoint = try store.checkpoint(.last, of: record.id) else {
                throw TrainingError.checkpoint(
                    "run '\(record.id)' has lost its checkpoint; begin another without --resume")
            }
            let trainer = try makeTrainer(
                document, plan, try TrainingRun.open(plan, for: document), weights: nil,
                checkpoint: checkpoint,
                teacher: try store.teacher(of: record.id, network: document.network))
            return try train(trainer, store, try store.resume(record.id, after: trainer.state.step))
        }
    }

    /// What distillation learns from: the float model that the session was quantized from, else its weights in float; nil
    /// where it has neither.
    private func teacher(_ weights: Safetensors?) throws -> FloatModel? {
        if torch != nil, try session.floatModel() != nil { throw TorchFailure.teacher }
        return try TrainingRun.teacher(of: session, weights)
    }

    static func teacher(of session: Session, _ weights: Safetensors?) throws -> FloatModel? {
        if let model = try session.floatModel() { return model }
        return weights.map { FloatModel(network: session.document.network, weights: $0) }
    }

    private static func open(_ plan: TrainingPlan, for document: Document) throws -> Dataset {
        guard let input = document.network.inputs.first else {
            throw TrainingError.mismatch("the network has no input to feed data into")
        }
        let spec = try DataSpec(plan.data)
        return try Dataset.open(
            spec, shape: input.shape, task: document.network.task, readsLabels: plan.readsLabels(of: spec),
            seed: plan.seed)
    }

    private static func record(_ name: String?, in store: RunStore) throws -> RunRecord {
        if let name {
            guard let record = try store.run(name) else {
                throw RunStoreError.noRun(name, store: store.path)
            }
            return record
        }
        guard let last = try store.runs().max(by: { $0.started < $1.started }) else {
            throw TrainingError.checkpoint("the session has no run to go on with")
        }
        return last
    }

    private mutating func makeTrainer(
        _ document: Document, _ plan: TrainingPlan, _ data: Dataset, weights: Safetensors?,
        checkpoint: Safetensors?, teacher: FloatModel?
    ) throws -> Trainer {
        if !plan.isDeterministic { measured = timings?.read() }
        return try Trainer(
            document.network, on: document.device.family, padsBothSides: document.device.padsBothSides,
            plan: plan, data: data, weights: weights, checkpoint: checkpoint, teacher: teacher,
            timings: measured
        ) { $0.digest }
    }

    private mutating func train(_ trainer: Trainer, _ store: RunStore, _ writer: RunWriter) throws -> End {
        if let torch { return try train(trainer, store, writer, with: torch) }
        tell(
            .started(
                Start(
                    run: writer.run, parameters: trainer.parameterCount, threads: Engine.threads,
                    steps: trainer.totalSteps, doneSteps: trainer.state.step, plan: trainer.plan,
                    notes: trainer.data.notes)))
        var rate = TrainingRate()
        var load = MachineLoad()
        var schedule = RecordingSchedule()
        let last = try store.evaluations(of: writer.run).last { $0.mode != .integer }
        var accuracy = last?.accuracy
        var sqnr = last?.sqnr
        let ending: Trainer.Ending
        do {
            ending = try trainer.run {
                isStopped() ? .stop : isCheckpointDue() ? .checkpoint : schedule.isDue ? .observation : .goOn
            } report: { report in
                switch report {
                case .stage: if let measured { timings?.add(measured) }
                case .threads: break
                case .observation(let tensors, let step):
                    let keepsHistograms = schedule.done()
                    for tensor in tensors { try writer.add(.range(RunRange(tensor, step: step))) }
                    for tensor in tensors where keepsHistograms {
                        try writer.add(.histogram(RunHistogram(tensor, step: step)))
                    }
                    rate.pause()
                case .step(let step):
                    rate.add(step.step)
                    let speed = rate.samplesPerSecond(batch: trainer.plan.samplesAStep)
                    try writer.add(
                        .metrics(
                            RunMetrics(
                                step, imagesPerSecond: speed, machineLoad: load.now(), written: System.now)))
                case .evaluation(let evaluation):
                    accuracy = evaluation.result.accuracy
                    sqnr = evaluation.result.sqnr
                    for row in RunEvaluation.all(of: evaluation) { try writer.add(.evaluation(row)) }
                    rate.pause()
                case .checkpoint(let file, let step, let epoch, let isBest):
                    // The best one first: a run that resumes from the last one cannot find it again.
                    if isBest { try writer.save(file, as: .best, step: step, epoch: epoch) }
                    try writer.save(file, as: .last, step: step, epoch: epoch)
                    tell(.saved(path: RunFiles.checkpoint(.last, of: writer.run)))
                    rate.pause()
                }
                tell(.report(report))
            }
        } catch {
            fail(writer, error)
            throw error
        }
        guard ending == .finished else {
            try writer.end(.interrupted)
            return finish(
                End(
                    isFinished: false, run: writer.run, steps: trainer.state.step, accuracy: accuracy,
                    sqnr: sqnr))
        }
        let path: String
        let changed: String?
        do {
            path = try session.save(weights: try chosen(trainer, store, writer.run))
            changed = try adopt(trainer)
            try writer.end(.finished)
        } catch {
            fail(writer, error)
            throw error
        }
        return finish(
            End(
                isFinished: true, run: writer.run, steps: trainer.state.step, accuracy: accuracy,
                sqnr: sqnr, weights: path, changedNetwork: changed))
    }

    /// Weights that were chosen on the test set would flatter themselves; those chosen on other samples do not.
    func chosen(_ trainer: Trainer, _ store: RunStore, _ run: String) throws -> Safetensors {
        guard trainer.evaluatedSplit != .test, let best = try store.checkpoint(.best, of: run),
            try Checkpoint.state(of: best).stage == trainer.state.stage
        else { return trainer.weights }
        return try trainer.weights(of: best)
    }

    /// Records that the run failed, where it still can be recorded: the failure itself says more.
    func fail(_ writer: RunWriter, _ failure: any Error) {
        do {
            try writer.end(.failed, message: "\(failure)")
        } catch {
            // The store keeps the run as one whose process is gone; it can be gone on with all the same.
        }
    }

    func finish(_ end: End) -> End {
        tell(.ended(end))
        return end
    }

    /// A recipe ends at bits of its own: the session's network becomes the one that the weights are of.
    mutating func adopt(_ trainer: Trainer) throws -> String? {
        let trained = trainer.stageNetwork
        let now = try Session.open(session.path)
        guard trained != now.document.network, trainer.network == now.document.network else { return nil }
        session.document = now.document
        session.document.network = trained
        try session.save()
        return trainer.plan.stages.last?.title
    }
}

extension TrainingPlan {
    /// The plan as a record keeps it, with the engine where it is another.
    fileprivate func json(with torch: TorchEngine?) -> JSON {
        guard let torch, case .object(let members) = json else { return json }
        return .object(
            members + [.init("engine", "torch"), .init("processes", .integer(torch.processes))])
    }
}

extension TrainingPlan {
    /// Whether a run reads what is right about its samples: distillation learns from the float network instead, unless classes
    /// decide how often samples are drawn.
    func readsLabels(of data: DataSpec) -> Bool {
        loss != .distillation || data.isBalanced || data.weighsClasses
    }
}
