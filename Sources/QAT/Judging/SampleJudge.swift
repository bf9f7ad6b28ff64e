public import Datasets
public import Graph

/// Asks a network about single samples, in any order.
public final class SampleJudge {
    /// How many samples are answered at once, at most.
    public let batch: Int

    private let program: Program
    private let objective: any Objective
    private let normalization: InputNormalization
    private let labels: UnsafeMutableBufferPointer<Int32>

    /// Makes a network ready with the numbers of a store, with its quantizers or without.
    public init(
        _ analysis: Analysis, store: ParameterStore, isQuantized: Bool, padsBothSides: Bool, loss: Loss,
        batch: Int, arithmetic: Program.Arithmetic = .best
    ) throws(TrainingError) {
        var options = Program.Options(batch: batch)
        options.isQuantized = isQuantized
        options.arithmetic = arithmetic
        options.padsBothSides = padsBothSides
        do {
            program = try Program(analysis, store: store, options: options)
        } catch {
            throw .engine(error)
        }
        objective = try loss.objective(
            for: program, of: analysis.network, teacher: nil, padsBothSides: padsBothSides)
        normalization = InputNormalization(analysis.network)
        self.batch = batch
        labels = .allocate(capacity: batch)
        labels.initialize(repeating: 0)
    }

    deinit { labels.deallocate() }

    /// Why the answers to a data set have no loss; nil where they have one.
    public func whyNoLoss(on data: Dataset) -> TrainingError? {
        do throws(TrainingError) {
            try objective.check(data)
            return nil
        } catch {
            return error
        }
    }

    /// What the network says about samples, at most a batch of them; boxes have at least the score `threshold`.
    public func answers(
        to samples: StoredSamples, withLoss: Bool, threshold: Float
    ) throws(TrainingError) -> [NetworkAnswer] {
        let count = samples.answers.count
        let input = program.inputs[0]
        guard count > 0 else { return [] }
        guard count <= batch, samples.values.count == count * input.shape.elements else {
            throw .mismatch("the input \(input.name) is \(input.shape), the samples have another size")
        }
        for (place, value) in samples.values.enumerated() {
            input.values[place] = Float((Double(value) - normalization.mean) / normalization.variance)
        }
        for sample in 0..<count { labels[sample] = samples.answers[sample].label }
        do {
            try program.forward(.evaluation)
        } catch {
            throw .engine(error)
        }
        return try objective.answers(
            to: AnsweredBatch(count: count, labels: labels, answers: samples.answers), withLoss: withLoss,
            threshold: threshold)
    }
}
