import Graph

// The axes of results, operator by operator; nil where they cannot be told.
extension ShapeInference {
    func slid(_ first: [Int]) -> [Int]? {
        let weight = node.opType == "Conv" ? dims(1) : nil
        let kernel = node.integers("kernel_shape") ?? weight.map { Array($0.dropFirst(2)) } ?? []
        guard first.count == kernel.count + 2, !kernel.isEmpty else { return nil }
        do throws(Refusal) {
            let axes = try WindowAxis.axes(of: node, over: Array(first.dropFirst(2)), kernel: kernel)
            let isUp = node.integer("ceil_mode", default: 0) != 0
            let steps = axes.map { axis in
                let rest = (axis.size + axis.pads.before + axis.pads.after - axis.span) % axis.stride
                let isMore = isUp && rest > 0 && axis.steps * axis.stride < axis.size + axis.pads.before
                return axis.steps + (isMore ? 1 : 0)
            }
            return [first[0], weight?[0] ?? first[1]] + steps
        } catch {
            return nil
        }
    }

    func widened(_ first: [Int]) -> [Int]? {
        let groups = node.integer("group", default: 1)
        guard let weight = dims(1), weight.count == first.count, first.count > 2, groups > 0 else {
            return nil
        }
        let count = first.count - 2
        func list(_ name: String, _ value: Int, _ length: Int) -> [Int]? {
            let list = node.integers(name) ?? [Int](repeating: value, count: length)
            return list.count == length ? list : nil
        }
        if let shape = node.integers("output_shape"), shape.count == count {
            return [first[0], weight[1] * groups] + shape
        }
        guard let strides = list("strides", 1, count), let dilations = list("dilations", 1, count),
            let extra = list("output_padding", 0, count), let pads = list("pads", 0, 2 * count)
        else { return nil }
        return [first[0], weight[1] * groups]
            + (0..<count).map { axis in
                let span = dilations[axis] * (weight[2 + axis] - 1) + 1
                return strides[axis] * (first[2 + axis] - 1) + extra[axis] + span - pads[axis]
                    - pads[axis + count]
            }
    }

    func multiplied(_ first: [Int]) -> [Int]? {
        guard let second = dims(1), !first.isEmpty, !second.isEmpty else { return nil }
        if node.opType == "Gemm" {
            guard first.count == 2, second.count == 2 else { return nil }
            return [
                first[node.integer("transA", default: 0) == 0 ? 0 : 1],
                second[node.integer("transB", default: 0) == 0 ? 1 : 0],
            ]
        }
        let rows = first.count > 1 ? [first[first.count - 2]] : []
        let columns = second.count > 1 ? [second[second.count - 1]] : []
        return ShapeInference.broadcast([Array(first.dropLast(2)), Array(second.dropLast(2))])
            .map { $0 + rows + columns }
    }

    func renamed(_ first: [Int]) -> [Int]? {
        let probe = ImportBuilder(uses: [:])
        probe.node = node
        for name in node.input { probe.known[name] = builder.known[name] }
        do throws(Refusal) {
            return try Translator(builder: probe, opset: opset).target(first)
        } catch {
            return nil
        }
    }

    func turned(_ first: [Int]) -> [Int]? {
        let order = node.integers("perm") ?? Array(first.indices.reversed())
        return order.sorted() == Array(first.indices) ? order.map { first[$0] } : nil
    }

    func joined(_ first: [Int]) -> [Int]? {
        guard let axis = front(node.integer("axis", default: 1), first.count) else { return nil }
        var result = first
        for index in node.input.indices.dropFirst() {
            guard let other = dims(index), other.count == first.count else { return nil }
            result[axis] += other[axis]
        }
        return result
    }

    func parts(_ first: [Int]) -> [[Int]?] {
        guard let axis = front(node.integer("axis", default: 0), first.count) else { return [] }
        let count = node.output.count
        let part = (first[axis] + count - 1) / max(1, count)
        let sizes =
            integers("split", 1)
            ?? (0..<count).map { min(part, max(0, first[axis] - $0 * part)) }
        return sizes.map { size in
            var dims = first
            dims[axis] = size
            return dims
        }
    }

