import CKernels
import Graph

// Normalization and pools.
extension LayerLowering {
    func batchNorm(_ settings: BatchNorm, _ input: Tensor) -> Tensor {
        let output = result(input.shape, of: [input], holdsCodes: !signal.isFloat)
        let epilogue = Epilogue(
            builder, layer: name, channels: input.shape.channels, rows: builder.batch * input.rows,
            epilogue(settings.activationFunction, batchNorm: true, bias: false))
        builder.add(
            EpilogueKernel(builder, layer: name, input: input, output: output, epilogue: epilogue))
        return output
    }

    func maxPool(_ settings: Maxpool2D, _ input: Tensor) throws(EngineError) -> Tensor {
        let output = result(shapes[0], of: [input], holdsCodes: input.holdsCodes)
        builder.add(
            WindowKernel(
                builder, layer: name, .max, input: input, output: output,
                window: try slide(settings.window, input, output.shape)))
        return output
    }

    func meanPool(_ window: Window, _ input: Tensor) throws(EngineError) -> Tensor {
        try mean(input, slide(window, input, shapes[0]), shape: shapes[0], signal: signal, layer: name)
    }

    /// The mean of a whole map, quantized as a pool's is.
    func globalMean(
        _ input: Tensor, shape: Shape, signal: Signal, layer: String? = nil
    ) throws(EngineError) -> Tensor {
        guard case .map(_, let height, let width) = input.shape else { return input }
        let whole = Window(height: height, width: width)
        let map = Shape.map(channels: input.shape.channels, height: 1, width: 1)
        let output = try mean(
            input, slide(whole, input, map), shape: map, signal: signal, layer: layer ?? name)
        let reshaped = builder.alias(output, shape: shape, signal: output.signal)
        reshaped.holdsCodes = output.holdsCodes
        return reshaped
    }

    private func mean(
        _ input: Tensor, _ window: ck_window, shape: Shape, signal: Signal, layer: String
    ) -> Tensor {
        var window = window
        // The mean of whole steps: a half is a half.
        let steps = QuantizationGrid(input.signal, on: builder.family).kernelLevels
        if input.holdsCodes && !signal.isFloat { window.steps = steps }
        let raw = builder.tensor(shape, .float, needsGradient: input.needsGradient)
        builder.add(WindowKernel(builder, layer: layer, .mean, input: input, output: raw, window: window))
        guard !signal.isFloat else { return raw }
        let output = builder.tensor(shape, signal, needsGradient: input.needsGradient)
        output.holdsCodes = true
        let settings = Epilogue.Settings(
            activation: .linear, signal: signal, clip: window.steps > 0 ? Double(steps) : 1,
            prefix: "\(name).",
            hasBatchNorm: false, biasName: nil, logClipName: nil)
        let epilogue = Epilogue(
            builder, layer: layer, channels: shape.channels, rows: builder.batch * output.rows, settings)
        builder.add(EpilogueKernel(builder, layer: layer, input: raw, output: output, epilogue: epilogue))
        return output
    }

    private func slide(_ window: Window, _ input: Tensor, _ output: Shape) throws(EngineError) -> ck_window {
        guard case .map(let channels, let height, let width) = input.shape,
            case .map(_, let outHeight, let outWidth) = output
        else { throw .unfinished(layer: name, reason: "it reads no map") }
        guard window.height * window.width < 65535 else {
            throw .unsupported(layer: name, reason: "its window has more than 65534 places")
        }
        let padding = try padding(of: window, on: input)
        return ck_window(
            batch: Int64(builder.batch), channels: Int64(channels), in_height: Int64(height),
            in_width: Int64(width), out_height: Int64(outHeight), out_width: Int64(outWidth),
            kernel_height: Int64(window.height), kernel_width: Int64(window.width),
            stride: Int64(window.stride), top: Int64(padding.top), left: Int64(padding.left),
            pad: padValue(input), steps: 0)
    }

    func unpool(_ settings: Unpool2D, _ input: Tensor, shape: Shape) -> Tensor {
        let stepsOver = stepsOverZeros(settings, input)
        let output = builder.tensor(
            shape, input.signal, needsGradient: input.needsGradient && !stepsOver)
        if stepsOver {
            output.withoutZeros = input
            if !builder.keepsValues { return output }
        }
        output.holdsCodes = input.holdsCodes && settings.mode != .bilinear
        guard case .map(let channels, let height, let width) = input.shape else { return output }
        let window = ck_window(
            batch: Int64(builder.batch), channels: Int64(channels), in_height: Int64(height),
            in_width: Int64(width), out_height: Int64(height * settings.kernelHeight),
            out_width: Int64(width * settings.kernelWidth), kernel_height: Int64(settings.kernelHeight),
            kernel_width: Int64(settings.kernelWidth), stride: 1, top: 0, left: 0, pad: padValue(input),
            steps: 0)
        builder.add(
            WindowKernel(
                builder, layer: name, .unpool(settings.mode), input: input, output: output, window: window))
        return output
    }
}

extension LayerLowering {
    /// Whether nothing reads the layer's zeros but products that need not multiply by them: 3x3 windows of stride 1,
    /// padded by 1.
    private func stepsOverZeros(_ settings: Unpool2D, _ input: Tensor) -> Bool {
        guard node.kind == .unpool2D, settings.mode == .zero, padValue(input) == 0,
            (settings.kernelHeight, settings.kernelWidth) == (2, 2), !facts.isLast
        else { return false }
        return analysis.network.readers(of: name).allSatisfy { reader in
            guard case .conv2D(let product) = reader.layer else { return false }
            return (product.kernelHeight, product.kernelWidth) == (3, 3) && product.stride == 1
                && product.dilation == 1 && product.groups == 1 && product.padding != 0 && !product.focus
        }
    }
}

