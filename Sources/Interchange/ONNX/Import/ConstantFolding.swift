import Graph

/// Computes what does not depend on data: shapes that exporters work out step by step, and weights that are made.
struct ConstantFolding {
    /// The most whole numbers that are made of one.
    private static let mostWholeNumbers = 1 << 20
    let builder: ImportBuilder
    let opset: Int

    /// The result of an operator; nil where it depends on data, or is none that files compute shapes with.
    func result(of node: ONNXNode) throws(Refusal) -> ONNXTensor? {
        if node.opType == "Constant" { return try constant(node) }
        if node.opType == "Shape" { return shape(node) }
        var inputs: [ONNXTensor] = []
        for name in node.input {
            if name.isEmpty { continue }
            guard case .constant(let tensor)? = builder.known[name] else { return nil }
            inputs.append(tensor)
        }
        guard let first = inputs.first else { return nil }
        switch node.opType {
        case "Identity", "Dropout": return first
        case "ConstantOfShape": return try filled(node, first)
        case "Reshape", "Flatten", "Squeeze", "Unsqueeze": return try reshaped(node, inputs)
        default: break
        }
        let isFolded = [
            "Cast", "Transpose", "Concat", "Gather", "Slice", "Add", "Sub", "Mul", "Div", "DequantizeLinear",
        ].contains(node.opType)
        guard isFolded else { return nil }
        // What is computed has at most as many numbers as all that is read.
        let isKept = first.isFilled && ["Cast", "Transpose"].contains(node.opType)
        if !isKept { try builder.spend(inputs.reduce(0) { $0 + $1.count }) }
        switch node.opType {
        case "Cast": return cast(first, to: node.integer("to", default: 1))
        case "Transpose":
            let order = node.integers("perm") ?? Array(first.dims.indices.reversed())
            guard order.sorted() == Array(first.dims.indices) else { return nil }
            return first.transposed(order)
        case "Concat": return concatenated(node, inputs)
        case "Gather": return gathered(node, inputs)
        case "Slice": return sliced(node, inputs)
        case "Add", "Sub", "Mul", "Div": return arithmetic(node, inputs)
        case "DequantizeLinear": return dequantized(node, inputs)
        default: return nil
        }
    }

    private func constant(_ node: ONNXNode) throws(Refusal) -> ONNXTensor? {
        guard let attribute = node.attribute.first else { return nil }
        switch attribute.name {
        case "value":
            do {
                return try ONNXTensor(attribute.t)
            } catch {
                throw Refusal("\(error)")
            }
        case "value_float": return ONNXTensor([attribute.f], dims: [])
        case "value_int": return ONNXTensor([Int(attribute.i)], dims: [])
        case "value_floats": return ONNXTensor(attribute.floats, dims: [attribute.floats.count])
        case "value_ints": return ONNXTensor(attribute.ints.map(Int.init), dims: [attribute.ints.count])
        default: return nil
        }
    }

    private func shape(_ node: ONNXNode) -> ONNXTensor? {
        guard let name = node.input.first else { return nil }
        let dims: [Int]
        switch builder.known[name] {
        case .constant(let tensor)?: dims = tensor.dims
        case .value(let value)?: dims = value.dims
        case .missing?, nil: return nil
        }
        func place(_ number: Int) -> Int {
            min(max(number < 0 ? number + dims.count : number, 0), dims.count)
        }
        let begin = place(node.integer("start", default: 0))
        let end = place(node.integer("end", default: dims.count))
        let part = Array(dims[begin..<max(begin, end)])
        return ONNXTensor(part, dims: [part.count])
    }

    private func cast(_ tensor: ONNXTensor, to type: Int) -> ONNXTensor {
        let isFloat = [1, 10, 11, 16].contains(type)
        if isFloat == !tensor.isInteger { return tensor }
        // One number everywhere stays one.
        if !isFloat, case .filled(let value) = tensor.elements, value == value.rounded(.towardZero) {
            return tensor
        }
        return isFloat
            ? ONNXTensor(tensor.floats, dims: tensor.dims) : ONNXTensor(tensor.integers, dims: tensor.dims)
    }

    private func filled(_ node: ONNXNode, _ shape: ONNXTensor) throws(Refusal) -> ONNXTensor {
        guard let count = ONNXTensor.count(of: shape.integers) else {
            throw Refusal("its shape \(shape.integers) is too large")
        }
        try builder.describe(count)
        guard let message = node.attribute("value")?.t else {
            return ONNXTensor(filled: 0, dims: shape.integers)
        }
        do {
            let value = try ONNXTensor(message)
            if value.isInteger {
                guard count <= ConstantFolding.mostWholeNumbers else {
                    throw Refusal("it makes \(count) whole numbers, more than any shape has")
                }
                try builder.spend(count)
                return ONNXTensor(
                    [Int](repeating: value.integers.first ?? 0, count: count), dims: shape.integers)
            }
            return ONNXTensor(filled: value.scalar ?? 0, dims: shape.integers)
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw Refusal("\(error)")
        }
    }

