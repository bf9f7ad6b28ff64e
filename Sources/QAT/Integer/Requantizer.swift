import CKernels
import Foundation
import Graph

/// What follows a sum of whole steps, in integers: batch norm, bias, activation and quantizer folded into a multiplier, a
/// shift and an offset for each channel.
///
/// The quantizer rounds y x q, where y = sum x scale + shift is the layer's value and q the codes from 0 to its clip. So
///
///     code = R((sum x m + b) / 2^s),  m = scale x q x 2^s,  b = shift x q x 2^s
///
/// with m in 31 bits and s as large as they allow. These are the roundings:
///
/// - m and b once, when the network is prepared, each to the nearest whole number;
/// - the result once, by the family's R (docs/arithmetic.md, Families and rounding): the rest below the shift, s bits wide, is compared
///   with a half and with 0.501, the latter rounded up to a whole number of 2^-s. SIMD's signed codes are rounded on the
///   magnitude.
///
/// |sum| / 2 + 1, in units of 2^-s, is added before: the most that the first two roundings may have taken, so that a half
/// stays one. It is less than 0.501 is away. LeakyReLU and PReLU have a second pair, m and b times the slope, for negative
/// y: there is no rounding between them and the quantizer. Hsigmoid's offset 3 is part of b. Ranges end by clamping, which
/// is what None, ReLU and ReLU6 are.
final class Requantizer {
    /// The sums by their value: scale and shift of each channel.
    struct Affine {
        var scale: [Double]
        var shift: [Double]
    }

    private let period: Int
    private let grid: Int32
    private let levels: Int64
    private let hasLower: Bool
    /// Multipliers, those of values below zero, and shifts.
    private let words: ChannelNumbers<Int32>
    /// Offsets, those of values below zero, and 0.501.
    private let longs: ChannelNumbers<Int64>
    /// Multipliers and offsets in codes, then those of values below zero.
    private let near: ChannelNumbers<Float>
    /// How far single precision may be from a value, in codes; 0 where it is not used.
    let doubt: Float

    /// A multiplier has so many bits.
    static let multiplierBits = 31

    /// Constants that map sums to codes of a grid. `slopes` is that of negative values, by channel; nil is 1.
    init(
        _ affine: Affine, slopes: [Double]?, grid: QuantizationGrid, clip: Double
    ) throws(NoIntegerForm) {
        let channels = affine.scale.count
        period = Requantizer.period(channels)
        self.grid = Optional(grid).kernelKind
        levels = Int64(grid.levels)
        hasLower = slopes != nil
        let codes = Double(grid.levels) / (Double(grid.stride) * clip)
        var words = [[Int32]](repeating: [], count: 3)
        var longs = [[Int64]](repeating: [], count: 3)
        for channel in 0..<channels {
            let scale = affine.scale[channel] * codes
            let shift = affine.shift[channel] * codes
            let slope = slopes?[channel] ?? 1
            guard
                let count = Requantizer.shift(
                    scale: max(abs(scale), abs(scale * slope)), offset: max(abs(shift), abs(shift * slope)),
                    levels: Double(grid.levels))
            else {
                throw NoIntegerForm(
                    "channel \(channel) has no multiplier of \(Requantizer.multiplierBits) bits: a unit of its sums is \(scale) codes, its offset \(shift)"
                )
            }
            let unit = scalbn(1, count)
            for (row, value) in [scale, scale * slope].enumerated() {
                words[row].append(Int32(held: (value * unit).rounded()))
            }
            words[2].append(Int32(count))
            for (row, value) in [shift, shift * slope].enumerated() {
                longs[row].append(Int64(held: (value * unit).rounded()))
            }
            longs[2].append(Int64(held: (0.501 * unit).rounded(.up)))
        }
        self.words = ChannelNumbers(rows: words, period: period)
        self.longs = ChannelNumbers(rows: longs, period: period)
        near = ChannelNumbers(rows: Requantizer.near(words, longs), period: period)
        let error = Requantizer.error(words, longs, levels: Double(grid.levels))
        doubt = error <= Requantizer.mostDoubt ? Float(error) : 0
    }

    /// With more doubt, too many sums would be computed twice.
    private static let mostDoubt = 0.004

    /// The constants in codes, as single precision has them.
    private static func near(_ words: [[Int32]], _ longs: [[Int64]]) -> [[Float]] {
        let units = words[2].map { scalbn(1, -Int($0)) }
        func inCodes(_ numbers: [some BinaryInteger]) -> [Float] {
            zip(numbers, units).map { Float(Double($0) * $1) }
        }
        return [inCodes(words[0]), inCodes(longs[0]), inCodes(words[1]), inCodes(longs[1])]
    }

