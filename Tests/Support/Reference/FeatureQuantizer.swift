public import Graph

/// The quantizer of a feature tensor (docs/arithmetic.md, Activations): values become codes, codes become values in
/// 0 ... 1 or -1 ... 1.
public struct ReferenceFeatureQuantizer: Hashable, Sendable {
    /// Bits and sign of the codes.
    public var signal: Signal
    /// How values are rounded and where zero lies.
    public var family: ArithmeticFamily
    /// Where the range ends.
    public var clip: Double

    /// A quantizer to the codes of a signal, over 0 ... clip or -clip ... clip.
    public init(_ signal: Signal, on family: ArithmeticFamily, clip: Double) {
        precondition(!signal.isFloat, "a float signal has no codes")
        self.signal = signal
        self.family = family
        self.clip = clip
    }

    /// The largest unsigned code.
    public var levels: Int { 1 << signal.bits - 1 }
    /// The number of steps from zero to the clip in two's complement.
    public var half: Int { 1 << (signal.bits - 1) }

    /// The value in code units just before it is rounded.
    public func unrounded<Value: BinaryFloatingPoint>(_ value: Value) -> Value {
        let clip = Value(clip)
        guard signal.isSigned else { return min(max(value, 0), clip) / clip * Value(levels) }
        let clamped = min(max(value, -clip), clip)
        return switch family {
        case .npu: (clamped + clip) / (2 * clip) * Value(levels)
        case .simd: clamped / clip * Value(half)
        }
    }

    /// The code of a value.
    public func code<Value: BinaryFloatingPoint>(of value: Value) -> Int {
        let unrounded = unrounded(value)
        guard signal.isSigned && family == .simd else { return Int(ReferenceRounding.r(unrounded)) }
        return min(max(Int(ReferenceRounding.rs(unrounded)), -half), half - 1)
    }

    /// The normalized value that a code stands for.
    public func value<Value: BinaryFloatingPoint>(ofCode code: Int) -> Value {
        guard signal.isSigned else { return Value(code) / Value(levels) }
        return switch family {
        case .npu: 2 * Value(code) / Value(levels) - 1
        case .simd: Value(code) / Value(half)
        }
    }

    /// The normalized value that a value becomes.
    public func quantized<Value: BinaryFloatingPoint>(_ value: Value) -> Value {
        self.value(ofCode: code(of: value))
    }

    /// How far a value lies from the nearest end of the range, in steps.
    func distanceFromEnd(_ value: Double) -> Double {
        let low = signal.isSigned ? -clip : 0
        return min(abs(value - low), abs(value - clip)) / clip * Double(levels)
    }

    /// Whether a value lies in the range, both ends included, so that its gradient passes.
    public func contains(_ value: Double) -> Bool { value <= clip && value >= (signal.isSigned ? -clip : 0) }
}
