import CKernels
import Foundation
import Graph

/// How the values of a tensor are spread, gathered batch by batch: equal bins over a range about zero that doubles
/// whenever a value lies outside, so that one pass over the data is enough.
struct RangeHistogram {
    /// Half of the bins lie below zero.
    private(set) var counts = [Double](repeating: 0, count: 2 * RangeHistogram.half)
    /// The bins end at this magnitude; 0 while nothing but zeros was seen.
    private(set) var reach = 0.0
    private(set) var minimum = 0.0
    private(set) var maximum = 0.0
    private var zeros = 0.0

    private static let half = 4096

    /// Counts values.
    mutating func add(_ values: UnsafePointer<Float>, _ count: Int) {
        let seen = ck_observe(values, Int64(count), -.infinity, .infinity)
        guard seen.minimum.isFinite, seen.maximum.isFinite else { return }
        minimum = min(minimum, Double(seen.minimum))
        maximum = max(maximum, Double(seen.maximum))
        let largest = max(-Double(seen.minimum), Double(seen.maximum))
        guard largest > 0 else {
            zeros += Double(count)
            return
        }
        if reach == 0 {
            reach = largest
            counts[RangeHistogram.half] += zeros
        }
        while reach < largest { widen() }
        var found = [UInt32](repeating: 0, count: counts.count)
        ck_histogram(values, Int64(count), Float(-reach), Float(reach), Int64(counts.count), &found)
        for bin in found.indices where found[bin] > 0 { counts[bin] += Double(found[bin]) }
    }

    /// Two bins become one, about the same zero.
    private mutating func widen() {
        let half = RangeHistogram.half
        var wide = [Double](repeating: 0, count: counts.count)
        for bin in 0..<half {
            wide[half + bin / 2] += counts[half + bin]
            wide[half - 1 - bin / 2] += counts[half - 1 - bin]
        }
        counts = wide
        reach *= 2
    }

    /// The bins with their middles, those that hold anything.
    var bins: [(value: Double, count: Double)] {
        let width = reach / Double(RangeHistogram.half)
        return counts.indices.compactMap { bin in
            counts[bin] > 0
                ? ((Double(bin - RangeHistogram.half) + 0.5) * width, counts[bin]) : nil
        }
    }

    /// The magnitude that a range of a sign has to reach for nothing to be clipped.
    func largest(_ signal: Signal, on family: ArithmeticFamily) -> Double {
        let grid = signal.searchGrid(on: family)
        switch grid.kind {
        case .unsigned: return max(0, maximum)
        case .offset: return max(-minimum, maximum)
        case .twosComplement:
            // It ends one step earlier above zero than below.
            return max(-minimum, maximum * Double(grid.levels) / Double(grid.codes.upperBound))
        }
    }
}

extension Signal {
    /// The grid that ends of ranges are searched on: the signal's own; of 16 bits if it is float.
    func searchGrid(on family: ArithmeticFamily) -> QuantizationGrid {
        QuantizationGrid(bits: min(bits, 16), isSigned: isSigned, on: family)
    }
}
