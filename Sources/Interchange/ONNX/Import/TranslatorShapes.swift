import Graph

// Operators that only name the axes anew, and those that exchange them.
extension Translator {
    func reshape() throws(Refusal) -> Value {
        let value = try value(0)
        let target = try target(value.dims)
        guard target.first == value.dims.first || target.count == 1 && value.dims[0] == 1 else {
            throw Refusal("it makes \(value.dims) into \(target): the first axis is the batch and must stay")
        }
        guard target.count > 1 else { throw Refusal("it leaves no axis beside the batch") }
        if let pending = value.pending {
            guard case .transposed(let dims, let order) = pending else { throw Refusal(pending.reason) }
            return try rearranged(value, dims, order, to: target)
        }
        var result = value
        result.dims = target
        return result
    }

    func target(_ dims: [Int]) throws(Refusal) -> [Int] {
        switch node.opType {
        case "Flatten":
            let axis = node.integer("axis", default: 1)
            let front = axis < 0 ? axis + dims.count : axis
            guard (0...dims.count).contains(front) else { throw Refusal("it has no axis \(axis)") }
            return [dims[..<front].reduce(1, *), dims[front...].reduce(1, *)]
        case "Squeeze":
            let listed = try integers("axes", input: 1)
            let axes = try (listed ?? dims.indices.filter { dims[$0] == 1 && $0 > 0 }).map {
                (axis) throws(Refusal) in try self.axis(axis, of: dims)
            }
            guard axes.allSatisfy({ dims[$0] == 1 }) else { throw Refusal("it drops an axis that is not 1") }
            return dims.indices.filter { !axes.contains($0) }.map { dims[$0] }
        case "Unsqueeze":
            let axes = try integers("axes", input: 1) ?? []
            let count = dims.count + axes.count
            let places = Set(axes.map { $0 < 0 ? $0 + count : $0 })
            guard places.count == axes.count, places.allSatisfy({ (0..<count).contains($0) }) else {
                throw Refusal("its axes \(axes) are not those of a shape")
            }
            var rest = dims[...]
            return (0..<count).map { places.contains($0) ? 1 : rest.removeFirst() }
        default:
            guard var shape = try integers("shape", input: 1) else { throw Refusal("it names no shape") }
            guard shape.count <= 64 else { throw Refusal("its shape has \(shape.count) axes") }
            let allowsZero = node.integer("allowzero", default: 0) != 0
            for index in shape.indices where shape[index] == 0 && !allowsZero && index < dims.count {
                shape[index] = dims[index]
            }
            guard shape.filter({ $0 == -1 }).count <= 1, shape.allSatisfy({ $0 == -1 || $0 > 0 }) else {
                throw Refusal("its shape \(shape) is none")
            }
            let count = dims.reduce(1, *)
            if let free = shape.firstIndex(of: -1) {
                let others = Translator.product(shape.filter { $0 != -1 }) ?? .max
                shape[free] = count / max(1, others)
            }
            guard Translator.product(shape) == count else {
                throw Refusal("its shape \(shape) does not cover \(dims)")
            }
            return shape
        }
    }

    /// How many elements axes have; nil where no `Int` counts them.
    private static func product(_ dims: [Int]) -> Int? {
        var count = 1
        for axis in dims {
            let (product, overflow) = count.multipliedReportingOverflow(by: axis)
            if overflow { return nil }
            count = product
        }
        return count
    }

    func transpose() throws(Refusal) -> Value {
        var value = try value(0)
        let order = node.integers("perm") ?? Array(value.dims.indices.reversed())
        guard order.sorted() == Array(value.dims.indices) else { throw Refusal("its order \(order) is none") }
        let dims = order.map { value.dims[$0] }
        if let restored = restored(value, order, dims) { return restored }
        // Axes of 1 may go anywhere.
        let real = order.filter { value.dims[$0] > 1 }
        if value.pending == nil, real == real.sorted() {
            value.dims = dims
            return value
        }
        if let pending = value.pending { throw Refusal(pending.reason) }
        guard order.first == 0 else { throw Refusal("it exchanges the batch with another axis") }
        value.pending = .transposed(dims: value.dims, order: order)
        value.dims = dims
        return value
    }

