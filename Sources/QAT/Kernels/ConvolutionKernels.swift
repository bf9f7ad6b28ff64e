import CKernels
import COneDNN
import Graph

/// How the weights of one product are quantized.
struct WeightQuantizer: Hashable {
    /// 32 is not at all.
    var bits: Int
    var factor: Double
    /// One scale for all, as matrices have it; else one for each output channel.
    var isPerTensor: Bool
    /// The two's-complement grid; depthwise convolutions have it on every family.
    var isSIMD: Bool

    var isFloat: Bool { bits >= Quantization.float }

    /// The values that it gives, in units of the scale.
    var grid: QuantizationGrid { QuantizationGrid(isSIMD ? .twosComplement : .offset, bits: bits) }

    /// The grid of so many weights as C knows it.
    func grid(rows: Int, count: Int) -> ck_weight_grid {
        ck_weight_grid(
            rows: Int64(rows), columns: Int64(count / rows), is_per_tensor: isPerTensor ? 1 : 0,
            is_simd: isSIMD ? 1 : 0, bits: Int32(bits), factor: Float(factor))
    }
}

/// A product of activations and weights with its epilogue: convolutions of any grouping, and matrices as 1x1 windows.
final class ConvolutionKernel: Kernel {
    /// The window, without what a frame has already padded.
    struct Geometry {
        var window: Window
        var groups = 1
        var top = 0, left = 0, bottom = 0, right = 0

        var hasPadding: Bool { (top, left, bottom, right) != (0, 0, 0, 0) }
    }

    let layer: String
    let input: Tensor
    let output: Tensor
    let weight: ParameterView
    let quantizer: WeightQuantizer
    let epilogue: Epilogue
    let partials: Builder.Partials
    let rows: Int
    /// The shape of the product; of its transpose where the input is the map without zeros.
    let shape: onednn_convolution
    let isTransposed: Bool
    /// The largest magnitude that the chip's accumulator takes; nil where it is one of 32 bits.
    let accumulatorBound: Int?
    private let inputGradient: GradientTarget?
    private let inputCount: Int

    /// All passes on floats, but for the forward one where codes take it over.
    private let floats: FloatProduct
    private let codes: CodeProduct?
    /// Raw sums, and the quantized weights in the order of files.
    private let raw: Buffer
    private let plain: Buffer?
    /// Whether the raw sums are computed again in the backward pass: those of codes, and of windows in single channels.
    private let recomputesRaw: Bool
    /// The input's gradient where others have written theirs already.
    private let dataResult: Buffer?

    init(
        _ builder: Builder, layer: String, input: Tensor, output: Tensor, weight: ParameterView,
        geometry: Geometry, quantizer: WeightQuantizer, epilogue: Epilogue, accumulatorBound: Int?
    ) throws(EngineError) {
        isTransposed = input.withoutZeros != nil
        self.accumulatorBound = accumulatorBound
        input.storage.isRead = true
        let input = input.withoutZeros ?? input
        self.layer = layer
        self.input = input
        self.output = output
        self.weight = weight
        self.quantizer = quantizer
        self.epilogue = epilogue
        partials = builder.partials
        shape =
            isTransposed
            ? onednn_convolution(builder.batch, steppingOverZerosOf: input, output)
            : onednn_convolution(builder.batch, input, output, geometry)
        rows = output.shape.channels
        inputCount = builder.batch * input.shape.elements
        inputGradient = builder.read(input, keeping: true)
        raw = builder.floats(builder.batch * output.shape.elements, .both)
        codes = try CodeProduct(
            builder, layer: layer, shape, geometry, input: input, isTransposed: isTransposed,
            quantizer: quantizer, weights: weight.count)
        let isDepthwise = shape.groups > 1 && shape.groups == shape.in_channels
        recomputesRaw = builder.restoresValues && (codes != nil || isDepthwise)
        raw.isRestored = recomputesRaw
        floats = try FloatProduct(
            builder, layer: layer, shape, isTransposed: isTransposed, hasForward: codes == nil,
            recomputesForward: recomputesRaw, wantsInputGradient: inputGradient != nil)
        let wantsFloats = builder.isTraining || codes == nil
        plain = quantizer.isFloat || !wantsFloats ? nil : builder.floats(weight.count, .both)
        dataResult = inputGradient.map { [inputCount] in builder.floats(inputCount, addedTo: $0) }
        builder.needsPartials(2, extra: 2 * rows)
        output.storage.gradient?.isNeeded(.backward(builder.next))
    }

    func bind() throws(EngineError) {
        try codes?.bind(raw: raw.address)
        // Float weights that are not quantized are read in place.
        guard let weights = plain?.floats ?? (quantizer.isFloat ? weight.values : nil) else { return }
        try floats.bind(
            input: input.values, weights: weights, raw: raw.floats, outputGradient: output.gradient,
            weightGradient: weight.gradient,
            inputGradient: inputGradient.map { ($0.adds ? dataResult?.floats : nil) ?? $0.address })
    }

    func forward(_ pass: Pass) throws(EngineError) {
        if !quantizer.isFloat { try quantizeWeights() }
        guard let codes else {
            try floats.forward()
            return try epilogue.forward(raw.floats, into: output.values, pass: pass)
        }
        try codes.forward(input.values)
        try epilogue.forward(
            raw.floats, into: output.values, pass: pass, units: codes.steps, offsets: codes.offsets,
            lacking: codes.lacking)
    }

