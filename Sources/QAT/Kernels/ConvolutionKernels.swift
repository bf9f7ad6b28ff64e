import CKernels
import COneDNN
import Graph

/// How the weights of one product are quantized.
struct WeightQuantizer {
    /// 32 is not at all.
    var bits: Int
    var factor: Double
    /// One scale for all, as matrices have it; else one for each output channel.
    var isPerTensor: Bool
    /// The two's-complement grid; depthwise convolutions have it on every family.
    var isSIMD: Bool

    var isFloat: Bool { bits >= Quantization.float }
}

/// A product of features and weights with its epilogue: convolutions of any grouping, and matrices as 1x1 windows.
final class ConvolutionKernel: Kernel {
    /// The window, without what a frame has already padded.
    struct Geometry {
        var window: Window
        var groups = 1
        var top = 0, left = 0, bottom = 0, right = 0
    }

    let layer: String
    private let input: Tensor
    private let output: Tensor
    private let weight: ParameterView
    private let quantizer: WeightQuantizer
    private let epilogue: Epilogue
    private let library: OneDNN
    private let partials: Builder.Partials
    private let shape: onednn_convolution
    private let inputGradient: GradientTarget?
    private let inputCount: Int

    private let forwardPass: ConvolutionPrimitive
    private var dataPass, weightPass: ConvolutionPrimitive?
    private var reorders: (forward: WeightReorder?, data: WeightReorder?, gradient: WeightReorder?) = (
        nil, nil, nil
    )

    /// Raw sums, the quantized weights in the order of files, and in each primitive's own.
    private let raw, plain: Buffer
    private let forwardWeights, dataWeights, weightGradient, plainGradient: Buffer?
    private let forwardScratch, dataScratch, weightScratch, dataResult: Buffer?
    /// Where the arithmetic is on codes: the input's and the gradient's, and factors by channel.
    private let codes: Codes?

    /// What integer codes need beyond floats.
    private struct Codes {
        let input: Buffer
        let gradient: Buffer?
        /// By output channel: the value of a weight code's step, of the sums' step, the sums' offset, the codes' sum, ones.
        let channels: Buffer
        let grid: FeatureGrid
    }

    init(
        _ builder: Builder, layer: String, input: Tensor, output: Tensor, weight: ParameterView,
        geometry: Geometry, quantizer: WeightQuantizer, epilogue: Epilogue
    ) throws(EngineError) {
        (self.layer, self.input, self.output, self.weight) = (layer, input, output, weight)
        (self.quantizer, self.epilogue) = (quantizer, epilogue)
        (library, partials) = (builder.library, builder.partials)
        let shape = ConvolutionKernel.shape(builder.batch, input, output, geometry)
        self.shape = shape
        let grid = FeatureGrid(input.signal, on: builder.family)
        let runsOnCodes =
            builder.usesCodes && !quantizer.isFloat && !grid.isFloat && input.signal.bits <= 8
            && input.holdsCodes && geometry.groups == 1
        let type = runsOnCodes ? NumberType.bf16 : .float
        let library = builder.library
        func prepare(
            _ direction: ConvolutionPrimitive.Direction, _ hint: ConvolutionPrimitive?
        ) throws(EngineError) -> ConvolutionPrimitive {
            try ConvolutionPrimitive(direction, shape, type: type, hint: hint, library: library, layer: layer)
        }
        func scratch(_ pass: ConvolutionPrimitive?, _ span: Builder.Span) -> Buffer? {
            guard let pass, pass.scratchBytes > 0 else { return nil }
            return builder.buffer(bytes: pass.scratchBytes, span)
        }
        let (inputElements, outputElements) = (
            builder.batch * input.shape.elements, builder.batch * output.shape.elements
        )
        inputCount = inputElements
        inputGradient = builder.read(input, keeping: true)
        forwardPass = try prepare(.forward, nil)
        raw = builder.floats(outputElements, .both)
        plain = builder.buffer(bytes: type.bytes * weight.count, .both)
        forwardWeights = builder.buffer(bytes: forwardPass.weightBytes, .forward)
        forwardScratch = scratch(forwardPass, .forward)
        builder.needsPartials(2, extra: 2 * shape.rows)
        if builder.isTraining {
            let weightPass = try prepare(.backwardWeights, forwardPass)
            self.weightPass = weightPass
            weightGradient = builder.buffer(bytes: weightPass.weightBytes, .backward)
            weightScratch = scratch(weightPass, .backward)
            plainGradient = runsOnCodes ? builder.floats(weight.count, .backward) : nil
            let dataPass = inputGradient == nil ? nil : try prepare(.backwardData, forwardPass)
            self.dataPass = dataPass
            dataWeights = dataPass.map { builder.buffer(bytes: $0.weightBytes, .backward) }
            dataScratch = scratch(dataPass, .backward)
            dataResult = inputGradient == nil ? nil : builder.floats(inputElements, .backward)
            output.storage.gradient?.isNeeded(.backward(builder.next))
        } else {
            (weightGradient, weightScratch, plainGradient) = (nil, nil, nil)
            (dataWeights, dataScratch, dataResult) = (nil, nil, nil)
        }
        codes =
            runsOnCodes
            ? Codes(
                input: builder.buffer(bytes: 2 * inputElements, .both),
                gradient: builder.isTraining
                    ? builder.buffer(bytes: 2 * outputElements, .backward) : nil,
                channels: builder.floats(
                    4 * shape.rows + Epilogue.period(shape.rows), .always), grid: grid) : nil
    }

