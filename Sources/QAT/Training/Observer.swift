import CKernels
public import Datasets
public import Graph

/// What one tensor looks like at one moment: its extremes, how much of it its quantizer clips, how well it fits.
public struct TensorObservation: Hashable, Sendable {
    /// Which tensor of a layer.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// All weights of the layer, as they are in float.
        case weight
        /// The result, as the activation quantizer reads it.
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
    /// The share of values outside the range; nil without a quantizer. Values below 0 in front of a quantizer without a
    /// sign, which is the activation, do not count; nor are they noise for `sqnr`.
    public var clipRatio: Double?
    /// Signal to quantization noise, local, in dB; nil where no quantizer acts, or it loses nothing.
    public var sqnr: Double?
    /// The share of weights whose code differs from the last observation of the same observer; nil at its first, at 8 bits
    /// and more, and for activations.
    public var flips: Double?
    /// The share of a result's channels that are zero in every sample of the batch; nil for weights and where that was not measured.
    public var deadChannels: Double?
    /// How far the running statistics of batch norm are from those of the batch: by channel the larger one of the distance of
    /// the means in deviations, and of the logarithm of the quotient of the deviations; the median over channels. Nil without
    /// batch norm.
    public var statisticsGap: Double?
    /// Equal bins over minimum ... maximum.
    public var histogram: [UInt32]

    /// How many values the histogram counts: all that are finite.
    public var values: Int { histogram.reduce(0) { $0 + Int($1) } }

    /// A tensor as it was seen.
    public init(
        layer: String, kind: Kind, minimum: Double, maximum: Double, mean: Double, deviation: Double,
        clip: Double?, clipRatio: Double?, sqnr: Double?, histogram: [UInt32]
    ) {
        self.layer = layer
        self.kind = kind
        self.minimum = minimum
        self.maximum = maximum
        self.mean = mean
        self.deviation = deviation
        self.clip = clip
        self.clipRatio = clipRatio
        self.sqnr = sqnr
        self.histogram = histogram
    }
}

/// Looks into a network while it is trained: every layer's weights and activations on one batch that stays the same.
public final class Observer {
    let program: Program
    let scope: TensorScope
    private let data: Dataset
    /// The codes of the last observation by the weights' name, of those below `flippingBits`.
    private var codes: [String: [Int8]] = [:]

    /// Weights of so many bits and more have codes so fine that changing one says nothing.
    static let flippingBits = 8
    /// Bins of a histogram.
    public static let bins = 2048
    /// The most samples of the batch, and the most values that all results of a batch have.
    static let batch = 32
    private static let values = 1 << 27

    /// Prepares an observation of a store's network. The batch is the first of the samples that are not trained on, fewer of them
    /// where the results of 32 would take more than half a gigabyte.
    public init(
        _ analysis: Analysis, store: ParameterStore, isQuantized: Bool, padsBothSides: Bool, data: Dataset
    ) throws(TrainingError) {
        let split = data.observed
        let results = analysis.network.nodes.indices.reduce(0) { sum, index in
            sum + (analysis.shapes.output(index)?.elements ?? 0)
        }
        let fitting = max(1, Observer.values / max(1, results))
        var options = Program.Options(batch: min(Observer.batch, fitting, max(1, data.count(split))))
        options.isQuantized = isQuantized
        options.padsBothSides = padsBothSides
        options.keepsValues = true
        do {
            program = try Program(analysis, store: store, options: options)
        } catch {
            throw .engine(error)
        }
        scope = TensorScope(program)
        self.data = data
        do {
            try data.fill(
                program.inputs[0].values, samples: options.batch, InputNormalization(analysis.network))
        } catch {
            throw .data(error)
        }
    }

    /// Runs the batch and looks at every layer that quantizes or could.
    public func observe() throws(EngineError) -> [TensorObservation] {
        do throws(EngineError) {
            try program.forward(.evaluation)
        } catch {
            throw error.naming { SamplePlace(data.place(of: $0, in: data.observed)) }
        }
        var found: [TensorObservation] = []
        for case let kernel as any QuantizingKernel in program.kernels {
            for (weight, quantizer) in kernel.quantizedWeights {
                var observation = scope.observe(weight, quantizer)
                observation.flips = flips(of: weight, quantizer)
                found.append(observation)
            }
            guard kernel.completesOutput, var feature = scope.observe(kernel) else { continue }
            feature.deadChannels = kernel.quantizedOutput.shareOfDeadChannels(batch: program.options.batch)
            if let kernel = kernel as? any NormalizingKernel {
                feature.statisticsGap = statisticsGap(of: kernel)
            }
            found.append(feature)
        }
        return found
    }
}

extension Observer {
    /// Compares the codes that the scope has just found with those of the observation before, and keeps them: a byte a weight.
    private func flips(of weight: ParameterView, _ quantizer: WeightQuantizer) -> Double? {
        guard quantizer.bits < Observer.flippingBits, let now = scope.codes.baseAddress else { return nil }
        defer { codes[weight.name] = Array(UnsafeBufferPointer(start: now, count: weight.count)) }
        return codes[weight.name].map {
            Double(ck_count_different(now, $0, Int64(weight.count))) / Double(weight.count)
        }
    }
}

extension Dataset {
    /// The split whose first samples are looked at: one that is not trained on, where there is one.
    public var observed: Split { [Split.validation, .test, .train].first { count($0) > 0 } ?? .train }

    /// A loader of the samples that are looked at, in their order, in whole batches.
    func observing(samples: Int, _ normalization: InputNormalization) -> Loader {
        Loader(
            self, split: observed, batch: samples, shuffled: false, augmented: false, dropsLast: true,
            mean: normalization.mean, variance: normalization.variance)
    }

    /// Fills values with the first samples that are looked at, channels last.
    func fill(
        _ values: UnsafeMutableBufferPointer<Float>, samples: Int, _ normalization: InputNormalization
    ) throws(DatasetError) {
        _ = try observing(samples: samples, normalization).next(samples: samples, into: values)
    }
}

extension Loader {
    /// The next batch of so many samples, without their labels.
    func next(
        samples: Int, into values: UnsafeMutableBufferPointer<Float>
    ) throws(DatasetError) -> Int {
        let labels = UnsafeMutableBufferPointer<Int32>.allocate(capacity: samples)
        defer { labels.deallocate() }
        labels.initialize(repeating: 0)
        return try next(into: values, labels: labels)
    }
}
