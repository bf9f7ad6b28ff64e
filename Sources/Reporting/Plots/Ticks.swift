import Editing

/// Where the labels of an axis stand.
package enum Ticks {
    /// The smallest of 1, 2, 2.5 and 5 times a power of ten that divides a range into at most so many parts; without 2.5
    /// where digits are to be saved.
    package static func step(over span: Double, most: Int, isShort: Bool = false) -> Double {
        guard span > 0, span.isFinite, most > 0 else { return 1 }
        let rough = span / Double(most)
        let power = Logarithm.power(of: rough)
        guard power > 0, power.isFinite else { return span }
        return (isShort ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10]).map { $0 * power }.first {
            $0 >= rough * (1 - 1e-9)
        } ?? 10 * power
    }

    /// The multiples of such a step in a range of at most `most` parts; of things that are counted the step is whole.
    package static func linear(_ low: Double, _ high: Double, most: Int, areWhole: Bool = false) -> [Double] {
        guard most > 0, high > low, low.isFinite, high.isFinite else { return [] }
        let step = max(areWhole ? 1 : 0, step(over: high - low, most: most, isShort: areWhole))
        var values: [Double] = []
        var index = (low / step - 1e-9).rounded(.up)
        while index * step <= high + step * 1e-9, values.count <= most {
            values.append(index == 0 ? 0 : index * step)
            index += 1
        }
        return values
    }

    /// Powers of ten, and 2 and 5 times them where there are fewer than two; for an axis of logarithms.
    package static func logarithmic(_ low: Double, _ high: Double) -> [Double] {
        guard low.isFinite, high.isFinite, high > low else { return [] }
        let first = low.rounded(.down)
        let last = high.rounded(.up)
        guard last - first < 700 else { return [] }
        let all = stride(from: first, through: last, by: 1)
        let decades = all.filter { $0 >= low && $0 <= high }
        guard decades.count < 2 else { return decades }
        return all.flatMap { [$0, $0 + Logarithm.ten(2), $0 + Logarithm.ten(5)] }
            .filter { $0 >= low && $0 <= high }
    }

    /// The least and the greatest value in front, then those between that stay `gap` rows from every other.
    ///
    /// The gap is measured in `row(value)`.
    package static func spaced(
        _ ends: [Double], _ between: [Double], gap: Int, row: (Double) -> Int
    ) -> [Double] {
        var kept: [Double] = []
        for value in ends where !kept.contains(where: { row($0) == row(value) }) { kept.append(value) }
        for value in between where kept.allSatisfy({ abs(row($0) - row(value)) >= gap }) {
            kept.append(value)
        }
        return kept
    }
}

/// Labels of one axis: they share their number of decimals and their letter, so that they can be compared at a glance.
package struct AxisLabels {
    private let unit: Double
    private let letter: String
    private let decimals: Int?
    /// Decimals in front of the power of ten of small numbers.
    private var smallDecimals = 1

    /// Digits that tell neighbours apart where three do not.
    private static let most = 4

    /// Labels for these values: at most three digits count, unless values could not be told apart by them, and small
    /// ones have at least so many decimals.
    package init(_ values: [Double], decimals least: Int = 0) {
        let largest = values.reduce(0) { max($0, abs($1)) }
        guard largest == 0 || (largest >= 0.01 && largest < 1e15) else {
            unit = 1
            letter = ""
            decimals = nil
            smallDecimals =
                (1...AxisLabels.most).first { count in
                    AxisLabels.areDistinct(values) { Figures.scientific($0, decimals: count) }
                } ?? AxisLabels.most
            return
        }
        let sizes: [(Double, String)] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")]
        let size = sizes.first { largest >= $0.0 }
        let unit = size.map { $0.1 == "k" ? 1e3 : $0.0 } ?? 1
        self.unit = unit
        letter = size?.1 ?? ""
        let scaled = largest / unit
        let most = scaled >= 100 ? 0 : scaled >= 10 ? 1 : scaled >= 1 ? 2 : 3
        let short =
            (min(least, most)...most).first { count in
                let tens = (0..<count).reduce(1.0) { product, _ in product * 10 }
                return values.allSatisfy {
                    abs($0 / unit * tens - ($0 / unit * tens).rounded()) < 1e-6
                        * max(1, abs($0 / unit * tens))
                }
            } ?? most
        decimals =
            (short...max(short, AxisLabels.most)).first { count in
                AxisLabels.areDistinct(values) { Figures.fixed($0 / unit, decimals: count) }
            } ?? short
    }

    /// Whether different values have different labels.
    private static func areDistinct(_ values: [Double], _ text: (Double) -> String) -> Bool {
        Set(values.map(text)).count == Set(values).count
    }

    /// The label of a value.
    package func text(_ value: Double) -> String {
        guard value.isFinite else { return Figures.none }
        if value == 0 { return decimals.map { Figures.fixed(0, decimals: $0) } ?? "0" }
        guard let decimals else { return Figures.scientific(value, decimals: smallDecimals) }
        return Figures.fixed(value / unit, decimals: decimals) + letter
    }
}