    private static func shape(
        _ batch: Int, _ input: Tensor, _ output: Tensor, _ geometry: Geometry
    ) -> onednn_convolution {
        // A vector is a map of one pixel; the steps of a sequence are samples of their own.
        var (images, inSize, outSize) = (batch, (1, 1), (1, 1))
        if case .map(_, let height, let width) = input.shape { inSize = (height, width) }
        if case .map(_, let height, let width) = output.shape { outSize = (height, width) }
        if case .sequence(let length, _) = input.shape { images *= length }
        let window = geometry.window
        return onednn_convolution(
            batch: Int64(images), groups: Int64(geometry.groups), in_channels: Int64(input.shape.channels),
            in_height: Int64(inSize.0), in_width: Int64(inSize.1), out_channels: Int64(output.shape.channels),
            out_height: Int64(outSize.0), out_width: Int64(outSize.1), kernel_height: Int64(window.height),
            kernel_width: Int64(window.width), stride: Int64(window.stride),
            dilation: Int64(window.dilation), pad_top: Int64(geometry.top), pad_left: Int64(geometry.left),
            pad_bottom: Int64(geometry.bottom), pad_right: Int64(geometry.right))
    }

    func bind() throws(EngineError) {
        let type = codes == nil ? NumberType.float : .bf16
        let source = codes?.input.address ?? input.storage.values.address
        guard let forwardWeights else { return }
        try forwardPass.bind(
            source: source, weights: forwardWeights.address, destination: raw.address,
            scratch: forwardScratch?.address)
        // Float weights that nobody quantizes are read where they lie.
        let weights =
            quantizer.isFloat ? UnsafeMutableRawPointer(weight.values) : plain.address
        reorders.forward = try WeightReorder(
            forwardPass, plainType: type, fromPlain: true, library: library, plain: weights,
            own: forwardWeights.address)
        guard let weightPass, let weightGradient, let gradient = output.storage.gradient,
            let parameterGradient = weight.gradient
        else { return }
        let destination = codes?.gradient?.address ?? gradient.address
        try weightPass.bind(
            source: source, weights: weightGradient.address, destination: destination,
            scratch: weightScratch?.address)
        reorders.gradient = try WeightReorder(
            weightPass, plainType: .float, fromPlain: false, library: library,
            plain: plainGradient?.address ?? UnsafeMutableRawPointer(parameterGradient),
            own: weightGradient.address)
        guard let dataPass, let dataWeights, let dataResult, let inputGradient else { return }
        reorders.data = try WeightReorder(
            dataPass, plainType: type, fromPlain: true, library: library, plain: weights,
            own: dataWeights.address)
        let result =
            inputGradient.adds ? dataResult.address : UnsafeMutableRawPointer(inputGradient.address)
        try dataPass.bind(
            source: result, weights: dataWeights.address, destination: destination,
            scratch: dataScratch?.address)
    }

