import Graph

// Functions of one number: the activation of the layer before, or of a batch norm that changes nothing else.
extension ImportBuilder {
    /// Applies an activation; `slopes` are PReLU's, one a channel.
    func activate(_ value: Value, _ function: Activation, slopes: [Float]? = nil) throws(Refusal) -> Value {
        if value.pending != nil {
            guard let slopes else {
                return try pointwise(value) { (base) throws(Refusal) in try activate(base, function) }
            }
            return try perChannel(value) { (plain, placed) throws(Refusal) in
                try activate(plain, function, slopes: placed(slopes))
            }
        }
        var value = value
        if openDraft(value).map({ !takes(function, $0.layer) }) ?? true {
            let channels = value.shape.channels
            let norm = ImportBuilder.plainNorm
            let dims = value.dims
            value = try add(
                .batchNorm(norm), reading: value,
                parameters: [
                    "gamma": ONNXTensor(filled: 1, dims: [channels]),
                    "beta": ONNXTensor(filled: 0, dims: [channels]),
                    "runningMean": ONNXTensor(filled: 0, dims: [channels]),
                    "runningVariance": ONNXTensor(filled: 1 - BatchNorm.epsilon, dims: [channels]),
                ], dims: dims)
        }
        guard let draft = openDraft(value) else { return value }
        guard var settings = draft.layer.settings as? any Activated else {
            preconditionFailure("the layer takes an activation")
        }
        settings.activationFunction = function
        draft.layer = settings.layer
        if let slopes { draft.set("slope", slopes) }
        draft.isClosed = true
        value.isNonNegative = false
        value.isWhole = false
        value.codes = nil
        value.isNonNegative = function.least == 0
        value.least = function.least.flatMap { $0 < 0 ? $0 : nil }
        return value
    }

    /// A batch norm that changes nothing; its clip is what is set and not learned.
    static var plainNorm: BatchNorm {
        var norm = BatchNorm()
        norm.activationFunction = .linear
        norm.quantizers.autoThreshold = false
        return norm
    }

    /// Runs a function of single numbers on the value, whatever its axes and the order of its channels.
    func pointwise(
        _ value: Value, _ body: (Value) throws(Refusal) -> Value
    ) throws(Refusal) -> Value {
        guard case .view(let view)? = value.pending, planes(of: value) == nil else {
            return try inOrder(value) { (plain, _) throws(Refusal) in try body(plain) }
        }
        guard let viewed = try body(value.stripped(batch: batch)).under(view, like: value) else {
            throw Refusal(Value.Pending.view(view).reason)
        }
        return viewed
    }

    /// Whether a layer can have an activation; one of a sum has no slopes to learn.
    private func takes(_ function: Activation, _ layer: Layer) -> Bool {
        guard layer.settings is any Activated, layer.kind != .convTranspose2D else { return false }
        return layer.kind != .shortcut || function != .prelu
    }

    /// The number held between two bounds, either of which may be missing.
    func clip(_ value: Value, _ low: Float?, _ high: Float?) throws(Refusal) -> Value {
        switch (low, high) {
        case (nil, nil): return value
        case (0, nil): return try activate(value, .relu)
        case (0, 6): return try activate(value, .relu6)
        case (let low?, nil):
            var result = try affine(
                try activate(try affine(value, scale: 1, shift: -low), .relu), scale: 1, shift: low)
            result.isNonNegative = low >= 0
            result.least = low < 0 ? low : nil
            return result
        case (nil, let high?):
            return try affine(
                try activate(try affine(value, scale: -1, shift: high), .relu), scale: -1, shift: high)
        case (let low?, let high?):
            guard high > low else { throw Refusal("its bounds \(low) and \(high) leave no range") }
            let step = 6 / (high - low)
            let clipped = try activate(try affine(value, scale: step, shift: -low * step), .relu6)
            var result = try affine(clipped, scale: 1 / step, shift: low)
            result.isNonNegative = low >= 0
            result.least = low < 0 ? low : nil
            return result
        }
    }

    /// max(0, min(1, slope x + offset)).
    func hardSigmoid(_ value: Value, slope: Float, offset: Float) throws(Refusal) -> Value {
        let isOurs = abs(slope - 1 / 6) < 1e-6 && offset == 0.5
        let scaled = isOurs ? value : try affine(value, scale: 6 * slope, shift: 6 * offset - 3)
        return try activate(scaled, .hsigmoid)
    }
}

extension [Float] {
    /// The numbers so that number i is at place `order[i]`.
    func placed(_ order: [Int]) -> [Float] {
        var placed = self
        for (from, to) in order.enumerated() { placed[to] = self[from] }
        return placed
    }
}
