import Graph

// Convolutions, matrix products, tables and batch norm.
extension Translator {
    func convolution() throws(Refusal) -> Value {
        let value = try value(0)
        let weight = try constant(1)
        let bias = try optionalConstant(2)
        guard weight.dims.count == value.dims.count, (3...4).contains(value.dims.count) else {
            throw Refusal(
                "it slides over \(value.dims.count - 2) axes; the chips' windows slide over one or two")
        }
        let sizes = Array(value.dims.dropFirst(2))
        let taps = Array(weight.dims.dropFirst(2))
        let axes = try WindowAxis.axes(of: node, over: sizes, kernel: taps)
        let flat = weight.dims.count == 3
        let wide = flat ? weight.reshaped([weight.dims[0], weight.dims[1], 1, weight.dims[2]]) : weight
        let down = flat ? WindowAxis(size: 1, kernel: 1) : axes[0]
        let across = axes[axes.count - 1]
        var kernel = ImportBuilder.Kernel(
            weight: wide, bias: bias, groups: node.integer("group", default: 1))
        var source = value
        if case .focused? = value.pending {
            // The layer reads the map as it was.
            kernel.isFocused = true
            source.pending = nil
            source.dims = [value.dims[0]] + value.shape.dimensions
        }
        var result = try builder.convolve(source, kernel, down, across)
        result.dims = [value.dims[0], weight.dims[0]] + axes.map(\.steps)
        return result
    }

    /// A transposed convolution: zeros between the places, then a convolution with the kernel turned round.
    func transposedConvolution() throws(Refusal) -> Value {
        let value = try value(0)
        let weight = try constant(1)
        let groups = node.integer("group", default: 1)
        guard weight.dims.count == 4, value.dims.count == 4 else {
            throw Refusal("it slides over \(value.dims.count - 2) axes; the chips upsample feature maps")
        }
        guard groups > 0, weight.dims[0].isMultiple(of: groups), weight.dims[0] == value.dims[1] else {
            throw Refusal("its weight \(weight.dims) does not fit \(value.dims[1]) channels")
        }
        let sizes = Array(value.dims.dropFirst(2))
        let strides = node.integers("strides") ?? [1, 1]
        let dilations = node.integers("dilations") ?? [1, 1]
        let extra = node.integers("output_padding") ?? [0, 0]
        var pads = node.integers("pads") ?? [0, 0, 0, 0]
        guard node.text("auto_pad", default: "NOTSET") == "NOTSET", strides.count == 2,
            dilations.count == 2, extra.count == 2, pads.count == 4, strides.allSatisfy({ $0 > 0 })
        else { throw Refusal("its padding is automatic, or for another number of axes") }
        if let shape = node.integers("output_shape"), shape.count >= 2 {
            for axis in 0..<2 {
                let span = dilations[axis] * (weight.dims[2 + axis] - 1) + 1
                let total =
                    strides[axis] * (sizes[axis] - 1) + extra[axis] + span - shape[shape.count - 2 + axis]
                guard total >= 0 else { throw Refusal("its output_shape is larger than what it computes") }
                (pads[axis], pads[axis + 2]) = (total / 2, total - total / 2)
            }
        }
        guard strides[0] <= 64, strides[1] <= 64 else { throw Refusal("its stride is more than 64") }
        let axes = (0..<2).map { axis in
            let span = dilations[axis] * (weight.dims[2 + axis] - 1) + 1
            return WindowAxis(
                size: sizes[axis] * strides[axis], kernel: weight.dims[2 + axis],
                dilation: dilations[axis],
                pads: (
                    span - 1 - pads[axis], span - 1 - pads[axis + 2] + extra[axis] - (strides[axis] - 1)
                ))
        }
        guard axes.allSatisfy(\.isPossible) else { throw Refusal("its padding leaves nothing") }
        try builder.spend(weight.count)
        var wide = try builder.map(value)
        if strides != [1, 1] {
            var unpool = Unpool2D()
            (unpool.kernelHeight, unpool.kernelWidth, unpool.mode) = (strides[0], strides[1], .zero)
            wide = try builder.add(.unpool2D(unpool), reading: wide, name: "\(builder.nodeName)_unpool")
        }
        var result = try builder.convolve(
            wide,
            ImportBuilder.Kernel(
                weight: weight.turned(groups: groups), bias: try optionalConstant(2), groups: groups),
            axes[0], axes[1])
        result.dims = [value.dims[0], weight.dims[1] * groups] + axes.map(\.steps)
        return result
    }

