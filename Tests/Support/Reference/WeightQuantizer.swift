public import Graph

/// The quantizer of a weight tensor (docs/arithmetic.md, Weights): codes by the clipped weights, values by the
/// unclipped ones, so that clipped weights come back larger.
public struct ReferenceWeightQuantizer: Hashable, Sendable {
    /// Bits of a code.
    public var bits: Int
    /// Weights beyond this many standard deviations from their mean are clipped.
    public var factor: Double
    /// Where zero lies among the codes; depthwise weights use the SIMD family's on every device.
    public var family: ArithmeticFamily

    /// A quantizer to so many bits.
    public init(bits: Int, factor: Double, on family: ArithmeticFamily) {
        self.bits = bits
        self.factor = factor
        self.family = family
    }

    /// The largest code.
    public var levels: Int { 1 << bits - 1 }
    /// The code of zero in two's complement.
    public var half: Int { 1 << (bits - 1) }

    /// The codes of a tensor whose first axis has `channels` elements with a scale each; 1 is a scale for all.
    public func codes<Value: BinaryFloatingPoint>(_ weights: [Value], channels: Int) -> [Int] {
        unrounded(weights, channels: channels).map { Int(ReferenceRounding.r($0)) }
    }

    /// The same just before rounding.
    func unrounded<Value: BinaryFloatingPoint>(_ weights: [Value], channels: Int) -> [Value] {
        let clipped = clipped(weights)
        return perChannel(weights.count, channels) { channel in
            let largest = largestMagnitude(clipped[channel])
            return clipped[channel].map { weight in
                let ratio = largest == 0 ? 0 : weight / largest
                return (ratio + 1) / 2 * Value(levels)
            }
        }
    }

    /// The values that the weights become, in the same order.
    public func quantized<Value: BinaryFloatingPoint>(_ weights: [Value], channels: Int) -> [Value] {
        let codes = codes(weights, channels: channels)
        return perChannel(weights.count, channels) { channel in
            let largest = largestMagnitude(weights[channel])
            return codes[channel].map { code in
                switch family {
                case .npu: max(largest, Value(1e-4)) * Value(2 * code - levels) / Value(levels)
                case .simd:
                    (largest < Value(0.05) ? largest + Value(0.05) : largest) * Value(code - half)
                        / Value(half)
                }
            }
        }
    }

    /// The weights held to `factor` population standard deviations around the mean of the whole tensor.
    private func clipped<Value: BinaryFloatingPoint>(_ weights: [Value]) -> [Value] {
        let count = Value(weights.count)
        let mean = weights.reduce(0, +) / count
        let variance = weights.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        let reach = Value(factor) * variance.squareRoot()
        return weights.map { min(max($0, mean - reach), mean + reach) }
    }

    private func perChannel<Result>(
        _ count: Int, _ channels: Int, _ body: (Range<Int>) -> [Result]
    ) -> [Result] {
        let size = count / channels
        return (0..<channels).flatMap { body($0 * size..<($0 + 1) * size) }
    }

    private func largestMagnitude<Value: BinaryFloatingPoint>(_ weights: ArraySlice<Value>) -> Value {
        weights.reduce(0) { max($0, $1.magnitude) }
    }
}
