import Datasets
import Devices
import Editing
import Graph
import Platform
import QAT
import Sessions

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

// A run whose steps PyTorch makes.
extension TrainingRun {
    /// The names of what such a run has in its folder, beside its checkpoints.
    private static let (scriptName, planName, logName) = ("network.py", "plan.json", "torch.log")
    /// Milliseconds between two looks at whether to stop.
    private static let patience: Int32 = 200

    /// Starts the processes, records what they tell, and takes over what they learned.
    mutating func train(
        _ trainer: Trainer, _ store: RunStore, _ writer: RunWriter, with engine: TorchEngine
    ) throws -> End {
        let folder = RunFiles.folder(of: writer.run)
        tell(
            .started(
                Start(
                    run: writer.run, parameters: trainer.parameterCount, threads: engine.threads,
                    steps: trainer.totalSteps, doneSteps: trainer.state.step, plan: trainer.plan,
                    notes: trainer.data.notes
                        + ["PyTorch trains, in \(counted(engine.processes, "process", plural: "processes"))"])
            ))
        var followed = Followed(step: trainer.state.step, stage: -1)
        do {
            try store.files.replace(
                "\(folder)/\(TrainingRun.scriptName)", with: Array(try engine.script(trainer.plan).utf8))
            try store.files.replace(
                "\(folder)/\(TrainingRun.planName)", with: Array(trainer.plan.json.compact.utf8))
            try follow(engine, trainer, writer, folder, &followed)
        } catch {
            fail(writer, error)
            throw error
        }
        guard followed.isFinished == true else {
            try writer.end(.interrupted)
            return finish(
                End(
                    isFinished: false, run: writer.run, steps: followed.step,
                    accuracy: followed.evaluation?.result.accuracy))
        }
        return try takeOver(trainer, store, writer, followed)
    }

    /// What a run has reported.
    private struct Followed {
        /// Steps done.
        var step: Int
        /// The stage that the last step was of.
        var stage: Int
        /// The step of the last checkpoint.
        var saved = 0
        var evaluation: TrainingReport.Evaluation?
        /// Whether the plan is done; nil where the processes did not say.
        var isFinished: Bool?
        /// The processes by rank.
        var workers: [Int: pid_t] = [:]
        var errors: [(isOwn: Bool, message: String)] = []
        /// When the layers are looked at.
        var schedule = RecordingSchedule()
        var load = MachineLoad()
    }

    private func follow(
        _ engine: TorchEngine, _ trainer: Trainer, _ writer: RunWriter, _ folder: String,
        _ followed: inout Followed
    ) throws {
        let files = writer.store.files
        let log = "\(folder)/\(TrainingRun.logName)"
        files.discard(log)
        let messages = try files.openToWrite(log, O_WRONLY | O_APPEND)
        defer { close(messages) }
        let path = files.path(of: folder)
        followed.saved = trainer.state.step
        var rest = [
            "--plan", "\(path)/\(TrainingRun.planName)", "--folder", path,
            "--checkpoint", "\(path)/checkpoint.safetensors",
        ]
        if trainer.plan.loss == .distillation { rest += ["--teacher", "\(path)/teacher.safetensors"] }
        var started: DetachedProcess?
        var pipe = try LinePipe { (end) throws(DiskError) in
            started = try DetachedProcess(
                engine.python, engine.arguments("\(path)/\(TrainingRun.scriptName)", rest),
                output: .descriptor(end), errors: .descriptor(messages),
                environment: ["OMP_NUM_THREADS": "\(engine.threads)", "PYTHONUNBUFFERED": "1"])
        }
        defer { pipe.stop() }
        guard let process = started else { preconditionFailure("a pipe starts its process") }
        let end: DetachedProcess.End
        do {
            end = try listen(to: &pipe, process, trainer, writer, &followed)
        } catch {
            // Nothing is recorded any more: the processes must not go on training.
            endAll(process, followed)
            throw error
        }
        if followed.isFinished != nil, followed.errors.isEmpty, end == .code(0) { return }
        // Told to end, a launcher ends as if it had failed; the checkpoint is there all the same.
        if followed.isFinished == false, isStopped() { return }
        throw failure(end, log, in: files, followed)
    }

