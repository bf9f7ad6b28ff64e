import Foundation
import Graph

/// Trained weights on the points of their grid, with what each row has to be multiplied with.
///
/// The kit decides codes by one formula and values by another (docs/arithmetic.md, Weights): on the two's-complement grid
/// values lie half a step below the weights they stand for. Weights that are stored in the middle of the code that serves
/// best are moved by neither formula.
struct WeightPlacement {
    /// What is stored, row-major; its quantizer gives the grid's value for the code of each.
    private(set) var stored: [Float]
    /// By row, what the quantized weights are multiplied with to stand for the ones that were given; 1 without batch norm.
    private(set) var gains: [Double]
    /// The weights that were given, in units of the quantizer's values.
    private(set) var wanted: [Float]
    /// By row, what one code is worth in these units.
    private(set) var steps: [Double]
    /// By row, the largest magnitude that is stored; 0 for a row of zeros, which stays one whatever its codes.
    private var magnitudes: [Double]
    /// Rows share one scale and have no batch norm behind them: one of all weights has to hold the end.
    private let isOne: Bool
    /// The least of the usual weight factors that clips nothing of what is stored.
    let factor: Double
    /// Whether the grid adds to a scale that is too small, which only batch norm could take back.
    let needsNorm: Bool

    /// The largest stored weight of a row where batch norm follows: well above 0.05, where the kit's grid moves weights.
    static let magnitude = 0.5
    /// Shares of the largest weight at which a row's range may end.
    private static let ends = [
        1, 0.97, 0.94, 0.9, 0.86, 0.82, 0.78, 0.74, 0.7, 0.65, 0.6, 0.55, 0.5, 0.45, 0.4,
    ]
    private static let factors = [3.0, 3.5, 4, 5, 6, 8, 12, 20, 50, 100, 1000]

    /// Places weights of some rows.
    init(_ weights: [Float], rows: Int, part: ScaledPart) {
        let grid = part.grid
        let hasNorm = part.norm != nil
        let length = weights.count / max(1, rows)
        stored = [Float](repeating: 0, count: weights.count)
        gains = [Double](repeating: 1, count: rows)
        steps = gains
        wanted = weights
        magnitudes = [Double](repeating: 0, count: rows)
        var needsNorm = false
        // Without batch norm, weights that share a scale share an end too.
        let isOne = part.isPerTensor && !hasNorm
        self.isOne = isOne
        for block in 0..<(isOne ? min(1, rows) : rows) {
            let places = isOne ? 0..<weights.count : block * length..<(block + 1) * length
            guard let end = WeightPlacement.best(weights[places], grid, hasNorm: hasNorm, taps: part.taps)
            else { continue }
            let row = PlacedRow(weights[places], on: grid, end: end, taps: part.taps)
            let magnitude = hasNorm ? WeightPlacement.magnitude : row.step * grid.zeroPlace
            if part.isSIMD, magnitude < 0.05 { needsNorm = true }
            for (place, code) in zip(places, row.places) {
                stored[place] = Float(magnitude * grid.storedShare(ofPlace: code))
            }
            for one in isOne ? 0..<rows : block..<block + 1 {
                steps[one] = magnitude / grid.zeroPlace
                magnitudes[one] = magnitude
            }
            if hasNorm {
                gains[block] =
                    row.step * grid.zeroPlace / magnitude
                    * WeightPlacement.gain(weights[places], row, grid)
                for place in places { wanted[place] = Float(Double(weights[place]) / gains[block]) }
            }
        }
        self.needsNorm = needsNorm
        factor = WeightPlacement.factor(of: stored)
    }

    /// Where a row's range ends best; nil for a row of zeros.
    private static func best(
        _ weights: ArraySlice<Float>, _ grid: QuantizationGrid, hasNorm: Bool, taps: Int
    ) -> Double? {
        let largest = Double(weights.reduce(Float(0)) { max($0, abs($1)) })
        guard largest > 0 else { return nil }
        func lost(_ end: Double) -> Double {
            let row = PlacedRow(weights, on: grid, end: end, taps: taps)
            let gain = hasNorm ? gain(weights, row, grid) : 1
            return zip(weights, row.places).reduce(0) { sum, pair in
                let apart = Double(pair.0) - gain * row.step * grid.steps(atPlace: pair.1)
                return sum + apart * apart
            }
        }
        let ends = ends.map { $0 * largest }
        return ends.map { ($0, lost($0)) }.min { $0.1 < $1.1 }?.0
    }

    /// What brings quantized weights nearest to the weights.
    private static func gain(
        _ weights: ArraySlice<Float>, _ row: PlacedRow, _ grid: QuantizationGrid
    ) -> Double {
        var product = 0.0
        var square = 0.0
        for (weight, code) in zip(weights, row.places) {
            let value = row.step * grid.steps(atPlace: code)
            product += Double(weight) * value
            square += value * value
        }
        return square > 0 && product > 0 ? product / square : 1
    }

    /// Other codes of the same weights, as they are stored. The largest weight of a row keeps the outermost code, which
    /// holds the row's scale.
    func stored(codes: [Int], _ grid: QuantizationGrid) -> [Float] {
        var codes = codes
        let length = codes.count / max(1, steps.count)
        for block in 0..<(isOne ? min(1, steps.count) : steps.count) {
            let places = isOne ? 0..<codes.count : block * length..<(block + 1) * length
            guard !places.contains(where: { codes[$0] == 0 || codes[$0] == grid.lastPlace }),
                let largest = places.max(by: { abs(wanted[$0]) < abs(wanted[$1]) })
            else { continue }
            codes[largest] = wanted[largest] < 0 ? 0 : grid.lastPlace
        }
        return codes.indices.map { Float(magnitudes[$0 / length] * grid.storedShare(ofPlace: codes[$0])) }
    }

    private static func factor(of stored: [Float]) -> Double {
        let count = Double(max(1, stored.count))
        let mean = stored.reduce(0.0) { $0 + Double($1) } / count
        let square = stored.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        let deviation = (square / count).squareRoot()
        guard deviation > 0 else { return factors[0] }
        let reach = stored.reduce(0.0) { max($0, abs(Double($1) - mean)) } / deviation
        // Rounding that is learned moves the deviation a little.
        return factors.first { $0 >= reach * 1.02 } ?? 1000
    }
}

extension WeightPlacement {
    /// The seconds that placing so many weights takes on this machine, by a few that are timed.
    static func seconds(_ count: Int) -> Double {
        let (rows, length) = (16, 576)
        let part = ScaledPart(
            layer: "", weight: "weight", norm: "", bias: nil, rows: rows, taps: 9, activation: .none,
            isSIMD: false, isPerTensor: false, weightBits: 8, input: 1, output: 1, isReal: false, clip: 6)
        let weights = (0..<rows * length).map { Float($0 * 7919 % 2003) / 1000 - 1 }
        let taken = Calibration.timed { _ = WeightPlacement(weights, rows: rows, part: part) }
        return taken * Double(count) / Double(rows * length)
    }
}
