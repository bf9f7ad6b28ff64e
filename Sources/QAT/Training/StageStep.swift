import CKernels
import Datasets
import Graph

/// One stage of training made ready: its program, its optimizer, and the step that it repeats.
final class StageStep {
    let optimizer: Optimizer
    let normalization: InputNormalization
    let program: Program
    let analysis: Analysis
    private let plan: TrainingPlan
    private let objective: any Objective
    private let labels: UnsafeMutableBufferPointer<Int32>
    /// Samples of an epoch, with those that fill no step.
    private let samples: Int
    /// The mean of the gradients of several batches; empty where a step has one batch.
    private let sums: UnsafeMutableBufferPointer<Float>

    init(
        _ analysis: Analysis, store: ParameterStore, plan: TrainingPlan, stage: TrainingPlan.Stage,
        isQuantized: Bool, padsBothSides: Bool, products: ProductSelection, teacher: LoadedModel?,
        data: Dataset
    ) throws(TrainingError) {
        self.analysis = analysis
        self.plan = plan
        var options = Program.Options(batch: plan.batch)
        options.isTraining = true
        options.isQuantized = isQuantized
        options.arithmetic = plan.arithmetic
        options.padsBothSides = padsBothSides
        options.memory = plan.memory
        options.products = products
        do {
            program = try Program(analysis, store: store, options: options)
        } catch {
            throw .engine(error)
        }
        objective = try plan.loss.objective(
            for: program, of: analysis.network, teacher: teacher, padsBothSides: padsBothSides,
            smoothing: plan.labelSmoothing)
        try objective.check(data)
        optimizer = Optimizer(
            stage.optimizer, weightDecay: plan.weightDecay, for: store,
            factors: plan.rateFactors(in: store.layout))
        normalization = InputNormalization(analysis.network)
        labels = .allocate(capacity: plan.batch)
        labels.initialize(repeating: 0)
        samples = data.count(.train)
        sums = .allocate(capacity: plan.accumulate > 1 ? program.gradients.count : 0)
        sums.initialize(repeating: 0)
    }

    deinit {
        labels.deallocate()
        sums.deallocate()
    }

    /// How the products are computed, by product.
    var products: [String: ProductMethod] {
        .init(program.productChoices.map { ($0.product, $0.method) }) { first, _ in first }
    }

    /// Takes the batches of a step, computes gradients and applies their mean; nil at the end of an epoch. Where a number is
    /// not finite nothing is applied. With `isFrozen` batch norm takes the running statistics, as constants.
    func run(
        _ loader: Loader, rate: Double, at step: Int, isFrozen: Bool
    ) throws(TrainingError) -> StepResult? {
        let begin = ContinuousClock.now
        guard loader.position.sample + plan.samplesAStep <= samples else {
            while try takeBatch(loader) {}
            return nil
        }
        var loading = Duration.zero
        var done = StepResult(loss: 0)
        for part in 0..<plan.accumulate {
            let begin = ContinuousClock.now
            guard try takeBatch(loader) else { return nil }
            loading += ContinuousClock.now - begin
            let loss = try computeGradients(loader, at: step, isFrozen: isFrozen)
            done.loss += loss.mean / Double(plan.accumulate)
            done.accuracy = loss.accuracy.map { (done.accuracy ?? 0) + $0 / Double(plan.accumulate) }
            if plan.accumulate > 1 { addGradients(isFirst: part == 0) }
        }
        if plan.accumulate > 1 { _ = program.gradients.update(fromContentsOf: sums) }
        optimizer.clearFrozen(program.gradients)
        let norm = optimizer.norm(of: program.gradients)
        guard norm.isFinite else { throw gradientNotFinite(at: step) }
        var scale = 1.0
        if let limit = plan.gradientNorm, norm > limit { scale = limit / norm }
        optimizer.step(program.gradients, rate: rate, scale: scale)
        done.gradientNorm = norm
        done.loadingShare = loading / (ContinuousClock.now - begin)
        return done
    }

    /// Takes the next batch; false at the end of an epoch.
    private func takeBatch(_ loader: Loader) throws(TrainingError) -> Bool {
        do {
            return try loader.next(into: program.inputs[0].values, labels: labels) > 0
        } catch {
            throw .data(error)
        }
    }

    /// The loss of the batch, and its gradients in the program.
    private func computeGradients(
        _ loader: Loader, at step: Int, isFrozen: Bool
    ) throws(TrainingError) -> BatchLoss {
        let loss: BatchLoss
        do {
            try loader.naming { () throws(EngineError) in
                try program.forward(isFrozen ? .evaluation : .training)
            }
            program.clearOutputGradients()
            loss = try objective.loss(
                of: AnsweredBatch(count: plan.batch, labels: labels, answers: loader.answers))
            try program.backward()
        } catch .notFinite(let layer, let what) {
            throw .notFinite(at: step, program.store, layer: layer, what: what)
        } catch {
            throw .engine(error)
        }
        guard loss.mean.isFinite else { throw try lossNotFinite(at: step) }
        return loss
    }

    /// Adds the batch's gradients to the mean of all batches of the step.
    private func addGradients(isFirst: Bool) {
        guard let target = sums.baseAddress, let gradients = program.gradients.baseAddress else { return }
        ck_blend(target, gradients, Int64(sums.count), isFirst ? 0 : 1, 1 / Float(plan.accumulate))
    }
}
