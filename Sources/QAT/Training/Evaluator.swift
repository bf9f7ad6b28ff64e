public import Datasets
public import Graph
public import Weights

/// Loss of a network over a split of a data set, with the running statistics of batch norm; and its accuracy, or with a
/// float model in place of labels its noise.
public final class Evaluator {
    /// What came out.
    public struct Result: Hashable, Sendable {
        /// Samples that were asked.
        public var count: Int
        /// The mean loss.
        public var loss: Double
        /// How good the answers are, 0 ... 1, by the number of the task that counts (`TaskMeasure.share`); nil where nothing is right
        /// or wrong.
        public var accuracy: Double?
        /// What was measured by the network's task; nil where nothing is right or wrong.
        public var measure: TaskMeasure? { didSet { accuracy = measure?.share } }
        /// Without labels, how far each output is from the float model's.
        public var outputs: [OutputNoise] = []
        /// In an integer network, the layers that the training arithmetic stood in for, and why.
        public var fallbacks: [IntegerNetwork.Fallback] = []

        /// In an integer network, input values that were moved to a whole step of the loader's, and all of them.
        public var moved: (count: Int, of: Int) {
            get { (movedInputs, inputValues) }
            set { (movedInputs, inputValues) = newValue }
        }
        private var movedInputs = 0
        private var inputValues = 0

        /// What came out, of so many samples.
        public init(
            count: Int, loss: Double, accuracy: Double?, outputs: [OutputNoise] = [],
            fallbacks: [IntegerNetwork.Fallback] = []
        ) {
            self.count = count
            self.loss = loss
            self.accuracy = accuracy
            self.outputs = outputs
            self.fallbacks = fallbacks
        }

        /// Signal to quantization noise of the output that has the least, in dB; nil without a float model, or noise.
        public var sqnr: Double? { outputs.lowest }
    }

    /// Which arithmetic answers.
    public enum Mode: String, CaseIterable, Hashable, Sendable {
        /// That of training, with the quantizers that the network asks for.
        case quantized
        /// No quantizer acts.
        case float
        /// Whole numbers alone, as a chip computes.
        case integer
    }

    private let program: Program
    /// What computes instead of the program's own kernels.
    private let integer: IntegerNetwork?
    private let objective: any Objective
    private let labels: UnsafeMutableBufferPointer<Int32>
    private let normalization: InputNormalization

    /// Makes a network ready. The store is read when `evaluate` runs. `teacher` is what distillation compares with.
    public convenience init(
        _ analysis: Analysis, store: ParameterStore, mode: Mode, padsBothSides: Bool = false,
        loss: Loss, teacher: FloatModel? = nil, batch: Int, arithmetic: Program.Arithmetic
    ) throws(TrainingError) {
        let family = analysis.facts.family
        let model = try teacher.map { model throws(TrainingError) in try LoadedModel(model, on: family) }
        try self.init(
            analysis, store: store, mode: mode, padsBothSides: padsBothSides, loss: loss, model: model,
            batch: batch, arithmetic: arithmetic)
    }

    init(
        _ analysis: Analysis, store: ParameterStore, mode: Mode, padsBothSides: Bool, loss: Loss,
        model: LoadedModel?, batch: Int, arithmetic: Program.Arithmetic
    ) throws(TrainingError) {
        var options = Program.Options(batch: batch)
        options.isQuantized = mode != .float
        options.arithmetic = arithmetic
        options.padsBothSides = padsBothSides
        do {
            if mode == .integer {
                let network = try IntegerNetwork(
                    analysis, store: store, batch: batch, padsBothSides: padsBothSides,
                    arithmetic: arithmetic,
                    keepsValues: false)
                integer = network
                program = network.program
            } else {
                integer = nil
                program = try Program(analysis, store: store, options: options)
            }
        } catch {
            throw .engine(error)
        }
        objective = try loss.objective(
            for: program, of: analysis.network, teacher: model, padsBothSides: padsBothSides)
        normalization = InputNormalization(analysis.network)
        labels = .allocate(capacity: batch)
        labels.initialize(repeating: 0)
    }

    deinit { labels.deallocate() }

