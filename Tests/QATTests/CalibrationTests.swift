import CKernels
import Foundation
import Graph
import TestSupport
import TestTraits
import Testing

@testable import QAT

/// The parts that a calibration is made of, each beside what it has to be.
@Suite("Calibration", .limited)
struct CalibrationTests {
    private static let kinds = [(false, false), (true, false), (false, true), (true, true)].map {
        (isSIMD: $0.0, isPerTensor: $0.1)
    }

    private static func part(
        isSIMD: Bool, isPerTensor: Bool, bits: Int, hasNorm: Bool, rows: Int
    ) -> ScaledPart {
        ScaledPart(
            layer: "conv", weight: "conv.weight", norm: hasNorm ? "conv." : nil, bias: nil, rows: rows,
            taps: 1, activation: .linear, isSIMD: isSIMD, isPerTensor: isPerTensor, weightBits: bits,
            input: 1,
            output: 1, isReal: false, clip: 1)
    }

    private static func numbers(_ count: Int, seed: UInt64) -> [Float] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            // Few are large, as trained weights are.
            let number = Float.random(in: -1...1, using: &random)
            return number * number * number
        }
    }

    @Test("the quantizer reads back the code that each weight was placed on", arguments: kinds, [2, 4, 8])
    func placement(kind: (isSIMD: Bool, isPerTensor: Bool), bits: Int) throws {
        for hasNorm in [true, false] {
            let (rows, length) = (5, 36)
            let weights = CalibrationTests.numbers(rows * length, seed: UInt64(bits))
            let part = CalibrationTests.part(
                isSIMD: kind.isSIMD, isPerTensor: kind.isPerTensor, bits: bits, hasNorm: hasNorm, rows: rows)
            let placed = WeightPlacement(weights, rows: rows, part: part)
            let codes = try #require(
                WeightCodes(
                    placed.stored, rows: rows, bits: bits, factor: placed.factor,
                    isPerTensor: kind.isPerTensor, isSIMD: kind.isSIMD))
            let grid = part.grid
            for place in weights.indices {
                let row = place / length
                let scale = Double(codes.scales[kind.isPerTensor ? 0 : row])
                let steps = grid.steps(atPlace: Int(codes.codes[place]) - grid.codes.lowerBound)
                let value = steps * scale / grid.zeroPlace * placed.gains[row]
                let step = scale / grid.zeroPlace * placed.gains[row]
                let largest = weights[row * length..<(row + 1) * length].map(abs).max() ?? 0
                // Within half a step, but for what the end of the row's range cuts off.
                let isInside = abs(Double(weights[place])) <= 0.4 * Double(largest)
                #expect(
                    !isInside || abs(value - Double(weights[place])) <= 0.55 * step,
                    "\(kind) \(bits) bits: \(weights[place]) became \(value)")
            }
        }
    }

    @Test("where zero lies between two codes, zeros of a tap take both in turn")
    func zerosInTurn() {
        let grid = QuantizationGrid(.offset, bits: 8)
        // Four channels of two taps; all but one weight are zero.
        let row = PlacedRow([0, 0, 1, 0, 0, 0, 0, 0], on: grid, end: 1, taps: 2)
        #expect(row.places == [127, 127, 255, 128, 128, 127, 127, 128])
        let exact = QuantizationGrid(.twosComplement, bits: 8)
        #expect(PlacedRow([0, 0, 1, 0], on: exact, end: 1, taps: 2).places == [128, 128, 255, 128])
    }

    @Test("weights too small for the grid of two's complement ask for batch norm")
    func smallWeights() {
        let part = CalibrationTests.part(isSIMD: true, isPerTensor: false, bits: 8, hasNorm: false, rows: 1)
        #expect(WeightPlacement([0.02, -0.01, 0.001], rows: 1, part: part).needsNorm)
        #expect(!WeightPlacement([0.2, -0.1, 0.01], rows: 1, part: part).needsNorm)
    }

    @Test("a range ends where its method says")
    func ranges() throws {
        // A thousand values up to 1, and one of 10.
        var histogram = RangeHistogram()
        let values = (0..<100_000).map { Float($0) / 100_000 } + [10]
        values.withUnsafeBufferPointer { values in
            if let base = values.baseAddress { histogram.add(base, values.count) }
        }
        let member = RangeMethod.Member(histogram: histogram, signal: Signal(bits: 8, isSigned: false))
        let largest = try #require(RangeMethod.max.end(of: [member], on: .npu))
        #expect(abs(largest - 10) < 1e-5)
        let quantile = try #require(RangeMethod.percentile.end(of: [member], on: .npu))
        #expect(abs(quantile - 1) < 0.01)
        let entropy = try #require(RangeMethod.entropy.end(of: [member], on: .npu))
        #expect(entropy < 5)
        // By least squares at 4 bits the one value is not worth steps ten times as wide.
        let coarse = RangeMethod.Member(histogram: histogram, signal: Signal(bits: 4, isSigned: false))
        let least = try #require(RangeMethod.mse.end(of: [coarse], on: .npu))
        #expect(least < 5 && least >= 0.9)
        let tried = (1...100).map { Double($0) / 10 }.min {
            coarse.relativeError($0, .npu) < coarse.relativeError($1, .npu)
        }
        #expect(coarse.relativeError(least, .npu) <= coarse.relativeError(try #require(tried), .npu) * 1.05)
    }

    @Test("a histogram counts every value, whatever order large and small ones come in")
    func histogram() {
        var one = RangeHistogram()
        for values in [[Float](repeating: 0, count: 3), [0.5, -0.25], [100, -3], [0.1]] {
            values.withUnsafeBufferPointer { if let base = $0.baseAddress { one.add(base, $0.count) } }
        }
        #expect(one.bins.reduce(0) { $0 + $1.count } == 8)
        #expect(one.minimum == -3 && one.maximum == 100 && one.reach >= 100)
    }

    @Test("rounding that is learned loses less of what a layer gives than the nearest codes")
    func rounding() throws {
        let (size, count) = (24, 400)
        // Inputs that go together, as the channels of images do.
        var random = SeededGenerator(seed: 3)
        var inputs: [Float] = []
        for _ in 0..<count {
            let common = Float.random(in: 0...1, using: &random)
            inputs += (0..<size).map { _ in common + Float.random(in: 0...0.3, using: &random) }
        }
        let weights = CalibrationTests.numbers(size, seed: 7).map(Double.init)
        var (matrix, room) = (
            [Double](repeating: 0, count: size * size), [Double](repeating: 0, count: size * size)
        )
        ck_gram(inputs, Int64(count), Int64(size), &matrix)
        for place in 0..<size { matrix[place * (size + 1)] += 1e-3 }
        #expect(ck_inverse_factor(&matrix, &room, Int64(size)) == 0)
        var (used, codes) = (weights, [Int32](repeating: 0, count: size))
        let step = 0.15
        ck_round_row(&used, matrix, Int64(size), step, 7.5, 15, &codes)
        func lost(_ codes: [Double]) -> Double {
            (0..<count).reduce(0) { sum, row in
                let apart = (0..<size).reduce(0.0) {
                    $0 + Double(inputs[row * size + $1]) * (weights[$1] - (codes[$1] - 7.5) * step)
                }
                return sum + apart * apart
            }
        }
        let nearest = weights.map { min(max(($0 / step + 7.5).rounded(), 0), 15) }
        #expect(lost(codes.map(Double.init)) < 0.5 * lost(nearest))
        // A matrix that is none of sums of squares is refused.
        var bad: [Double] = [1, 2, 2, 1]
        var badRoom = bad
        #expect(ck_inverse_factor(&bad, &badRoom, 2) == 1)
    }
}
