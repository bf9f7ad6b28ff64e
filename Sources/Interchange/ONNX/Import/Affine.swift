import Graph

// Multiplying and adding one number a channel: batch norm, and what files put in its place.
extension ImportBuilder {
    /// One number a channel times the value, plus another; in the layer before where that can take it.
    func affine(_ value: Value, scale: [Float], shift: [Float]) throws(Refusal) -> Value {
        let channels = value.channels
        if value.pending != nil {
            return try perChannel(value) { (plain, placed) throws(Refusal) in
                try affine(plain, scale: placed(scale), shift: placed(shift))
            }
        }
        precondition(scale.count == channels && shift.count == channels, "one number a channel")
        if let draft = openDraft(value), fold(scale, shift, into: draft) {
            var value = value
            value.isNonNegative = false
            value.least = nil
            value.isWhole = false
            value.codes = nil
            return value
        }
        if scale.allSatisfy({ $0 >= BatchNorm.leastGamma }) {
            return try add(
                .batchNorm(ImportBuilder.plainNorm), reading: value,
                parameters: [
                    "gamma": ONNXTensor(scale, dims: [channels]), "beta": ONNXTensor(shift, dims: [channels]),
                    "runningMean": ONNXTensor(filled: 0, dims: [channels]),
                    "runningVariance": ONNXTensor(filled: 1 - BatchNorm.epsilon, dims: [channels]),
                ], dims: value.dims)
        }
        // A gamma here is never negative; a product can be.
        let bias = ONNXTensor(shift, dims: [channels])
        if case .map = value.shape {
            var product = DepthwiseConv2D()
            product.kernelHeight = 1
            product.kernelWidth = 1
            product.activationFunction = .linear
            return try add(
                .depthwiseConv2D(product), reading: value,
                parameters: ["weight": ONNXTensor(scale, dims: [channels, 1, 1, 1]), "bias": bias],
                dims: value.dims)
        }
        guard channels <= 4096 else {
            throw Refusal("it scales \(channels) features, some by less than 0.01, which batch norm cannot")
        }
        try spend(channels * channels)
        var diagonal = [Float](repeating: 0, count: channels * channels)
        for channel in 0..<channels { diagonal[channel * (channels + 1)] = scale[channel] }
        var product = FullConnected()
        product.outChannels = channels
        product.activationFunction = .linear
        return try add(
            .fullConnected(product), reading: value,
            parameters: ["weight": ONNXTensor(diagonal, dims: [channels, channels]), "bias": bias],
            dims: value.dims)
    }

    /// The same number for all channels.
    func affine(_ value: Value, scale: Float, shift: Float) throws(Refusal) -> Value {
        try pointwise(value) { (base) throws(Refusal) in
            let channels = base.shape.channels
            return try affine(
                base, scale: [Float](repeating: scale, count: channels),
                shift: [Float](repeating: shift, count: channels))
        }
    }

    /// Whether the layer could take the factors up.
    func fold(_ scale: [Float], _ shift: [Float], into draft: ImportedLayer) -> Bool {
        let channels = scale.count
        func foldNorm() -> Bool {
            let gamma = zip(draft.numbers("gamma", count: channels, default: 1), scale).map(*)
            guard gamma.count == channels, gamma.allSatisfy({ $0 >= BatchNorm.leastGamma }) else {
                return false
            }
            let beta = draft.numbers("beta", count: channels, default: 0)
            draft.set("gamma", gamma)
            draft.set("beta", zip(zip(beta, scale), shift).map { $0.0 * $0.1 + $1 })
            return true
        }
        func foldProduct() {
            let bias = draft.numbers("bias", count: channels, default: 0)
            draft.set("bias", zip(zip(bias, scale), shift).map { $0.0 * $0.1 + $1 })
            scaleRows(of: draft, by: scale)
        }
        if draft.layer.kind == .batchNorm { return foldNorm() }
        guard var product = draft.layer.settings as? any Product, draft.layer.kind != .convTranspose2D
        else { return false }
        if product.batchNorm { return foldNorm() }
        foldProduct()
        product.bias = true
        draft.layer = product.layer
        return true
    }

