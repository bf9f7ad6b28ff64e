import Graph

// Results that are some times what they are in the file, until a layer with weights reads them.
extension ImportBuilder {
    /// An activation of `factor` times the value, which gives `factor` times what it is to give: the layers behind it take
    /// the factor up when all operators have been read.
    func activate(_ value: Value, _ function: Activation, enlarged factor: Float) throws(Refusal) -> Value {
        try pointwise(value) { (base) throws(Refusal) in
            let result = try activate(try affine(base, scale: factor, shift: 0), function)
            enlarged[result.source.name] = factor
            return result
        }
    }

    /// Whether a factor costs no layer: the one in front takes it up, or the activation needs a layer of its own.
    func takesFactor(_ value: Value) -> Bool {
        guard let draft = openDraft(value) else { return true }
        return draft.layer.settings is any Product || draft.layer.kind == .batchNorm
    }

    /// Divides what reads enlarged results by their factors: in its weights where it has some, else behind it, and by a
    /// batch norm where results of different factors meet.
    func settleFactors() throws(Refusal) {
        guard !enlarged.isEmpty else { return }
        dropMetFactors()
        let old = drafts
        replaceDrafts([])
        for draft in old {
            try settle(draft)
            append(draft)
            if let factor = enlarged[draft.name] {
                let source = Source(draft.name)
                factors[source] = [Float](repeating: factor, count: shapes[source]?.channels ?? 0)
            }
        }
        enlarged = [:]
    }

    /// Takes the factor back from activations whose results meet others that have none: a layer of its own that divides costs
    /// more when it is quantized than the factor brings.
    private func dropMetFactors() {
        while true {
            var origins: [Source: Set<String>] = [:]
            var met: Set<String> = []
            for draft in drafts {
                let read = draft.inputs.map { factors[$0] }
                if read.contains(where: { $0 != nil }) {
                    let own = draft.inputs.reduce(into: Set<String>()) { $0.formUnion(origins[$1] ?? []) }
                    if let results = passed(draft, read) {
                        for (output, factor) in results.enumerated() {
                            factors[Source(draft.name, output: output)] = factor
                            origins[Source(draft.name, output: output)] = own
                        }
                    } else if !isDivisible(draft) {
                        met.formUnion(own)
                    }
                }
                if let factor = enlarged[draft.name] {
                    let source = Source(draft.name)
                    factors[source] = [Float](repeating: factor, count: shapes[source]?.channels ?? 0)
                    origins[source] = [draft.name]
                }
            }
            factors = [:]
            let before = enlarged.count
            for draft in drafts where met.contains(draft.name) {
                guard let factor = enlarged[draft.name] else { continue }
                let channels = shapes[Source(draft.name)]?.channels ?? 0
                let scale = [Float](repeating: 1 / factor, count: channels)
                guard fold(scale, [Float](repeating: 0, count: channels), into: draft) else { continue }
                enlarged[draft.name] = nil
                notes.append(
                    ONNXReport.Note(
                        node: draft.name, operator: draft.layer.kind.rawValue,
                        text:
                            "its result is added to others, so it is Hswish of x itself, which differs from SiLU by at most 0.15 and from GELU by at most 0.3",
                        kind: .accuracy))
            }
            if enlarged.count == before { return }
        }
    }

    /// Whether a layer can take the factor of what it reads up in its weights.
    private func isDivisible(_ draft: ImportedLayer) -> Bool {
        switch draft.layer {
        case .batchNorm, .depthwiseConv2D, .fullConnected: true
        case .conv2D(let conv): !conv.focus
        case .convTranspose2D, .preprocess, .flatten, .route, .shortcut, .maxpool2D, .avgpool2D,
            .adaptiveAvgpool2D,
            .unpool2D, .seBlock, .mul, .channelSplit, .pixelShuffle, .lstm, .embedding, .max:
            false
        }
    }

    /// The result as it is in the file: itself, or a batch norm behind it.
    func settled(_ source: Source) throws(Refusal) -> Source {
        guard let factor = factors[source], let shape = shapes[source] else { return source }
        if let known = settledFactors[source] { return known }
        let value = Value(source: source, shape: shape, dims: [batch] + shape.dimensions)
        let result = try add(
            .batchNorm(ImportBuilder.plainNorm), reading: value,
            parameters: [
                "gamma": ONNXTensor(factor.map { 1 / $0 }, dims: [factor.count]),
                "beta": ONNXTensor(filled: 0, dims: [factor.count]),
                "runningMean": ONNXTensor(filled: 0, dims: [factor.count]),
                "runningVariance": ONNXTensor(filled: 1 - BatchNorm.epsilon, dims: [factor.count]),
            ], name: "\(source.name)_scale")
        settledFactors[source] = result.source
        return result.source
    }

