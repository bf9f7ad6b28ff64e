import Graph
import TestTraits
import Testing

@Suite("Grids of quantizers", .limited)
struct QuantizationGridTests {
    private static let all = QuantizationGrid.Kind.allCases.flatMap { kind in
        [2, 3, 4, 8, 12].map { QuantizationGrid(kind, bits: $0) }
    }

    @Test("sign and family decide the kind; float has no grid")
    func kinds() {
        for family in ArithmeticFamily.allCases {
            #expect(QuantizationGrid(bits: 4, isSigned: false, on: family).kind == .unsigned)
            #expect(QuantizationGrid(.float, on: family) == nil)
        }
        #expect(QuantizationGrid(Signal(bits: 4, isSigned: true), on: .npu)?.kind == .offset)
        #expect(QuantizationGrid(Signal(bits: 4, isSigned: true), on: .simd)?.kind == .twosComplement)
    }

    @Test("the codes and values of 2 bits, written out")
    func twoBits() {
        let values: [[Double]] = QuantizationGrid.Kind.allCases.map { kind in
            let grid = QuantizationGrid(kind, bits: 2)
            return grid.codes.map { grid.value(of: $0) }
        }
        #expect(values[0] == [0, 1.0 / 3, 2.0 / 3, 1])
        #expect(values[1] == [-1, -1.0 / 3, 1.0 / 3, 1])
        #expect(values[2] == [-1, -0.5, 0, 0.5])
        #expect(QuantizationGrid(.twosComplement, bits: 2).codes == -2...1)
        #expect(QuantizationGrid(.offset, bits: 2).codes == 0...3)
    }

    @Test("values are evenly spaced between the ends of the range, which scales with its end", arguments: all)
    func spacing(grid: QuantizationGrid) {
        let values = grid.codes.map { grid.value(of: $0) }
        #expect(values.count == grid.codeCount)
        #expect(values[0] == grid.lowest && values[0] == grid.range(end: 1).lower)
        #expect(abs(values[grid.lastPlace] - grid.range(end: 1).upper) < 1e-15)
        for (value, next) in zip(values, values.dropFirst()) {
            let distance = next - value
            #expect(abs(distance - grid.step) < 1e-12)
        }
        let expected = Double(grid.stride) * 6 / Double(grid.levels)
        #expect(grid.step(end: 6) == expected)
        #expect(grid.range(end: 4).upper == 4 * grid.range(end: 1).upper)
        for code in grid.codes {
            let value = grid.zero + grid.step * Double(code)
            #expect(abs(value - grid.value(of: code)) < 1e-12)
        }
    }

    @Test("zero is a value where the grid says so", arguments: all)
    func zero(grid: QuantizationGrid) {
        #expect(grid.codes.contains { grid.value(of: $0) == 0 } == grid.hasExactZero)
        #expect((grid.zeroPlace == grid.zeroPlace.rounded()) == grid.hasExactZero)
        #expect(grid.hasSignedCodes == (grid.kind == .twosComplement))
        for place in 0...grid.lastPlace {
            let value = grid.value(of: grid.codes.lowerBound + place)
            let counted = grid.steps(atPlace: place) * grid.step
            #expect(abs(counted - value) < 1e-12)
        }
    }

    @Test(
        "the code of a code's value is the code, and values outside have the code of the end", arguments: all)
    func roundTrip(grid: QuantizationGrid) {
        for code in grid.codes {
            let value = Float(grid.value(of: code) * 6)
            #expect(grid.code(of: value, clip: 6) == code)
            #expect(grid.nearestPlace(to: Double(value), end: 6) == code - grid.codes.lowerBound)
        }
        #expect(grid.code(of: 100, clip: 6) == grid.codes.upperBound)
        #expect(grid.code(of: -100, clip: 6) == grid.codes.lowerBound)
        #expect(grid.nearestPlace(to: 100, end: 6) == grid.lastPlace)
        #expect(grid.nearestValue(to: -100, end: 6) == grid.range(end: 6).lower)
    }

    @Test("halves go to the even code, from 0.501 on up; two's complement rounds the magnitude")
    func halves() {
        let unsigned = QuantizationGrid(.unsigned, bits: 4)
        for (value, code) in [(0.5, 0), (1.5, 2), (2.5, 2), (2.502, 3), (0.4999, 0)] as [(Float, Int)] {
            #expect(unsigned.code(of: value, clip: 15) == code)
        }
        let signed = QuantizationGrid(.twosComplement, bits: 4)
        for (value, code) in [(-0.5, 0), (-1.5, -2), (-2.5, -2), (-2.502, -3), (7.9, 7)] as [(Float, Int)] {
            #expect(signed.code(of: value, clip: 8) == code)
        }
    }
}
