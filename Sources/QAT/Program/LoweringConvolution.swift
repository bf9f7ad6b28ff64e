import CKernels
import Graph

// Convolutions and matrix products.
extension LayerLowering {
    func convolution(_ settings: Conv2D, _ input: Tensor) throws(EngineError) -> Tensor {
        var input = input
        if settings.focus { input = focused(input) }
        let window = Window(
            height: settings.kernelHeight, width: settings.kernelWidth, stride: settings.stride,
            padding: settings.padding, dilation: settings.dilation)
        return try windowed(
            Builder.Product(
                layer: name, window: window, groups: settings.groups, outShape: shapes[0],
                quantizer: weightQuantizer(),
                epilogue: epilogue(
                    settings.activationFunction, batchNorm: settings.batchNorm, bias: settings.bias),
                accumulatorBound: accumulatorBound(73728)),
            input)
    }

    func depthwise(_ settings: DepthwiseConv2D, _ input: Tensor) throws(EngineError) -> Tensor {
        let window = Window(
            height: settings.kernelHeight, width: settings.kernelWidth, stride: settings.stride,
            padding: settings.padding)
        return try windowed(
            Builder.Product(
                layer: name, window: window, groups: input.shape.channels, outShape: shapes[0],
                quantizer: weightQuantizer(isDepthwise: true),
                epilogue: epilogue(
                    settings.activationFunction, batchNorm: settings.batchNorm, bias: settings.bias),
                accumulatorBound: accumulatorBound(65536)), input)
    }

    func transposed(_ settings: ConvTranspose2D, _ input: Tensor) throws(EngineError) -> Tensor {
        var unpool = Unpool2D()
        unpool.mode = .nearest
        let wide = self.unpool(unpool, input, shape: shapes[0].withChannels(input.shape.channels))
        let own = epilogue(settings.activationFunction, batchNorm: settings.batchNorm, bias: settings.bias)
        let window = Window(height: 3, width: 3, padding: 1)
        if builder.family == .npu {
            return try windowed(
                Builder.Product(
                    layer: name, window: window, outShape: shapes[0], quantizer: weightQuantizer(),
                    epilogue: own), wide)
        }
        var inner = own
        inner.activation = .relu6
        inner.hasBatchNorm = false
        inner.biasName = nil
        let middle = try windowed(
            Builder.Product(
                layer: name, weightName: "depthwiseWeight", window: window, groups: input.shape.channels,
                outShape: wide.shape, quantizer: weightQuantizer(isDepthwise: true),
                epilogue: unsigned(inner)), wide)
        return try builder.addProduct(
            Builder.Product(
                layer: name, weightName: "pointwiseWeight", outShape: shapes[0],
                quantizer: weightQuantizer(), epilogue: own), reading: middle)
    }

    /// The same epilogue with an unsigned result; it shares the layer's learned clip.
    private func unsigned(_ settings: Epilogue.Settings) -> Epilogue.Settings {
        var settings = settings
        settings.signal.isSigned = settings.signal.isFloat
        settings.sharesClip = true
        return settings
    }

    func dense(_ settings: FullConnected, _ input: Tensor) throws(EngineError) -> Tensor {
        try builder.addProduct(
            Builder.Product(
                layer: name, outShape: shapes[0], quantizer: weightQuantizer(isPerTensor: true),
                epilogue: epilogue(
                    settings.activationFunction, batchNorm: settings.batchNorm, bias: settings.bias),
                accumulatorBound: accumulatorBound(65536)),
            reading: input)
    }