    func sliced(_ first: [Int]) -> [Int]? {
        guard let starts = integers("starts", 1), let ends = integers("ends", 2) else { return nil }
        let axes = integers("axes", 3) ?? Array(starts.indices)
        let steps = constant(4)?.sizes ?? starts.map { _ in 1 }
        guard ends.count == starts.count, axes.count == starts.count, steps.count == starts.count else {
            return nil
        }
        var result = first
        for index in starts.indices {
            guard let axis = front(axes[index], first.count), steps[index] != 0 else { return nil }
            let size = first[axis]
            func place(_ number: Int, _ range: ClosedRange<Int>) -> Int {
                min(max(number < 0 ? number + size : number, range.lowerBound), range.upperBound)
            }
            if steps[index] > 0 {
                let low = place(starts[index], 0...size)
                let high = place(ends[index], 0...size)
                result[axis] = max(0, (high - low + steps[index] - 1) / steps[index])
            } else {
                let low = place(starts[index], -1...size - 1)
                let high = place(ends[index], -1...size - 1)
                result[axis] = max(0, (low - high - steps[index] - 1) / -steps[index])
            }
        }
        return result
    }

    func gathered(_ first: [Int]) -> [Int]? {
        guard let indices = dims(1), let axis = front(node.integer("axis", default: 0), first.count) else {
            return nil
        }
        return first[..<axis] + indices + first[(axis + 1)...]
    }

    func padded(_ first: [Int]) -> [Int]? {
        guard let pads = integers("pads", 1) ?? node.integers("paddings"), pads.count == 2 * first.count
        else { return nil }
        return first.indices.map { first[$0] + pads[$0] + pads[$0 + first.count] }
    }

    func resized(_ first: [Int]) -> [Int]? {
        let hasRegion = node.opType == "Resize" && opset > 10
        if hasRegion, let sizes = constant(3)?.sizes, sizes.count == first.count { return sizes }
        let scales = node.attribute("scales")?.floats ?? constant(hasRegion ? 2 : 1)?.floats
        guard let scales, scales.count == first.count,
            scales.allSatisfy({ $0.isFinite && $0 > 0 && $0 < 65536 })
        else { return nil }
        return zip(first, scales).map { Int(Int32(held: Float($0) * $1)) }
    }

    func repeated(_ first: [Int]) -> [Int]? {
        guard let repeats = constant(1)?.sizes, repeats.count == first.count else { return nil }
        return zip(first, repeats).map { $0 * $1 }
    }

    func blocked(_ first: [Int]) -> [Int]? {
        let block = node.integer("blocksize", default: 1)
        guard first.count == 4, (1...4096).contains(block) else { return nil }
        return node.opType == "DepthToSpace"
            ? [first[0], first[1] / (block * block), first[2] * block, first[3] * block]
            : [first[0], first[1] * block * block, first[2] / block, first[3] / block]
    }

    func reduced(_ first: [Int]) -> [Int]? {
        let keeps = node.integer("keepdims", default: 1) != 0
        let isPlace = ["ArgMax", "ArgMin"].contains(node.opType)
        var listed = isPlace ? [node.integer("axis", default: 0)] : integers("axes", 1) ?? []
        if listed.isEmpty {
            if node.integer("noop_with_empty_axes", default: 0) != 0 { return first }
            listed = Array(first.indices)
        }
        let axes = Set(listed.compactMap { front($0, first.count) })
        return first.indices.filter { keeps || !axes.contains($0) }.map { axes.contains($0) ? 1 : first[$0] }
    }

    func recurrent(_ first: [Int]) -> [Int]? {
        guard first.count == 3, let state = dims(2), state.count == 3 else { return nil }
        return [first[0], state[0], first[1], state[2]]
    }
}
