import Graph

// Arithmetic of a value with numbers that do not depend on data: factors and addends by channel or place.
extension Translator {
    /// A value plus numbers that do not depend on data, times a factor.
    func added(_ value: Value, _ tensor: ONNXTensor, factor: Float) throws(Refusal) -> Value {
        let numbers = tensor.floats.map { $0 * factor }
        if numbers.allSatisfy({ $0 == 0 }) { return value }
        return try scaled(value, tensor.dims, numbers) { ([Float](repeating: 1, count: $0.count), $0) }
    }

    func multiplied(
        _ value: Value, _ tensor: ONNXTensor, _ change: (Float) -> Float
    ) throws(Refusal) -> Value {
        let numbers = tensor.floats.map(change)
        guard numbers.allSatisfy(\.isFinite) else { throw Refusal("it divides by 0") }
        if numbers.allSatisfy({ $0 == 1 }) { return value }
        var result = try scaled(value, tensor.dims, numbers) {
            ($0, [Float](repeating: 0, count: $0.count))
        }
        result.isNonNegative = value.isNonNegative && numbers.allSatisfy { $0 >= 0 }
        return result
    }

    /// Numbers beside a value, one a channel or, flattened, one a place, as factors and addends.
    func scaled(
        _ value: Value, _ dims: [Int], _ numbers: [Float],
        _ parts: ([Float]) -> (scale: [Float], shift: [Float])
    ) throws(Refusal) -> Value {
        let axes = try channelAxes(of: ONNXTensor(numbers, dims: dims), in: value)
        if axes.isEmpty {
            let (scale, shift) = parts([numbers[0]])
            var result = try builder.affine(value, scale: scale[0], shift: shift[0])
            result.dims = value.dims
            return result
        }
        var formed = value
        var all = numbers
        let isChannel = axes.count == 1 && (axes[0] == 1 || axes[0] == 2 && value.dims.count == 3)
        if isChannel {
            formed = try channelForm(value, axis: axes[0])
        } else {
            // A number a place is one a feature of the flattened value.
            let count = value.dims.dropFirst().reduce(1, *)
            guard count <= 65536 else { throw Refusal("it has a number for each of \(count) places") }
            formed = try builder.form(value, as: .vector(count))
            all = spread(numbers, over: value.dims, along: axes)
        }
        let (scale, shift) = parts(all)
        var result = try builder.affine(formed, scale: scale, shift: shift)
        result.dims = value.dims
        return result
    }

    /// What the file itself does to its image before anything else, which the loader does here: Preprocess says so. Nil
    /// where it is anything else.
    func normalized(_ value: Value, _ tensor: ONNXTensor, isFirst: Bool) -> Value? {
        switch value.pending {
        case nil, .view?: break
        case .planes?, .absorbed?: return nil
        }
        guard let number = uniform(tensor, beside: value), number.isFinite, !value.isWhole,
            let draft = builder.draft(value.source.name), case .preprocess(var settings) = draft.layer,
            node.input.allSatisfy({ builder.uses[Translator.named($0)] ?? 0 == 1 || known(of: $0) == nil }),
            !builder.drafts.contains(where: { $0.inputs.contains(value.source) })
        else { return nil }
        var (scale, shift): (Float, Float) = builder.entries[draft.name] ?? (1, 0)
        switch node.opType {
        case "Add", "Sum": shift += number
        case "Sub": (scale, shift) = isFirst ? (-scale, number - shift) : (scale, shift - number)
        case "Mul": (scale, shift) = (scale * number, shift * number)
        case "Div" where !isFirst: (scale, shift) = (scale / number, shift / number)
        default: return nil
        }
        let mean = -Double(shift) / Double(scale)
        let variance = 1 / Double(scale)
        guard scale.isFinite, scale > 0, shift.isFinite, abs(mean) <= 1e6, variance != 0, abs(variance) <= 1e6
        else {
            return nil
        }
        builder.entries[draft.name] = (scale, shift)
        settings.mean = mean
        settings.variance = variance
        draft.layer = .preprocess(settings)
        builder.enter(draft.name, mean: mean, variance: variance)
        return value
    }

    /// The one number that a tensor adds or multiplies by everywhere; nil where there are several, or more axes than the
    /// value has.
    func uniform(_ tensor: ONNXTensor, beside value: Value) -> Float? {
        if tensor.count == 1 { return tensor.dims.count <= value.dims.count ? tensor.scalar : nil }
        guard (2...4).contains(tensor.count), let first = tensor.floats.first,
            tensor.floats.allSatisfy({ $0 == first })
        else { return nil }
        do throws(Refusal) {
            return try channelAxes(of: tensor, in: value).isEmpty ? nil : first
        } catch {
            return nil
        }
    }

    /// The result that a name stands for, where it is none of the constants.
    func known(of name: String) -> Value? {
        if case .value(let value)? = builder.known[name] { return value }
        return nil
    }

    /// Numbers that change along some axes, one for each place of a sample.
    func spread(_ numbers: [Float], over dims: [Int], along axes: [Int]) -> [Float] {
        let count = dims.dropFirst().reduce(1, *)
        return (0..<count).map { place in
            var rest = place
            var index = 0
            var step = 1
            for axis in dims.indices.dropFirst().reversed() {
                if axes.contains(axis) {
                    index += rest % dims[axis] * step
                    step *= dims[axis]
                }
                rest /= dims[axis]
            }
            return numbers[index]
        }
    }
}