    func squeezeExcite(_ settings: SeBlock, _ input: Tensor) throws(EngineError) -> Tensor {
        let channels = input.shape.channels
        let gateShape = Shape.map(channels: channels, height: 1, width: 1)
        let isQuantized = builder.isQuantized && settings.quantizers.isEnabled
        let mean = try globalMean(
            input, shape: gateShape, signal: isQuantized ? input.signal : .float, layer: "\(name).mean")
        let bits = settings.quantizers.outputBits ?? Quantization.float
        let inner =
            isQuantized && bits < Quantization.float ? Signal(bits: bits, isSigned: false) : .float
        func step(_ part: String, _ activation: Activation) -> Epilogue.Settings {
            Epilogue.Settings(
                activation: activation, signal: inner, clip: settings.quantizers.clip,
                prefix: "\(name).\(part).", hasBatchNorm: settings.batchNorm,
                biasName: settings.bias ? "\(name).\(part)Bias" : nil, logClipName: nil)
        }
        let reduced = try builder.addProduct(
            Builder.Product(
                layer: name, weightName: "reduceWeight",
                outShape: gateShape.withChannels(channels / settings.rate), quantizer: weightQuantizer(),
                epilogue: step("reduce", .relu6)), reading: mean)
        let gate = try builder.addProduct(
            Builder.Product(
                layer: name, weightName: "expandWeight", outShape: gateShape, quantizer: weightQuantizer(),
                epilogue: step("expand", .hsigmoid)), reading: reduced)
        let output = result(shapes[0], of: [input], holdsCodes: !signal.isFloat)
        builder.add(
            CombineKernel(
                builder, layer: name, .multiply, first: input, second: gate, output: output,
                activation: .none, clip: 1))
        return output
    }

    /// A product whose window slides over a map: padding that oneDNN cannot express is written out in a frame.
    private func windowed(_ product: Builder.Product, _ input: Tensor) throws(EngineError) -> Tensor {
        let padding = try padding(of: product.window, on: input)
        let pad = padValue(input)
        let isPlain = [padding.top, padding.left, padding.bottom, padding.right].allSatisfy { $0 >= 0 }
        if isPlain && (pad == 0 || padding == (0, 0, 0, 0)) {
            return try builder.addProduct(product, reading: input, padding: padding)
        }
        return try builder.addProduct(product, reading: framed(input, padding, pad))
    }

    /// What a window of the layer pads on each side of a map.
    func padding(
        of window: Window, on input: Tensor
    ) throws(EngineError) -> (top: Int, left: Int, bottom: Int, right: Int) {
        guard case .map(_, let height, let width) = input.shape else { return (0, 0, 0, 0) }
        guard window.padding != 0 else { return (0, 0, 0, 0) }
        if padsBothSides && window.dilation == 1 {
            guard window.height == 3, window.width == 3 else {
                throw .unsupported(
                    layer: name, reason: "this chip pads 1 on both sides, which fits 3x3 windows alone")
            }
            // An even map under a stride of 2 leaves its last padding unread.
            let down = (height + 2 - 3) % window.stride
            let across = (width + 2 - 3) % window.stride
            return (1, 1, 1 - down, 1 - across)
        }
        if window.dilation > 1 {
            let count = window.padding
            return (count, count, count, count)
        }
        let vertical = window.samePadding(height, size: window.height)
        let horizontal = window.samePadding(width, size: window.width)
        return (vertical.before, horizontal.before, vertical.after, horizontal.after)
    }

    /// The map inside a frame of the pad value; negative sides crop.
    func framed(
        _ input: Tensor, _ padding: (top: Int, left: Int, bottom: Int, right: Int), _ pad: Float
    ) throws(EngineError) -> Tensor {
        guard case .map(let channels, let height, let width) = input.shape else { return input }
        let tall = height + padding.top + padding.bottom
        let wide = width + padding.left + padding.right
        guard tall > 0, wide > 0 else {
            throw .unsupported(layer: name, reason: "its padding crops the whole map away")
        }
        let output = builder.tensor(
            .map(channels: channels, height: tall, width: wide), input.signal,
            needsGradient: input.needsGradient)
        output.holdsCodes = input.holdsCodes
        let window = ck_window(
            batch: Int64(builder.batch), channels: Int64(channels), in_height: Int64(height),
            in_width: Int64(width), out_height: Int64(tall), out_width: Int64(wide), kernel_height: 1,
            kernel_width: 1, stride: 1, top: Int64(padding.top), left: Int64(padding.left), pad: pad,
            steps: 0)
        builder.add(
            WindowKernel(builder, layer: name, .frame, input: input, output: output, window: window))
        return output
    }
}
