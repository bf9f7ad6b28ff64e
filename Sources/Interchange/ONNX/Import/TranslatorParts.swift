import Graph

// Joining and cutting.
extension Translator {
    func concatenation() throws(Refusal) -> Value {
        var values: [Value] = []
        for index in node.input.indices where !node.input[index].isEmpty { values.append(try value(index)) }
        guard let first = values.first else { throw Refusal("it reads nothing") }
        let axis = try axis(node.integer("axis", default: 1), of: first.dims)
        if values.count == 1 { return first }
        if axis == 1, values.contains(where: { $0.pending != nil }), let joined = inOrder(values) {
            return joined
        }
        return try joined(values, axis: axis)
    }

    /// Channels in an order of their own, joined without a layer; nil where other axes are exchanged too.
    private func inOrder(_ values: [Value]) -> Value? {
        var all: [Planes.Plane] = []
        var factor: Int?
        for value in values {
            guard value.dims.dropFirst(2) == values[0].dims.dropFirst(2), value.dims.count > 2,
                let planes = builder.planes(of: value), factor ?? planes.factor == planes.factor
            else { return nil }
            factor = planes.factor
            all += planes.planes
        }
        guard all.count <= Planes.countLimit else { return nil }
        var joined = builder.value(Planes(all, factor: factor ?? 1), like: values[0])
        joined.takeBounds(of: values)
        return joined
    }

    func joined(_ values: [Value], axis: Int) throws(Refusal) -> Value {
        let formed = try values.map { (value) throws(Refusal) in
            try value.dims.count == 2
                ? builder.form(value, as: value.naturalShape) : channelForm(value, axis: axis)
        }
        try builder.checkJoined(formed.count)
        var result = try builder.add(.route(Route()), reading: formed)[0]
        result.takeBounds(of: values)
        result.dims = values[0].dims
        result.dims[axis] = values.reduce(0) { $0 + $1.dims[axis] }
        return result
    }

    func tile() throws(Refusal) -> Value {
        var value = try value(0)
        let repeats = try constant(1).sizes
        guard repeats.count == value.dims.count, repeats.allSatisfy(Route.inputs.contains) else {
            throw Refusal("it repeats another number of axes than it reads, or too often")
        }
        let axes = repeats.indices.filter { repeats[$0] > 1 }
        guard !axes.contains(0) else { throw Refusal("it repeats the samples of a batch") }
        value = try builder.resolved(value)
        value.isShared = true
        for axis in axes {
            value = try joined([Value](repeating: value, count: repeats[axis]), axis: axis)
        }
        return value
    }

    func split() throws(Refusal) -> [Value] {
        let value = try value(0)
        let axis = try axis(node.integer("axis", default: 0), of: value.dims)
        var parts = try integers("split", input: 1) ?? []
        if parts.isEmpty {
            let count = node.integer("num_outputs", default: node.output.count)
            let part = (value.dims[axis] + count - 1) / max(1, count)
            guard count > 0, part * (count - 1) < value.dims[axis] else {
                throw Refusal("it cuts \(value.dims[axis]) into \(count) parts")
            }
            parts = [Int](repeating: part, count: count - 1) + [value.dims[axis] - part * (count - 1)]
        }
        guard parts.reduce(0, +) == value.dims[axis], parts.allSatisfy({ $0 > 0 }) else {
            throw Refusal("its parts \(parts) do not add up to \(value.dims[axis])")
        }
        return try cut(value, axis: axis, into: parts)
    }

    /// Parts along the channels.
    private func cut(_ value: Value, axis: Int, into parts: [Int]) throws(Refusal) -> [Value] {
        guard axis == 1 else {
            throw Refusal("it cuts along axis \(axis); the chips cut channels")
        }
        let most = ChannelSplit.parts.upperBound
        guard parts.count <= most else { throw Refusal("it cuts \(parts.count) parts; at most \(most) are") }
        if value.pending != nil, let planes = builder.planes(of: value) {
            var first = 0
            return parts.map { part in
                first += part
                return builder.value(
                    Planes(Array(planes.planes[first - part..<first]), factor: planes.factor), like: value)
            }
        }
        var split = ChannelSplit()
        split.split = parts
        let results = try builder.add(.channelSplit(split), reading: [try builder.map(value)])
        return zip(results, parts).map { result, part in
            var result = result
            result.dims = value.dims
            result.dims[axis] = part
            result.takeBounds(of: [value])
            result.isShared = true
            return result
        }
    }