    /// Fills the raw sums as the epilogue left them.
    private func recomputeRaw() throws(EngineError) {
        guard let codes else { return try floats.forward() }
        try codes.forward(input.values)
        if let lacking = codes.lacking {
            ck_double_rows(raw.floats, lacking, Int64(codes.outputPixels), Int64(rows))
        }
    }

    private func quantizeWeights() throws(EngineError) {
        var grid = quantizer.grid(rows: rows, count: weight.count)
        let fault = ck_quantize_weights(
            &grid, weight.values, plain?.floats, codes?.weightCodes, codes?.units, codes?.weightSums,
            partials.doubles)
        guard fault < 0 else {
            throw .notFinite(layer: layer, what: "the scale of its weights (row \(fault))")
        }
    }

    func backward() throws(EngineError) {
        guard let gradient = output.gradient else { return }
        if recomputesRaw { try recomputeRaw() }
        epilogue.backward(raw.floats, gradient, into: gradient)
        try floats.backward()
        if let inputGradient, inputGradient.adds, let dataResult {
            ck_add(dataResult.floats, inputGradient.address, Int64(inputCount))
        }
    }
}

extension ConvolutionKernel: Restorer {
    /// Whether the raw sums stay until the backward pass.
    var keepsRaw: Bool { !recomputesRaw }

    func restore() { epilogue.refill(raw.floats, into: output.values) }
}

extension ConvolutionKernel: QuantizingKernel {
    var part: String { weight.part }
    var quantizedOutput: Tensor { output }
    var quantizedRange: (clip: Float, lower: Float)? { epilogue.range }
    var quantizedWeights: [(weight: ParameterView, quantizer: WeightQuantizer)] { [(weight, quantizer)] }
    var normalizingScales: [Float]? { epilogue.normalizingScales }

    func fillUnquantized(_ values: UnsafeMutablePointer<Float>) {
        epilogue.fillUnquantized(raw.floats, into: values)
    }
}

extension ConvolutionKernel: NormalizingKernel {
    var name: String { weight.name }

    func fillNormalized(_ values: UnsafeMutablePointer<Float>) {
        epilogue.fillNormalized(raw.floats, into: values)
    }
}

extension onednn_convolution {
    /// The shape of a product. A vector is a map of one pixel; the steps of a sequence are samples of their own.
    init(_ batch: Int, _ input: Tensor, _ output: Tensor, _ geometry: ConvolutionKernel.Geometry) {
        var images = batch
        var inSize = (1, 1)
        var outSize = (1, 1)
        if case .map(_, let height, let width) = input.shape { inSize = (height, width) }
        if case .map(_, let height, let width) = output.shape { outSize = (height, width) }
        if case .sequence(let length, _) = input.shape { images *= length }
        let window = geometry.window
        self.init(
            batch: Int64(images), groups: Int64(geometry.groups), in_channels: Int64(input.shape.channels),
            in_height: Int64(inSize.0), in_width: Int64(inSize.1), out_channels: Int64(output.shape.channels),
            out_height: Int64(outSize.0), out_width: Int64(outSize.1), kernel_height: Int64(window.height),
            kernel_width: Int64(window.width), stride: Int64(window.stride),
            dilation: Int64(window.dilation), pad_top: Int64(geometry.top), pad_left: Int64(geometry.left),
            pad_bottom: Int64(geometry.bottom), pad_right: Int64(geometry.right))
    }

    /// The transpose of a 3x3 product, padded by 1, over a map of twice the size with zeros between the pixels of
    /// `input`: a window of stride 2 from its sums to its input.
    init(_ batch: Int, steppingOverZerosOf input: Tensor, _ output: Tensor) {
        let geometry = ConvolutionKernel.Geometry(
            window: Window(height: 3, width: 3, stride: 2), top: 1, left: 1)
        self.init(batch, output, input, geometry)
    }
}

extension Builder {
    /// What a product needs to know of its layer.
    struct Product {
        var layer: String
        var weightName = "weight"
        var window = Window(height: 1, width: 1)
        var groups = 1
        var outShape: Shape
        var quantizer: WeightQuantizer
        var epilogue: Epilogue.Settings
        var accumulatorBound: Int?
    }

    /// Adds a product; the padding of its window is the frame's.
    func addProduct(
        _ product: Product, reading input: Tensor,
        padding: (top: Int, left: Int, bottom: Int, right: Int) = (0, 0, 0, 0)
    ) throws(EngineError) -> Tensor {
        guard let weight = parameter("\(product.layer).\(product.weightName)") else {
            throw .parameters("the weights of '\(product.layer)' are missing")
        }
        let output = tensor(product.outShape, product.epilogue.signal, needsGradient: true)
        output.holdsCodes = !product.epilogue.signal.isFloat
        let epilogue = Epilogue(
            self, layer: product.layer, channels: product.outShape.channels,
            rows: batch * output.rows, product.epilogue)
        let geometry = ConvolutionKernel.Geometry(
            window: product.window, groups: product.groups, top: padding.top, left: padding.left,
            bottom: padding.bottom, right: padding.right)
        add(
            try ConvolutionKernel(
                self, layer: product.layer, input: input, output: output, weight: weight, geometry: geometry,
                quantizer: product.quantizer, epilogue: epilogue,
                accumulatorBound: product.accumulatorBound))
        return output
    }
}