    /// Hears the processes to their end.
    private func listen(
        to pipe: inout LinePipe, _ process: DetachedProcess, _ trainer: Trainer, _ writer: RunWriter,
        _ followed: inout Followed
    ) throws -> DetachedProcess.End {
        var isTold = false
        var end = DetachedProcess.End?.none
        var heartbeat = System.steady
        while true {
            switch try pipe.next(within: TrainingRun.patience) {
            case .line(let line):
                if let message = TorchMessage(line, steps: trainer.totalSteps) {
                    try take(message, trainer, writer, &followed)
                }
            case .nothing: if let end { return end }
            case .end:
                if let end { return end }
                return try process.wait()
            }
            if !isTold, isStopped() {
                isTold = true
                // The first of them tells the others at the next step.
                kill(followed.workers[0] ?? -process.number, SIGTERM)
            }
            if System.steady - heartbeat > 1 {
                heartbeat = System.steady
                try writer.flush()
                if end == nil, let found = try process.ended() {
                    // A launcher that is gone leaves workers that train on and hold the pipe open.
                    end = found
                    endAll(process, followed)
                }
            }
        }
    }

    /// Ends all processes at once; a checkpoint that one of them writes is the old or the new.
    private func endAll(_ process: DetachedProcess, _ followed: Followed) {
        kill(-process.number, SIGKILL)
        for worker in followed.workers.values { kill(worker, SIGKILL) }
    }

    private func take(
        _ message: TorchMessage, _ trainer: Trainer, _ writer: RunWriter, _ followed: inout Followed
    ) throws {
        switch message {
        case .worker(let rank, let process): followed.workers[rank] = pid_t(exactly: process)
        case .step(let step, let speed):
            if step.stage != followed.stage, trainer.plan.stages.indices.contains(step.stage) {
                followed.stage = step.stage
                let stage = trainer.plan.stages[step.stage]
                tell(
                    .report(
                        .stage(
                            index: step.stage, count: trainer.plan.stages.count, title: stage.title,
                            steps: stage.epochs * trainer.stepsAnEpoch)))
            }
            followed.step = step.step
            try writer.add(
                .metrics(
                    RunMetrics(
                        step, imagesPerSecond: speed, machineLoad: followed.load.now(), written: System.now)))
            tell(.report(.step(step)))
        case .evaluation(let evaluation):
            followed.evaluation = evaluation
            for row in RunEvaluation.all(of: evaluation) { try writer.add(.evaluation(row)) }
            tell(.report(.evaluation(evaluation)))
        case .checkpoint(let step, let epoch, let isBest):
            if isBest { try writer.saved(as: .best, step: step, epoch: epoch) }
            try writer.saved(as: .last, step: step, epoch: epoch)
            followed.saved = step
            tell(.saved(path: RunFiles.checkpoint(.last, of: writer.run)))
            if followed.schedule.isDue { try observe(trainer, writer, step, &followed) }
        case .error(_, let isOwn, let message): followed.errors.append((isOwn, message))
        case .end(let isFinished): followed.isFinished = isFinished
        }
    }

    /// Looks at all layers with the numbers of the last checkpoint.
    private func observe(
        _ begun: Trainer, _ writer: RunWriter, _ step: Int, _ followed: inout Followed
    ) throws {
        guard let trainer = try goneOn(begun, writer) else { return }
        let eye = try Observer(
            Analysis(trainer.stageNetwork, on: session.document.device.family), store: trainer.store,
            isQuantized: trainer.plan.stages[trainer.state.stage].bits != Quantization.float,
            padsBothSides: session.document.device.padsBothSides, data: trainer.data)
        let tensors = try eye.observe()
        let keepsHistograms = followed.schedule.done()
        for tensor in tensors {
            try writer.add(.range(RunRange(tensor, step: step)))
            if keepsHistograms { try writer.add(.histogram(RunHistogram(tensor, step: step))) }
        }
        tell(.report(.observation(tensors, step: step)))
    }

