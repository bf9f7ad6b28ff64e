import Graph

/// Computes what does not depend on data: shapes that exporters work out step by step, and weights that are made.
struct ConstantFolding {
    /// The most whole numbers that are made of one.
    private static let mostWholeNumbers = 1 << 20
    let builder: ImportBuilder
    let opset: Int

    /// The result of an operator; nil where it depends on data, or is none that files compute shapes and weights with.
    ///
    /// The other results of a Split become known as well.
    func result(of node: ONNXNode) throws(Refusal) -> ONNXTensor? {
        if node.opType == "Constant" { return try constant(node) }
        if node.opType == "Shape" { return shape(node) }
        if node.opType == "Size" {
            return shape(node).map { ONNXTensor([$0.integers.reduce(1, *)], dims: []) }
        }
        var inputs: [ONNXTensor?] = []
        for name in node.input {
            if name.isEmpty {
                inputs.append(nil)
                continue
            }
            guard case .constant(let tensor)? = builder.known[name] else { return nil }
            inputs.append(tensor)
        }
        guard let first = inputs.first ?? nil else { return nil }
        switch node.opType {
        case "Identity", "Dropout": return first
        case "ConstantOfShape": return try filled(node, first)
        case "Reshape", "Flatten", "Squeeze", "Unsqueeze":
            return try reshaped(node, inputs.compactMap(\.self))
        case "Expand", "Tile": return try repeated(node, inputs)
        case "Range": return try range(inputs.compactMap(\.self))
        default: break
        }
        guard ConstantFolding.folded.contains(node.opType) else { return nil }
        let isKept = first.isFilled && ["Cast", "Transpose"].contains(node.opType)
        if !isKept { try builder.spend(inputs.reduce(0) { $0 + ($1?.count ?? 0) }) }
        let tensors = inputs.compactMap(\.self)
        switch node.opType {
        case "Cast": return cast(first, to: node.integer("to", default: 1))
        case "Transpose":
            let order = node.integers("perm") ?? Array(first.dims.indices.reversed())
            guard order.sorted() == Array(first.dims.indices) else { return nil }
            return first.transposed(order)
        case "Concat": return concatenated(node, tensors)
        case "Gather": return try gathered(node, tensors)
        case "Slice": return try sliced(node, inputs)
        case "Split": return try split(node, tensors)
        case "Pad": return try padded(node, inputs)
        case "ScatterND": return scattered(tensors)
        case "DequantizeLinear": return dequantized(node, tensors)
        case "QuantizeLinear": return quantized(node, tensors)
        default:
            let arithmetic = ConstantArithmetic(node: node, inputs: inputs) { (count) throws(Refusal) in
                try builder.spend(count)
            }
            return try arithmetic.result()
        }
    }

    /// The operators that are computed once all that they read is known.
    private static let folded: Set<String> = ConstantArithmetic.operators.union([
        "Cast", "Transpose", "Concat", "Gather", "Slice", "Split", "Pad", "ScatterND", "DequantizeLinear",
        "QuantizeLinear",
    ])

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

    private func range(_ inputs: [ONNXTensor]) throws(Refusal) -> ONNXTensor? {
        guard inputs.count == 3, inputs.allSatisfy({ $0.count == 1 }) else { return nil }
        if inputs.allSatisfy(\.isInteger) {
            let start = inputs[0].integers[0]
            let end = inputs[1].integers[0]
            let step = inputs[2].integers[0]
            let (length, overflow) = end.subtractingReportingOverflow(start)
            guard step != 0, !overflow, step != -1 || length != .min else { return nil }
            try builder.spend(max(0, length / step))
            let values = Array(stride(from: start, to: end, by: step))
            return ONNXTensor(values, dims: [values.count])
        }
        let start = inputs[0].floats[0]
        let end = inputs[1].floats[0]
        let step = inputs[2].floats[0]
        let length = ((end - start) / step).rounded(.up)
        guard length.isFinite, length <= Float(ONNXTensor.countLimit) else { return nil }
        let count = max(0, Int(held: length))
        try builder.spend(count)
        return ONNXTensor((0..<count).map { start + Float($0) * step }, dims: [count])
    }
}
