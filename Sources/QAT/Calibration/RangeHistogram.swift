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
        guard signal.isSigned else { return max(0, maximum) }
        let half = Double(1 << (min(signal.bits, 16) - 1))
        // Two's complement ends one step earlier above than below.
        return max(-minimum, family == .simd ? maximum * half / (half - 1) : maximum)
    }
}

/// A quantizer's grid over a range that ends at some magnitude, for sums over histograms.
struct RangeGrid {
    private let low: Double
    private let step: Double
    private let last: Double

    /// The grid of a signal whose range ends at `end`.
    init(_ signal: Signal, on family: ArithmeticFamily, end: Double) {
        let codes = Double(1 << min(signal.bits, 16))
        switch (signal.isSigned, family) {
        case (false, _): (low, step) = (0, end / (codes - 1))
        case (true, .npu): (low, step) = (-end, 2 * end / (codes - 1))
        case (true, .simd): (low, step) = (-end, 2 * end / codes)
        }
        last = codes - 1
    }

    /// The value that becomes of one.
    func quantized(_ value: Double) -> Double {
        low + min(max(((value - low) / step).rounded(), 0), last) * step
    }

    /// The code of a value.
    func code(_ value: Double) -> Int { Int(held: min(max(((value - low) / step).rounded(), 0), last)) }

    /// Codes that there are.
    var codes: Int { Int(last) + 1 }
}
