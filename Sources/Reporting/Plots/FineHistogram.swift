import Graph

/// Counts in many bins of one width between two edges; pictures add them up to their columns.
package struct FineHistogram: Hashable, Sendable {
    /// The lower edge of the first bin.
    package let low: Double
    /// The upper edge of the last bin.
    package let high: Double
    /// The number of values in each bin.
    package let counts: [UInt32]

    /// Counts between two edges.
    package init(low: Double, high: Double, counts: [UInt32]) {
        self.low = low
        self.high = high
        self.counts = counts
    }

    /// Whether it can be drawn: with edges that are numbers, and something between them.
    package var isDrawable: Bool {
        low.isFinite && high.isFinite && low <= high && (high - low).isFinite && counts.contains { $0 > 0 }
    }

    /// The values in each of `columns` equal parts of a range; a bin that lies across two is shared by its width.
    package func bins(over range: ClosedRange<Double>, columns: Int) -> [Double] {
        var bins = [Double](repeating: 0, count: max(0, columns))
        let span = range.upperBound - range.lowerBound
        guard isDrawable, columns > 0, span > 0, span.isFinite else { return bins }
        let scale = Double(columns) / span
        let width = (high - low) / Double(counts.count) * scale
        for (index, count) in counts.enumerated() where count > 0 {
            let start = (low - range.lowerBound) * scale + Double(index) * width
            share(Double(count), from: start, width, into: &bins)
        }
        return bins
    }

    private func share(_ count: Double, from start: Double, _ width: Double, into bins: inout [Double]) {
        let last = bins.count - 1
        // Without a width all of it is at one place; the upper end of the range still belongs to the last column.
        guard width > 1e-9 else {
            guard start >= 0, start <= Double(last + 1) else { return }
            bins[min(last, Int(held: start))] += count
            return
        }
        let from = max(0, start)
        let to = min(Double(last + 1), start + width)
        guard from < to else { return }
        let first = Int(held: from)
        let end = min(last, Int(held: to))
        guard first < end else {
            bins[min(first, last)] += count * (to - from) / width
            return
        }
        for column in first...end {
            let part = min(to, Double(column + 1)) - max(from, Double(column))
            // What rounding leaves is no value.
            if part > width * 1e-6 { bins[column] += count * part / width }
        }
    }

    /// The same values without a sign: those below zero are zero.
    package var rectified: FineHistogram {
        guard low < 0, !counts.isEmpty, low.isFinite, high.isFinite else { return self }
        let width = (high - low) / Double(counts.count)
        guard high > 0, width > 0 else {
            return FineHistogram(low: 0, high: 0, counts: [total])
        }
        let first = min(counts.count - 1, Int(held: -low / width))
        var kept = Array(counts[first...])
        kept[0] = FineHistogram.sum(counts[...first])
        return FineHistogram(low: 0, high: high, counts: kept)
    }

    private var total: UInt32 { FineHistogram.sum(counts[...]) }

    private static func sum(_ counts: ArraySlice<UInt32>) -> UInt32 {
        UInt32(clamping: counts.reduce(UInt64(0)) { $0 + UInt64($1) })
    }
}
