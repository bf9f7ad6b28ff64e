import Graph

// Operators that only name the axes anew, and those that exchange them.
extension Translator {
    func reshape() throws(Refusal) -> Value {
        let value = try value(0)
        let target = try target(value.dims)
        if value.pending == nil, target.count > 1, target[0] == value.dims[0], value.dims[0] == builder.batch
        {
            var result = value
            result.dims = target
            return result
        }
        let (base, view) = try viewed(value)
        if let reshaped = view.reshaped(to: target) {
            let result = try result(base, reshaped)
            // Space that has moved to depth is put in order where no layer could read it any more.
            let isSteps = value.pending != nil && builder.planes(of: value).map { $0.factor > 1 } ?? false
            if !isSteps || builder.isReadable(result) { return result }
        }
        let settled = try builder.resolved(value)
        guard let plain = AxisView(dims: settled.dims).reshaped(to: target) else {
            throw Refusal("it makes \(value.dims) into \(target)")
        }
        return try result(settled, plain)
    }

    /// The value as numbers of one layer's result under its axes.
    func viewed(_ value: Value) throws(Refusal) -> (base: Value, view: AxisView) {
        if value.pending != nil, !builder.isShuffled(value) {
            // Channels in an order of their own stay so behind the view.
            if value.dims.count > 2, let planes = builder.planes(of: value), planes.factor == 1 {
                var base = builder.value(planes, like: value)
                base.base = planes
                return (base, AxisView(dims: value.dims))
            }
            if case .view(let view)? = value.pending { return (value, view) }
        }
        let base = try builder.resolved(value)
        return (base, AxisView(dims: base.dims))
    }

    /// The value whose numbers a view has: by itself again where only the axes have other names.
    func result(_ base: Value, _ view: AxisView) throws(Refusal) -> Value {
        var result = base
        let dims = view.dims
        result.dims = dims
        result.pending = .view(view)
        guard builder.isWhole(view, of: base) else { return result }
        if base.base == nil {
            result.pending = nil
        } else if let planes = base.base, dims.count > 2, dims[1] == planes.planes.count {
            result.pending = .planes(planes)
            result.base = nil
        }
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
        let value = try value(0)
        let order = node.integers("perm") ?? Array(value.dims.indices.reversed())
        guard order.sorted() == Array(value.dims.indices) else { throw Refusal("its order \(order) is none") }
        let (base, view) = try viewed(value)
        return try result(base, view.transposed(order))
    }

    func depthToSpace() throws(Refusal) -> Value {
        let value = try value(0)
        let factor = node.integer("blocksize", default: 1)
        guard value.dims.count == 4, (1...64).contains(factor), value.dims[1].isMultiple(of: factor * factor)
        else { throw Refusal("its channels \(value.dims) do not fit a block of \(factor)") }
        let batch = value.dims[0]
        let channels = value.dims[1] / (factor * factor)
        let height = value.dims[2]
        let width = value.dims[3]
        let isColumnFirst = node.text("mode", default: "DCR") == "CRD"
        return try exchanged(
            value,
            to: isColumnFirst
                ? [batch, channels, factor, factor, height, width]
                : [batch, factor, factor, channels, height, width],
            isColumnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2],
            [batch, channels, height * factor, width * factor])
    }

    func spaceToDepth() throws(Refusal) -> Value {
        let value = try value(0)
        let factor = node.integer("blocksize", default: 1)
        guard value.dims.count == 4, (1...64).contains(factor), value.dims[2].isMultiple(of: factor),
            value.dims[3].isMultiple(of: factor)
        else { throw Refusal("its rows and columns \(value.dims) do not fit a block of \(factor)") }
        let batch = value.dims[0]
        let channels = value.dims[1]
        let height = value.dims[2] / factor
        let width = value.dims[3] / factor
        return try exchanged(
            value, to: [batch, channels, height, factor, width, factor], [0, 3, 5, 1, 2, 4],
            [batch, channels * factor * factor, height, width])
    }

    /// A reshape, a transposition and another reshape.
    private func exchanged(
        _ value: Value, to first: [Int], _ order: [Int], _ last: [Int]
    ) throws(Refusal) -> Value {
        let (base, view) = try viewed(value)
        if let exchanged = view.reshaped(to: first)?.transposed(order).reshaped(to: last) {
            let result = try result(base, exchanged)
            if builder.isReadable(result) { return result }
        }
        let plain = try builder.resolved(value)
        guard
            let exchanged = AxisView(dims: plain.dims).reshaped(to: first)?.transposed(order)
                .reshaped(to: last)
        else { throw Refusal("it moves channels to space or back, which do not fit its axes") }
        return try result(plain, exchanged)
    }
}
