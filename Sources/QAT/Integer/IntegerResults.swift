public import Datasets
public import Graph

/// What a layer gives out in an integer network, for one sample.
public struct LayerCodes: Hashable, Sendable {
    /// The layer.
    public var layer: String
    /// Which of its outputs.
    public var output: Int
    /// Axes channels, height, width; or time, features; or the length.
    public var shape: Shape
    /// Bits of a code; 32 where the result is float.
    public var bits: Int
    /// Whether codes can be below zero: two's complement, on the SIMD family. The NPU's signed codes begin at 0.
    public var isSigned: Bool
    /// The codes, channels last; nil where the result is float.
    public var codes: [Int32]?
    /// The values, channels last, where the result is float.
    public var values: [Float]?

    /// A result.
    public init(
        layer: String, output: Int, shape: Shape, bits: Int, isSigned: Bool, codes: [Int32]?, values: [Float]?
    ) {
        self.layer = layer
        self.output = output
        self.shape = shape
        self.bits = bits
        self.isSigned = isSigned
        self.codes = codes
        self.values = values
    }
}

extension IntegerNetwork {
    /// What every layer gives out for the first sample of the batch, in the order of evaluation, after `run`.
    public var results: [LayerCodes] {
        analysis.order.evaluation.flatMap { index -> [LayerCodes] in
            let name = analysis.network.nodes[index].name
            return (program.results[name] ?? []).enumerated().map { output, tensor in
                result(name, output, tensor)
            }
        }
    }

    private func result(_ layer: String, _ output: Int, _ tensor: Tensor) -> LayerCodes {
        let count = tensor.shape.elements
        let steps = try? tensors.steps(of: tensor)
        guard let steps, !tensor.signal.isFloat else {
            let values = Array(UnsafeBufferPointer(start: tensor.values, count: count))
            return LayerCodes(
                layer: layer, output: output, shape: tensor.shape, bits: Quantization.float, isSigned: true,
                codes: nil, values: values)
        }
        // The NPU's signed steps are odd numbers about zero: 2k - L of code k.
        let isHalved = steps.stride == 2
        // Between the codes lie what a loader moved by a mean, and what is interpolated: no code stands for it.
        guard let grid = QuantizationGrid(tensor.signal, on: analysis.facts.family),
            steps.levels == Double(grid.levels), steps.stride == grid.stride
        else {
            let values = steps.array.prefix(count).map { Float(Double($0) / Double(steps.levels)) }
            return LayerCodes(
                layer: layer, output: output, shape: tensor.shape, bits: Quantization.float, isSigned: true,
                codes: nil, values: values)
        }
        let codes = steps.array.prefix(count).map { isHalved ? ($0 + Int32(steps.levels)) / 2 : $0 }
        return LayerCodes(
            layer: layer, output: output, shape: tensor.shape, bits: tensor.signal.bits,
            isSigned: tensor.signal.isSigned && !isHalved, codes: codes, values: nil)
    }
}

extension IntegerNetwork {
    /// Fills the network's input with one sample of a data set, of the loader's order without shuffling.
    ///
    /// The batch is one sample. Throws what the data set says, or `TrainingError` where it does not fit.
    public func read(_ data: Dataset, _ split: Split, _ index: Int) throws(TrainingError) {
        precondition(program.options.batch == 1 && program.inputs.count == 1, "one sample for one input")
        let normalization = InputNormalization(analysis.network)
        let loader = Loader(
            data, split: split, batch: 1, shuffled: false, augmented: false, dropsLast: false,
            mean: normalization.mean, variance: normalization.variance, from: LoaderPosition(sample: index))
        do {
            _ = try loader.next(samples: 1, into: program.inputs[0].values)
            readSample = SamplePlace(loader.place(ofSample: 0))
        } catch {
            throw .data(error)
        }
    }
}
