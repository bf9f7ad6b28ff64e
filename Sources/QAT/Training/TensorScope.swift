import CKernels
import Foundation
import Graph

/// Room to look at the tensors of a program, one after the other, and what is measured there.
final class TensorScope {
    /// What the quantizer of the activation looked at last reads.
    let before: UnsafeMutableBufferPointer<Float>
    /// The weights looked at last behind their quantizer, as values, as codes, and the value of a whole step by row.
    let after: UnsafeMutableBufferPointer<Float>
    let codes: UnsafeMutableBufferPointer<Int8>
    let units: UnsafeMutableBufferPointer<Float>
    /// Where histograms begin and end, by part, for activations that have been seen before; others fill their own range.
    var ranges: [String: ClosedRange<Float>] = [:]
    /// Whether nothing but extremes and moments is measured.
    var isBrief = false
    /// What the quantizer made of the tensor that was observed last; nil where none acts.
    private(set) var noise: Noise?
    let partials: UnsafeMutablePointer<Double>
    private let batch: Int

    init(_ program: Program) {
        batch = program.options.batch
        let kernels = program.kernels.compactMap { $0 as? any QuantizingKernel }
        let weights = kernels.flatMap(\.quantizedWeights).filter { !$0.quantizer.isFloat }.map(\.weight)
        let most = weights.map(\.count).max() ?? 1
        let rows = weights.map { $0.shape[0] }.max() ?? 1
        before = .allocate(
            capacity: batch * (kernels.map { $0.quantizedOutput.shape.elements }.max() ?? 1))
        after = .allocate(capacity: most)
        codes = .allocate(capacity: most)
        units = .allocate(capacity: rows)
        partials = .allocate(capacity: 2 * Int(CK_PARTS) + 2 * rows)
    }

    deinit {
        before.deallocate()
        after.deallocate()
        codes.deallocate()
        units.deallocate()
        partials.deallocate()
    }

    /// The bytes of the room.
    var bytes: Int { 4 * (before.count + after.count + units.count) + codes.count }

    /// What weights look like in front of their quantizer.
    func observe(_ weight: ParameterView, _ quantizer: WeightQuantizer) -> TensorObservation {
        noise = nil
        guard !quantizer.isFloat, let quantized = after.baseAddress else {
            return describe(weight.values, weight.count, weight.part, .weight, nil)
        }
        var grid = quantizer.grid(rows: weight.shape[0], count: weight.count)
        ck_quantize_weights(
            &grid, weight.values, quantized, codes.baseAddress, units.baseAddress, nil, partials)
        let whole = ck_observe(weight.values, Int64(weight.count), -.infinity, .infinity)
        let mean = whole.sum / Double(weight.count)
        let deviation = max(0, whole.squares / Double(weight.count) - mean * mean).squareRoot()
        let reach = quantizer.factor * deviation
        var observation = describe(
            weight.values, weight.count, weight.part, .weight, (Float(mean - reach), Float(mean + reach)))
        observation.clip = reach
        let noise = noise(weight.values, quantized, scale: 1, weight.count)
        self.noise = noise
        observation.sqnr = noise.decibels
        return observation
    }

    /// What the output of a kernel looks like in front of its quantizer.
    ///
    /// Extremes, moments and histogram are of the values as they are. A quantizer without a sign is the activation
    /// (of None, ReLU and ReLU6): that it turns negative values into 0 is neither clipping nor
    /// noise, so both are measured, and `before` is left, with those at 0.
    func observe(_ kernel: any QuantizingKernel) -> TensorObservation? {
        noise = nil
        guard let values = before.baseAddress else { return nil }
        let output = kernel.quantizedOutput
        let count = batch * output.shape.elements
        kernel.fillUnquantized(values)
        var observation = describe(
            values, count, kernel.part, .feature,
            kernel.quantizedRange.map { ($0.lower < 0 ? $0.lower * $0.clip : -.infinity, $0.clip) })
        if !isBrief, let range = kernel.quantizedRange {
            if range.lower == 0 {
                for index in 0..<count { before[index] = max(0, before[index]) }
            }
            let noise = noise(values, output.values, scale: 1 / range.clip, count)
            self.noise = noise
            observation.sqnr = noise.decibels
        }
        return observation
    }

    /// Extremes, moments and histogram of values, and how many lie outside a range.
    func describe(
        _ values: UnsafePointer<Float>, _ count: Int, _ part: String, _ kind: TensorObservation.Kind,
        _ range: (low: Float, high: Float)?
    ) -> TensorObservation {
        let found = ck_observe(
            values, Int64(count), range?.low ?? -.infinity, range?.high ?? .infinity)
        let finite = max(1, Double(count) - Double(found.not_finite))
        let mean = found.sum / finite
        let known = kind == .feature ? ranges[part] : nil
        let minimum = known?.lowerBound ?? found.minimum
        let maximum = known?.upperBound ?? found.maximum
        var histogram = [UInt32](repeating: 0, count: isBrief ? 0 : Observer.bins)
        if !isBrief {
            ck_histogram(values, Int64(count), minimum, maximum, Int64(Observer.bins), &histogram)
        }
        return TensorObservation(
            layer: part, kind: kind, minimum: Double(minimum), maximum: Double(maximum),
            mean: mean, deviation: max(0, found.squares / finite - mean * mean).squareRoot(),
            clip: range.map { Double($0.high) }, clipRatio: range.map { _ in Double(found.outside) / finite },
            sqnr: nil, histogram: histogram)
    }

    /// The sum of squares of some values, and that of what quantizing took away or added.
    struct Noise {
        var signal: Double
        var noise: Double

        /// 10 log10(signal / noise); nil where there is no signal or no noise.
        var decibels: Double? { Graph.decibels(signal: signal, noise: noise) }
    }

    /// Compares values x scale with what became of them.
    func noise(
        _ values: UnsafePointer<Float>, _ quantized: UnsafePointer<Float>, scale: Float, _ count: Int
    ) -> Noise {
        var found = Noise(signal: 0, noise: 0)
        ck_noise(values, quantized, scale, Int64(count), &found.signal, &found.noise)
        return found
    }
}
