import CKernels
import Foundation
import Graph

/// The quantized cell of an LSTM in integers (docs/arithmetic.md, LSTM).
struct IntegerCell {
    /// A gate's sum in fixed point, and what rounding the constants may have taken from it.
    struct Sum {
        var value: Int64
        var slack: Int64
    }

    private let levels: Int
    private let isNPU: Bool
    private let unit: Double
    /// Where the code of a gate goes up by one, in units of the sum.
    private let gates: [Int64]
    /// Where that of the new value does: over the whole range on the NPU's grid, on the magnitude on SIMD's.
    private let newValues: [Int64]
    /// By steps + levels: the steps of T.
    private let bent: [Int32]
    /// By steps + levels: how far T lies from where its rounding changes, in codes.
    private let bentDistances: [Double]

    /// A cell whose grids have so many steps from 0 to 1, and whose sums have so many bits behind the point.
    init(levels: Int, isNPU: Bool, shift: Int) {
        self.levels = levels
        self.isNPU = isNPU
        let unit = scalbn(1, shift)
        self.unit = unit
        /// R gives more than a code from here on: a half is enough above an odd one.
        func boundary(_ code: Int) -> Double { Double(code) + (code % 2 == 1 ? 0.5 : 0.501) }
        let top = Double(levels)
        gates = (0..<levels).map { Int64(held: ((6 * boundary($0) / top - 3) * unit).rounded(.up)) }
        newValues = (0..<levels).map { code in
            let value = isNPU ? 2 * boundary(code) / top - 1 : boundary(code) / top
            return Int64(held: (IntegerCell.inverse(value) * unit).rounded(.up))
        }
        let codes = (-levels...levels).map { steps -> Double in
            let value = IntegerCell.rational(Double(steps) / top)
            return isNPU ? (value + 1) / 2 * top : value * top
        }
        bent = codes.map { code in
            let rounded = IntegerCell.r(abs(code))
            return Int32(isNPU ? 2 * rounded - levels : code < 0 ? -rounded : rounded)
        }
        bentDistances = codes.map(IntegerRounding.distanceToBoundary)
    }

    /// T, the rational approximation of tanh.
    static func rational(_ x: Double) -> Double { x * (27 + x * x) / (27 + 9 * x * x) }

    /// Where T has a value of -1 ... 1; beyond 1 never, because T is held there.
    static func inverse(_ value: Double) -> Double {
        guard value <= 1 else { return 4 }
        var low = -3.0
        var high = 3.0
        for _ in 0..<80 {
            let middle = (low + high) / 2
            if rational(middle) < value { low = middle } else { high = middle }
        }
        return high
    }

    private static func r(_ value: Double) -> Int {
        let below = Int(value)
        let rest = value - value.rounded(.down)
        return below + (rest >= 0.501 ? 1 : rest >= 0.5 ? below & 1 : 0)
    }

    /// How many thresholds a sum has reached.
    private static func reached(_ value: Int64, _ thresholds: [Int64]) -> Int {
        var low = 0
        var high = thresholds.count
        while low < high {
            let middle = (low + high) / 2
            if value >= thresholds[middle] { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The cell as C reads it, while `body` runs.
    func withDescription(_ body: (UnsafePointer<ck_integer_cell>) -> Void) {
        gates.withUnsafeBufferPointer { gates in
            newValues.withUnsafeBufferPointer { newValues in
                bent.withUnsafeBufferPointer { bent in
                    var description = ck_integer_cell(
                        levels: Int64(levels), is_npu: isNPU ? 1 : 0, unit: unit, gates: gates.baseAddress,
                        new_values: newValues.baseAddress, bent: bent.baseAddress)
                    body(&description)
                }
            }
        }
    }

    /// The states after a step, from the sums of the gates i, f, g, o and the cell before.
    func step(_ sums: [Sum], cell before: Int) -> (cell: Int, state: Int) {
        let gates = sums.map { ck_integer_gate(value: $0.value, slack: $0.slack) }
        var cell = Int32(before)
        var state: Int32 = 0
        withDescription { ck_integer_cell_step($0, gates, &cell, &state) }
        return (Int(cell), Int(state))
    }

    /// The smallest distance, in codes, of what a step rounds by thresholds or by the table from where its rounding changes.
    func distanceToBoundary(_ sums: [Sum], cell: Int) -> Double {
        func distance(_ value: Int64, _ thresholds: [Int64]) -> Double {
            let place = IntegerCell.reached(value, thresholds)
            let near = thresholds[max(0, place - 1)...min(thresholds.count - 1, place)]
            return near.map { abs(Double(value - $0)) / unit * Double(levels) }.min() ?? .infinity
        }
        return min(
            [0, 1, 3].map { distance(sums[$0].value, gates) / 6 }.min() ?? .infinity,
            distance(isNPU ? sums[2].value : abs(sums[2].value), newValues), bentDistances[cell + levels])
    }
}
