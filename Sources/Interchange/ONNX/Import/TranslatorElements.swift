import Graph

// Functions of one number, sums and products.
extension Translator {
    func activation() throws(Refusal) -> Value {
        let value = try value(0)
        switch node.opType {
        case "Relu": return try builder.activate(value, .relu)
        case "HardSwish": return try builder.activate(value, .hswish)
        case "HardSigmoid":
            return try builder.hardSigmoid(
                value, slope: node.number("alpha", default: 0.2), offset: node.number("beta", default: 0.5))
        case "LeakyRelu":
            return try leaky(value, node.number("alpha", default: 0.01))
        case "PRelu":
            let slopes = try constant(1)
            if let slope = slopes.scalar { return try leaky(value, slope) }
            return try prelu(value, slopes.floats, axis: try channelAxis(of: slopes, in: value))
        default:
            var low = node.attribute("min").map(\.f)
            var high = node.attribute("max").map(\.f)
            for (place, tensor) in [try optionalConstant(1), try optionalConstant(2)].enumerated() {
                guard let tensor else { continue }
                guard let bound = tensor.scalar else {
                    throw Refusal("it holds places to bounds of their own")
                }
                if place == 0 { low = bound } else { high = bound }
            }
            if let bound = low, bound <= -Float.greatestFiniteMagnitude { low = nil }
            if let bound = high, bound >= Float.greatestFiniteMagnitude { high = nil }
            return try builder.clip(value, low, high)
        }
    }

    private func prelu(_ value: Value, _ slopes: [Float], axis: Int?) throws(Refusal) -> Value {
        var formed = value
        if let axis { formed = try channelForm(value, axis: axis) }
        let channels = formed.channels
        guard slopes.count == 1 || slopes.count == channels else {
            throw Refusal("it has \(slopes.count) slopes for \(channels) channels")
        }
        let all = slopes.count == channels ? slopes : [Float](repeating: slopes[0], count: channels)
        var result = try builder.activate(formed, .prelu, slopes: all)
        result.dims = value.dims
        return result
    }

    /// The one axis of a value along which a tensor beside it changes; nil where it is one number everywhere.
    private func channelAxis(of tensor: ONNXTensor, in value: Value) throws(Refusal) -> Int? {
        try channelAxes(of: tensor, in: value).first
    }

    /// The axes of a value along which a tensor beside it changes.
    func channelAxes(of tensor: ONNXTensor, in value: Value) throws(Refusal) -> [Int] {
        if tensor.count == 1 { return [] }
        // Older files say where a shorter shape begins.
        var shape = tensor.dims
        if node.integer("broadcast", default: 0) != 0, let axis = node.attribute("axis") {
            let begin = try self.axis(Int(axis.i), of: value.dims)
            let behind = value.dims.count - begin - shape.count
            guard behind >= 0 else { throw Refusal("its shapes do not fit") }
            shape += [Int](repeating: 1, count: behind)
        }
        // A PRelu of one axis is about channels wherever they are.
        if node.opType == "PRelu", shape.count == 1, value.dims.count > 1, shape[0] == value.dims[1] {
            return [1]
        }
        while shape.count > value.dims.count, shape.first == 1 { shape.removeFirst() }
        guard shape.count <= value.dims.count else {
            throw Refusal("it makes \(value.dims.count) axes into \(shape.count)")
        }
        let front = value.dims.count - shape.count
        let wide = shape.indices.filter { shape[$0] > 1 }
        for axis in wide where shape[axis] != value.dims[front + axis] {
            throw Refusal("it makes an axis of \(value.dims[front + axis]) as long as \(shape[axis])")
        }
        guard wide.first.map({ front + $0 > 0 }) ?? true else {
            throw Refusal("it has a number for each sample")
        }
        return wide.map { front + $0 }
    }

    func arithmetic() throws(Refusal) -> Value {
        switch node.opType {
        case "Neg": return try builder.affine(try value(0), scale: -1, shift: 0)
        case "Abs":
            let value = try plain(try value(0))
            var shared = value
            shared.isShared = true
            let negative = try builder.affine(shared, scale: -1, shift: 0)
            var result = try builder.add(.max(Max()), reading: [shared, negative])[0]
            result.dims = value.dims
            result.isNonNegative = true
            return result
        case "Mean":
            let count = node.input.count
            builder.node.opType = "Sum"
            var isNonNegative = true
            for index in 0..<count where try !value(index).isNonNegative { isNonNegative = false }
            var result = try builder.affine(try arithmetic(), scale: 1 / Float(count), shift: 0)
            result.isNonNegative = isNonNegative
            return result
        case "Pow":
            guard try constant(1).scalar == 2 else {
                throw Refusal("no chip raises numbers to a power but the second")
            }
            let value = try value(0)
            builder.node.opType = "Mul"
            var result = try combined(value, value)
            result.isNonNegative = true
            return result
        default: break
        }
        let operands = node.input.indices.filter { !node.input[$0].isEmpty }
        guard operands.count >= 2 else { return try value(operands.first ?? 0) }
        var result: Value?
        var constants: [(index: Int, tensor: ONNXTensor)] = []
        for index in operands {
            if case .constant(let tensor)? = known(index) {
                constants.append((index, tensor))
                continue
            }
            let operand = try value(index)
            result = try result.map { (first) throws(Refusal) in try combined(first, operand) } ?? operand
        }
        guard var result else { throw Refusal("nothing that it reads depends on data") }
        for (index, tensor) in constants { result = try combined(result, tensor, isFirst: index == 0) }
        return result
    }