    /// A trainer that stands where the last checkpoint does; nil where there is none.
    private func goneOn(_ begun: Trainer, _ writer: RunWriter) throws -> Trainer? {
        guard let last = try writer.store.checkpoint(.last, of: writer.run) else { return nil }
        return try Trainer(
            begun.network, on: session.document.device.family,
            padsBothSides: session.document.device.padsBothSides, plan: begun.plan, data: begun.data,
            checkpoint: last, teacher: try writer.store.teacher(of: writer.run, network: begun.network)
        ) { $0.digest }
    }

    /// Why the processes ended: a signal first, for what the others say then is that one is gone.
    private func failure(
        _ end: DetachedProcess.End, _ name: String, in files: Folder, _ followed: Followed
    ) -> TorchFailure {
        let log = files.path(of: name)
        let step = followed.saved
        if case .signal(let signal) = end {
            let process = Int(followed.workers[0] ?? 0)
            return followed.workers.count == 1
                ? .killed(rank: 0, process: process, signal: Int(signal), step: step)
                : .ended("was ended by signal \(signal)", log: log, step: step)
        }
        var words = ""
        var unread = ""
        do {
            words = String(decoding: try files.read(name, limit: 16 << 20), as: UTF8.self)
        } catch {
            unread = " (what it said cannot be read: \(error))"
        }
        if let casualty = TorchCasualty.first(in: words) {
            return .killed(
                rank: casualty.rank, process: casualty.process, signal: casualty.signal, step: step)
        }
        if let error = followed.errors.first(where: \.isOwn) ?? followed.errors.first {
            return .told(error.message, step: step)
        }
        let lines = words.split(whereSeparator: \.isNewline)
        guard case .code(let code) = end, code != 0 else {
            return .ended("ended before the run was done\(unread)", log: log, step: step)
        }
        return .ended(
            "failed with code \(code)" + (lines.last.map { " (\(String($0).oneLine(upTo: 160)))" } ?? unread),
            log: log, step: step)
    }

    /// The weights of the last checkpoint become the session's; what PyTorch measured is measured again here.
    private mutating func takeOver(
        _ begun: Trainer, _ store: RunStore, _ writer: RunWriter, _ followed: Followed
    ) throws -> End {
        var end = End(
            isFinished: true, run: writer.run, steps: followed.step,
            accuracy: followed.evaluation?.result.accuracy)
        do {
            guard let trainer = try goneOn(begun, writer) else {
                throw TrainingError.checkpoint("run '\(writer.run)' has lost its checkpoint")
            }
            if let theirs = followed.evaluation, let own = try evaluated(trainer, like: theirs) {
                let asked = own.count
                end.accuracy = own.accuracy
                if let theirs = theirs.result.accuracy, let own = own.accuracy {
                    end.check = Check(theirs: theirs, own: own, count: asked)
                }
            }
            end.weights = try session.save(weights: try chosen(trainer, store, writer.run))
            end.changedNetwork = try adopt(trainer)
            try writer.end(.finished, message: end.check?.difference)
        } catch {
            fail(writer, error)
            throw error
        }
        return finish(end)
    }

    private func evaluated(
        _ trainer: Trainer, like theirs: TrainingReport.Evaluation
    ) throws -> Evaluator.Result? {
        let evaluator = try Evaluator(
            Analysis(trainer.stageNetwork, on: session.document.device.family),
            store: trainer.evaluatedStore, mode: theirs.isQuantized ? .quantized : .float,
            padsBothSides: session.document.device.padsBothSides, loss: trainer.plan.loss,
            batch: min(trainer.plan.batch, max(1, trainer.data.count(theirs.split))),
            arithmetic: trainer.plan.arithmetic)
        return try evaluator.evaluate(trainer.data, theirs.split)
    }
}
