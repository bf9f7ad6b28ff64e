import Datasets
import Graph

/// One batch as arrays.
struct Batch: Hashable {
    var values: [Float]
    var labels: [Int32]
}

extension Loader {
    /// The next batch; empty at the end of an epoch.
    func nextBatch() throws(DatasetError) -> Batch {
        let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: batch * elements)
        let labels = UnsafeMutableBufferPointer<Int32>.allocate(capacity: batch)
        values.initialize(repeating: -1)
        labels.initialize(repeating: -1)
        defer {
            values.deallocate()
            labels.deallocate()
        }
        let count = try next(into: values, labels: labels)
        return Batch(values: Array(values[..<(count * elements)]), labels: Array(labels[..<count]))
    }

    /// The batches up to the end of the epoch.
    func epoch() throws(DatasetError) -> [Batch] {
        var batches: [Batch] = []
        while true {
            let batch = try nextBatch()
            if batch.labels.isEmpty { return batches }
            batches.append(batch)
        }
    }
}

extension Dataset {
    /// Opens a set from its text.
    static func open(_ text: String, _ shape: Shape, seed: UInt64 = 0) throws(DatasetError) -> Dataset {
        try open(DataSpec(text), shape: shape, seed: seed)
    }

    /// All samples of a split in their order, as they are: no mean, no variance.
    func all(_ split: Split) throws(DatasetError) -> Batch {
        let loader = Loader(
            self, split: split, batch: max(1, count(split)), shuffled: false, augmented: false,
            dropsLast: false,
            mean: 0, variance: 1)
        return try loader.nextBatch()
    }
}

/// What a failing call throws, as a person reads it; nil where it does not fail.
func message(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return "\(error)"
    }
}
