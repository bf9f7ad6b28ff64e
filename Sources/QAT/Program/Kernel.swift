/// One operation of a program. It is prepared once and then only runs: neither pass allocates.
protocol Kernel: AnyObject {
    /// The layer that it belongs to.
    var layer: String { get }
    /// Makes its views of memory; the arena is planned.
    func bind() throws(EngineError)
    /// Reads its inputs, fills its outputs.
    func forward(_ pass: Pass) throws(EngineError)
    /// Hands gradients back to inputs and parameters.
    func backward() throws(EngineError)
    /// The same in integers, with the weights of the moment; throws why there is no such form. What it fills is made known
    /// before it throws, so that later kernels can go on from it.
    func integerForm(_ tensors: IntegerTensors) throws(NoIntegerForm) -> any IntegerForm
}

extension Kernel {
    func bind() throws(EngineError) {}
}

/// A kernel whose activation quantizer can be looked at.
protocol QuantizingKernel: Kernel {
    /// The layer, or the part of a composed one: "conv0", "se.reduce".
    var part: String { get }
    /// Whether the output is complete after this kernel.
    var completesOutput: Bool { get }
    /// The tensor that the quantizer fills.
    var quantizedOutput: Tensor { get }
    /// The clip in effect and the lower end of the range in its units (0 or -1); nil where no quantizer acts.
    var quantizedRange: (clip: Float, lower: Float)? { get }
    /// Fills what the quantizer reads: the same count as its output.
    func fillUnquantized(_ values: UnsafeMutablePointer<Float>)
    /// The weights that it quantizes.
    var quantizedWeights: [(weight: ParameterView, quantizer: WeightQuantizer)] { get }
    /// What the batch norm behind its weights multiplies each output channel with, by the running statistics; nil where
    /// there is none.
    var normalizingScales: [Float]? { get }
}

extension QuantizingKernel {
    var part: String { layer }
    var completesOutput: Bool { true }
    var quantizedWeights: [(weight: ParameterView, quantizer: WeightQuantizer)] { [] }
    var normalizingScales: [Float]? { nil }
}

/// A kernel that ends in an epilogue, whose sums can be looked at in front of the activation.
protocol NormalizingKernel: QuantizingKernel {
    /// The weights that it multiplies with, or the layer where it has none.
    var name: String { get }
    /// What follows its sums.
    var epilogue: Epilogue { get }
    /// Fills what the activation reads, channels last: the same count as its output.
    func fillNormalized(_ values: UnsafeMutablePointer<Float>)
}

/// What a forward pass is for: it decides which statistics batch norm uses.
public enum Pass: Sendable {
    /// Batch statistics, which also move the running ones.
    case training
    /// Batch statistics; the running ones stay as they are.
    case frozenTraining
    /// Running statistics.
    case evaluation
    /// Batch statistics, which become the running ones: mean and population variance, so that an evaluation of the same
    /// batch normalizes it alike.
    case estimation
}
