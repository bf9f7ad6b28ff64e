import CKernels
import Graph

/// How fast the quantizers are on their own, in values a second.
public enum QuantizerBench {
    /// One quantizer's speed.
    public struct Measurement: Hashable, Sendable {
        /// "unsigned", "signed NPU", "signed SIMD", "weights NPU", "weights SIMD", or "copy" for memory alone.
        public var name: String
        /// Values in a second.
        public var valuesPerSecond: Double
    }

    private static let channels = 64

    /// Measures every grid at some width, on `count` values (a multiple of 64), in rounds of which the best counts.
    public static func measure(bits: Int, count: Int, rounds: Int) -> [Measurement] {
        precondition(count > 0 && count.isMultiple(of: channels), "whole rows of channels")
        let input = UnsafeMutablePointer<Float>.allocate(capacity: count)
        let output = UnsafeMutablePointer<Float>.allocate(capacity: count)
        defer {
            input.deallocate()
            output.deallocate()
        }
        var random = SplitMix64(seed: 1)
        for index in 0..<count { input[index] = 8 * random.nextUniform() - 1 }
        output.initialize(repeating: 0, count: count)
        func best(_ name: String, _ work: () -> Void) -> Measurement {
            let clock = ContinuousClock()
            let times = (0..<max(1, rounds)).map { _ in
                let start = clock.now
                work()
                return (clock.now - start) / .seconds(1)
            }
            return Measurement(name: name, valuesPerSecond: Double(count) / (times.min() ?? .infinity))
        }
        var found = [
            best("copy") {
                ck_copy_columns(
                    input, Int64(channels), output, Int64(channels), Int64(channels),
                    Int64(count / channels), 0)
            }
        ]
        for (name, signal, family) in [
            ("unsigned", Signal(bits: bits, isSigned: false), ArithmeticFamily.npu),
            ("signed NPU", Signal(bits: bits, isSigned: true), .npu),
            ("signed SIMD", Signal(bits: bits, isSigned: true), .simd),
        ] {
            found.append(features(name, QuantizationGrid(signal, on: family), input, output, count, best))
        }
        for (name, family) in [("weights NPU", ArithmeticFamily.npu), ("weights SIMD", .simd)] {
            found.append(weights(name, family, bits, input, output, count, best))
        }
        return found
    }

    private static func features(
        _ name: String, _ grid: QuantizationGrid?, _ input: UnsafeMutablePointer<Float>,
        _ output: UnsafeMutablePointer<Float>, _ count: Int, _ best: (String, () -> Void) -> Measurement
    ) -> Measurement {
        let ones = [Float](repeating: 1, count: channels)
        let zeros = [Float](repeating: 0, count: channels)
        return ones.withUnsafeBufferPointer { scale in
            zeros.withUnsafeBufferPointer { shift in
                var epilogue = ck_epilogue(
                    activation: Int32(CK_IDENTITY), grid: grid.kernelKind, clip: 6, levels: grid.kernelLevels,
                    period: Int64(channels), scale: scale.baseAddress, shift: shift.baseAddress, slope: nil)
                return best(name) { ck_epilogue_forward(&epilogue, input, output, Int64(count)) }
            }
        }
    }

    private static func weights(
        _ name: String, _ family: ArithmeticFamily, _ bits: Int, _ input: UnsafeMutablePointer<Float>,
        _ output: UnsafeMutablePointer<Float>, _ count: Int, _ best: (String, () -> Void) -> Measurement
    ) -> Measurement {
        var partials = [Double](repeating: 0, count: 2 * Int(CK_PARTS) + 2 * channels)
        var grid = ck_weight_grid(
            rows: Int64(channels), columns: Int64(count / channels), is_per_tensor: 0,
            is_simd: family == .simd ? 1 : 0, bits: Int32(bits), factor: 3)
        return best(name) { ck_quantize_weights(&grid, input, output, nil, nil, nil, &partials) }
    }
}