    /// Gives batch norm the statistics of one batch of training samples, drawn at random: those of weights that were
    /// trained with other bits or clips are not this network's.
    public func estimateNormalization(_ data: Dataset, seed: UInt64 = 1) throws(TrainingError) {
        try objective.check(data)
        let split = data.count(.train) > 0 ? Split.train : data.observed
        let loader = Loader(
            data, split: split, batch: min(program.options.batch, max(1, data.count(split))), seed: seed,
            shuffled: true, augmented: false, dropsLast: true, mean: normalization.mean,
            variance: normalization.variance)
        do {
            guard try loader.next(into: program.inputs[0].values, labels: labels) > 0 else { return }
        } catch {
            throw .data(error)
        }
        do {
            try loader.naming { () throws(EngineError) in try program.forward(.estimation) }
        } catch {
            throw .engine(error)
        }
    }

    /// Asks all samples of a split, or so many of the first ones, in their order; `isCancelled` is asked after each batch.
    public func evaluate(
        _ data: Dataset, _ split: Split, limit: Int = .max, isCancelled: () -> Bool = { false }
    ) throws(TrainingError) -> Result? {
        try Evaluator.evaluate([self], data, split, limit: limit, isCancelled: isCancelled)?.first
    }

    /// Whether both can be asked of the same batches.
    public func readsSamples(as other: Evaluator) -> Bool {
        normalization == other.normalization && program.options.batch == other.program.options.batch
            && program.inputs[0].shape == other.program.inputs[0].shape
    }

    /// As `evaluate` of each, in one pass over the samples; all read them alike.
    public static func evaluate(
        _ evaluators: [Evaluator], _ data: Dataset, _ split: Split, limit: Int = .max,
        isCancelled: () -> Bool = { false }
    ) throws(TrainingError) -> [Result]? {
        guard let first = evaluators.first else { return [] }
        precondition(evaluators.allSatisfy(first.readsSamples), "evaluators read samples alike")
        for evaluator in evaluators {
            try evaluator.objective.check(data)
            evaluator.integer?.prepare()
        }
        let values = first.program.inputs[0].values
        let labels = first.labels
        let loader = Loader(
            data, split: split, batch: first.program.options.batch, shuffled: false, augmented: false,
            dropsLast: false, mean: first.normalization.mean, variance: first.normalization.variance)
        var results = evaluators.map {
            Result(count: 0, loss: 0, accuracy: nil, fallbacks: $0.integer?.fallbacks ?? [])
        }
        while results[0].count < limit {
            var count: Int
            do {
                count = try loader.next(into: values, labels: labels)
            } catch {
                throw .data(error)
            }
            guard count > 0 else { break }
            count = min(count, limit - results[0].count)
            let batch = AnsweredBatch(
                count: count, labels: labels, answers: Array(loader.answers.prefix(count)))
            for evaluator in evaluators.dropFirst() {
                _ = evaluator.program.inputs[0].values.update(fromContentsOf: values)
            }
            for (index, evaluator) in evaluators.enumerated() {
                try evaluator.answer(count, of: loader, &results[index])
                try evaluator.objective.measure(batch, adding: &results[index])
                results[index].count += count
            }
            if isCancelled() {
                // The next evaluation begins anew.
                for index in results.indices { evaluators[index].objective.finish(&results[index]) }
                return nil
            }
        }
        guard results[0].count > 0 else {
            throw .mismatch("the data set has no \(split.rawValue) samples")
        }
        for index in results.indices { evaluators[index].objective.finish(&results[index]) }
        return results
    }

    /// Computes the outputs of the first samples of a batch.
    private func answer(_ count: Int, of loader: Loader, _ result: inout Result) throws(TrainingError) {
        do {
            guard let integer else {
                return try loader.naming { () throws(EngineError) in try program.forward(.evaluation) }
            }
            // A zero is a whole step: the rest of the batch before does not count.
            let values = program.inputs[0].values
            let used = count * program.inputs[0].shape.elements
            for place in used..<max(used, values.count) { values[place] = 0 }
            try loader.naming { () throws(EngineError) in _ = try integer.run() }
            result.moved = (result.moved.count + integer.movedInputs, result.moved.of + used)
        } catch {
            throw .engine(error)
        }
    }
}
