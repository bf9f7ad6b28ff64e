import CKernels
public import Datasets
import Foundation
public import Graph

/// What one tensor looks like at one moment: its extremes, how much of it its quantizer clips, how well it fits.
public struct TensorObservation: Hashable, Sendable {
    /// Which tensor of a layer.
    public enum Kind: String, Hashable, Sendable {
        /// All weights of the layer, as they are in float.
        case weight
        /// The result, as the feature quantizer reads it.
        case feature
    }

    /// The layer.
    public var layer: String
    /// Which of its tensors.
    public var kind: Kind
    /// The least value.
    public var minimum: Double
    /// The greatest value.
    public var maximum: Double
    /// The mean.
    public var mean: Double
    /// The population standard deviation.
    public var deviation: Double
    /// Where the quantizer's range ends; nil without one.
    public var clip: Double?
    /// The share of values outside the range; nil without a quantizer.
    public var clipRatio: Double?
    /// Signal to quantization noise, local, in dB; nil where no quantizer acts, or it loses nothing.
    public var sqnr: Double?
    /// Equal bins over minimum ... maximum.
    public var histogram: [UInt32]
}

/// Looks into a network while it is trained: every layer's weights and features on one batch that stays the same.
public final class Observer {
    private let program: Program
    private let before: UnsafeMutableBufferPointer<Float>
    private let after: UnsafeMutableBufferPointer<Float>
    private let partials: UnsafeMutablePointer<Double>

    /// Bins of a histogram.
    public static let bins = 2048
    /// Samples of the batch.
    static let batch = 32

    /// Prepares a look at a store's network. The batch is the first of the samples that are not trained on.
    public init(
        _ analysis: Analysis, store: ParameterStore, isQuantized: Bool, padsBothSides: Bool, data: Dataset
    ) throws(TrainingError) {
        let split = [Split.validation, .test, .train].first { data.count($0) > 0 } ?? .train
        var options = Program.Options(batch: min(Observer.batch, max(1, data.count(split))))
        (options.isQuantized, options.padsBothSides, options.keepsValues) = (isQuantized, padsBothSides, true)
        do {
            program = try Program(analysis, store: store, options: options)
        } catch {
            throw .engine(error)
        }
        let kernels = program.kernels.compactMap { $0 as? any QuantizingKernel }
        let most =
            kernels.flatMap { kernel in
                [options.batch * kernel.quantizedOutput.shape.elements]
                    + kernel.quantizedWeights.map(\.weight.count)
            }.max() ?? 1
        let rows = kernels.flatMap(\.quantizedWeights).map(\.weight.shape[0]).max() ?? 1
        before = .allocate(capacity: most)
        after = .allocate(capacity: most)
        partials = .allocate(capacity: 2 * Int(CK_PARTS) + 2 * rows)
        let normalization = Normalization(analysis.network)
        let loader = Loader(
            data, split: split, batch: options.batch, shuffled: false, augmented: false, dropsLast: true,
            mean: normalization.mean, variance: normalization.variance)
        let labels = UnsafeMutableBufferPointer<Int32>.allocate(capacity: options.batch)
        defer { labels.deallocate() }
        labels.initialize(repeating: 0)
        do {
            _ = try loader.next(into: program.inputs[0].values, labels: labels)
        } catch {
            throw .data(error)
        }
    }

    deinit {
        before.deallocate()
        after.deallocate()
        partials.deallocate()
    }

    /// Runs the batch and looks at every layer that quantizes or could.
    public func observe() throws(EngineError) -> [TensorObservation] {
        try program.forward(.evaluation)
        guard let values = before.baseAddress else { return [] }
        var found: [TensorObservation] = []
        for case let kernel as any QuantizingKernel in program.kernels {
            for (weight, quantizer) in kernel.quantizedWeights {
                found.append(observe(weight, quantizer))
            }
            guard kernel.completesOutput else { continue }
            let output = kernel.quantizedOutput
            let count = program.options.batch * output.shape.elements
            kernel.fillUnquantized(values)
            var observation = describe(
                values, count, kernel.part, .feature,
                kernel.quantizedRange.map { ($0.lower * $0.clip, $0.clip) })
            if let range = kernel.quantizedRange {
                observation.sqnr = sqnr(values, output.values, scale: 1 / range.clip, count)
            }
            found.append(observation)
        }
        return found
    }

    private func observe(
        _ weight: ParameterView, _ quantizer: WeightQuantizer
    ) -> TensorObservation {
        guard !quantizer.isFloat, let quantized = after.baseAddress else {
            return describe(weight.values, weight.count, weight.part, .weight, nil)
        }
        let rows = weight.shape[0]
        var grid = ck_weight_grid(
            rows: Int64(rows), columns: Int64(weight.count / rows),
            is_per_tensor: quantizer.isPerTensor ? 1 : 0, is_simd: quantizer.isSIMD ? 1 : 0,
            bits: Int32(quantizer.bits), factor: Float(quantizer.factor))
        ck_quantize_weights(&grid, weight.values, quantized, nil, nil, nil, partials)
        let whole = ck_observe(weight.values, Int64(weight.count), -.infinity, .infinity)
        let mean = whole.sum / Double(weight.count)
        let deviation = max(0, whole.squares / Double(weight.count) - mean * mean).squareRoot()
        let reach = quantizer.factor * deviation
        var observation = describe(
            weight.values, weight.count, weight.part, .weight, (Float(mean - reach), Float(mean + reach)))
        observation.clip = reach
        observation.sqnr = sqnr(weight.values, quantized, scale: 1, weight.count)
        return observation
    }

    private func describe(
        _ values: UnsafePointer<Float>, _ count: Int, _ layer: String, _ kind: TensorObservation.Kind,
        _ range: (low: Float, high: Float)?
    ) -> TensorObservation {
        let found = ck_observe(
            values, Int64(count), range?.low ?? -.infinity, range?.high ?? .infinity)
        let finite = max(1, Double(count) - Double(found.not_finite))
        let mean = found.sum / finite
        var histogram = [UInt32](repeating: 0, count: Observer.bins)
        ck_histogram(values, Int64(count), found.minimum, found.maximum, Int64(Observer.bins), &histogram)
        return TensorObservation(
            layer: layer, kind: kind, minimum: Double(found.minimum), maximum: Double(found.maximum),
            mean: mean, deviation: max(0, found.squares / finite - mean * mean).squareRoot(),
            clip: range.map { Double($0.high) }, clipRatio: range.map { _ in Double(found.outside) / finite },
            sqnr: nil, histogram: histogram)
    }

    /// 10 log10(signal / noise); nil where there is no signal or no noise.
    private func sqnr(
        _ values: UnsafePointer<Float>, _ quantized: UnsafePointer<Float>, scale: Float, _ count: Int
    ) -> Double? {
        var (signal, noise) = (0.0, 0.0)
        ck_noise(values, quantized, scale, Int64(count), &signal, &noise)
        guard signal > 0, noise > 0 else { return nil }
        return 10 * log10(signal / noise)
    }
}
