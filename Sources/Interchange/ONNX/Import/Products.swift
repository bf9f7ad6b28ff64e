import Graph

// Convolutions of a file as ours, whose padding is none or SAME and whose step is the same in both directions.
extension ImportBuilder {
    /// The weight of a convolution with what it adds.
    struct Kernel {
        /// Axes out, in / groups, height, width.
        var weight: ONNXTensor
        /// One number a channel of the result.
        var bias: ONNXTensor?
        var groups = 1
        /// Whether the layer moves space to depth first.
        var isFocused = false
    }

    /// A convolution along `down` and `across`, which may pad, stride and dilate as they like.
    func convolve(
        _ value: Value, _ kernel: Kernel, _ down: WindowAxis, _ across: WindowAxis, name: String? = nil
    ) throws(Refusal) -> Value {
        if let arranged = try convolveArranged(value, kernel, down, across, name: name) { return arranged }
        if value.dims.count == 3, value.pending == nil, down.isPoint, across.isPoint,
            case .map(value.dims[1], let height, let width) = value.shape, height > 1
        {
            // Places in a row are those of a map all the same.
            return try convolve(
                value.named([value.dims[0], value.dims[1], height, width]), kernel,
                WindowAxis(size: height, kernel: 1), WindowAxis(size: width, kernel: 1), name: name)
        }
        let value = try map(value)
        let channels = value.shape.channels * (kernel.isFocused ? 4 : 1)
        let weight = kernel.weight
        guard weight.dims.count == 4, channels == weight.dims[1] * kernel.groups, kernel.groups > 0 else {
            throw Refusal("its weight \(weight.dims) does not fit \(channels) channels")
        }
        if !kernel.isFocused, let even = try evened(value, down, across, .product) {
            return try convolve(even.value, kernel, even.down, even.across, name: name)
        }
        let stride = try stride(down, across)
        if let dilated = try dilated(value, kernel, down, across, stride: stride, name: name) {
            return dilated
        }
        for padding in WindowAxis.Padding.allCases {
            guard let rows = down.window(padding, mayGrow: true),
                let columns = across.window(padding, mayGrow: true)
            else { continue }
            if rows.kernel > down.span || columns.kernel > across.span {
                note(
                    "\(down.span)x\(across.span) became \(rows.kernel)x\(columns.kernel) with zeros at the border: the chips pad SAME or nothing. Padded SAME and trained again, it stays \(down.span)x\(across.span)"
                )
            }
            if rows.kernel != weight.dims[2] || columns.kernel != weight.dims[3] {
                try spend(weight.dims[0] * weight.dims[1] * rows.kernel * columns.kernel)
            }
            let wide = weight.placed(
                down, across, in: (rows.kernel, columns.kernel), at: (rows.offset, columns.offset))
            return try product(
                value,
                Kernel(
                    weight: wide, bias: kernel.bias, groups: kernel.groups, isFocused: kernel.isFocused),
                stride: stride,
                padding: padding == .same ? 1 : 0, name: name)
        }
        guard down.span <= WindowAxis.largest, across.span <= WindowAxis.largest else {
            throw Refusal(
                "its window of \(down.span)x\(across.span) places is larger than the largest, \(WindowAxis.largest)x\(WindowAxis.largest)"
            )
        }
        // A frame of zeros by a layer of its own, and what is too much of it cropped by the window.
        let frame = max(down.pads.before, down.pads.after, across.pads.before, across.pads.after)
        guard frame > 0, frame <= 64, !kernel.isFocused else {
            throw Refusal("its padding cannot be expressed")
        }
        let framed = try framed(value, by: frame)
        var tall = down
        var wide = across
        tall.size = down.size + 2 * frame
        wide.size = across.size + 2 * frame
        tall.pads = (down.pads.before - frame, down.pads.after - frame)
        wide.pads = (across.pads.before - frame, across.pads.after - frame)
        guard tall.window(.none, mayGrow: true) != nil, wide.window(.none, mayGrow: true) != nil else {
            throw Refusal("its window and padding need a kernel of more than \(WindowAxis.largest)")
        }
        return try convolve(framed, kernel, tall, wide, name: name)
    }

