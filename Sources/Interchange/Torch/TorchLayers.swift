import Graph
import QAT

// What each operator is in PyTorch.
extension TorchClass {
    /// How a layer is computed in `forward`.
    enum Step {
        /// By a module of its own.
        case module(PythonCall)
        /// By what PyTorch has.
        case expression(String)
    }

    /// The step of the layer that is written, from the variables that it reads.
    func step(_ inputs: [String]) throws(TorchError) -> Step {
        switch node.layer {
        case .preprocess: return .expression(inputs[0])
        case .conv2D(let settings): return .module(try convolution(settings))
        case .depthwiseConv2D(let settings): return .module(try depthwise(settings))
        case .convTranspose2D(let settings): return .module(transposed(settings))
        case .fullConnected(let settings): return .module(dense(settings))
        case .seBlock(let settings): return .module(squeezeExcite(settings))
        case .batchNorm(let settings):
            var call = PythonCall("BatchNorm", "\(input.channels)")
            finish(&call, settings.activationFunction, norm: false, bias: false)
            return .module(call)
        case .maxpool2D(let settings):
            var call = PythonCall("MaxPool", "window=\(window(settings.window))")
            call.set("stride", settings.window.stride, unless: nil)
            try frame(&call, settings.window, input)
            return .module(call)
        case .avgpool2D(let settings):
            var call = PythonCall("MeanPool", "window=\(window(settings.window))")
            call.set("stride", settings.window.stride, unless: nil)
            try frame(&call, settings.window, input)
            call.set("result", quantizer(signal, clip: 1))
            call.set("steps", signal.isFloat ? 0 : steps(ofInput: 0), unless: 0)
            return .module(call)
        case .adaptiveAvgpool2D(let settings):
            var call = PythonCall("MeanPool")
            call.set("result", quantizer(signal, clip: 1))
            call.set("steps", signal.isFloat ? 0 : steps(ofInput: 0), unless: 0)
            call.set("keeps_axes", settings.keepDimensions, unless: true)
            return .module(call)
        case .unpool2D(let settings):
            var call = PythonCall("Unpool", "factors=(\(settings.kernelHeight), \(settings.kernelWidth))")
            call.set("mode", settings.mode.rawValue, unless: nil)
            call.set("fill", fill, unless: 0)
            return .module(call)
        case .route:
            let axis = if case .sequence = outputs[0] { 2 } else { 1 }
            return .expression("torch.cat([\(inputs.joined(separator: ", "))], \(axis))")
        case .shortcut(let settings):
            var call = PythonCall("Shortcut", "activation=\"\(settings.activationFunction.rawValue)\"")
            call.set(
                "result", quantizer(signal, clip: min(settings.quantizers.clip, Shortcut.largestClip)))
            call.set("steps", signal.isFloat ? 0 : sharedSteps, unless: 0)
            return .module(call)
        case .mul:
            var call = PythonCall("Product")
            call.set("result", quantizer(signal, clip: 1))
            call.set("steps", signal.isFloat ? 0 : sharedSteps, unless: 0)
            return .module(call)
        case .max: return .expression("torch.maximum(\(inputs[0]), \(inputs[1]))")
        case .flatten:
            let axes = outputs[0].dimensions.map(String.init).joined(separator: ", ")
            return .expression("\(inputs[0]).reshape(-1, \(axes))")
        case .channelSplit(let settings):
            let parts = "torch.split(\(inputs[0]), \(settings.split), 1)"
            return .expression(settings.split.count == 1 ? parts + "[0]" : parts)
        case .pixelShuffle(let settings):
            return .expression("F.pixel_shuffle(\(inputs[0]), \(settings.factor))")
        case .lstm(let settings): return .module(recurrent(settings))
        case .embedding(let settings):
            var call = PythonCall(
                "Embedding", "\(settings.vocabularySize)", "\(settings.embeddingSize)")
            if let padding = settings.paddingIndex { call.set("padding", padding, unless: nil) }
            call.set("result", quantizer(signal, clip: 6))
            return .module(call)
        }
    }

