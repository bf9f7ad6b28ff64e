import Graph

// Operators that pick, join, repeat or place elements of tensors that are known.
extension ConstantFolding {
    func concatenated(_ node: ONNXNode, _ inputs: [ONNXTensor]) -> ONNXTensor? {
        guard let first = inputs.first else { return nil }
        let count = first.dims.count
        let listed = node.integer("axis", default: 0)
        let axis = listed < 0 ? listed + count : listed
        guard first.dims.indices.contains(axis),
            inputs.allSatisfy({ tensor in
                tensor.dims.count == count
                    && tensor.dims.indices.allSatisfy { $0 == axis || tensor.dims[$0] == first.dims[$0] }
            })
        else { return nil }
        var dims = first.dims
        dims[axis] = inputs.reduce(0) { $0 + $1.dims[axis] }
        let outer = dims[..<axis].reduce(1, *)
        func joined<Element>(_ parts: [[Element]]) -> [Element] {
            (0..<outer).flatMap { block in
                parts.flatMap { part in
                    let length = part.count / max(1, outer)
                    return part[block * length..<(block + 1) * length]
                }
            }
        }
        return inputs.allSatisfy(\.isInteger)
            ? ONNXTensor(joined(inputs.map(\.integers)), dims: dims)
            : ONNXTensor(joined(inputs.map(\.floats)), dims: dims)
    }

    func gathered(_ node: ONNXNode, _ inputs: [ONNXTensor]) throws(Refusal) -> ONNXTensor? {
        guard inputs.count == 2 else { return nil }
        let data = inputs[0]
        let indices = inputs[1]
        let listed = node.integer("axis", default: 0)
        let axis = listed < 0 ? listed + data.dims.count : listed
        guard data.dims.indices.contains(axis), indices.isInteger else { return nil }
        let places = indices.integers.map { $0 < 0 ? $0 &+ data.dims[axis] : $0 }
        guard places.allSatisfy({ (0..<data.dims[axis]).contains($0) }) else { return nil }
        let dims = Array(data.dims[..<axis]) + indices.dims + data.dims[(axis + 1)...]
        guard let count = ONNXTensor.count(of: dims) else { return nil }
        try builder.spend(count)
        return data.picked(axis: axis, places).reshaped(dims)
    }

    func sliced(_ node: ONNXNode, _ inputs: [ONNXTensor?]) throws(Refusal) -> ONNXTensor? {
        func numbers(_ name: String, _ place: Int) -> [Int]? {
            node.integers(name) ?? (inputs.indices.contains(place) ? inputs[place]?.integers : nil)
        }
        guard let data = inputs[0], let starts = numbers("starts", 1), let ends = numbers("ends", 2) else {
            return nil
        }
        let axes = numbers("axes", 3) ?? Array(starts.indices)
        let steps = numbers("steps", 4) ?? starts.map { _ in 1 }
        guard ends.count == starts.count, axes.count == starts.count, steps.count == starts.count else {
            return nil
        }
        var result = data
        for index in starts.indices {
            let axis = axes[index] < 0 ? axes[index] &+ data.dims.count : axes[index]
            guard data.dims.indices.contains(axis), steps[index] != 0 else { return nil }
            let size = result.dims[axis]
            let step = Int(Int32(clamping: steps[index]))
            func place(_ number: Int, _ range: ClosedRange<Int>) -> Int {
                min(max(number < 0 ? number &+ size : number, range.lowerBound), range.upperBound)
            }
            let range = step > 0 ? 0...size : -1...max(-1, size - 1)
            let places = Array(
                stride(from: place(starts[index], range), to: place(ends[index], range), by: step)
            ).filter { (0..<size).contains($0) }
            result = result.picked(axis: axis, places)
        }
        return result
    }

    func split(_ node: ONNXNode, _ inputs: [ONNXTensor]) throws(Refusal) -> ONNXTensor? {
        let data = inputs[0]
        let listed = node.integer("axis", default: 0)
        let axis = listed < 0 ? listed + data.dims.count : listed
        guard data.dims.indices.contains(axis), !node.output.isEmpty else { return nil }
        let size = data.dims[axis]
        let part = (size + node.output.count - 1) / node.output.count
        let even = (0..<node.output.count).map { min(part, max(0, size - $0 * part)) }
        let parts = node.integers("split") ?? (inputs.count > 1 ? inputs[1].sizes : even)
        guard parts.count == node.output.count, parts.allSatisfy({ $0 >= 0 && $0 <= size }),
            parts.reduce(0, +) == size
        else { return nil }
        var begin = 0
        var results: [ONNXTensor] = []
        for part in parts {
            results.append(data.picked(axis: axis, Array(begin..<begin + part)))
            begin += part
        }
        for (name, result) in zip(node.output, results).dropFirst() {
            builder.known[name] = .constant(result)
        }
        return results.first
    }