    /// The map in a frame of zeros: a 1x1 convolution that changes nothing, dilated, because only dilated ones pad by a
    /// number. Groups of few channels are none of the chips'. A map without negative numbers stays unsigned by a ReLU.
    func framed(_ value: Value, by frame: Int) throws(Refusal) -> Value {
        let channels = value.shape.channels
        guard channels <= 4096 else { throw Refusal("it pads \(channels) channels by a layer of its own") }
        try spend(channels * channels)
        var identity = [Float](repeating: 0, count: channels * channels)
        for channel in 0..<channels { identity[channel * (channels + 1)] = 1 }
        var conv = Conv2D()
        conv.outChannels = channels
        conv.kernelHeight = 1
        conv.kernelWidth = 1
        conv.dilation = 2
        conv.padding = frame
        conv.bias = false
        conv.activationFunction = value.isNonNegative ? .relu : .linear
        var framed = try add(
            .conv2D(conv), reading: value,
            parameters: ["weight": ONNXTensor(identity, dims: [channels, channels, 1, 1])],
            name: "\(nodeName)_pad")
        note(
            "padding \(frame) on each side became a layer of its own, '\(framed.source.name)', as the chips pad SAME or nothing. Padded SAME and trained again, it needs none"
        )
        framed.takeBounds(of: [value])
        if let least = framed.least { framed.least = min(least, 0) }
        framed.isShared = true
        return framed
    }

    /// A convolution that dilates as ours does: the same in both directions, padded by one number or not at all.
    private func dilated(
        _ value: Value, _ kernel: Kernel, _ down: WindowAxis, _ across: WindowAxis, stride: Int,
        name: String?
    ) throws(Refusal) -> Value? {
        let axes = [down, across].filter { $0.kernel > 1 }
        guard let dilation = axes.first?.dilation, dilation > 1, dilation <= 64,
            axes.allSatisfy({ $0.dilation == dilation })
        else { return nil }
        let pads = [down.pads.before, down.pads.after, across.pads.before, across.pads.after]
        guard pads.allSatisfy({ $0 == pads[0] }), (0...64).contains(pads[0]),
            down.kernel <= 64, across.kernel <= 64
        else { return nil }
        var conv = Conv2D()
        conv.dilation = dilation
        conv.padding = pads[0]
        return try product(value, kernel, settings: conv, stride: stride, name: name)
    }

    /// The layer itself; one for each channel becomes a DepthwiseConv2D.
    private func product(
        _ value: Value, _ kernel: Kernel, settings: Conv2D = Conv2D(), stride: Int, padding: Int? = nil,
        name: String?
    ) throws(Refusal) -> Value {
        let weight = kernel.weight
        let channels = value.shape.channels
        var parameters = ["weight": weight]
        parameters["bias"] = kernel.bias
        let padding = padding ?? settings.padding
        if kernel.groups == channels, weight.dims[0] == channels, channels > 1, settings.dilation == 1,
            !kernel.isFocused
        {
            var conv = DepthwiseConv2D()
            conv.kernelHeight = weight.dims[2]
            conv.kernelWidth = weight.dims[3]
            conv.stride = stride
            conv.padding = padding
            conv.bias = kernel.bias != nil
            conv.activationFunction = .linear
            return try add(.depthwiseConv2D(conv), reading: value, parameters: parameters, name: name)
        }
        var conv = settings
        conv.outChannels = weight.dims[0]
        conv.focus = kernel.isFocused
        conv.kernelHeight = weight.dims[2]
        conv.kernelWidth = weight.dims[3]
        conv.stride = stride
        conv.padding = padding
        conv.groups = kernel.groups
        conv.bias = kernel.bias != nil
        conv.activationFunction = .linear
        return try add(.conv2D(conv), reading: value, parameters: parameters, name: name)
    }

    /// The one step of both directions; an axis with one place in the result takes any.
    func stride(_ down: WindowAxis, _ across: WindowAxis) throws(Refusal) -> Int {
        let strides = Set([down, across].filter { $0.steps > 1 }.map(\.stride))
        guard strides.count <= 1 else {
            throw Refusal(
                "its strides \(down.stride) and \(across.stride) differ; the chips have one for both")
        }
        let stride = strides.first ?? max(down.stride, across.stride)
        guard stride <= 64 else { throw Refusal("its stride \(stride) is more than 64") }
        return stride
    }
}

extension ONNXTensor {
    /// A kernel whose taps are spread by their dilation and set into a larger one of zeros.
    fileprivate func placed(
        _ down: WindowAxis, _ across: WindowAxis, in size: (Int, Int), at offset: (Int, Int)
    ) -> ONNXTensor {
        if size == (dims[2], dims[3]) { return self }
        let old = floats
        let height = dims[2]
        let width = dims[3]
        let planes = dims[0] * dims[1]
        var new = [Float](repeating: 0, count: planes * size.0 * size.1)
        for plane in 0..<planes {
            for row in 0..<height {
                let target = (plane * size.0 + offset.0 + row * down.dilation) * size.1 + offset.1
                for column in 0..<width {
                    new[target + column * across.dilation] = old[(plane * height + row) * width + column]
                }
            }
        }
        return ONNXTensor(new, dims: [dims[0], dims[1], size.0, size.1])
    }
}
