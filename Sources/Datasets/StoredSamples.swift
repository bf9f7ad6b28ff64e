import Graph

/// Samples as a network gets them, before they are normalized, with what is right about them.
public struct StoredSamples: Sendable {
    /// Bytes as 0 to 255, or numbers as they are; sample after sample, channels last.
    public private(set) var values: [Float] = []
    /// What is right about each.
    public private(set) var answers: [SampleAnswer] = []

    /// None.
    public init() {}

    fileprivate mutating func add(_ slot: Slot) {
        values += slot.values
        answers.append(slot.answers[0])
    }
}

/// Reads single samples of a split, and keeps what it needs for that between them. One thread at a time may use it.
public struct SampleReader {
    private let slot: Slot
    private var preparer: Preparer

    /// Samples of a split, as augmented for training where that is wanted; `seed` decides how.
    public init(_ dataset: Dataset, split: Split, isAugmented: Bool = false, seed: UInt64 = 0) {
        slot = Slot(values: dataset.shape.elements, labels: 1)
        // Bytes stay what they are.
        preparer = Preparer(
            Transform(
                dataset: dataset, split: split, augmentation: isAugmented ? dataset.spec.augmentation : [],
                seed: seed, mean: 0, variance: 1))
    }

    /// Adds a sample, as an epoch shows it where samples are augmented; the index is below the count of the split.
    public mutating func read(
        _ index: Int, epoch: Int = 0, adding samples: inout StoredSamples
    ) throws(DatasetError) {
        try preparer.prepare(index, epoch: epoch, into: slot, at: 0)
        samples.add(slot)
    }
}
