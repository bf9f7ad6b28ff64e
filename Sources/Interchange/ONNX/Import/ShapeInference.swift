/// The axes of an operator's results where no layer of ours gives them: what stands behind an operator that is refused can
/// then be judged all the same.
struct ShapeInference {
    let builder: ImportBuilder
    let node: ONNXNode
    let opset: Int
    /// Axes longer than this are not followed.
    private static let longest = 1 << 28

    init(_ builder: ImportBuilder, _ node: ONNXNode, opset: Int) {
        self.builder = builder
        self.node = node
        self.opset = opset
    }

    /// The axes of each result; nil where they cannot be told.
    func results(declared: [String: [Int]]) -> [[Int]?] {
        let worked = worked()
        return node.output.enumerated().map { index, name in
            let dims = worked.indices.contains(index) ? worked[index] : nil
            return (dims ?? declared[name]).flatMap(bounded)
        }
    }

    private func bounded(_ dims: [Int]) -> [Int]? {
        guard dims.count <= 16, dims.allSatisfy({ (0...ShapeInference.longest).contains($0) }),
            ONNXTensor.count(of: dims) != nil
        else { return nil }
        return dims
    }

    private func worked() -> [[Int]?] {
        guard ["", "ai.onnx"].contains(node.domain), let first = dims(0) else { return [] }
        if ShapeInference.pointwise.contains(node.opType) { return node.output.map { _ in first } }
        if ShapeInference.spreading.contains(node.opType) { return [spread()] }
        if node.opType.hasPrefix("Reduce") || ["ArgMax", "ArgMin"].contains(node.opType) {
            return [reduced(first)]
        }
        switch node.opType {
        case "Conv", "MaxPool", "AveragePool", "LpPool": return [slid(first)]
        case "ConvTranspose": return [widened(first)]
        case "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool":
            return [Array(first.prefix(2)) + first.dropFirst(2).map { _ in 1 }]
        case "Gemm", "MatMul": return [multiplied(first)]
        case "Reshape", "Flatten", "Squeeze", "Unsqueeze": return [renamed(first)]
        case "Transpose": return [turned(first)]
        case "Concat": return [joined(first)]
        case "Split": return parts(first)
        case "Slice": return [sliced(first)]
        case "Gather": return [gathered(first)]
        case "Pad": return [padded(first)]
        case "Resize", "Upsample": return [resized(first)]
        case "Expand": return [integers("shape", 1).flatMap { ShapeInference.broadcast([first, $0]) }]
        case "Tile": return [repeated(first)]
        case "DepthToSpace", "SpaceToDepth": return [blocked(first)]
        case "LSTM", "GRU", "RNN": return [recurrent(first)]
        default: return []
        }
    }

    /// Operators whose results have the axes of what they read first.
    private static let pointwise: Set<String> = [
        "Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "BatchNormalization", "BitwiseNot", "Cast",
        "CastLike", "Ceil", "Celu", "Clip", "Cos", "Cosh", "CumSum", "DequantizeLinear", "Dropout",
        "DynamicQuantizeLinear", "Elu", "Erf", "Exp", "Floor", "Gelu", "GroupNormalization", "HardSigmoid",
        "HardSwish", "Hardmax", "Identity", "InstanceNormalization", "IsInf", "IsNaN", "LRN",
        "LayerNormalization", "LeakyRelu", "Log", "LogSoftmax", "LpNormalization",
        "MeanVarianceNormalization", "Mish", "Neg", "Not", "PRelu", "QuantizeLinear", "RMSNormalization",
        "Reciprocal", "Relu", "Round", "ScatterElements", "ScatterND", "Selu", "Shrink", "Sigmoid", "Sign",
        "Sin", "Sinh", "Softmax", "Softplus", "Softsign", "Sqrt", "Swish", "Tan", "Tanh", "ThresholdedRelu",
        "Trilu",
    ]

    /// Operators that spread what they read over each other.
    private static let spreading: Set<String> = [
        "Add", "And", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Div", "Equal", "Greater",
        "GreaterOrEqual", "Less", "LessOrEqual", "Max", "Mean", "Min", "Mod", "Mul", "Or", "Pow", "Sub",
        "Sum", "Where", "Xor",
    ]

    /// Whether no result is below zero, whatever the data; true where nothing speaks against it.
    var isNonNegative: Bool {
        switch node.opType {
        case "Identity", "Dropout", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "MaxPool",
            "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "ReduceSum", "ReduceMax",
            "Resize", "Upsample", "Pad", "Slice", "Gather", "Split", "Concat", "Expand", "Tile", "Floor",
            "Ceil", "Round", "LRN", "DepthToSpace", "SpaceToDepth", "Cast":
            guard let name = node.input.first, case .value(let value)? = builder.known[name] else {
                return true
            }
            return value.isNonNegative
        case "Conv", "ConvTranspose", "Gemm", "MatMul", "Tanh", "Elu", "Selu", "Celu", "Mish", "Swish",
            "Gelu", "Erf", "Log", "Sin", "Cos", "Neg", "Sub", "Softsign", "LogSoftmax", "BatchNormalization",
            "InstanceNormalization", "LayerNormalization", "GroupNormalization", "LeakyRelu", "PRelu",
            "LSTM", "GRU", "RNN":
            return false
        default: return true
        }
    }
}

// What an operator reads.
extension ShapeInference {
    func dims(_ index: Int) -> [Int]? {
        guard node.input.indices.contains(index), !node.input[index].isEmpty else { return nil }
        return builder.dims(of: node.input[index])
    }

    func constant(_ index: Int) -> ONNXTensor? {
        guard node.input.indices.contains(index),
            case .constant(let tensor)? = builder.known[node.input[index]]
        else { return nil }
        return tensor
    }

    func integers(_ name: String, _ index: Int) -> [Int]? {
        node.integers(name) ?? constant(index)?.sizes
    }

    func front(_ axis: Int, _ count: Int) -> Int? {
        let front = axis < 0 ? axis + count : axis
        return (0..<count).contains(front) ? front : nil
    }

    /// The axes that several have when they are spread over each other.
    static func broadcast(_ all: [[Int]]) -> [Int]? {
        let count = all.map(\.count).max() ?? 0
        var result = [Int](repeating: 1, count: count)
        for dims in all {
            for (place, size) in zip(result.indices.suffix(dims.count), dims) where size != 1 {
                guard result[place] == 1 || result[place] == size else { return nil }
                result[place] = size
            }
        }
        return result
    }

    private func spread() -> [Int]? {
        var all: [[Int]] = []
        for index in node.input.indices where !node.input[index].isEmpty {
            guard let dims = dims(index) else { return nil }
            all.append(dims)
        }
        return ShapeInference.broadcast(all)
    }
}