    private func convolution(_ settings: Conv2D) throws(TorchError) -> PythonCall {
        let convolved = (try? settings.convolved(input)) ?? input
        let own = Window(
            height: settings.kernelHeight, width: settings.kernelWidth, stride: settings.stride,
            padding: settings.padding, dilation: settings.dilation)
        var call = PythonCall(
            "Conv2d", "\(convolved.channels)", "\(settings.outChannels)", "kernel=\(window(own))")
        call.set("stride", settings.stride, unless: 1)
        try frame(&call, own, convolved)
        call.set("groups", settings.groups, unless: 1)
        call.set("dilation", settings.dilation, unless: 1)
        call.set("focus", settings.focus, unless: false)
        weights(&call)
        finish(&call, settings.activationFunction, norm: settings.batchNorm, bias: settings.bias)
        return call
    }

    private func depthwise(_ settings: DepthwiseConv2D) throws(TorchError) -> PythonCall {
        let own = Window(
            height: settings.kernelHeight, width: settings.kernelWidth, stride: settings.stride,
            padding: settings.padding)
        let channels = input.channels
        var call = PythonCall("Conv2d", "\(channels)", "\(channels)", "kernel=\(window(own))")
        call.set("stride", settings.stride, unless: 1)
        try frame(&call, own, input)
        call.set("groups", channels, unless: 1)
        weights(&call, isDepthwise: true)
        finish(&call, settings.activationFunction, norm: settings.batchNorm, bias: settings.bias)
        return call
    }

    private func transposed(_ settings: ConvTranspose2D) -> PythonCall {
        let sizes = ["\(input.channels)", "\(settings.outChannels)"]
        var call: PythonCall
        switch target.family {
        case .npu:
            call = PythonCall("ConvTranspose2d", sizes[0], sizes[1])
            call.set("fill", fill, unless: 0)
            weights(&call)
        case .simd:
            call = PythonCall("SeparableConvTranspose2d", sizes[0], sizes[1])
            weights(&call, "depthwise", isDepthwise: true)
            weights(&call, "pointwise")
            if !signal.isFloat {
                call.set("inner", quantizer(Signal(bits: signal.bits, isSigned: false), clip: clip))
            }
        }
        finish(&call, settings.activationFunction, norm: settings.batchNorm, bias: settings.bias)
        return call
    }

    private func dense(_ settings: FullConnected) -> PythonCall {
        var call = PythonCall("Dense", "\(input.channels)", "\(settings.outChannels)")
        weights(&call, isPerTensor: true)
        finish(&call, settings.activationFunction, norm: settings.batchNorm, bias: settings.bias)
        return call
    }

    private func squeezeExcite(_ settings: SeBlock) -> PythonCall {
        let isOn = settings.quantizers.isEnabled
        let bits = settings.quantizers.outputBits ?? Quantization.float
        let inner = isOn && bits < Quantization.float ? Signal(bits: bits, isSigned: false) : .float
        let arriving = isOn ? facts.inputs[0] : .float
        var call = PythonCall("SqueezeExcite", "\(input.channels)", "rate=\(settings.rate)")
        weights(&call)
        weights(&call, "expand_weight")
        call.set("mean", quantizer(arriving, clip: 1) ?? PythonCall.none)
        call.set("inner", quantizer(inner, clip: settings.quantizers.clip) ?? PythonCall.none)
        call.set("result", quantizer(signal, clip: 1) ?? PythonCall.none)
        let own = steps(ofInput: 0)
        call.set("steps", arriving.isFloat ? 0 : own, unless: nil)
        let shares = !signal.isFloat && !inner.isFloat && own == levels(of: inner)
        call.set("product_steps", shares ? own : 0, unless: nil)
        call.set("bias", settings.bias, unless: nil)
        call.set("norm", settings.batchNorm, unless: nil)
        return call
    }

    private func recurrent(_ settings: LSTM) -> PythonCall {
        var call = PythonCall("LSTM", "\(input.channels)", "\(settings.hiddenSize)")
        weights(&call, isPerTensor: true)
        if !signal.isFloat {
            let grid = QuantizationGrid(bits: signal.bits, isSigned: true, on: target.family)
            call.set("kind", TorchClass.word(grid.kind), unless: nil)
            call.set("levels", grid.codes.upperBound, unless: nil)
            call.set("first", grid.zero, unless: 0.0)
        }
        call.set("bias", settings.bias, unless: true)
        call.set("bidirectional", settings.bidirectional, unless: false)
        call.set("squeezes", settings.useSqueeze, unless: false)
        call.set("returns_states", settings.returnsStates, unless: false)
        return call
    }
}