    func forward(_ pass: Pass) throws(EngineError) {
        if !quantizer.isFloat { try quantizeWeights() }
        if let codes {
            ck_encode(
                input.values, codes.grid.code, codes.grid.levels, codes.input.words, Int64(inputCount))
        }
        try reorders.forward?.run()
        try forwardPass.run()
        guard let codes else {
            return try epilogue.forward(raw.floats, into: output.values, pass: pass)
        }
        let channels = codes.channels.floats
        let rows = shape.rows
        for row in 0..<rows {
            channels[rows + row] = channels[row] * codes.grid.step
            channels[2 * rows + row] = channels[row] * codes.grid.zero * channels[3 * rows + row]
        }
        try epilogue.forward(
            raw.floats, into: output.values, pass: pass, units: channels + rows, offsets: channels + 2 * rows)
    }

    private func quantizeWeights() throws(EngineError) {
        let rows = shape.rows
        var grid = ck_weight_grid(
            rows: Int64(rows), columns: Int64(weight.count / rows),
            is_per_tensor: quantizer.isPerTensor ? 1 : 0, is_simd: quantizer.isSIMD ? 1 : 0,
            bits: Int32(quantizer.bits), factor: Float(quantizer.factor))
        let channels = codes?.channels.floats
        let fault = ck_quantize_weights(
            &grid, weight.values, codes == nil ? plain.floats : nil, codes == nil ? nil : plain.words,
            channels, channels.map { $0 + 3 * rows }, partials.doubles)
        guard fault < 0 else {
            throw .notFinite(layer: layer, what: "the scale of its weights (row \(fault))")
        }
    }

    func backward() throws(EngineError) {
        guard let gradient = output.gradient else { return }
        epilogue.backward(raw.floats, gradient, resultUnits: codes?.channels.floats)
        if let codes, let words = codes.gradient?.words {
            let rows = shape.rows
            let period = Epilogue.period(rows)
            let ones = codes.channels.floats + 4 * rows
            for index in 0..<period { ones[index] = 1 }
            ck_to_bf16(
                gradient, ones, Int64(period), words, Int64(rawCount))
        }
        try weightPass?.run()
        try reorders.gradient?.run()
        if let codes, let plainGradient, let target = weight.gradient {
            let channels = codes.channels.floats
            let rows = shape.rows
            // Of sums to weights: steps of the input over steps of the weights; the input's zero counts in full.
            for row in 0..<rows {
                channels[rows + row] = codes.grid.step / channels[row]
                channels[2 * rows + row] = codes.grid.zero * epilogue.gradientSum(row)
            }
            ck_scale_rows(
                plainGradient.floats, channels + rows, channels + 2 * rows, Int64(rows),
                Int64(weight.count / rows), 0, target)
        }
        guard let dataPass, let inputGradient, let dataResult else { return }
        try reorders.data?.run()
        try dataPass.run()
        if inputGradient.adds {
            ck_add(dataResult.floats, inputGradient.address, Int64(inputCount))
        }
    }

    private var rawCount: Int { raw.bytes / 4 }
}

extension ConvolutionKernel: QuantizingKernel {
    var part: String { weight.part }
    var quantizedOutput: Tensor { output }
    var quantizedRange: (clip: Float, lower: Float)? { epilogue.range }
    var quantizedWeights: [(weight: ParameterView, quantizer: WeightQuantizer)] { [(weight, quantizer)] }

    func fillUnquantized(_ values: UnsafeMutablePointer<Float>) {
        epilogue.fillUnquantized(raw.floats, into: values)
    }
}

extension onednn_convolution {
    /// Rows of the weights.
    var rows: Int { Int(out_channels) }
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
                quantizer: product.quantizer, epilogue: epilogue))
        return output
    }
}
