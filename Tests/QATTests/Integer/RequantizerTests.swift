import CKernels
import Foundation
import Graph
import TestTraits
import Testing

@testable import QAT

/// The constants behind a sum, and their rounding, on cases that are worked out by hand.
@Suite("Rounding in integers", .limited)
struct RequantizerTests {
    private func finish(
        scale: Double, shift: Double = 0, slope: Double? = nil, bits: Int, signed: Bool = false,
        on family: ArithmeticFamily = .npu, clip: Double = 1
    ) throws -> Requantizer {
        let grid = QuantizationGrid(bits: bits, isSigned: signed, on: family)
        return try Requantizer(
            .init(scale: [scale], shift: [shift]), slopes: slope.map { [$0] }, grid: grid, clip: clip)
    }

    @Test("a multiplier has 31 bits, and the shift is what that leaves")
    func constants() throws {
        // A unit of the sum is a quarter of a code: 2^-2 is 2^30 in units of 2^-32.
        let quarter = try finish(scale: 0.25 / 15, bits: 4).constants(0)
        #expect(quarter == (1 << 30, 0, 32))
        // A third is 0.0101...b: 2^32 / 3, rounded to nearest, with an offset of two codes and a half.
        let third = try finish(scale: 1.0 / 3 / 255, shift: 2.5 / 255, bits: 8).constants(0)
        #expect(third == (1_431_655_765, 5 << 31, 32))
        // Just below a power of two, rounding up would need a 32nd bit.
        let edge = try finish(scale: (1 - 0x1p-40) / 15, bits: 4).constants(0)
        #expect(edge.multiplier == 1 << 30 && edge.shift == 30)
    }

