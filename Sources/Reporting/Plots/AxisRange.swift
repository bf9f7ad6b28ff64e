import Editing

/// The range of an axis that changes rarely: it grows at once, and shrinks only after many updates that use little of it.
///
/// Of a logarithmic axis the range is of logarithms.
package struct AxisRange: Hashable, Sendable {
    /// The least value on the axis; nil before the first update.
    package private(set) var low: Double?
    /// The greatest value on the axis; nil before the first update.
    package private(set) var high: Double?
    private var idle = 0

    /// Updates that use less than 60 % before the axis shrinks.
    package static let patience = 20

    /// Nothing seen yet.
    package init() {}

    /// Takes the least and the greatest value that are to be shown now.
    package mutating func take(_ least: Double, _ greatest: Double, isLogarithmic: Bool = false) {
        guard least.isFinite, greatest.isFinite, least <= greatest else { return }
        let wanted =
            isLogarithmic
            ? AxisRange.paddedLogarithms(least, greatest) : AxisRange.padded(least, greatest)
        guard let low, let high, low <= least, high >= greatest else {
            self.low = min(low ?? wanted.low, wanted.low)
            self.high = max(high ?? wanted.high, wanted.high)
            idle = 0
            return
        }
        guard wanted.high - wanted.low < 0.6 * (high - low) else {
            idle = 0
            return
        }
        idle += 1
        guard idle >= AxisRange.patience else { return }
        self.low = wanted.low
        self.high = wanted.high
        idle = 0
    }

    /// The range with 5 % to spare, from zero where that is near; its ends are short numbers.
    package static func padded(_ least: Double, _ greatest: Double) -> (low: Double, high: Double) {
        // Values of the largest size have no room for more.
        let (least, greatest) = (max(least, -1e300), min(greatest, 1e300))
        let pad = greatest > least ? 0.05 * (greatest - least) : max(abs(greatest) * 0.1, 0.05)
        var low = least - pad
        var high = greatest + pad
        if least >= 0, low < 0.3 * high { low = 0 }
        if greatest <= 0, high > 0.3 * low { high = 0 }
        if low == high { high = low + 1 }
        let step = Ticks.step(over: high - low, most: 20, isShort: true)
        low = (low / step).rounded(.down) * step
        high = (high / step).rounded(.up) * step
        return low < high ? (low, high) : (least - 1, least + 1)
    }

    /// The same for logarithms to the base of ten: the ends are those of numbers of two digits.
    package static func paddedLogarithms(_ least: Double, _ greatest: Double) -> (low: Double, high: Double) {
        let pad = max(0.02, 0.05 * (greatest - least))
        return (
            Logarithm.twoDigits(least - pad, rounded: .down),
            Logarithm.twoDigits(greatest + pad, rounded: .up)
        )
    }
}