    func gemm() throws(Refusal) -> Value {
        let value = try value(0)
        let weight = try constant(1)
        guard node.integer("transA", default: 0) == 0 else {
            throw Refusal("it exchanges the batch with the features")
        }
        guard weight.dims.count == 2, value.dims.count == 2 else { throw Refusal("it takes no matrix") }
        let isTurned = node.integer("transB", default: 0) != 0
        let matrix = isTurned ? weight : try builder.exchanged(weight)
        let result = try dense(value, matrix)
        let alpha = node.number("alpha", default: 1)
        let scaled = alpha == 1 ? result : try builder.affine(result, scale: alpha, shift: 0)
        guard let addend = try optionalConstant(2) else { return scaled }
        let beta = node.number("beta", default: 1)
        return try added(scaled, addend, factor: beta)
    }

    func matrixProduct() throws(Refusal) -> Value {
        if case .constant? = known(0) {
            throw Refusal("its first factor is a weight; the chips have the weight as the second")
        }
        let value = try value(0)
        let weight = try constant(1)
        guard weight.dims.count == 2, (2...3).contains(value.dims.count) else {
            throw Refusal("it takes no matrix of weights, or data of \(value.dims.count) axes")
        }
        return try dense(value, try builder.exchanged(weight))
    }

    /// A matrix product; the weight has axes out, in.
    private func dense(_ value: Value, _ weight: ONNXTensor) throws(Refusal) -> Value {
        guard value.dims.last == weight.dims[1] else {
            throw Refusal("its weight has \(weight.dims[1]) rows for \(value.dims.last ?? 0) features")
        }
        let formed = try builder.form(value, as: value.naturalShape)
        var product = FullConnected()
        (product.outChannels, product.bias, product.activationFunction) = (weight.dims[0], false, .linear)
        return try builder.add(
            .fullConnected(product), reading: formed, parameters: ["weight": weight],
            dims: value.dims.dropLast() + [weight.dims[0]])
    }

    func gather() throws(Refusal) -> Value {
        if case .value(let data)? = known(0) {
            let axis = try axis(node.integer("axis", default: 0), of: data.dims)
            let indices = try constant(1)
            guard indices.count == 1, let index = indices.sizes.first else {
                throw Refusal("it picks several places of data; the chips' table is a weight")
            }
            let place = index < 0 ? index + data.dims[axis] : index
            var part = try part(of: data, axis: axis, place..<place + 1)
            part.dims.remove(at: axis)
            if indices.dims.count == 1 { part.dims.insert(1, at: axis) }
            return part
        }
        let table = try constant(0)
        let indices = try value(1)
        guard table.dims.count == 2, node.integer("axis", default: 0) == 0 else {
            throw Refusal("its table has \(table.dims.count) axes or another axis than the first is picked")
        }
        guard indices.dims.count == 2 else {
            throw Refusal("its indices have \(indices.dims.count - 1) axes; the chips take a vector")
        }
        var embedding = Embedding()
        (embedding.vocabularySize, embedding.embeddingSize) = (table.dims[0], table.dims[1])
        return try builder.add(
            .embedding(embedding), reading: try builder.form(indices, as: indices.naturalShape),
            parameters: ["weight": table])
    }

    func batchNormalization() throws(Refusal) -> Value {
        let value = try value(0)
        guard node.integer("training_mode", default: 0) == 0,
            node.output.filter({ !$0.isEmpty }).count == 1
                || opset < 14
        else { throw Refusal("it is exported in training; export it with model.eval()") }
        let formed = try channelForm(value, axis: 1)
        var result = try builder.batchNorm(
            formed, gamma: try constant(1).floats, beta: try constant(2).floats,
            mean: try constant(3).floats, variance: try constant(4).floats,
            epsilon: node.number("epsilon", default: 1e-5))
        result.dims = value.dims
        return result
    }
}

extension ONNXTensor {
    /// The kernel of a transposed convolution, axes in, out / groups, height, width, as that of the convolution that does
    /// the same behind zeros between the places: turned round, axes out, in / groups, height, width.
    fileprivate func turned(groups: Int) -> ONNXTensor {
        let (inputs, outputs, height, width) = (dims[0] / groups, dims[1], dims[2], dims[3])
        let old = floats
        var new: [Float] = []
        new.reserveCapacity(old.count)
        for group in 0..<groups {
            for output in 0..<outputs {
                for input in 0..<inputs {
                    let plane = ((group * inputs + input) * outputs + output) * height * width
                    new += old[plane..<plane + height * width].reversed()
                }
            }
        }
        return ONNXTensor(new, dims: [outputs * groups, inputs, height, width])
    }
}
