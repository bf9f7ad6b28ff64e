import Datasets
import Graph

/// Finds the statistics of batch norm that belong to a store's weights: mean and variance over training samples, each
/// batch normalized by its own, averaged over several batches.
///
/// The running ones of training lag behind the weights, and belong to a mixture of them. Samples are changed at random as
/// those of training are: the weights were made for these. On CIFAR-10 at 8 bit, samples as they are cost 1 point of
/// accuracy, and 512 samples instead of 2,048 another 0.2 to 0.6.
final class StatisticsEstimate {
    /// The most samples that are asked, and the fewest where there are so many.
    static let samples = 64...4096
    /// An epoch may have so many times the samples that are asked.
    private static let share = 4
    /// The most samples of a batch, and the most values that its input has.
    private static let (batch, values) = (64, 1 << 24)

    private let program: Program
    private let data: Dataset
    private let normalization: InputNormalization
    private let seed: UInt64
    private let batches: Int
    private let labels: UnsafeMutableBufferPointer<Int32>

    /// Makes a network ready; nil where it has no batch norm. The store is read and written when `run` is called.
    init?(
        _ analysis: Analysis, store: ParameterStore, isQuantized: Bool, padsBothSides: Bool,
        arithmetic: Program.Arithmetic, data: Dataset, seed: UInt64
    ) throws(TrainingError) {
        guard !store.layout.statistics.isEmpty else { return nil }
        let count = data.count(.train)
        let limits = StatisticsEstimate.samples
        let samples = min(
            count, limits.upperBound, max(limits.lowerBound, count / StatisticsEstimate.share))
        let fitting = max(1, StatisticsEstimate.values / data.shape.elements)
        var options = Program.Options(batch: max(1, min(StatisticsEstimate.batch, samples, fitting)))
        options.isQuantized = isQuantized
        options.padsBothSides = padsBothSides
        options.arithmetic = arithmetic
        do {
            program = try Program(analysis, store: store, options: options)
        } catch {
            throw .engine(error)
        }
        batches = max(1, samples / options.batch)
        self.data = data
        self.seed = seed
        normalization = InputNormalization(analysis.network)
        labels = .allocate(capacity: options.batch)
        labels.initialize(repeating: 0)
    }

    deinit { labels.deallocate() }

    /// Replaces the statistics in the store. The same weights give the same bits.
    func run() throws(TrainingError) {
        let loader = Loader(
            data, split: .train, batch: program.options.batch, seed: seed, shuffled: true, augmented: true,
            dropsLast: true, mean: normalization.mean, variance: normalization.variance)
        var sums: [String: (mean: [Double], square: [Double])] = [:]
        let layout = program.store.layout
        for _ in 0..<batches {
            do {
                guard try loader.next(into: program.inputs[0].values, labels: labels) > 0 else { break }
            } catch {
                throw .data(error)
            }
            do {
                try loader.naming { () throws(EngineError) in try program.forward(.estimation) }
            } catch {
                throw .engine(error)
            }
            for (mean, variance) in layout.normalizations {
                let found = program.store.running(mean).map(Double.init)
                let spread = program.store.running(variance).map(Double.init)
                let squares = zip(found, spread).map { $0 * $0 + $1 }
                let before = sums[mean.name]
                sums[mean.name] = (
                    before.map { zip($0.mean, found).map(+) } ?? found,
                    before.map { zip($0.square, squares).map(+) } ?? squares
                )
            }
        }
        guard batches > 1 else { return }
        for (mean, variance) in layout.normalizations {
            guard let sum = sums[mean.name] else { continue }
            let means = sum.mean.map { $0 / Double(batches) }
            let variances = zip(sum.square, means).map { max(0, $0 / Double(batches) - $1 * $1) }
            program.store.setRunning(mean, to: means.map(Float.init))
            program.store.setRunning(variance, to: variances.map(Float.init))
        }
    }
}

extension ParameterLayout {
    /// The running mean and variance of each batch norm.
    var normalizations: [(mean: Entry, variance: Entry)] {
        statistics.filter { $0.role == .mean }.compactMap { mean in
            statistic(String(mean.name.dropLast("Mean".count)) + "Variance").map { (mean, $0) }
        }
    }
}