    /// The places `range` along an axis.
    func part(of value: Value, axis: Int, _ range: Range<Int>) throws(Refusal) -> Value {
        let size = value.dims[axis]
        guard range.lowerBound >= 0, range.upperBound <= size, !range.isEmpty else {
            throw Refusal("it picks \(range.lowerBound) to \(range.upperBound) of \(size)")
        }
        if range == 0..<size { return value }
        if builder.isShuffled(value) {
            return try part(of: try builder.resolved(value), axis: axis, range)
        }
        if case .view(let view)? = value.pending, let cut = view.sliced(axis, range, by: 1) {
            return try self.result(value, cut)
        }
        guard axis > 0 else { throw Refusal("it picks samples of a batch") }
        if axis == 1 {
            if value.pending != nil, let planes = builder.planes(of: value) {
                return builder.value(
                    Planes(Array(planes.planes[range]), factor: planes.factor), like: value)
            }
            let parts = [range.lowerBound, range.count, size - range.upperBound]
            let kept = parts.filter { $0 > 0 }
            return try cut(value, axis: 1, into: kept)[parts[0] > 0 ? 1 : 0]
        }
        guard (3...4).contains(value.dims.count) else {
            throw Refusal("it picks along axis \(axis); the chips cut channels")
        }
        // A window with one tap crops height and width.
        let sides = (-range.lowerBound, range.upperBound - size)
        let isDown = value.dims.count == 4 && axis == 2
        var result = try builder.padded(
            try builder.map(value), isDown ? sides : (0, 0), isDown ? (0, 0) : sides)
        result.dims = value.dims
        result.dims[axis] = range.count
        return result
    }

    func slice() throws(Refusal) -> Value {
        var value = try value(0)
        for cut in try cuts(value) {
            if cut.step == 1 {
                value = try part(of: value, axis: cut.axis, cut.range)
            } else if cut.axis == 1, value.dims.count > 2 {
                let places = stride(from: 0, to: cut.range.count, by: abs(cut.step)).map {
                    cut.step > 0 ? cut.range.lowerBound + $0 : cut.range.upperBound - 1 - $0
                }
                value = try picked(value, places)
            } else {
                let (base, view) = try viewed(value)
                guard cut.step > 0, let stepped = view.sliced(cut.axis, cut.range, by: cut.step) else {
                    throw Refusal("it picks every \(cut.step)th place along axis \(cut.axis)")
                }
                value = try result(base, stepped)
            }
        }
        return value
    }

    /// Channels by their numbers, in any order.
    func picked(_ value: Value, _ channels: [Int]) throws(Refusal) -> Value {
        let formed = value.pending == nil || builder.isShuffled(value) ? try builder.map(value) : value
        guard value.dims.count > 2, let planes = builder.planes(of: formed) else {
            throw Refusal("it picks several places of data; the chips pick channels of maps")
        }
        return builder.value(
            Planes(channels.map { planes.planes[$0] }, factor: planes.factor), like: value)
    }

    /// What a Slice picks along each axis.
    private func cuts(_ value: Value) throws(Refusal) -> [(axis: Int, range: Range<Int>, step: Int)] {
        let starts = try integers("starts", input: 1) ?? []
        let ends = try integers("ends", input: 2) ?? []
        let axes = try integers("axes", input: 3) ?? Array(starts.indices)
        let steps = try optionalConstant(4)?.sizes ?? starts.map { _ in 1 }
        guard starts.count == ends.count, axes.count == starts.count, steps.count == starts.count else {
            throw Refusal("its starts, ends, axes and steps have different numbers")
        }
        var cuts: [(axis: Int, range: Range<Int>, step: Int)] = []
        for index in starts.indices {
            let axis = try axis(axes[index], of: value.dims)
            guard !cuts.contains(where: { $0.axis == axis }) else {
                throw Refusal("it cuts axis \(axis) twice")
            }
            let size = value.dims[axis]
            // A step past the end picks the first place alone, as a step of the whole size does.
            let step = max(-size, min(size, steps[index]))
            func place(_ number: Int) -> Int { min(max(number < 0 ? number + size : number, 0), size) }
            if step < 0 {
                // Backwards from the start on, down to what is behind the end.
                let high = min(starts[index] < 0 ? starts[index] + size : starts[index], size - 1)
                let low = ends[index] < 0 ? max(ends[index] + size, -1) : min(ends[index], size - 1)
                guard low < high else { throw Refusal("it picks nothing") }
                cuts.append((axis, low + 1..<high + 1, step))
                continue
            }
            let low = place(starts[index])
            let high = place(ends[index])
            guard step > 0, low < high else { throw Refusal("it picks nothing") }
            cuts.append((axis, low..<high, step))
        }
        return cuts
    }
}
