import Datasets
import Graph

/// One stage of training made ready: its program, its optimizer, and the step that it repeats.
final class StageStep {
    let optimizer: Optimizer
    let normalization: Normalization
    private let program: Program
    private let plan: TrainingPlan
    private let teacher: Program?
    private let output: Program.Port?
    private let labels: UnsafeMutableBufferPointer<Int32>

    /// What a step found.
    struct Done {
        var loss: Double
        var accuracy: Double?
        var gradientNorm: Double
    }

    init(
        _ analysis: Analysis, store: ParameterStore, plan: TrainingPlan, stage: TrainingPlan.Stage,
        isQuantized: Bool, padsBothSides: Bool, teacher: ParameterStore?, data: Dataset
    ) throws(TrainingError) {
        self.plan = plan
        var options = Program.Options(batch: plan.batch)
        (options.isTraining, options.isQuantized) = (true, isQuantized)
        (options.arithmetic, options.padsBothSides) = (plan.arithmetic, padsBothSides)
        do {
            program = try Program(analysis, store: store, options: options)
            options.isTraining = false
            options.isQuantized = false
            self.teacher = try teacher.map { store throws(EngineError) in
                try Program(analysis, store: store, options: options)
            }
        } catch {
            throw .engine(error)
        }
        output = plan.loss == .distillation ? nil : try Evaluator.answer(of: program)
        if let output { try Evaluator.check(program, output, data) }
        optimizer = Optimizer(stage.optimizer, weightDecay: plan.weightDecay, for: store)
        normalization = Normalization(analysis.network)
        labels = .allocate(capacity: plan.batch)
        labels.initialize(repeating: 0)
    }

    deinit { labels.deallocate() }

    /// Takes a batch, computes gradients and applies them; nil at the end of an epoch. Where a number is not finite nothing is
    /// applied.
    func run(
        _ loader: Loader, rate: Double, at step: Int, isFrozen: Bool
    ) throws(TrainingError) -> Done? {
        do {
            guard try loader.next(into: program.inputs[0].values, labels: labels) > 0 else { return nil }
        } catch {
            throw .data(error)
        }
        var done = Done(loss: 0, accuracy: nil, gradientNorm: 0)
        do {
            try program.forward(isFrozen ? .frozenTraining : .training)
            program.clearOutputGradients()
            try measure(&done)
            try program.backward()
        } catch .notFinite(let layer, let what) {
            throw .notFinite(step: step, layer: layer, what: what)
        } catch {
            throw .engine(error)
        }
        guard done.loss.isFinite else {
            throw .notFinite(step: step, layer: output?.name ?? program.outputs[0].name, what: "the loss")
        }
        done.gradientNorm = optimizer.norm(of: program.gradients)
        guard done.gradientNorm.isFinite else {
            let entry = program.firstParameterWithoutFiniteGradient
            throw .notFinite(
                step: step, layer: entry?.layer ?? "-",
                what: "the gradient of its \(entry.map { $0.name.dropFirst($0.layer.count + 1) } ?? "parameters")")
        }
        var scale = 1.0
        if let limit = plan.gradientNorm, done.gradientNorm > limit { scale = limit / done.gradientNorm }
        optimizer.step(program.gradients, rate: rate, scale: scale)
        return done
    }

    private func measure(_ done: inout Done) throws(EngineError) {
        let batch = plan.batch
        if let output {
            let value = plan.loss.evaluate(
                output.values, labels: UnsafeBufferPointer(labels), count: batch,
                classes: output.shape.elements, gradient: output.gradient)
            done.loss = value.sum / Double(batch)
            done.accuracy = Double(value.right) / Double(batch)
            return
        }
        guard let teacher else { return }
        for (mine, theirs) in zip(program.inputs, teacher.inputs) {
            _ = theirs.values.update(fromContentsOf: mine.values)
        }
        try teacher.forward(.evaluation)
        for (mine, theirs) in zip(program.outputs, teacher.outputs) {
            done.loss +=
                Loss.distance(
                    mine.values, from: theirs.values, count: batch, elements: mine.shape.elements,
                    isVector: mine.shape.elements == mine.shape.channels, gradient: mine.gradient)
                / Double(batch)
        }
    }
}
