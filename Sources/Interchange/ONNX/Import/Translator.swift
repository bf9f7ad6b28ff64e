import Graph

/// Reads the operators of a file one by one and says them in ours.
struct Translator {
    let builder: ImportBuilder
    let opset: Int

    /// What an operator reads.
    var node: ONNXNode { builder.node }

    /// Translates one operator; its results become known.
    func translate() throws(Refusal) {
        if let part = try partOfFunction() {
            for name in node.output { builder.define(name, part) }
            return
        }
        let results: [Value]
        if let whole = try wholeFunction() { results = [whole] } else { results = try self.results() }
        for (name, result) in zip(node.output, results) {
            // Two readers must not make two layers, and a result needs one.
            let isRead = builder.uses[name, default: 0] > 1 || builder.results.contains(name)
            builder.define(name, isRead && builder.isShuffled(result) ? try builder.resolved(result) : result)
        }
    }

    /// The results of an operator as it stands.
    func results() throws(Refusal) -> [Value] {
        if let values = try channelsLast() { return values }
        return switch node.opType {
        case "Conv": [try convolution()]
        case "ConvTranspose": [try transposedConvolution()]
        case "Gemm": [try gemm()]
        case "MatMul": [try matrixProduct()]
        case "Gather": [try gather()]
        case "BatchNormalization": [try batchNormalization()]
        case "Relu", "LeakyRelu", "PRelu", "HardSigmoid", "HardSwish", "Clip": [try activation()]
        case "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "ReduceSum",
            "ReduceMax":
            [try pooling()]
        case "Resize", "Upsample": [try resize()]
        case "Pad": [try pad()]
        case "Add", "Sum", "Sub", "Mul", "Div", "Max", "Min", "Neg", "Abs", "Mean", "Pow": [try arithmetic()]
        case "Concat": [try concatenation()]
        case "Split": try split()
        case "Slice": [try slice()]
        case "Tile": [try tile()]
        case "Reshape", "Flatten", "Squeeze", "Unsqueeze": [try reshape()]
        case "Transpose": [try transpose()]
        case "DepthToSpace": [try depthToSpace()]
        case "SpaceToDepth": [try spaceToDepth()]
        case "Expand": [try expand()]
        case "Identity", "Dropout": [try value(0)]
        case "Cast", "CastLike": [try cast()]
        case "QuantizeLinear": [try quantize()]
        case "DequantizeLinear": [try dequantize()]
        default: throw Refusal(Advice.reason(for: node.opType))
        }
    }

    /// The operators that are translated, for those whose inputs were lost.
    static let operators: Set<String> = [
        "Conv", "ConvTranspose", "Gemm", "MatMul", "Gather", "BatchNormalization", "Relu", "LeakyRelu",
        "PRelu", "HardSigmoid", "HardSwish", "Clip", "MaxPool", "AveragePool", "GlobalAveragePool",
        "GlobalMaxPool", "ReduceMean", "ReduceSum", "ReduceMax", "Mean", "Pow", "Resize", "Upsample", "Pad",
        "Add", "Sum", "Sub", "Mul",
        "Div", "Max", "Min", "Neg", "Abs", "Concat", "Split", "Slice", "Tile", "Reshape", "Flatten",
        "Squeeze", "Unsqueeze", "Transpose", "DepthToSpace", "SpaceToDepth", "Expand", "Identity", "Dropout",
        "Cast", "CastLike", "QuantizeLinear", "DequantizeLinear",
    ]

    // What an operator reads.

    /// What one input stands for; nil where the operator has no such input.
    func known(_ index: Int) -> Known? {
        guard node.input.indices.contains(index), !node.input[index].isEmpty else { return nil }
        return builder.known[node.input[index]] ?? .missing
    }

    /// An input that depends on data.
    func value(_ index: Int) throws(Refusal) -> Value {
        switch known(index) {
        case .value(let value)?: return value
        case .constant?: throw Refusal("its input \(index) does not depend on data")
        case .missing?, nil: throw Refusal("its input \(index) is not there")
        }
    }

    /// An input that does not depend on data; nil where the operator has no such input.
    func optionalConstant(_ index: Int) throws(Refusal) -> ONNXTensor? {
        switch known(index) {
        case .constant(let tensor)?: return tensor
        case .value?:
            throw Refusal(
                "its input \(index) depends on data; the chips' operators have it fixed")
        case .missing?: throw Refusal("its input \(index) is not there")
        case nil: return nil
        }
    }

    /// An input that does not depend on data.
    func constant(_ index: Int) throws(Refusal) -> ONNXTensor {
        guard let tensor = try optionalConstant(index) else {
            throw Refusal("its input \(index) is not there")
        }
        return tensor
    }

    /// Whole numbers that older files have as an attribute and newer ones as an input.
    func integers(_ name: String, input: Int) throws(Refusal) -> [Int]? {
        if let values = node.integers(name) { return values }
        return try optionalConstant(input)?.sizes
    }

    /// An axis counted from the front.
    func axis(_ axis: Int, of dims: [Int]) throws(Refusal) -> Int {
        let front = axis < 0 ? axis + dims.count : axis
        guard dims.indices.contains(front) else { throw Refusal("it has no axis \(axis)") }
        return front
    }

    /// The value in a shape whose channels are one axis of the file; throws where ours has weights for other axes alone.
    func channelForm(_ value: Value, axis: Int) throws(Refusal) -> Value {
        if axis == 1 {
            // What reads it takes the order of its channels into account.
            if value.dims.count > 2, let planes = builder.planes(of: value), planes.factor == 1,
                value.pending != nil
            {
                return builder.value(planes, like: value)
            }
            if builder.isShuffled(value) { return value }
            if value.dims.count == 2, value.pending == nil, value.shape == value.mapShape { return value }
            return value.dims.count == 2
                ? try builder.form(value, as: value.naturalShape) : try builder.map(value)
        }
        if axis == 2, value.dims.count == 3 { return try builder.form(value, as: value.naturalShape) }
        throw Refusal("it acts along axis \(axis); the chips' operators act along channels")
    }
}