    func padded(_ node: ONNXNode, _ inputs: [ONNXTensor?]) throws(Refusal) -> ONNXTensor? {
        guard let data = inputs[0], node.text("mode", default: "constant") == "constant", inputs.count < 4,
            let pads = node.integers("pads") ?? (inputs.count > 1 ? inputs[1]?.sizes : nil),
            pads.count == 2 * data.dims.count, pads.allSatisfy({ $0 >= 0 })
        else { return nil }
        let fill = inputs.count > 2 ? inputs[2]?.scalar ?? 0 : node.number("value", default: 0)
        let rank = data.dims.count
        let dims = data.dims.indices.map { data.dims[$0] + pads[$0] + pads[$0 + rank] }
        guard let count = ONNXTensor.count(of: dims) else { return nil }
        try builder.spend(count)
        let old = data.floats
        var new = [Float](repeating: fill, count: count)
        for (place, number) in old.enumerated() {
            var rest = place
            var target = 0
            var stride = 1
            for axis in data.dims.indices.reversed() {
                target += (rest % data.dims[axis] + pads[axis]) * stride
                rest /= data.dims[axis]
                stride *= dims[axis]
            }
            new[target] = number
        }
        let result = ONNXTensor(new, dims: dims)
        return data.isInteger ? ONNXTensor(result.integers, dims: dims) : result
    }

    /// Rows of the last tensor put at places of the first.
    func scattered(_ inputs: [ONNXTensor]) -> ONNXTensor? {
        guard inputs.count == 3, let depth = inputs[1].dims.last, depth > 0, depth <= inputs[0].dims.count
        else {
            return nil
        }
        let data = inputs[0]
        let indices = inputs[1].integers
        let updates = inputs[2]
        let length = data.dims[depth...].reduce(1, *)
        guard indices.count / depth * length == updates.count else { return nil }
        var places: [Int] = []
        for row in 0..<indices.count / depth {
            var place = 0
            for axis in 0..<depth {
                let index = indices[row * depth + axis]
                let front = index < 0 ? index &+ data.dims[axis] : index
                guard (0..<data.dims[axis]).contains(front) else { return nil }
                place = place * data.dims[axis] + front
            }
            places.append(place * length)
        }
        func put<Element>(_ old: [Element], _ new: [Element]) -> [Element] {
            var result = old
            for (row, place) in places.enumerated() {
                result.replaceSubrange(place..<place + length, with: new[row * length..<(row + 1) * length])
            }
            return result
        }
        return data.isInteger && updates.isInteger
            ? ONNXTensor(put(data.integers, updates.integers), dims: data.dims)
            : ONNXTensor(put(data.floats, updates.floats), dims: data.dims)
    }

    /// A tensor whose axes of 1 are spread, or all of whose axes are repeated.
    func repeated(_ node: ONNXNode, _ inputs: [ONNXTensor?]) throws(Refusal) -> ONNXTensor? {
        guard inputs.count == 2, let data = inputs[0], let listed = inputs[1]?.sizes else { return nil }
        var dims = data.dims
        var target = listed
        if node.opType == "Expand" {
            while dims.count < target.count { dims.insert(1, at: 0) }
            while target.count < dims.count { target.insert(1, at: 0) }
            for axis in target.indices where target[axis] == 1 { target[axis] = dims[axis] }
            guard zip(dims, target).allSatisfy({ $0 == $1 || $0 == 1 }) else { return nil }
        } else {
            guard target.count == dims.count, target.allSatisfy({ $0 >= 0 }) else { return nil }
            for axis in dims.indices { target[axis] = target[axis] * dims[axis] }
        }
        guard let count = ONNXTensor.count(of: target) else {
            throw Refusal("its shape \(target) is too large")
        }
        if case .filled(let value) = data.elements {
            try builder.describe(count)
            return ONNXTensor(filled: value, dims: target)
        }
        try builder.spend(count)
        var result = data.reshaped(dims)
        for axis in target.indices where target[axis] != dims[axis] {
            result = result.picked(axis: axis, (0..<target[axis]).map { $0 % max(1, dims[axis]) })
        }
        return result
    }
}