    @Test("a half goes to the even neighbour, from 0.501 on it goes up")
    func halves() throws {
        // A unit of the sum is a thousandth of a code.
        let unsigned = try finish(scale: 0.001 / 15, bits: 4)
        for (sum, code) in [
            (499, 0), (500, 0), (500, 0), (501, 1), (1499, 1), (1500, 2), (1501, 2), (2500, 2), (2501, 3),
            (-700, 0), (14_499, 14), (14_500, 14), (14_501, 15), (15_400, 15), (2_000_000, 15),
        ] { #expect(unsigned.code(of: Int32(sum), channel: 0).steps == code, "\(sum)") }
        // A third is no binary fraction: sums of 6 n + 3 are halves of sixths all the same.
        let sixth = try finish(scale: 1.0 / 6 / 255, bits: 8)
        for half in 0..<200 {
            let code = sixth.code(of: Int32(6 * half + 3), channel: 0).steps
            #expect(code == half + half % 2, "\(half) and a half")
        }
    }

    @Test("SIMD's signed codes are rounded on the magnitude, and end at -H and H - 1")
    func simd() throws {
        let grid = try finish(scale: 0.001 / 8, bits: 4, signed: true, on: .simd)
        for (sum, code) in [
            (-500, 0), (-501, -1), (-1500, -2), (-2500, -2), (-2501, -3), (2500, 2), (7499, 7), (7600, 7),
            (9000, 7), (-7600, -8), (-9000, -8), (0, 0),
        ] { #expect(grid.code(of: Int32(sum), channel: 0).steps == code, "\(sum)") }
        let third = try finish(scale: 1.0 / 6 / 128, bits: 8, signed: true, on: .simd)
        for half in 0..<100 {
            let code = third.code(of: Int32(-6 * half - 3), channel: 0).steps
            #expect(code == -(half + half % 2), "-\(half) and a half")
        }
    }

    @Test("the NPU's signed codes are odd numbers of steps")
    func npu() throws {
        // A unit of the sum is one step: code k is 2k - 15, a sum of 0 lies between codes 7 and 8.
        let grid = try finish(scale: 1.0 / 15, bits: 4, signed: true)
        for (sum, steps) in [(-40, -15), (-15, -15), (-13, -13), (-14, -15), (-12, -11), (0, 1), (15, 15)] {
            #expect(grid.code(of: Int32(sum), channel: 0).steps == steps, "\(sum)")
        }
    }

    @Test("values below zero have a pair of constants of their own, without a rounding between")
    func slopes() throws {
        let leaky = try finish(scale: 1.0 / 128, slope: 0.01, bits: 8, signed: true, on: .simd)
        #expect(leaky.code(of: 50, channel: 0).steps == 50)
        for (sum, code) in [(-100, -1), (-149, -1), (-151, -2), (-250, -2), (-251, -3)] {
            #expect(leaky.code(of: Int32(sum), channel: 0).steps == code, "\(sum)")
        }
        // A learned slope may be negative or steep; the offset is multiplied too.
        let turned = try finish(
            scale: 1.0 / 128, shift: 10.0 / 128, slope: -3, bits: 8, signed: true, on: .simd)
        #expect(turned.code(of: -20, channel: 0).steps == 30)
        #expect(turned.code(of: -5, channel: 0).steps == 5)
    }

    /// Kinds of grids that sums become codes of.
    private static let grids: [QuantizationGrid] = [2, 4, 8].flatMap { bits in
        [
            QuantizationGrid(bits: bits, isSigned: false, on: .npu),
            QuantizationGrid(bits: bits, isSigned: true, on: .npu),
            QuantizationGrid(bits: bits, isSigned: true, on: .simd),
        ]
    }

    /// The steps of sums, one after the other through the channels, in a row.
    private func steps(_ finish: Requantizer, of sums: [Int32]) -> [Int32] {
        var description = finish.description
        var steps = [Int32](repeating: 0, count: sums.count)
        steps.withUnsafeMutableBufferPointer { steps in
            withUnsafePointer(to: &description) { description in
                var end = ck_integer_end()
                end.finish = description
                end.period = description.pointee.period
                end.codes.numbers = UnsafeMutableRawPointer(steps.baseAddress)
                _ = ck_integer_end_sums(&end, sums, 0, Int64(sums.count))
            }
        }
        return steps
    }

    @Test(
        "single precision gives the codes of whole numbers", arguments: grids,
        [nil, 0.01, -3, 5] as [Double?])
    func near(grid: QuantizationGrid, slope: Double?) throws {
        // A sum of one is a thousandth of a code, a third, and what no fraction of two expresses; every half, and every sum
        // beside one, is met.
        let units = [0.001, 1.0 / 3, 0.000_731, 0.0125]
        let codes = Double(grid.levels) / Double(grid.stride)
        let shifts = [0, 2.5, -17.25, 1.0 / 3]
        let finish = try Requantizer(
            .init(scale: units.map { $0 / codes }, shift: shifts.map { $0 / codes }),
            slopes: slope.map { slope in units.map { _ in slope } }, grid: grid, clip: 1)
        #expect(finish.doubt > 0)
        let most = 1100 * grid.levels
        let sums = stride(from: -most, through: most, by: grid.bits == 8 ? 37 : 1).flatMap { sum in
            units.map { Int32(Double(sum) * 0.001 / $0) }
        }
        let found = steps(finish, of: sums)
        let expected = sums.enumerated().map { Int32(finish.code(of: $1, channel: $0 % 4).steps) }
        #expect(found == expected)
        // A slope may leave half of them without sums.
        #expect(Set(found).count >= grid.codeCount / 2)
    }

    @Test("values that single precision does not hold, and sums of every size, are computed in whole numbers")
    func exact() throws {
        let sums: [Int32] = (0..<600).map { index in
            Int32(truncatingIfNeeded: ((index * index - 90_000) * 7919) << (index % 9))
        }
        // Offsets of 2^24 codes; multipliers of zero.
        for (scale, shift, slope) in [(0.37, 0x1p24 + 0.5, nil), (1, 0, 0.0), (0, 0.25, nil)] {
            let finish = try finish(scale: scale / 255, shift: shift / 255, slope: slope, bits: 8)
            #expect(finish.doubt == 0)
            #expect(steps(finish, of: sums) == sums.map { Int32(finish.code(of: $0, channel: 0).steps) })
        }
        // Nearly all of these lie outside of the range.
        let wide = try finish(scale: 0.37 / 255, shift: -900.0 / 255, bits: 8)
        #expect(wide.doubt > 0)
        #expect(steps(wide, of: sums) == sums.map { Int32(wide.code(of: $0, channel: 0).steps) })
    }

    @Test("what no multiplier of 31 bits can express has a reason")
    func tooLarge() {
        #expect {
            _ = try finish(scale: 0x1p40, bits: 8)
        } throws: {
            ($0 as? NoIntegerForm)?.reason.hasPrefix("channel 0 has no multiplier of 31 bits") == true
        }
        #expect(throws: NoIntegerForm.self) { try finish(scale: .nan, bits: 8) }
        #expect(throws: NoIntegerForm.self) { try finish(scale: 1, shift: 0x1p60, bits: 8) }
    }

    @Test("quotients are rounded exactly")
    func quotients() {
        for (number, divisor, code) in [
            (0, 5, 0), (1, 2, 0), (3, 2, 2), (5, 2, 2), (7, 3, 2), (8, 3, 3), (500, 1000, 0), (501, 1000, 1),
            (1500, 1000, 2), (5009, 10_000, 0), (5010, 10_000, 1), (15_005, 10_000, 2),
        ] { #expect(IntegerRounding.r(number, over: divisor) == code, "\(number) / \(divisor)") }
    }

    @Test("the cell of an LSTM is that of the formula", arguments: [4, 8], [true, false])
    func cell(bits: Int, isNPU: Bool) {
        let levels = isNPU ? 1 << bits - 1 : 1 << (bits - 1) - 1
        let cell = IntegerCell(levels: levels, isNPU: isNPU, shift: 30)
        var description = ck_cell(
            batch: 1, hidden: 1, grid: Int32(isNPU ? CK_SIGNED_NPU : CK_SIGNED_SIMD), levels: Float(levels))
        var random = SplitMix64(seed: 3)
        for _ in 0..<4000 {
            let sums = (0..<4).map { _ in 8 * random.nextUniform() - 4 }
            let before =
                isNPU ? 2 * Int(random.next() % UInt64(levels + 1)) - levels : Int(random.next() % 9) - 4
            var (after, state): (Float, Float) = (0, 0)
            var old = Float(before) / Float(levels)
            ck_cell_forward(&description, sums, &old, &after, &state, 1)
            let fixed = sums.map { IntegerCell.Sum(value: Int64(Double($0) * 0x1p30), slack: 1) }
            let found = cell.step(fixed, cell: before)
            let expected = [after, state].map { Int(($0 * Float(levels)).rounded()) }
            guard [found.cell, found.state] != expected else { continue }
            #expect(cell.distanceToBoundary(fixed, cell: found.cell) < 1e-4, "\(sums) from \(before)")
        }
    }

    @Test("T's inverse is its inverse, held to -3 ... 3")
    func inverse() {
        for value in stride(from: -1.0, through: 1, by: 0.05) {
            #expect(abs(IntegerCell.rational(IntegerCell.inverse(value)) - value) < 1e-9)
        }
        #expect(IntegerCell.inverse(1.002) > 3)
    }

    @Test("the input's steps are bytes, moved by the mean")
    func inputs() {
        #expect(InputGrid(InputNormalization(mean: 0, variance: 255)) == InputGrid(levels: 255, bound: 255))
        #expect(InputGrid(InputNormalization(mean: 128, variance: 128)) == InputGrid(levels: 128, bound: 128))
        #expect(
            InputGrid(InputNormalization(mean: 127.5, variance: -0.25)) == InputGrid(levels: 0.5, bound: 255))
        #expect(
            InputGrid(InputNormalization(mean: 33.32, variance: 78)) == InputGrid(levels: 1950, bound: 5542))
        #expect(InputGrid(InputNormalization(mean: 1.0 / 3.001, variance: 1)).levels == 64)
    }
}
