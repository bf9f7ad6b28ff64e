import Graph

// Operators on maps whose channels are the last axis, as TensorFlow has them and a Transpose in front of a Linear makes them.
extension Translator {
    /// Operators that are the same with the channels as the second axis, when what they say of axes is said anew.
    private static let movable: Set<String> = [
        "Add", "Sub", "Mul", "Div", "Sum", "Mean", "Max", "Min", "PRelu", "Concat", "Split", "ReduceMean",
        "ReduceSum",
        "ReduceMax", "Slice", "Pad", "Pow", "MatMul",
    ]

    /// What the name of a value with its channels as the second axis ends with.
    private static let mark = "\u{0}second"

    /// The name in the file of a value, whatever its axes.
    static func named(_ name: String) -> String {
        name.hasSuffix(mark) ? String(name.dropLast(mark.count)) : name
    }

    /// The results of an operator that reads maps with their channels last: those with the channels second, under the axes of
    /// the file again. Nil where it reads others, or is no such operator.
    func channelsLast() throws(Refusal) -> [Value]? {
        guard Translator.movable.contains(node.opType), let rank = rankOfLast() else { return nil }
        let original = node
        defer { builder.node = original }
        var moved = original
        for (place, name) in original.input.enumerated() where !name.isEmpty {
            guard case .value(let value)? = builder.known[name] else { continue }
            guard value.dims.count == rank, let first = try channelsSecond(value) else { return nil }
            moved.input[place] = name + Translator.mark
            builder.known[moved.input[place]] = .value(first)
        }
        guard try say(&moved, rank: rank) else { return nil }
        builder.node = moved
        let isReduced = original.opType.hasPrefix("Reduce") && original.integer("keepdims", default: 1) == 0
        let listed = moved.integers("axes") ?? []
        var results: [Value] = []
        for result in try self.results() {
            let (base, view) = try viewed(result)
            var last = try self.result(base, view.transposed([0] + Array(2..<rank) + [1]))
            if isReduced {
                // Those of the file: the last is the second here.
                let gone = Set(listed.map { $0 == 1 ? rank - 1 : $0 - 1 })
                let dims = last.dims.indices.filter { !gone.contains($0) }.map { last.dims[$0] }
                let (base, view) = try viewed(last)
                guard let reshaped = view.reshaped(to: dims) else { return nil }
                last = try self.result(base, reshaped)
            }
            results.append(last)
        }
        return results
    }

    /// The axes of what the operator reads, where some of it is a map with its channels last that no layer can read so.
    private func rankOfLast() -> Int? {
        for name in node.input {
            guard case .value(let value)? = builder.known[name], case .view? = value.pending,
                (3...4).contains(value.dims.count), !builder.isReadable(value)
            else { continue }
            return value.dims.count
        }
        return nil
    }

    /// The value with its last axis as the second; nil where no layer can read it so.
    private func channelsSecond(_ value: Value) throws(Refusal) -> Value? {
        let rank = value.dims.count
        let (base, view) = try viewed(value)
        let second = try result(base, view.transposed([0, rank - 1] + Array(1..<rank - 1)))
        return builder.isReadable(second) ? second : nil
    }

    /// Says anew what the operator says of axes; false where that cannot be.
    private func say(_ node: inout ONNXNode, rank: Int) throws(Refusal) -> Bool {
        func second(_ axis: Int) throws(Refusal) -> Int {
            let front = axis < 0 ? axis + rank : axis
            guard (0..<rank).contains(front) else { throw Refusal("it has no axis \(axis)") }
            return front == 0 ? 0 : front == rank - 1 ? 1 : front + 1
        }
        func set(_ name: String, _ values: [Int]) {
            node.attribute.removeAll { $0.name == name }
            node.attribute.append(.integers(name, values))
        }
        func replace(_ place: Int, _ tensor: ONNXTensor) {
            node.input[place] = node.input[place] + Translator.mark
            builder.known[node.input[place]] = .constant(tensor)
        }
        switch node.opType {
        case "Concat", "Split":
            let axis = try second(node.integer("axis", default: 0))
            node.attribute.removeAll { $0.name == "axis" }
            node.attribute.append(.integer("axis", axis))
            return true
        case "ReduceMean", "ReduceSum", "ReduceMax":
            let axes = try (integers("axes", input: 1) ?? []).map(second)
            guard !axes.isEmpty else { return false }
            node.input = Array(node.input.prefix(1))
            node.attribute.removeAll { $0.name == "keepdims" }
            set("axes", axes)
            return true
        case "Slice":
            let starts = try integers("starts", input: 1) ?? []
            let axes = try (integers("axes", input: 3) ?? Array(starts.indices)).map(second)
            if node.input.count > 1 {
                while node.input.count < 4 { node.input.append("") }
                node.input[3] = "axes" + Translator.mark
                builder.known[node.input[3]] = .constant(ONNXTensor(axes, dims: [axes.count]))
            } else {
                set("axes", axes)
            }
            return true
        case "Pad":
            guard let pads = try integers("pads", input: 1) ?? node.integers("paddings"),
                pads.count == 2 * rank
            else { return false }
            let order = [0, rank - 1] + Array(1..<rank - 1)
            node.input = node.input.enumerated().map { $0 == 1 ? "" : $1 }
            set("pads", (order + order.map { $0 + rank }).map { pads[$0] })
            return true
        case "MatMul":
            guard node.input.count == 2, case .constant(let weight)? = builder.known[node.input[1]],
                weight.dims.count == 2
            else { return false }
            let turned = try builder.exchanged(weight)
            let window = [Int](repeating: 1, count: rank - 2)
            node.opType = "Conv"
            replace(1, turned.reshaped(turned.dims + window))
            return true
        default:
            for (place, name) in node.input.enumerated() {
                guard case .constant(let tensor)? = builder.known[name], tensor.count > 1 else { continue }
                guard tensor.dims.count <= rank else { return false }
                let dims = [Int](repeating: 1, count: rank - tensor.dims.count) + tensor.dims
                replace(
                    place, tensor.reshaped(dims).transposed([0, rank - 1] + Array(1..<rank - 1)))
            }
            return true
        }
    }
}