    /// The value behind two transpositions of which the second takes the first back, but for axes of 1.
    private func restored(_ value: Value, _ order: [Int], _ dims: [Int]) -> Value? {
        guard case .transposed(let old, let first)? = value.pending else { return nil }
        let whole = order.map { first[$0] }
        let real = whole.filter { old[$0] > 1 }
        guard real == real.sorted(), whole.first == 0 else { return nil }
        var restored = value
        (restored.pending, restored.dims) = (nil, dims)
        return restored
    }

    /// A reshape behind a transposition: a shuffle of channels, or channels to space.
    private func rearranged(
        _ value: Value, _ dims: [Int], _ order: [Int], to target: [Int]
    ) throws(Refusal) -> Value {
        var plain = value
        let refusal = Refusal(Value.Pending.transposed(dims: dims, order: order).reason)
        plain.pending = nil
        plain.dims = dims
        // N, groups, each, ... with groups and each exchanged.
        if dims.count > 3, order == [0, 2, 1] + Array(3..<dims.count), target.count == dims.count - 1,
            target[1] == dims[1] * dims[2], Array(target[2...]) == Array(dims[3...])
        {
            plain.dims = target
            let (groups, each) = (dims[1], dims[2])
            return try permuted(plain, (0..<groups * each).map { ($0 % groups) * each + $0 / groups })
        }
        guard dims.count == 6, target.count == 4 else { throw refusal }
        // N, C, r, r, H, W as PixelShuffle has it, and N, r, r, C, H, W.
        let isColumnFirst = order == [0, 1, 4, 2, 5, 3]
        guard isColumnFirst || order == [0, 3, 4, 1, 5, 2] else { throw refusal }
        let factor = dims[2]
        let channels = isColumnFirst ? dims[1] : dims[3]
        guard (isColumnFirst ? dims[3] : dims[1]) == factor,
            target == [dims[0], channels, dims[4] * factor, dims[5] * factor]
        else { throw refusal }
        plain.dims = [dims[0], channels * factor * factor, dims[4], dims[5]]
        return try shuffled(plain, factor: factor, isColumnFirst: isColumnFirst)
    }

    func depthToSpace() throws(Refusal) -> Value {
        let value = try value(0)
        let factor = node.integer("blocksize", default: 1)
        guard value.dims.count == 4, value.pending == nil, (1...64).contains(factor),
            value.dims[1].isMultiple(of: factor * factor)
        else { throw Refusal("its channels \(value.dims) do not fit a block of \(factor)") }
        return try shuffled(
            value, factor: factor, isColumnFirst: node.text("mode", default: "DCR") == "CRD")
    }

    private func shuffled(_ value: Value, factor: Int, isColumnFirst: Bool) throws(Refusal) -> Value {
        var value = try builder.map(value)
        if !isColumnFirst {
            let (squares, channels) = (factor * factor, value.shape.channels / (factor * factor))
            value = try permuted(
                value, (0..<squares * channels).map { ($0 % squares) * channels + $0 / squares })
        }
        var shuffle = PixelShuffle()
        shuffle.factor = factor
        var result = try builder.add(.pixelShuffle(shuffle), reading: value)
        result.isNonNegative = value.isNonNegative
        return result
    }

    /// The channels in another order: channel i of the result is `order[i]`. No chip does it but by a 1x1 convolution.
    private func permuted(_ value: Value, _ order: [Int]) throws(Refusal) -> Value {
        let map = try builder.map(value)
        guard case .map(let channels, let height, let width) = map.shape, channels == order.count,
            channels <= 4096
        else { throw Refusal("it shuffles what is no feature map, or too many channels") }
        if order == Array(order.indices) { return value }
        try builder.spend(channels * channels)
        var weight = [Float](repeating: 0, count: channels * channels)
        for (row, column) in order.enumerated() { weight[row * channels + column] = 1 }
        builder.note(
            "the shuffle of \(channels) channels became a 1x1 convolution, \(channels * channels) weights; a Channel_Split into two halves needs none"
        )
        var result = try builder.convolve(
            map, ImportBuilder.Kernel(weight: ONNXTensor(weight, dims: [channels, channels, 1, 1])),
            WindowAxis(size: height, kernel: 1), WindowAxis(size: width, kernel: 1))
        (result.dims, result.isNonNegative) = (value.dims, value.isNonNegative)
        return result
    }
}
