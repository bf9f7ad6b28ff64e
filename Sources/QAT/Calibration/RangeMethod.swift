import Foundation
import Graph

/// How the end of a tensor's range follows from its values.
public enum RangeMethod: String, CaseIterable, Hashable, Sendable {
    /// The end that gives the least squared error of all values.
    case mse
    /// All but one value in ten thousand lie within.
    case percentile
    /// The largest magnitude that was seen.
    case max
    /// The end whose codes tell the least from the values' own distribution (Kullback and Leibler).
    case entropy

    /// The share of values that `percentile` keeps.
    static let share = 0.9999

    /// A tensor with its sign and bits, in units of the scale that is looked for.
    struct Member {
        var histogram: RangeHistogram
        var signal: Signal
        /// The tensor's scale for a scale of 1.
        var ratio = 1.0

        fileprivate func largest(_ family: ArithmeticFamily) -> Double {
            histogram.largest(signal, on: family) / ratio
        }
    }

    /// The scale that tensors share; nil where none of them holds anything.
    func end(of members: [Member], on family: ArithmeticFamily) -> Double? {
        let largest = members.map { $0.largest(family) }.max() ?? 0
        guard largest > 0, largest.isFinite else { return nil }
        switch self {
        case .max: return largest
        case .percentile:
            return members.map { $0.quantile(RangeMethod.share) / $0.ratio }.max().map {
                $0 > 0 ? $0 : largest
            }
        case .mse: return best(largest) { end in members.map { $0.relativeError(end, family) }.reduce(0, +) }
        case .entropy: return best(largest) { end in members.map { $0.divergence(end, family) }.reduce(0, +) }
        }
    }

    /// The end at or below the largest magnitude with the least cost: coarse steps, then fine ones about the best.
    private func best(_ largest: Double, _ cost: (Double) -> Double) -> Double {
        func least(_ ends: [Double]) -> Double {
            ends.map { ($0, cost($0)) }.min { $0.1 < $1.1 }?.0 ?? largest
        }
        let coarse = least((0...28).map { largest * pow(2, -Double($0) / 4) })
        return least((-4...4).map { Swift.min(largest, coarse * pow(2, Double($0) / 20)) })
    }
}

extension RangeMethod.Member {
    private var isSigned: Bool { signal.isSigned }

    /// The magnitude that a share of the values stay below; without a sign, those above zero are asked.
    func quantile(_ share: Double) -> Double {
        let bins = histogram.bins.filter { isSigned || $0.value > 0 }.map { (abs($0.value), $0.count) }
            .sorted { $0.0 < $1.0 }
        let total = bins.reduce(0) { $0 + $1.1 }
        var below = 0.0
        for (value, count) in bins {
            below += count
            if below >= share * total { return value }
        }
        return bins.last?.0 ?? 0
    }

    /// The squared error of the values over their squares, where the shared scale is `scale`.
    func relativeError(_ scale: Double, _ family: ArithmeticFamily) -> Double {
        let grid = signal.searchGrid(on: family)
        let end = scale * ratio
        var error = 0.0
        var square = 0.0
        for (value, count) in histogram.bins {
            let value = isSigned ? value : Swift.max(0, value)
            let apart = value - grid.nearestValue(to: value, end: end)
            error += count * apart * apart
            square += count * value * value
        }
        return square > 0 ? error / square : 0
    }

    /// What the distribution of codes tells less than that of the values, those outside the range moved to its ends.
    func divergence(_ scale: Double, _ family: ArithmeticFamily) -> Double {
        let grid = signal.searchGrid(on: family)
        let bins = histogram.bins.filter { isSigned || $0.value > 0 }
        let end = scale * ratio
        var mass = [Double](repeating: 0, count: grid.codeCount)
        var places = [Double](repeating: 0, count: grid.codeCount)
        var inside = [Double](repeating: 0, count: grid.codeCount)
        for (value, count) in bins {
            let code = grid.nearestPlace(to: value, end: end)
            mass[code] += count
            places[code] += 1
            if abs(value) <= end { inside[code] += count }
        }
        let all = mass.reduce(0, +)
        let kept = inside.reduce(0, +)
        guard all > 0, kept > 0 else { return .infinity }
        var sum = 0.0
        for (value, count) in bins {
            let code = grid.nearestPlace(to: value, end: end)
            // Each code stands for its bins alike, by what lies inside the range; the ends hold what was outside too.
            let told = Swift.max(inside[code], 1e-9 * kept) / kept / places[code]
            sum += count / all * log(count / all / told)
        }
        return sum
    }
}
