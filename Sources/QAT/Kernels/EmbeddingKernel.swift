import CKernels
import Graph

/// Looks up rows of a table.
final class EmbeddingKernel: Kernel {
    let layer: String
    let inputs: [Tensor]
    let output: Tensor
    let weight: ParameterView
    /// The row that stands for nothing, or -1.
    let padding: Int
    /// 2^b - 1, or 0 where rows stay float.
    let levels: Float
    private let batch: Int

    /// The clip that the training kit has for looked-up rows.
    static let clip: Float = 6

    init(
        _ builder: Builder, layer: String, inputs: [Tensor], output: Tensor, weight: ParameterView,
        padding: Int?
    ) {
        self.layer = layer
        self.inputs = inputs
        self.output = output
        self.weight = weight
        self.padding = padding ?? -1
        batch = builder.batch
        let signal = output.signal
        levels = signal.isFloat ? 0 : Float(QuantizationGrid(.unsigned, bits: signal.bits).levels)
        for input in inputs { _ = builder.read(input, keeping: true) }
        output.storage.gradient?.isNeeded(.backward(builder.next))
    }

    var features: Int { weight.shape[1] }

    func forward(_ pass: Pass) throws(EngineError) {
        try checkIndices()
        // The row that stands for nothing stays zero, whatever was loaded.
        if padding >= 0 { (weight.values + padding * features).update(repeating: 0, count: features) }
        lookUp(levels: levels, into: output.values)
    }

    /// Throws where an index is not a whole number or lies outside the table, naming the sample.
    func checkIndices() throws(EngineError) {
        let rows = Float(weight.shape[0])
        for input in inputs {
            let length = input.shape.elements
            for place in 0..<batch * length {
                let index = input.values[place]
                guard index >= 0, index < rows, index == index.rounded() else {
                    throw .index(
                        layer: layer, sample: .batch(place / length), value: input.values[place],
                        vocabulary: weight.shape[0])
                }
            }
        }
    }

    private func lookUp(levels: Float, into values: UnsafeMutablePointer<Float>) {
        for (part, input) in inputs.enumerated() {
            ck_look_up(
                weight.values, Int64(weight.shape[0]), Int64(features), input.values,
                Int64(batch * input.shape.elements), EmbeddingKernel.clip, levels,
                values + part * features, Int64(output.shape.channels))
        }
    }

    func backward() {
        guard let gradient = output.gradient, let target = weight.gradient else { return }
        target.update(repeating: 0, count: weight.count)
        for (part, input) in inputs.enumerated() {
            ck_look_up_backward(
                weight.values, Int64(weight.shape[0]), Int64(features), input.values,
                Int64(batch * input.shape.elements), Int64(padding), EmbeddingKernel.clip, levels,
                gradient + part * features, Int64(output.shape.channels), target)
        }
    }
}

extension EmbeddingKernel: QuantizingKernel {
    var quantizedOutput: Tensor { output }
    var quantizedRange: (clip: Float, lower: Float)? { levels > 0 ? (EmbeddingKernel.clip, 0) : nil }
    /// The table itself stays float; its rows are quantized when they are looked up.
    var quantizedWeights: [(weight: ParameterView, quantizer: WeightQuantizer)] {
        [
            (
                weight,
                WeightQuantizer(bits: Quantization.float, factor: 1, isPerTensor: true, isSIMD: false)
            )
        ]
    }

    func fillUnquantized(_ values: UnsafeMutablePointer<Float>) { lookUp(levels: 0, into: values) }
}