// Operators that combine.
extension LayerLowering {
    func route(_ inputs: [Tensor]) -> Tensor {
        let output = result(shapes[0], of: inputs, holdsCodes: inputs.allSatisfy(\.holdsCodes))
        builder.add(ColumnsKernel(builder, layer: name, narrow: inputs, wide: output, joins: true))
        return output
    }

    func shortcut(_ settings: Shortcut, _ inputs: [Tensor]) -> Tensor {
        let output = result(shapes[0], of: inputs, holdsCodes: !signal.isFloat)
        builder.add(
            CombineKernel(
                builder, layer: name, .add, first: inputs[0], second: inputs[1], output: output,
                activation: settings.activationFunction,
                clip: min(settings.quantizers.clip, Shortcut.largestClip)))
        return output
    }

    func multiplied(_ inputs: [Tensor]) -> Tensor {
        let output = result(shapes[0], of: inputs, holdsCodes: !signal.isFloat)
        let isGateFirst = inputs[0].shape != shapes[0]
        builder.add(
            CombineKernel(
                builder, layer: name, .multiply, first: inputs[isGateFirst ? 1 : 0],
                second: inputs[isGateFirst ? 0 : 1], output: output, activation: .none, clip: 1))
        return output
    }

    func maximum(_ inputs: [Tensor]) -> Tensor {
        let output = result(shapes[0], of: inputs, holdsCodes: inputs.allSatisfy(\.holdsCodes))
        builder.add(
            MaxKernel(builder, layer: name, first: inputs[0], second: inputs[1], output: output))
        return output
    }
}

// Operators that only move values.
extension LayerLowering {
    func flattened(_ input: Tensor) -> Tensor {
        var values = input
        // The list counts in the order of files: channels first.
        if case .map(let channels, let height, let width) = input.shape, height * width > 1, channels > 1 {
            values = moved(
                input, to: .vector(input.shape.elements),
                .transpose(rows: height * width, columns: channels))
        }
        if case .map(let channels, let height, let width) = shapes[0], height * width > 1, channels > 1 {
            return moved(values, to: shapes[0], .transpose(rows: channels, columns: height * width))
        }
        let result = builder.alias(values, shape: shapes[0], signal: input.signal)
        result.holdsCodes = input.holdsCodes
        return result
    }

    private func moved(_ input: Tensor, to shape: Shape, _ operation: MoveKernel.Operation) -> Tensor {
        let output = builder.tensor(shape, input.signal, needsGradient: input.needsGradient)
        output.holdsCodes = input.holdsCodes
        builder.add(MoveKernel(builder, layer: name, operation, input: input, output: output))
        return output
    }

    func split(_ input: Tensor) -> [Tensor] {
        let parts = shapes.map { shape in
            let part = builder.tensor(shape, input.signal, needsGradient: input.needsGradient)
            part.holdsCodes = input.holdsCodes
            return part
        }
        builder.add(ColumnsKernel(builder, layer: name, narrow: parts, wide: input, joins: false))
        return parts
    }

    func shuffled(_ settings: PixelShuffle, _ input: Tensor) -> Tensor {
        guard case .map(let channels, let height, let width) = shapes[0] else { return input }
        let space = ck_space(
            batch: Int64(builder.batch), height: Int64(height), width: Int64(width),
            channels: Int64(channels),
            factor: Int64(settings.factor), is_focus: 0)
        return moved(input, to: shapes[0], .space(space, toDepth: false))
    }

    /// Space to depth in front of the first convolution.
    func focused(_ input: Tensor) -> Tensor {
        guard case .map(let channels, let height, let width) = input.shape else { return input }
        let space = ck_space(
            batch: Int64(builder.batch), height: Int64(height), width: Int64(width),
            channels: Int64(channels),
            factor: 2, is_focus: 1)
        return moved(
            input, to: .map(channels: 4 * channels, height: height / 2, width: width / 2),
            .space(space, toDepth: true))
    }
}

// Sequences.
extension LayerLowering {
    func recurrent(_ settings: LSTM, _ input: Tensor) throws(EngineError) -> [Tensor] {
        var sequence = input
        if case .map(let channels, _, let width) = input.shape {
            sequence = builder.alias(
                input, shape: .sequence(length: width, features: channels), signal: input.signal)
        }
        let outputs = shapes.map { result($0, of: [input], holdsCodes: false) }
        let states = settings.returnsStates ? (hidden: outputs[1], cell: outputs[2]) : nil
        for direction in 0..<settings.directions {
            let prefix = "\(name).\(direction == 0 ? "forward" : "backward")."
            guard let weight = builder.parameter(prefix + "weight") else {
                throw .parameters("the weights of '\(name)' are missing")
            }
            builder.add(
                LSTMKernel(
                    builder, layer: name, input: sequence, output: outputs[0], states: states,
                    column: direction * settings.hiddenSize, isReversed: direction == 1, weight: weight,
                    bias: builder.parameter(prefix + "bias"),
                    quantizer: weightQuantizer(isPerTensor: true)))
        }
        return outputs
    }

    func embedded(_ settings: Embedding, _ inputs: [Tensor]) throws(EngineError) -> Tensor {
        guard let weight = builder.parameter("\(name).weight") else {
            throw .parameters("the table of '\(name)' is missing")
        }
        let output = result(shapes[0], of: inputs, holdsCodes: !signal.isFloat)
        builder.add(
            EmbeddingKernel(
                builder, layer: name, inputs: inputs, output: output, weight: weight,
                padding: settings.paddingIndex))
        return output
    }
}
