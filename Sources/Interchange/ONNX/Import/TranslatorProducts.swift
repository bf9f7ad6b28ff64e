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
        let kernel = ImportBuilder.Kernel(
            weight: wide, bias: bias, groups: node.integer("group", default: 1))
        var result = try builder.convolve(value, kernel, down, across)
        result.dims = [value.dims[0], weight.dims[0]] + axes.map(\.steps)
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
        if case .constant(let weight)? = known(0) {
            let value = try value(1)
            guard weight.dims.count == 2, value.dims.count == 3, weight.dims[1] == value.dims[1] else {
                throw Refusal("its first factor is a weight; the chips have the weight as the second")
            }
            // The rows of each sample are channels.
            var result = try builder.convolve(
                value, ImportBuilder.Kernel(weight: weight.reshaped(weight.dims + [1, 1])),
                WindowAxis(size: 1, kernel: 1), WindowAxis(size: value.dims[2], kernel: 1))
            result.dims = [value.dims[0], weight.dims[0], value.dims[2]]
            return result
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
        if case .map(let channels, 1, 1) = value.shape, value.dims.count == 2, value.pending == nil,
            node.output.first.map({ builder.functions.gates.contains($0) }) ?? false
        {
            // A gate of a map stays a map.
            return try builder.convolve(
                value, ImportBuilder.Kernel(weight: weight.reshaped([weight.dims[0], channels, 1, 1])),
                WindowAxis(size: 1, kernel: 1), WindowAxis(size: 1, kernel: 1)
            ).named([value.dims[0], weight.dims[0]])
        }
        let formed = try builder.form(value, as: value.naturalShape)
        var product = FullConnected()
        product.outChannels = weight.dims[0]
        product.bias = false
        product.activationFunction = .linear
        return try builder.add(
            .fullConnected(product), reading: formed, parameters: ["weight": weight],
            dims: value.dims.dropLast() + [weight.dims[0]])
    }

    func gather() throws(Refusal) -> Value {
        if case .value(let data)? = known(0) {
            let axis = try axis(node.integer("axis", default: 0), of: data.dims)
            let indices = try constant(1)
            let places = indices.sizes.map { $0 < 0 ? $0 + data.dims[axis] : $0 }
            guard places.allSatisfy({ (0..<data.dims[axis]).contains($0) }), let place = places.first else {
                throw Refusal("it picks places that are not there")
            }
            guard places.count == 1 else {
                guard axis == 1, indices.dims.count == 1, places.count <= Planes.countLimit else {
                    throw Refusal("it picks several places of data; the chips pick channels alone")
                }
                return try picked(data, places)
            }
            let part = try part(of: data, axis: axis, place..<place + 1)
            if indices.dims.count == 1 { return part }
            let (base, view) = try viewed(part)
            return try result(base, view.dropping(axis))
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
        embedding.vocabularySize = table.dims[0]
        embedding.embeddingSize = table.dims[1]
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
