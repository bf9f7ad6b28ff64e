import Graph

/// A place in the endless walk over a split.
public struct LoaderPosition: Hashable, Codable, Sendable {
    /// How often the split was walked over completely.
    public var epoch: Int
    /// The next sample in the order of this epoch.
    public var sample: Int

    /// The place in front of a sample.
    public init(epoch: Int = 0, sample: Int = 0) { (self.epoch, self.sample) = (epoch, sample) }

    /// Where a walk begins.
    public static let start = LoaderPosition()
}

/// Walks over a split in batches, again and again, prepared ahead by threads of its own.
///
/// The order of an epoch is a function of the seed and the epoch, the augmentation of a sample one of the seed, the
/// epoch and the sample: going on at a position gives the same batches, bit for bit, at any number of threads.
/// One thread at a time may use a loader.
public final class Loader {
    /// How many samples a full batch has.
    public let batch: Int
    /// The number of values of a sample.
    public let elements: Int
    /// The place of the sample that comes next.
    public private(set) var position: LoaderPosition

    /// What is right about the samples of the batch that was taken last.
    public private(set) var answers: [SampleAnswer] = []

    private let dataset: Dataset
    private let split: Split
    /// Where the last batch began.
    private var last = LoaderPosition.start
    private let plan: BatchPlan
    private let ring: BatchRing

    /// Nothing is read before the first batch is requested.
    ///
    /// `augmented` gives training samples as training sees them: changed at random, rare classes more often where the set says
    /// so. `mean` and `variance` are the ones of a Preprocess: values are (x - mean)/variance. With `dropsLast`, the
    /// samples that do not fill a batch are left out of an epoch.
    public init(
        _ dataset: Dataset, split: Split, batch: Int, seed: UInt64 = 0, shuffled: Bool, augmented: Bool,
        dropsLast: Bool, mean: Double = 0, variance: Double = 255, from position: LoaderPosition = .start,
        threads: Int = 1
    ) {
        precondition(batch > 0 && threads > 0, "a batch has samples, and a thread prepares it")
        self.dataset = dataset
        self.split = split
        precondition(variance != 0 && position.epoch >= 0 && position.sample >= 0, "no place of a walk")
        plan = BatchPlan(
            count: dataset.count(split), batch: batch, seed: seed, isShuffled: shuffled, dropsLast: dropsLast,
            balance: split == .train && augmented ? dataset.balance : nil)
        let transform = Transform(
            dataset: dataset, split: split, augmentation: augmented ? dataset.spec.augmentation : [],
            seed: seed,
            mean: mean, variance: variance)
        self.batch = batch
        self.position = position
        elements = dataset.shape.elements
        ring = BatchRing(transform, plan, from: position, threads: threads)
    }

    deinit { ring.stop() }

    /// The number of batches in an epoch; 0 where the split is empty, or smaller than a batch that must be full.
    public var batchesPerEpoch: Int { (plan.samplesPerEpoch + batch - 1) / batch }

    /// Fills the next batch and says how many samples it has: `batch`, fewer in the last batch of an epoch, then 0
    /// once at its end; the call after that starts the next epoch.
    ///
    /// `values` has room for a batch of samples, channels last: height, width, channels; or time, features.
    /// `labels` has room for a batch of classes. What lies behind the samples of a short batch is left as it is.
    public func next(
        into values: UnsafeMutableBufferPointer<Float>, labels: UnsafeMutableBufferPointer<Int32>
    ) throws(DatasetError) -> Int {
        precondition(values.count >= batch * elements && labels.count >= batch, "no room for a batch")
        let count = plan.count(at: position)
        guard count > 0 else {
            position = LoaderPosition(epoch: position.epoch + 1)
            return 0
        }
        answers = try ring.take(into: values, labels: labels, count: count)
        last = position
        position.sample += count
        return count
    }

    /// Where a sample of the batch that was taken last lies in the data set (`Dataset.place`).
    public func place(ofSample index: Int) -> (isTest: Bool, number: Int) {
        dataset.place(of: Int(plan.order(of: last.epoch)[last.sample + index]), in: split)
    }
}

/// Which samples make each batch.
struct BatchPlan: Sendable {
    /// The number of samples of the split.
    var count: Int
    var batch: Int
    var seed: UInt64
    var isShuffled: Bool
    var dropsLast: Bool
    /// Where rare classes are drawn more often.
    var balance: ClassBalance?

    /// How many samples an epoch shows.
    var samplesPerEpoch: Int { dropsLast ? count / batch * batch : count }

    /// How many samples the batch at a position has; 0 at the end of an epoch.
    func count(at position: LoaderPosition) -> Int {
        let rest = count - position.sample
        return rest >= batch ? batch : dropsLast ? 0 : max(0, rest)
    }

    /// The samples of an epoch in their order.
    func order(of epoch: Int) -> [Int32] {
        guard isShuffled else { return Array(0..<Int32(count)) }
        var random = Random(seed, Stream.order, UInt64(epoch))
        if let balance, !balance.sums.isEmpty { return balance.order(of: count, &random) }
        return random.permutation(of: count)
    }
}
