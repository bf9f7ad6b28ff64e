import Graph

// Joining and cutting.
extension Translator {
    func concatenation() throws(Refusal) -> Value {
        var values: [Value] = []
        for index in node.input.indices where !node.input[index].isEmpty { values.append(try value(index)) }
        guard let first = values.first else { throw Refusal("it reads nothing") }
        let axis = try axis(node.integer("axis", default: 1), of: first.dims)
        if values.count == 1 { return first }
        if axis == 1, let focused = focused(values) { return focused }
        return try joined(values, axis: axis)
    }

    func joined(_ values: [Value], axis: Int) throws(Refusal) -> Value {
        let formed = try values.map { (value) throws(Refusal) in try channelForm(value, axis: axis) }
        guard formed.count <= 256 else { throw Refusal("it joins \(formed.count) parts; at most 256 are") }
        var result = try builder.add(.route(Route()), reading: formed)[0]
        result.isNonNegative = values.allSatisfy(\.isNonNegative)
        result.dims = values[0].dims
        result.dims[axis] = values.reduce(0) { $0 + $1.dims[axis] }
        return result
    }

    func tile() throws(Refusal) -> Value {
        var value = try value(0)
        let repeats = try constant(1).sizes
        guard repeats.count == value.dims.count, repeats.allSatisfy({ (1...256).contains($0) }) else {
            throw Refusal("it repeats another number of axes than it reads, or too often")
        }
        let axes = repeats.indices.filter { repeats[$0] > 1 }
        guard !axes.contains(0) else { throw Refusal("it repeats the samples of a batch") }
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
        guard parts.count <= 256 else { throw Refusal("it cuts \(parts.count) parts; at most 256 are") }
        var split = ChannelSplit()
        split.split = parts
        let results = try builder.add(.channelSplit(split), reading: [try builder.map(value)])
        return zip(results, parts).map { result, part in
            var result = result
            result.dims = value.dims
            result.dims[axis] = part
            (result.isNonNegative, result.isShared) = (value.isNonNegative, true)
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
        guard axis > 0 else { throw Refusal("it picks samples of a batch") }
        if axis == 1 {
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
            if let half = everySecond(value, cut.axis, cut.range, step: cut.step) {
                value = half
                continue
            }
            guard cut.step == 1 else {
                throw Refusal(
                    "it picks every \(cut.step)th place; only Focus does so, in front of a convolution")
            }
            value = try part(of: value, axis: cut.axis, cut.range)
        }
        return value
    }

    /// Every second row or column of a map, from the first or the second to the end.
    private func everySecond(_ value: Value, _ axis: Int, _ range: Range<Int>, step: Int) -> Value? {
        guard step == 2, value.dims.count == 4, axis > 1, value.dims[axis].isMultiple(of: 2),
            range.upperBound == value.dims[axis], range.lowerBound < 2
        else { return nil }
        var (row, column): (Int?, Int?) = (nil, nil)
        switch value.pending {
        case .everySecond(let oldRow, let oldColumn)?: (row, column) = (oldRow, oldColumn)
        case nil: break
        case .transposed?, .focused?: return nil
        }
        guard (axis == 2 ? row : column) == nil else { return nil }
        if axis == 2 { row = range.lowerBound } else { column = range.lowerBound }
        var half = value
        half.pending = .everySecond(row: row, column: column)
        half.dims[axis] /= 2
        return half
    }

    /// Four quarters of one map, joined as Focus does: rows and columns even, even; odd, even; even, odd; odd, odd.
    private func focused(_ values: [Value]) -> Value? {
        let order = [(0, 0), (1, 0), (0, 1), (1, 1)]
        guard values.count == 4 else { return nil }
        for (value, (row, column)) in zip(values, order) {
            guard value.source == values[0].source,
                case .everySecond(row: row, column: column)? = value.pending
            else { return nil }
        }
        var focused = values[0]
        focused.pending = .focused
        focused.dims[1] *= 4
        return focused
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
            let size = value.dims[axis]
            func place(_ number: Int) -> Int { min(max(number < 0 ? number + size : number, 0), size) }
            let (low, high) = (place(starts[index]), place(ends[index]))
            guard steps[index] > 0, low < high else { throw Refusal("it picks backwards, or nothing") }
            cuts.append((axis, low..<high, steps[index]))
        }
        return cuts
    }
}
