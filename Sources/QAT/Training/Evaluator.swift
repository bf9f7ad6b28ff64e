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
        /// The share of right answers; nil without labels.
        public var accuracy: Double?
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

        /// The larger the better: the accuracy, or the SQNR.
        var score: Double { accuracy ?? min(sqnr ?? Result.exactScore, Result.exactScore) }

        /// What counts as SQNR where nothing is lost: more than single precision can have.
        private static let exactScore = 1000.0
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
    private let reference: Reference
    private let labels: UnsafeMutableBufferPointer<Int32>
    private let loss: Loss
    private let normalization: Normalization

    /// What answers are compared with.
    private enum Reference {
        /// Labels, with the vector of scores.
        case labels(Program.Port)
        /// A float model.
        case teacher(Teacher)
    }

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
        (options.isQuantized, options.arithmetic) = (mode != .float, arithmetic)
        options.padsBothSides = padsBothSides
        do {
            if mode == .integer {
                let network = try IntegerNetwork(
                    analysis, store: store, batch: batch, padsBothSides: padsBothSides, arithmetic: arithmetic
                )
                integer = network
                program = network.program
            } else {
                integer = nil
                program = try Program(analysis, store: store, options: options)
            }
        } catch {
            throw .engine(error)
        }
        if loss == .distillation {
            guard let model else { throw .mismatch(Loss.needsTeacher) }
            reference = .teacher(
                try Teacher(
                    model, beside: program, of: analysis.network, padsBothSides: padsBothSides))
        } else {
            reference = .labels(try Evaluator.answer(of: program))
        }
        normalization = Normalization(analysis.network)
        self.loss = loss
        labels = .allocate(capacity: batch)
        labels.initialize(repeating: 0)
    }

    deinit { labels.deallocate() }

    /// The one vector that a labelled data set can be compared with.
    static func answer(of program: Program) throws(TrainingError) -> Program.Port {
        guard program.outputs.count == 1, let output = program.outputs.first,
            output.shape.elements == output.shape.channels
        else {
            let shapes = program.outputs.map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
            throw .mismatch(
                "labels need one vector of scores; this network gives \(shapes); --loss distillation needs no labels"
            )
        }
        return output
    }

    /// Throws where the data has no labels, the network has fewer scores than it has classes, or another number of inputs.
    static func check(_ program: Program, _ output: Program.Port, _ data: Dataset) throws(TrainingError) {
        try checkInputs(program)
        guard data.isLabelled else {
            throw .mismatch(
                "the pictures of \(data.spec) have no labels: --loss distillation needs none; a folder for each class, such as train/cat, gives them"
            )
        }
        guard output.shape.elements >= data.classes else {
            throw .mismatch(
                "the data has \(data.classes) classes, layer '\(output.name)' gives \(output.shape.elements) scores"
            )
        }
    }

    /// Throws where the network has another number of inputs than a data set feeds.
    static func checkInputs(_ program: Program) throws(TrainingError) {
        guard program.inputs.count == 1 else {
            throw .mismatch("data sets feed one input; this network has \(program.inputs.count)")
        }
    }

    private func check(_ data: Dataset) throws(TrainingError) {
        switch reference {
        case .labels(let output): try Evaluator.check(program, output, data)
        case .teacher: try Evaluator.checkInputs(program)
        }
    }

    /// Gives batch norm the statistics of one batch of training samples, drawn at random: those of weights that were
    /// trained with other bits or clips are not this network's.
    public func estimateNormalization(_ data: Dataset, seed: UInt64 = 1) throws(TrainingError) {
        try check(data)
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
        try check(data)
        integer?.prepare()
        let loader = Loader(
            data, split: split, batch: program.options.batch, shuffled: false, augmented: false,
            dropsLast: false, mean: normalization.mean, variance: normalization.variance)
        var result = Result(count: 0, loss: 0, accuracy: nil, fallbacks: integer?.fallbacks ?? [])
        var right = 0
        while result.count < limit {
            var count: Int
            do {
                count = try loader.next(into: program.inputs[0].values, labels: labels)
            } catch {
                throw .data(error)
            }
            guard count > 0 else { break }
            count = min(count, limit - result.count)
            do {
                if let integer {
                    // A zero is a whole step: the rest of the batch before does not count.
                    let values = program.inputs[0].values
                    let used = count * program.inputs[0].shape.elements
                    for place in used..<max(used, values.count) { values[place] = 0 }
                    try loader.naming { () throws(EngineError) in _ = try integer.run() }
                    result.moved = (result.moved.count + integer.movedInputs, result.moved.of + used)
                } else {
                    try loader.naming { () throws(EngineError) in try program.forward(.evaluation) }
                }
            } catch {
                throw .engine(error)
            }
            switch reference {
            case .labels(let output):
                let value = loss.evaluate(
                    output.values, labels: UnsafeBufferPointer(labels), count: count,
                    classes: output.shape.elements, gradient: nil)
                guard value.sum.isFinite else {
                    throw .engine(.notFinite(layer: output.name, what: "the loss over its scores"))
                }
                result.loss += value.sum
                right += value.right
            case .teacher(let teacher): try compare(with: teacher, count, into: &result)
            }
            result.count += count
            if isCancelled() { return nil }
        }
        guard result.count > 0 else {
            throw .mismatch("the data set has no \(split.rawValue) samples")
        }
        result.loss /= Double(result.count)
        if case .labels = reference { result.accuracy = Double(right) / Double(result.count) }
        return result
    }

    /// Adds the loss and the noise of the first samples of a batch.
    private func compare(
        with teacher: Teacher, _ count: Int, into result: inout Result
    ) throws(TrainingError) {
        do {
            try teacher.answer()
        } catch {
            throw .engine(error)
        }
        let loss = teacher.distance(count: count)
        let noise = teacher.noise(count: count)
        guard loss.isFinite, noise.allSatisfy({ $0.noise.isFinite && $0.signal.isFinite }) else {
            let place = noise.first { !($0.noise.isFinite && $0.signal.isFinite) } ?? noise.first
            throw .engine(
                .notFinite(
                    layer: place?.name ?? "", what: "the distance of its result from the float model's"))
        }
        result.loss += loss
        if result.outputs.isEmpty {
            result.outputs = noise
        } else {
            for index in noise.indices {
                result.outputs[index].signal += noise[index].signal
                result.outputs[index].noise += noise[index].noise
            }
        }
    }
}

/// What the loader does to each value, (x - mean) / variance: as the Preprocess says. Without one, pixels become 0 to 1,
/// and indices for an Embedding stay as they are.
struct Normalization {
    var mean: Double
    var variance: Double

    init(mean: Double, variance: Double) { (self.mean, self.variance) = (mean, variance) }

    init(_ network: Network) {
        for node in network.nodes {
            guard case .preprocess(let settings) = node.layer else { continue }
            self.init(mean: settings.mean, variance: settings.variance)
            return
        }
        let inputs = Set(network.inputs.map(\.name))
        let readsIndices = network.nodes.contains { node in
            node.kind == .embedding && node.inputs.contains { inputs.contains($0.name) }
        }
        self.init(mean: 0, variance: readsIndices ? 1 : 255)
    }
}
