/// The values that a quantizer can give: 2^bits of them, evenly spaced. Each has a code, the number that a chip stores.
///
/// A value is `zero` + `step` x code, in units of the range's end: of the clip for activations, of the scale for weights. L
/// below is 2^bits - 1, H is 2^(bits - 1).
public struct QuantizationGrid: Hashable, Sendable {
    /// Where the codes begin, and whether 0 is a value.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// Codes 0 ... L stand for 0 ... 1.
        case unsigned
        /// Codes 0 ... L stand for -1 ... 1; 0 lies in the middle of two values. Signed values of the NPU family.
        case offset
        /// Codes -H ... H - 1 stand for -1 ... 1 - 1 / H. Signed values of the SIMD family, and depthwise weights.
        case twosComplement
    }

    /// Where the codes begin.
    public var kind: Kind
    /// Bits of a code.
    public var bits: Int

    /// A grid of 1 ... 16 bits.
    public init(_ kind: Kind, bits: Int) {
        precondition((1...16).contains(bits), "a code has 1 to 16 bits")
        self.kind = kind
        self.bits = bits
    }

    /// The grid of signed or unsigned values of a family.
    public init(bits: Int, isSigned: Bool, on family: ArithmeticFamily) {
        switch (isSigned, family) {
        case (false, _): self.init(.unsigned, bits: bits)
        case (true, .npu): self.init(.offset, bits: bits)
        case (true, .simd): self.init(.twosComplement, bits: bits)
        }
    }

    /// The grid of a signal; nil if it is float.
    public init?(_ signal: Signal, on family: ArithmeticFamily) {
        guard !signal.isFloat else { return nil }
        self.init(bits: signal.bits, isSigned: signal.isSigned, on: family)
    }

    /// How many codes there are.
    public var codeCount: Int { 1 << bits }

    /// The codes from the lowest value to the highest.
    public var codes: ClosedRange<Int> {
        switch kind {
        case .unsigned, .offset: 0...codeCount - 1
        case .twosComplement: -codeCount / 2...codeCount / 2 - 1
        }
    }

    /// The number that values are counted in: all values are whole multiples of 1 / levels. L, or H in two's complement.
    public var levels: Int {
        switch kind {
        case .unsigned, .offset: codeCount - 1
        case .twosComplement: codeCount / 2
        }
    }

    /// How many multiples of 1 / levels lie between neighbouring values.
    public var stride: Int {
        switch kind {
        case .unsigned, .twosComplement: 1
        case .offset: 2
        }
    }

    /// Whether negative values have codes.
    public var isSigned: Bool {
        switch kind {
        case .unsigned: false
        case .offset, .twosComplement: true
        }
    }

    /// Whether codes can be negative.
    public var hasSignedCodes: Bool { codes.lowerBound < 0 }

    /// Whether 0 is a value.
    public var hasExactZero: Bool {
        switch kind {
        case .unsigned, .twosComplement: true
        case .offset: false
        }
    }
}

// Values.
extension QuantizationGrid {
    /// The distance of neighbouring values.
    public var step: Double { step(end: 1) }

    /// The distance of neighbouring values, in the units of `end`.
    public func step(end: Double) -> Double { Double(stride) * end / Double(levels) }

    /// The value of the code 0.
    public var zero: Double {
        switch kind {
        case .unsigned, .twosComplement: 0
        case .offset: -1
        }
    }

    /// The lowest value.
    public var lowest: Double { isSigned ? -1 : 0 }

    /// From the lowest value to the highest, in the units of `end`.
    public func range(end: Double) -> (lower: Double, upper: Double) {
        switch kind {
        case .unsigned: (0, end)
        case .offset: (-end, end)
        case .twosComplement: (-end, end * Double(levels - 1) / Double(levels))
        }
    }

    /// The value of a code.
    public func value(of code: Int) -> Double {
        Double(stride * code + Int(zero) * levels) / Double(levels)
    }

    /// The code that an activation quantizer gives a value, in single precision as the chips' training kit computes it.
    ///
    /// `clip` is above 0, `value` is not NaN. Values beyond the range have the code of its end.
    public func code(of value: Float, clip: Float) -> Int {
        let levels = Float(levels)
        let inside = min(max(value, isSigned ? -clip : 0), clip)
        switch kind {
        case .unsigned: return Int(QuantizationGrid.rounded(inside * (levels / clip)))
        case .offset: return Int(QuantizationGrid.rounded((inside + clip) * (levels / (2 * clip))))
        case .twosComplement:
            let magnitude = Int(QuantizationGrid.rounded(abs(inside) * (levels / clip)))
            return min(value < 0 ? -magnitude : magnitude, codes.upperBound)
        }
    }

    /// Rounds a value of at least 0: up from 0.501, down below 0.5, to the even neighbour between.
    static func rounded(_ value: Float) -> Float {
        let below = value.rounded(.down)
        let rest = value - below
        let isOdd = below.truncatingRemainder(dividingBy: 2) == 1
        return below + (rest >= 0.501 || rest >= 0.5 && isOdd ? 1 : 0)
    }
}

// Places: codes counted from 0 for the lowest value, whatever the kind.
extension QuantizationGrid {
    /// The last place.
    public var lastPlace: Int { codeCount - 1 }

    /// Where 0 lies, counted in steps from the lowest value; in the middle of two places on the offset grid.
    public var zeroPlace: Double {
        switch kind {
        case .unsigned: 0
        case .offset: Double(lastPlace) / 2
        case .twosComplement: Double(codeCount / 2)
        }
    }

    /// What a place stands for, in steps: the value is this x `step`.
    public func steps(atPlace place: Int) -> Double { Double(place) - zeroPlace }

    /// The place whose value is nearest; the one farther from the lowest value if two are as near.
    public func nearestPlace(to value: Double, end: Double) -> Int {
        Int(held: place(nearest: value, end: end))
    }

    /// The value that is nearest, in the units of `end`.
    public func nearestValue(to value: Double, end: Double) -> Double {
        lowest * end + place(nearest: value, end: end) * step(end: end)
    }

    private func place(nearest value: Double, end: Double) -> Double {
        min(max(((value - lowest * end) / step(end: end)).rounded(), 0), Double(lastPlace))
    }
}
