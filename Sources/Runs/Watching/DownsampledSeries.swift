/// A value at a step that a series keeps.
protocol SeriesPoint: Sendable {
    /// What decides whether a point is a spike; may be not a number.
    var height: Double { get }
}

extension CurvePoint: SeriesPoint {
    var height: Double { y }
}

extension RunDetail.Evaluation: SeriesPoint {
    var height: Double { loss }
}

/// A series of any length in bounded memory: neighbours share a bucket, which keeps its first, least, greatest and last
/// point, so that no spike is lost.
struct DownsampledSeries<Point: SeriesPoint>: Sendable {
    /// What is kept, in order.
    private(set) var samples: [Point] = []
    /// Where each bucket begins.
    private var starts: [Int] = []
    /// Points that a full bucket stands for, and that the last one does.
    private var (size, filled) = (1, 0)
    private let limit: Int

    /// A series of at most four times `limit` points, an even number.
    init(limit: Int = 1000) {
        precondition(limit > 0 && limit.isMultiple(of: 2), "buckets are merged in pairs")
        self.limit = limit
    }

    /// Adds the next point.
    mutating func append(_ point: Point) {
        if let start = starts.last, filled < size {
            if isPlain(point, from: start) {
                samples[samples.count - 1] = point
            } else {
                samples.replaceSubrange(
                    start..., with: DownsampledSeries.thinned(samples[start...] + [point]))
            }
            filled += 1
            return
        }
        if starts.count == limit { merge() }
        starts.append(samples.count)
        samples.append(point)
        filled = 1
    }

    /// Whether neither the last point of a bucket nor one that comes after it is a spike among the others: most are not,
    /// and need no search.
    private func isPlain(_ point: Point, from start: Int) -> Bool {
        guard let last = samples.last, samples.count - 1 > start else { return false }
        var low = Double.infinity
        var high = -Double.infinity
        for other in samples[start..<samples.count - 1] {
            low = Double.minimum(low, other.height)
            high = Double.maximum(high, other.height)
        }
        return [last, point].allSatisfy { !($0.height < low) && !($0.height > high) }
    }

    /// Makes one bucket of each two.
    private mutating func merge() {
        let ends = starts.dropFirst() + [samples.count]
        let ranges = zip(starts, ends).map { $0..<$1 }
        var merged: [Point] = []
        starts = stride(from: 0, to: ranges.count, by: 2).map { index in
            let start = merged.count
            merged += DownsampledSeries.thinned(
                samples[ranges[index].lowerBound..<ranges[index + 1].upperBound])
            return start
        }
        samples = merged
        size *= 2
        filled = size
    }

    /// The first, least, greatest and last of some points, each once and in order.
    private static func thinned(_ points: ArraySlice<Point>) -> [Point] {
        guard points.count > 2, let first = points.indices.first, let last = points.indices.last else {
            return Array(points)
        }
        let numbers = points.indices.filter { !points[$0].height.isNaN }
        let least = numbers.min { points[$0].height < points[$1].height }
        let greatest = numbers.max { points[$0].height < points[$1].height }
        return Set([first, least ?? first, greatest ?? first, last]).sorted().map { points[$0] }
    }
}
