import Foundation
import Graph

/// Another range for a quantizer, and what it would give.
public struct RangeSuggestion: Hashable, Sendable {
    /// The clip, in two digits.
    public var clip: Double
    /// What is predicted of it.
    public var expected: WhatIf
    /// Decibels that it gains over the range as it is, both predicted.
    public var gain: Double
}

extension ProbedTensor {
    /// The clip in two digits that gives an activation the best local SQNR, among those allowed; nil where no quantizer acts
    /// on it, or it holds nothing.
    public func bestClip(within allowed: ClosedRange<Double>) -> RangeSuggestion? {
        guard observation.kind == .feature, let own = observation.clip, let now = whatIf(clip: own)?.sqnr
        else {
            return nil
        }
        let seen = observation
        let reach = quantizer?.isUnsigned == true ? seen.maximum : max(seen.maximum, -seen.minimum)
        guard reach > 0, reach.isFinite else { return nil }
        func sqnr(_ clip: Double) -> Double { whatIf(clip: clip)?.sqnr ?? -.infinity }
        let coarse = (0...24).map { reach * pow(2, -Double($0) / 4) }
        guard let near = coarse.max(by: { sqnr($0) < sqnr($1) }) else { return nil }
        let fine = (-3...3).map { twoDigits(near * pow(2, Double($0) / 16)) }.filter(
            allowed.contains)
        guard let best = fine.max(by: { sqnr($0) < sqnr($1) }), let expected = whatIf(clip: best),
            let then = expected.sqnr
        else { return nil }
        return RangeSuggestion(clip: best, expected: expected, gain: then - now)
    }

    /// The value that a share of all values stay below in magnitude; above zero where the quantizer has no sign. Nil
    /// where nothing was counted.
    public func quantile(_ share: Double) -> Double? {
        let seen = observation
        let isUnsigned = quantizer?.isUnsigned ?? (seen.minimum >= 0)
        let width = (seen.maximum - seen.minimum) / Double(max(1, seen.histogram.count))
        guard width > 0, width.isFinite else { return nil }
        let bins = seen.histogram.enumerated().map { index, count in
            let value = seen.minimum + (Double(index) + 0.5) * width
            return (isUnsigned ? max(0, value) : abs(value), Double(count))
        }.sorted { $0.0 < $1.0 }
        let total = bins.reduce(0) { $0 + $1.1 }
        guard total > 0 else { return nil }
        var below = 0.0
        for (value, count) in bins {
            below += count
            if below >= share * total { return value }
        }
        return bins.last?.0
    }
}
