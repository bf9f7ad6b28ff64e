import Terminal
import Workbench

/// The range of an axis that does not breathe: it grows at once, and shrinks only when little of it was used for long.
struct AxisRange: Hashable, Sendable {
    private(set) var low: Double?
    private(set) var high: Double?
    private var idle = 0

    /// Updates that use less than 60 % before the axis shrinks.
    static let patience = 20

    /// Nothing seen yet.
    init() {}

    /// Takes the least and the greatest value that are to be shown now.
    mutating func take(_ least: Double, _ greatest: Double) {
        guard least.isFinite, greatest.isFinite, least <= greatest else { return }
        let wanted = AxisRange.padded(least, greatest)
        guard let low, let high, low <= wanted.low, high >= wanted.high else {
            (self.low, self.high) = (
                min(low ?? wanted.low, wanted.low), max(high ?? wanted.high, wanted.high)
            )
            idle = 0
            return
        }
        guard wanted.high - wanted.low < 0.6 * (high - low) else {
            idle = 0
            return
        }
        idle += 1
        guard idle >= AxisRange.patience else { return }
        (self.low, self.high, idle) = (wanted.low, wanted.high, 0)
    }

    /// The range with 5 % to spare; from zero where that is near.
    static func padded(_ least: Double, _ greatest: Double) -> (low: Double, high: Double) {
        let pad = greatest > least ? 0.05 * (greatest - least) : max(abs(greatest) * 0.1, 0.05)
        var (low, high) = (least - pad, greatest + pad)
        if least >= 0, low < 0.3 * high { low = 0 }
        if greatest <= 0, high > 0.3 * low { high = 0 }
        if low == high { high = low + 1 }
        return (low, high)
    }
}

/// Where the labels of an axis stand.
enum Ticks {
    /// Values at steps of 1, 2, 2.5 or 5 times a power of ten, at most `most` of them.
    static func linear(_ low: Double, _ high: Double, most: Int) -> [Double] {
        guard most > 0, high > low, low.isFinite, high.isFinite else { return [] }
        var power = 1.0
        let rough = (high - low) / Double(most)
        while power > rough { power /= 10 }
        while power * 10 < rough { power *= 10 }
        let step = [1, 2, 2.5, 5, 10].map { $0 * power }.first { $0 >= rough } ?? 10 * power
        var values: [Double] = []
        var index = (low / step).rounded(.up)
        while index * step <= high + step * 1e-9, values.count <= most {
            values.append(index == 0 ? 0 : index * step)
            index += 1
        }
        return values
    }

    /// Powers of ten, and 2 and 5 times them where there are fewer than two; for an axis of logarithms.
    static func logarithmic(_ low: Double, _ high: Double) -> [Double] {
        guard low.isFinite, high.isFinite, high > low else { return [] }
        let first = Int(low.rounded(.down))
        let last = Int(high.rounded(.up))
        guard last - first < 64 else { return [] }
        let decades = (first...last).map(Double.init).filter { $0 >= low && $0 <= high }
        guard decades.count < 2 else { return decades }
        // log10 of 2 and of 5.
        let between = (first...last).flatMap { [Double($0) + 0.301_03, Double($0) + 0.698_97] }
        return (decades + between).sorted().filter { $0 >= low && $0 <= high }
    }
}