    /// The most that a value computed in single precision differs from the rounded one, in codes, where either lies in the
    /// range or at its ends.
    ///
    /// There |sum x m| is at most levels + |b| codes. Each of five roundings (sum, m, b, product and sum) takes at most 2^-24
    /// of that; |sum| / 2 + 1, which is added in whole numbers alone, is |sum x m| / 2m + 1 units. Near zero the other pair may
    /// be taken, whose values are `slope` times as large.
    private static func error(_ words: [[Int32]], _ longs: [[Int64]], levels: Double) -> Double {
        words[2].indices.reduce(0) { most, channel in
            let unit = scalbn(1, -Int(words[2][channel]))
            let multipliers = [words[0][channel], words[1][channel]].map { Double($0.magnitude) }
            let offset = max(longs[0][channel].magnitude, longs[1][channel].magnitude)
            let reach = levels + Double(offset) * unit
            let slope = max(1, multipliers[1] / max(1, multipliers[0]))
            let least = max(1, min(multipliers[0], multipliers[1]))
            return max(most, slope * (reach * (0x1p-20 + 1 / least) + 2 * unit))
        }
    }

    /// Enough repeats of the channels to fill vectors.
    static func period(_ channels: Int) -> Int { (255 / channels + 1) * channels }

    /// The largest shift with which the multiplier has 31 bits, and products, offset and the range fit 63 bits together;
    /// nil where rests would have fewer than 16 bits.
    static func shift(scale: Double, offset: Double, levels: Double) -> Int? {
        guard scale.isFinite, offset.isFinite else { return nil }
        func exponent(_ value: Double) -> Int { value == 0 ? -1000 : Int(value.exponent) }
        var shift = min(multiplierBits - 1 - exponent(scale), 59 - exponent(offset))
        shift = min(shift, 59 - exponent(levels))
        // Rounding up may not reach the next bit.
        if (scale * scalbn(1, shift)).rounded() >= scalbn(1, multiplierBits) { shift -= 1 }
        return shift >= 16 ? shift : nil
    }

    /// The constants as C reads them, while this lasts.
    var description: ck_integer_finish {
        ck_integer_finish(
            period: Int64(period), multiplier: words.address, lower_multiplier: words.address + period,
            shift: words.address + 2 * period, offset: longs.address, lower_offset: longs.address + period,
            above: longs.address + 2 * period, near: near.address, doubt: doubt, has_lower: hasLower ? 1 : 0,
            grid: grid, levels: levels)
    }

    /// The multiplier, the offset and the shift of a channel.
    func constants(_ channel: Int) -> (multiplier: Int64, offset: Int64, shift: Int) {
        (Int64(words.address[channel]), longs.address[channel], Int(words.address[2 * period + channel]))
    }

    /// The steps of one sum, and what was rounded, in codes.
    func code(of sum: Int32, channel: Int) -> (steps: Int, unrounded: Double) {
        var description = description
        var unrounded = 0.0
        let steps = ck_integer_code(&description, sum, Int64(channel), &unrounded)
        return (Int(steps), unrounded)
    }
}

/// Rows of numbers by channel, repeated over a period, for C to read.
final class ChannelNumbers<Number: BitwiseCopyable> {
    let address: UnsafeMutablePointer<Number>

    init(rows: [[Number]], period: Int) {
        address = .allocate(capacity: max(1, rows.count * period))
        for (row, numbers) in rows.enumerated() {
            for index in 0..<period {
                (address + row * period + index).initialize(to: numbers[index % numbers.count])
            }
        }
    }

    convenience init(_ numbers: [Number], period: Int) { self.init(rows: [numbers], period: period) }

    deinit { address.deallocate() }
}

/// The family's rounding where whole numbers are divided.
enum IntegerRounding {
    /// How far a number lies from where R changes: from a half or from 0.501, in codes.
    static func distanceToBoundary(_ value: Double) -> Double {
        let rest = abs(value) - abs(value).rounded(.down)
        return min(abs(rest - 0.5), abs(rest - 0.501))
    }

    /// R of a quotient that is not negative: exact, no constant is rounded.
    static func r(_ number: Int, over divisor: Int) -> Int {
        let (below, rest) = number.quotientAndRemainder(dividingBy: divisor)
        if 2 * rest < divisor { return below }
        return 1000 * rest < 501 * divisor ? below + (below & 1) : below + 1
    }
}