// Quantizers and frames.
extension TorchClass {
    /// What surrounds a map where a window reaches over its edge, while quantizers act.
    private var fill: Double {
        guard let arriving = facts.inputs.first else { return 0 }
        let isBelowZero = arriving.isSigned && !arriving.isFloat && !facts.isFirst
        return target.family == .npu && isBelowZero ? -1 : 0
    }

    private var clip: Double { node.layer.settings.quantization?.clip ?? 1 }

    private func window(_ window: Window) -> String { "(\(window.height), \(window.width))" }

    /// A quantizer onto the grid of a signal; nil where that is float.
    private func quantizer(_ signal: Signal, clip: Double) -> PythonCall? {
        guard let grid = QuantizationGrid(signal, on: target.family) else { return nil }
        let kind = TorchClass.word(grid.kind)
        return PythonCall("FeatureQuantizer", "bits=\(signal.bits)", "kind=\"\(kind)\"", "clip=\(clip)")
    }

    /// What the Python classes call a grid.
    private static func word(_ kind: QuantizationGrid.Kind) -> String {
        switch kind {
        case .unsigned: "unsigned"
        case .offset: "npu"
        case .twosComplement: "simd"
        }
    }

    /// The quantizer of the layer's weights.
    private func weights(
        _ call: inout PythonCall, _ name: String = "weight", isPerTensor: Bool = false,
        isDepthwise: Bool = false
    ) {
        guard let bits = facts.weightBits, bits < Quantization.float else {
            return call.set(name, PythonCall.none)
        }
        let factor = node.layer.settings.quantization?.weightFactor ?? 3
        var quantizer = PythonCall("WeightQuantizer", "bits=\(bits)", "factor=\(factor)")
        quantizer.set("is_per_tensor", isPerTensor, unless: false)
        quantizer.set("is_simd", isDepthwise || target.family == .simd, unless: false)
        call.set(name, quantizer)
    }

    /// What follows the layer's sum.
    private func finish(_ call: inout PythonCall, _ activation: Activation, norm: Bool, bias: Bool) {
        call.set("bias", bias, unless: false)
        call.set("norm", norm, unless: false)
        call.set("activation", activation.rawValue, unless: nil)
        call.set("result", quantizer(signal, clip: activation == .hsigmoid ? 6 : clip))
        let learns = ParameterLayout(analysis).parameter("\(node.name).logClip") != nil
        if learns { call.set("learned_clip", clip, unless: nil) }
    }

    /// The sides of the frame that a window of the layer needs, and what fills it.
    private func frame(_ call: inout PythonCall, _ window: Window, _ shape: Shape) throws(TorchError) {
        let sides = try sides(of: window, on: shape)
        guard sides != [0, 0, 0, 0] else { return }
        call.set("sides", sides, unless: nil)
        call.set("fill", fill, unless: 0)
    }

    /// What a window pads: top, left, bottom, right; negative sides crop.
    private func sides(of window: Window, on shape: Shape) throws(TorchError) -> [Int] {
        guard case .map(_, let height, let width) = shape, window.padding != 0 else { return [0, 0, 0, 0] }
        if target.padsBothSides, window.dilation == 1 {
            guard window.height == 3, window.width == 3 else {
                throw .layer(
                    node.name, reason: "this chip pads 1 on both sides, which fits 3x3 windows alone")
            }
            return [1, 1, 1 - (height - 1) % window.stride, 1 - (width - 1) % window.stride]
        }
        if window.dilation > 1 { return [Int](repeating: window.padding, count: 4) }
        let vertical = window.samePadding(height, size: window.height)
        let horizontal = window.samePadding(width, size: window.width)
        return [vertical.before, horizontal.before, vertical.after, horizontal.after]
    }
}

extension PythonCall {
    /// The value of an argument that must be given and is nothing.
    fileprivate static let none = PythonCall(constant: "None")
}