    /// The value with its axes in their order.
    private func plain(_ value: Value) throws(Refusal) -> Value { try builder.resolved(value) }

    /// Two results of layers.
    private func combined(_ first: Value, _ second: Value) throws(Refusal) -> Value {
        let (first, second) = (try plain(first), try plain(second))
        try checkWhole(first, second)
        guard ["Add", "Sum", "Sub", "Mul", "Max", "Min"].contains(node.opType) else {
            throw Refusal("it divides by data, which no chip does")
        }
        if first.dims != second.dims { return try spread(first, second) }
        var other = try builder.form(second, as: first.shape)
        var layer = Layer.max(Max())
        var isNonNegative = first.isNonNegative || second.isNonNegative
        var one = first
        switch node.opType {
        case "Add", "Sum", "Sub":
            if node.opType == "Sub" { other = try builder.affine(other, scale: -1, shift: 0) }
            var sum = Shortcut()
            sum.activationFunction = .linear
            layer = .shortcut(sum)
            isNonNegative = first.isNonNegative && second.isNonNegative && node.opType != "Sub"
        case "Mul":
            layer = .mul(Mul())
            isNonNegative = first.isNonNegative && second.isNonNegative
        case "Max": break
        case "Min":
            one = try builder.affine(one, scale: -1, shift: 0)
            other = try builder.affine(other, scale: -1, shift: 0)
            isNonNegative = first.isNonNegative && second.isNonNegative
        default: throw Refusal("it is no operator of two results")
        }
        var result = try builder.add(layer, reading: [one, other])[0]
        if node.opType == "Min" { result = try builder.affine(result, scale: -1, shift: 0) }
        result.dims = first.dims
        result.isNonNegative = isNonNegative
        return result
    }

    /// Two values of which one has single channels or places where the other has several.
    private func spread(_ first: Value, _ second: Value) throws(Refusal) -> Value {
        var (first, second) = (first, second)
        // Fewer axes stand for the last ones.
        for (one, other) in [(first, second), (second, first)] where one.dims.count < other.dims.count {
            let view = AxisView(
                dims: [Int](repeating: 1, count: other.dims.count - one.dims.count) + one.dims)
            let longer = try result(one, view)
            if one.dims == first.dims { first = longer } else { second = longer }
        }
        guard let dims = together(first.dims, second.dims) else {
            throw Refusal("it joins \(second.dims) with \(first.dims), which do not fit")
        }
        for (one, isFirst) in [(first, true), (second, false)] where node.opType == "Mul" && dims.count == 4 {
            // A product spreads the places of a gate by itself.
            guard one.dims[2] == 1, one.dims[3] == 1, dims[2] * dims[3] > 1 else { continue }
            let gate = try spread(one, to: [dims[0], dims[1], 1, 1])
            let wide = try spread(isFirst ? second : first, to: dims)
            var result = try builder.add(
                .mul(Mul()), reading: [try builder.map(wide), try builder.map(gate)])[0]
            result.dims = dims
            result.isNonNegative = wide.isNonNegative && gate.isNonNegative
            return result
        }
        return try combined(try spread(first, to: dims), try spread(second, to: dims))
    }

    /// Whole numbers are computed with as such where a chip would give others.
    private func checkWhole(_ first: Value, _ second: Value) throws(Refusal) {
        if first.isWhole, second.isWhole, node.opType == "Div" {
            throw Refusal("it divides whole numbers and drops the rest, which no chip does")
        }
    }

    /// A result of a layer and numbers that do not depend on data.
    private func combined(_ value: Value, _ tensor: ONNXTensor, isFirst: Bool) throws(Refusal) -> Value {
        if value.isWhole, tensor.isInteger {
            guard node.opType != "Div" else {
                throw Refusal("it divides whole numbers and drops the rest, which no chip does")
            }
            var result = try combined(value.counted, tensor, isFirst: isFirst)
            result.isWhole = true
            return result
        }
        if let entered = normalized(value, tensor, isFirst: isFirst) { return entered }
        switch node.opType {
        case "Add", "Sum": return try added(value, tensor, factor: 1)
        case "Sub":
            if !isFirst { return try added(value, tensor, factor: -1) }
            return try added(try builder.affine(value, scale: -1, shift: 0), tensor, factor: 1)
        case "Mul": return try multiplied(value, tensor) { $0 }
        case "Div":
            guard !isFirst else { throw Refusal("it divides by data, which no chip does") }
            return try multiplied(value, tensor) { 1 / $0 }
        case "Max":
            guard let bound = tensor.scalar else { throw Refusal("it holds places to bounds of their own") }
            return try builder.clip(value, bound, nil)
        default:
            guard let bound = tensor.scalar else { throw Refusal("it holds places to bounds of their own") }
            return try builder.clip(value, nil, bound)
        }
    }
}
