import Graph

/// The weights of a row as places on a quantizer's grid, counted from the lowest value.
struct PlacedRow {
    /// By weight, its place.
    var places: [Int]
    /// The value of one step.
    var step: Double

    /// Finds the nearest places of weights whose range ends at a magnitude. The largest weight gets an outermost place.
    ///
    /// Zero lies in the middle of two codes on the NPU family. Weights there take the lower and the upper one in turn,
    /// tap by tap: what they multiply then cancels, where all above or all below would add up. `taps` is how many
    /// weights lie beside each other for each input channel.
    init(_ weights: ArraySlice<Float>, on grid: QuantizationGrid, end: Double, taps: Int) {
        let zero = grid.zeroPlace
        let last = grid.lastPlace
        // Two's complement ends one step earlier above zero than below.
        let isPositive = (weights.max() ?? 0) >= -(weights.min() ?? 0)
        step = end / (isPositive ? grid.steps(atPlace: last) : zero)
        var isUp = [Bool](repeating: false, count: max(1, taps))
        places = []
        places.reserveCapacity(weights.count)
        for (number, weight) in weights.enumerated() {
            let steps = Double(weight) / step
            var place = (steps + zero).rounded()
            if !grid.hasExactZero, abs(steps) < PlacedRow.nearZero {
                let tap = number % isUp.count
                place = isUp[tap] ? zero.rounded(.up) : zero.rounded(.down)
                isUp[tap].toggle()
            }
            places.append(Int(held: min(max(place, 0), Double(last))))
        }
    }

    /// Below so many steps a weight is zero.
    private static let nearZero = 0.01
}

extension QuantizationGrid {
    /// Where a weight is stored to get a place, as a share of the largest magnitude: the middle of what the place is given
    /// to.
    func storedShare(ofPlace place: Int) -> Double { Double(2 * place - lastPlace) / Double(lastPlace) }
}