    /// Lets a layer read enlarged results.
    private func settle(_ draft: ImportedLayer) throws(Refusal) {
        let read = draft.inputs.map { factors[$0] }
        guard read.contains(where: { $0 != nil }) else { return }
        if let results = passed(draft, read) {
            for (output, factor) in results.enumerated() {
                let isOne = factor.allSatisfy { $0 == 1 }
                factors[Source(draft.name, output: output)] = isOne ? nil : factor
            }
            return
        }
        if draft.inputs.count == 1, let factor = read[0], try divided(draft, by: factor) { return }
        draft.inputs = try draft.inputs.map { (source) throws(Refusal) in try settled(source) }
    }

    /// The factors of a layer's results, where they follow from those that it reads; nil where it does not pass them on.
    private func passed(_ draft: ImportedLayer, _ read: [[Float]?]) -> [[Float]]? {
        let factors = zip(draft.inputs, read).map { source, factor in
            factor ?? [Float](repeating: 1, count: shapes[source]?.channels ?? 0)
        }
        let first = factors[0]
        let channels = shapes[Source(draft.name)]?.channels ?? 0
        switch draft.layer {
        case .route: return [factors.flatMap(\.self)]
        case .maxpool2D, .avgpool2D, .adaptiveAvgpool2D, .unpool2D: return [first]
        case .channelSplit(let split):
            var begin = 0
            return split.split.map { count in
                begin += count
                return Array(first[begin - count..<begin])
            }
        case .flatten, .pixelShuffle:
            guard let factor = first.first, first.allSatisfy({ $0 == factor }) else { return nil }
            return [[Float](repeating: factor, count: channels)]
        case .shortcut, .max:
            let isProportional = draft.layer.settings.activation?.isProportional ?? true
            return isProportional && factors.allSatisfy { $0 == first } ? [first] : nil
        case .mul:
            guard factors.allSatisfy({ $0.count == first.count }) else { return nil }
            return [zip(first, factors[1]).map(*)]
        case .preprocess, .conv2D, .convTranspose2D, .depthwiseConv2D, .fullConnected, .batchNorm, .seBlock,
            .lstm, .embedding:
            return nil
        }
    }

    /// Divides by a factor for each channel that a layer reads, in its weights; false where it cannot.
    private func divided(_ draft: ImportedLayer, by factor: [Float]) throws(Refusal) -> Bool {
        switch draft.layer {
        case .batchNorm:
            // gamma may not become less, so mean and variance are those of what it reads.
            let mean = draft.numbers("runningMean", count: factor.count, default: 0)
            let variance = draft.numbers("runningVariance", count: factor.count, default: 1)
            draft.set("runningMean", zip(mean, factor).map(*))
            draft.set(
                "runningVariance",
                zip(variance, factor).map { ($0 + BatchNorm.epsilon) * $1 * $1 - BatchNorm.epsilon })
            return true
        case .conv2D(let conv) where !conv.focus: return try divide(draft, by: factor, groups: conv.groups)
        case .depthwiseConv2D: return try divide(draft, by: factor, groups: factor.count)
        case .fullConnected: return try divide(draft, by: factor, groups: 1)
        case .conv2D, .convTranspose2D, .preprocess, .flatten, .route, .shortcut, .maxpool2D, .avgpool2D,
            .adaptiveAvgpool2D, .unpool2D, .seBlock, .mul, .channelSplit, .pixelShuffle, .lstm, .embedding,
            .max:
            return false
        }
    }

    /// Divides each weight by the factor of the channel that it multiplies; axes out, in / groups, and the window.
    private func divide(_ draft: ImportedLayer, by factor: [Float], groups: Int) throws(Refusal) -> Bool {
        guard let weight = draft.parameters["weight"], weight.dims.count > 1, groups > 0,
            factor.count == weight.dims[1] * groups, weight.dims[0] % groups == 0
        else { return false }
        if case .filled(let number) = weight.elements, let first = factor.first,
            factor.allSatisfy({ $0 == first })
        {
            draft.parameters["weight"] = ONNXTensor(filled: number / first, dims: weight.dims)
            return true
        }
        if weight.isFilled { try spend(weight.count) }
        let rows = weight.dims[0] / groups
        let each = weight.dims[1]
        let taps = weight.dims.dropFirst(2).reduce(1, *)
        var numbers = weight.floats
        for place in numbers.indices {
            let out = place / (each * taps)
            numbers[place] /= factor[out / rows * each + place / taps % each]
        }
        draft.parameters["weight"] = ONNXTensor(numbers, dims: weight.dims)
        return true
    }
}