    /// Multiplies each row of a layer's weight, one row a channel of the result.
    private func scaleRows(of draft: ImportedLayer, by scale: [Float]) {
        guard let weight = draft.parameters["weight"], scale.contains(where: { $0 != 1 }) else { return }
        if case .filled(let value) = weight.elements, let first = scale.first,
            scale.allSatisfy({ $0 == first })
        {
            draft.parameters["weight"] = ONNXTensor(filled: value * first, dims: weight.dims)
            return
        }
        var numbers = weight.floats
        let length = numbers.count / scale.count
        for row in scale.indices {
            for place in row * length..<(row + 1) * length { numbers[place] *= scale[row] }
        }
        draft.parameters["weight"] = ONNXTensor(numbers, dims: weight.dims)
    }

    /// Batch norm with its running statistics.
    func batchNorm(
        _ value: Value, gamma: [Float], beta: [Float], mean: [Float], variance: [Float], epsilon: Float
    ) throws(Refusal) -> Value {
        let channels = value.channels
        guard [gamma, beta, mean, variance].allSatisfy({ $0.count == channels }) else {
            throw Refusal("its statistics have another number of channels than what it reads")
        }
        if value.pending != nil {
            return try perChannel(value) { (plain, placed) throws(Refusal) in
                try batchNorm(
                    plain, gamma: placed(gamma), beta: placed(beta), mean: placed(mean),
                    variance: placed(variance), epsilon: epsilon)
            }
        }
        // Another epsilon, and a variance that it would make negative.
        var (gamma, mean, variance) = (gamma, mean, variance)
        for channel in 0..<channels {
            let own = variance[channel] + (epsilon - BatchNorm.epsilon)
            if own >= 0 {
                variance[channel] = own
            } else {
                gamma[channel] /= (variance[channel] + epsilon).squareRoot()
                variance[channel] = 1 - BatchNorm.epsilon
            }
        }
        if let draft = openDraft(value), takesNorm(draft) {
            if gamma.contains(where: { $0 < BatchNorm.leastGamma }) {
                let factors = gamma.map {
                    $0 < BatchNorm.leastGamma ? $0 / BatchNorm.leastGamma : 1
                }
                scaleRows(of: draft, by: factors)
                if let bias = draft.parameters["bias"] { draft.set("bias", zip(bias.floats, factors).map(*)) }
                mean = zip(mean, factors).map(*)
                gamma = gamma.map { max($0, BatchNorm.leastGamma) }
            }
            draft.set("gamma", gamma)
            draft.set("beta", beta)
            draft.set("runningMean", mean)
            draft.set("runningVariance", variance)
            return value
        }
        guard gamma.allSatisfy({ $0 >= BatchNorm.leastGamma }) else {
            let scale = zip(gamma, variance).map { $0 / ($1 + BatchNorm.epsilon).squareRoot() }
            return try affine(
                value, scale: scale, shift: zip(beta, zip(mean, scale)).map { $0 - $1.0 * $1.1 })
        }
        return try add(
            .batchNorm(ImportBuilder.plainNorm), reading: value,
            parameters: [
                "gamma": ONNXTensor(gamma, dims: [channels]), "beta": ONNXTensor(beta, dims: [channels]),
                "runningMean": ONNXTensor(mean, dims: [channels]),
                "runningVariance": ONNXTensor(variance, dims: [channels]),
            ], dims: value.dims)
    }

    /// Turns the layer's batch norm on, where it has one that is off.
    private func takesNorm(_ draft: ImportedLayer) -> Bool {
        guard var product = draft.layer.settings as? any Product, !product.batchNorm,
            draft.layer.kind != .convTranspose2D
        else { return false }
        product.batchNorm = true
        draft.layer = product.layer
        return true
    }
}