    private func reshaped(_ node: ONNXNode, _ inputs: [ONNXTensor]) throws(Refusal) -> ONNXTensor? {
        // The same rules as for data, whose first axis must stay; here any axis may change.
        let probe = ImportBuilder(uses: [:])
        probe.node = node
        for (name, tensor) in zip(node.input.filter { !$0.isEmpty }, inputs) {
            probe.known[name] = .constant(tensor)
        }
        return inputs[0].reshaped(
            try Translator(builder: probe, opset: opset).target(inputs[0].dims))
    }

    private func concatenated(_ node: ONNXNode, _ inputs: [ONNXTensor]) -> ONNXTensor? {
        let axis = node.integer("axis", default: 0)
        guard inputs.allSatisfy({ $0.dims.count == 1 }), axis == 0 || axis == -1 else { return nil }
        if inputs.allSatisfy(\.isInteger) {
            let values = inputs.flatMap(\.integers)
            return ONNXTensor(values, dims: [values.count])
        }
        let values = inputs.flatMap(\.floats)
        return ONNXTensor(values, dims: [values.count])
    }

    private func gathered(_ node: ONNXNode, _ inputs: [ONNXTensor]) -> ONNXTensor? {
        guard inputs.count == 2, inputs[0].dims.count == 1, node.integer("axis", default: 0) == 0 else {
            return nil
        }
        let indices = inputs[1].integers.map { $0 < 0 ? $0 + inputs[0].count : $0 }
        guard indices.allSatisfy({ (0..<inputs[0].count).contains($0) }) else { return nil }
        if inputs[0].isInteger {
            let values = inputs[0].integers
            return ONNXTensor(indices.map { values[$0] }, dims: inputs[1].dims)
        }
        let values = inputs[0].floats
        return ONNXTensor(indices.map { values[$0] }, dims: inputs[1].dims)
    }

    private func sliced(_ node: ONNXNode, _ inputs: [ONNXTensor]) -> ONNXTensor? {
        let starts = node.integers("starts") ?? (inputs.count > 1 ? inputs[1].integers : [])
        let ends = node.integers("ends") ?? (inputs.count > 2 ? inputs[2].integers : [])
        let step = inputs.count > 4 ? inputs[4].integers.first ?? 1 : 1
        guard inputs[0].dims.count == 1, inputs[0].isInteger, starts.count == 1, ends.count == 1, step == 1
        else { return nil }
        let values = inputs[0].integers
        func place(_ number: Int) -> Int {
            min(max(number < 0 ? number + values.count : number, 0), values.count)
        }
        let (begin, end) = (place(starts[0]), place(ends[0]))
        let part = Array(values[begin..<max(begin, end)])
        return ONNXTensor(part, dims: [part.count])
    }

    private func arithmetic(_ node: ONNXNode, _ inputs: [ONNXTensor]) -> ONNXTensor? {
        guard inputs.count == 2 else { return nil }
        let (first, second) = (inputs[0], inputs[1])
        let isSpread = first.dims != second.dims
        guard !isSpread || first.count == 1 || second.count == 1, first.count > 0, second.count > 0 else {
            return nil
        }
        let dims =
            first.dims.count >= second.dims.count && first.count >= second.count ? first.dims : second.dims
        let count = dims.reduce(1, *)
        if first.isInteger, second.isInteger {
            let (left, right) = (first.integers, second.integers)
            var values: [Int] = []
            for index in 0..<count {
                let (a, b) = (left[left.count == 1 ? 0 : index], right[right.count == 1 ? 0 : index])
                let result: (partialValue: Int, overflow: Bool)
                switch node.opType {
                case "Add": result = a.addingReportingOverflow(b)
                case "Sub": result = a.subtractingReportingOverflow(b)
                case "Mul": result = a.multipliedReportingOverflow(by: b)
                default: result = a.dividedReportingOverflow(by: b)
                }
                if result.overflow { return nil }
                values.append(result.partialValue)
            }
            return ONNXTensor(values, dims: dims)
        }
        let (left, right) = (first.floats, second.floats)
        let values = (0..<count).map { index -> Float in
            let (a, b) = (left[left.count == 1 ? 0 : index], right[right.count == 1 ? 0 : index])
            return switch node.opType {
            case "Add": a + b
            case "Sub": a - b
            case "Mul": a * b
            default: a / b
            }
        }
        return ONNXTensor(values, dims: dims)
    }

    private func dequantized(_ node: ONNXNode, _ inputs: [ONNXTensor]) -> ONNXTensor? {
        guard inputs.count >= 2 else { return nil }
        let (codes, scales) = (inputs[0], inputs[1].floats)
        let zeros = inputs.count > 2 ? inputs[2].integers : [0]
        guard !scales.isEmpty, !zeros.isEmpty else { return nil }
        var axis = node.integer("axis", default: 1)
        if axis < 0 { axis += codes.dims.count }
        let inner: Int
        if scales.count == 1 {
            inner = max(1, codes.count)
        } else {
            guard codes.dims.indices.contains(axis), codes.dims[axis] == scales.count,
                zeros.count == 1 || zeros.count == scales.count
            else { return nil }
            inner = codes.dims[(axis + 1)...].reduce(1, *)
        }
        let values = codes.integers.enumerated().map { index, code in
            let channel = index / inner % scales.count
            return Float(code &- zeros[zeros.count == 1 ? 0 : channel]) * scales[channel]
        }
        return ONNXTensor(values, dims: codes.dims)
    }
}
