/// A series of any length in bounded memory: neighbours share a bucket, which keeps its first, least, greatest and last
/// value, so that no spike is lost.
struct ThinSeries {
    private struct Bucket {
        var first: Sample
        var least: Sample
        var greatest: Sample
        var last: Sample
        var count = 1

        init(_ sample: Sample) { (first, least, greatest, last) = (sample, sample, sample, sample) }

        mutating func add(_ other: Bucket) {
            if !(least.y <= other.least.y) { least = other.least }
            if !(greatest.y >= other.greatest.y) { greatest = other.greatest }
            last = other.last
            count += other.count
        }

        /// Its values in order, each once.
        var samples: [Sample] {
            let middle = least.x <= greatest.x ? [least, greatest] : [greatest, least]
            return ([first] + middle + [last]).reduce(into: []) { samples, sample in
                if samples.last?.x != sample.x { samples.append(sample) }
            }
        }
    }

    private var buckets: [Bucket] = []
    /// Values in a bucket that is full.
    private var size = 1

    /// The most buckets.
    static let limit = 1024

    /// Adds the next value.
    mutating func append(_ sample: Sample) {
        if let last = buckets.indices.last, buckets[last].count < size {
            buckets[last].add(Bucket(sample))
            return
        }
        if buckets.count == ThinSeries.limit { merge() }
        buckets.append(Bucket(sample))
    }

    private mutating func merge() {
        size *= 2
        buckets = stride(from: 0, to: buckets.count, by: 2).map { index in
            var bucket = buckets[index]
            if index + 1 < buckets.count { bucket.add(buckets[index + 1]) }
            return bucket
        }
    }

    /// What is kept, in order.
    var samples: [Sample] { buckets.flatMap(\.samples) }
}

extension RunHistogram {
    /// Below which value a share of the values lies: the upper edge of its bin; nil without any value.
    func quantile(_ share: Double) -> Double? {
        let total = counts.reduce(0) { $0 + UInt64($1) }
        guard total > 0, low.isFinite, high.isFinite else { return nil }
        let wanted = share * Double(total)
        var sum = 0.0
        for (index, count) in counts.enumerated() {
            sum += Double(count)
            if sum >= wanted { return low + (high - low) * Double(index + 1) / Double(counts.count) }
        }
        return high
    }
}
