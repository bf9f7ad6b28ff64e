/// An ONNX model with the operators that other exporters write, put together field by field.
struct ModelSeed {
    private var nodes: [WireField] = []
    private var weights: [WireField] = []
    private var last: String
    private let dims: [Int]

    /// A graph with one input, "x" of some axes, the batch first.
    private init(_ dims: [Int]) { (self.dims, last) = (dims, "x") }

    /// An attribute: of a number, of numbers, or a text.
    private enum Attribute {
        case int(String, Int)
        case ints(String, [Int])
        case float(String, Float)
        case text(String, String)

        var field: WireField {
            switch self {
            case .int(let name, let value): WireField(5, [.init(1, name), .init(3, value), .init(20, 2)])
            case .ints(let name, let values):
                WireField(5, [.init(1, name)] + values.map { .init(8, $0) } + [.init(20, 7)])
            case .float(let name, let value):
                WireField(
                    5, [.init(1, name), .init(2, .fixed(littleEndian([value.bitPattern]))), .init(20, 1)])
            case .text(let name, let value): WireField(5, [.init(1, name), .init(4, value), .init(20, 3)])
            }
        }
    }

    /// An operator that reads the one before, or `inputs`.
    private mutating func add(
        _ type: String, _ others: [String] = [], reading inputs: [String]? = nil,
        _ attributes: [Attribute] = []
    ) {
        let output = "\(type)\(nodes.count)"
        let names = (inputs ?? [last]) + others
        nodes.append(
            WireField(
                1,
                names.map { .init(1, $0) } + [.init(2, output), .init(3, "n\(nodes.count)"), .init(4, type)]
                    + attributes.map(\.field)))
        last = output
    }

    private mutating func weight(
        _ dims: [Int], value: (Int) -> Float = { Float($0 % 7) / 8 + 0.125 }
    ) -> String {
        let bytes = littleEndian((0..<dims.reduce(1, *)).map { value($0).bitPattern })
        return tensor(dims, type: 1, bytes)
    }

    private mutating func integers(_ values: [Int]) -> String {
        tensor([values.count], type: 7, littleEndian(values.map(Int64.init)))
    }

    private mutating func tensor(_ dims: [Int], type: Int, _ bytes: [UInt8]) -> String {
        let name = "w\(weights.count)"
        weights.append(
            WireField(
                5, dims.map { .init(1, $0) } + [.init(2, type), .init(8, name), .init(9, .bytes(bytes))]))
        return name
    }

    private var bytes: [UInt8] {
        let axes = dims.map { WireField(1, [.init(1, $0)]) }
        let input: [WireField] = [.init(1, "x"), .init(2, [.init(1, [.init(1, 1), .init(2, axes)])])]
        let graph =
            nodes + [.init(2, "graph")] + weights + [.init(11, input), .init(12, [.init(1, last)])]
        return WireField.encoded([
            .init(1, 8), .init(2, "pytorch"), .init(8, [.init(1, ""), .init(2, 13)]), .init(7, graph),
        ])
    }

    /// A network for maps, one for sequences, one that works shapes out and makes its weights.
    static let all: [[UInt8]] = [map, rest, computed].map(\.bytes)

    private static var map: ModelSeed {
        var seed = ModelSeed([1, 4, 8, 8])
        seed.add(
            "Conv", [seed.weight([8, 4, 3, 3]), seed.weight([8])],
            [.ints("kernel_shape", [3, 3]), .ints("pads", [1, 1, 1, 1]), .int("group", 1)])
        seed.add(
            "BatchNormalization", [seed.weight([8]), seed.weight([8]), seed.weight([8]), seed.weight([8])],
            [.float("epsilon", 1e-3)])
        seed.add("Clip", [seed.tensor([], type: 1, littleEndian([Float(0).bitPattern]))])
        seed.add("PRelu", [seed.weight([8, 1, 1])])
        seed.add("Pad", [seed.integers([0, 0, 1, 1, 0, 0, 1, 1])])
        seed.add(
            "ConvTranspose", [seed.weight([8, 4, 2, 2])],
            [.ints("strides", [2, 2]), .ints("kernel_shape", [2, 2])])
        seed.add("MaxPool", [], [.ints("kernel_shape", [2, 2]), .ints("strides", [2, 2])])
        seed.add("LeakyRelu", [], [.float("alpha", 0.1)])
        let skip = seed.last
        seed.add("Mul", [seed.weight([1, 4, 1, 1])])
        seed.add("Concat", [skip], [.int("axis", 1)])
        seed.add("AveragePool", [], [.ints("kernel_shape", [2, 2]), .ints("strides", [2, 2])])
        seed.add(
            "Resize", ["", seed.weight([4]) { [1, 1, 2, 2][$0] }],
            [.text("mode", "nearest"), .text("coordinate_transformation_mode", "asymmetric")])
        seed.add("ReduceMean", [], [.ints("axes", [2, 3]), .int("keepdims", 0)])
        seed.add(
            "Gemm", [seed.weight([10, 8]), seed.weight([10])], [.int("transB", 1), .float("alpha", 0.5)])
        seed.add("Softmax", [], [.int("axis", -1)])
        return seed
    }

    private static var rest: ModelSeed {
        var seed = ModelSeed([1, 8, 4, 4])
        seed.add("Reshape", [seed.integers([1, 2, 4, 4, 4])])
        seed.add("Transpose", [], [.ints("perm", [0, 2, 1, 3, 4])])
        seed.add("Reshape", [seed.integers([1, -1, 4, 4])])
        seed.add("DepthToSpace", [], [.int("blocksize", 2), .text("mode", "CRD")])
        seed.add("Slice", [seed.integers([0]), seed.integers([1]), seed.integers([1])])
        seed.add("Tile", [seed.integers([1, 3, 1, 1])])
        let part = seed.last
        seed.add("GlobalAveragePool")
        seed.add("Mul", reading: [part, seed.last])
        seed.add("Sub", [seed.weight([3, 1, 1])])
        seed.add("Abs")
        seed.add("Min", [part])
        seed.add("Add", [part])
        seed.add("Flatten")
        seed.add("MatMul", [seed.weight([192, 6])])
        seed.add("HardSigmoid")
        seed.add("Unsqueeze", [seed.integers([1])])
        seed.add("Squeeze", [seed.integers([1])])
        return seed
    }

    private static var computed: ModelSeed {
        var seed = ModelSeed([1, 2, 4, 4])
        seed.add("Shape")
        seed.add("Gather", [seed.integers([0])], [.int("axis", 0)])
        seed.add("Concat", [seed.integers([-1])], [.int("axis", 0)])
        seed.add("Reshape", reading: ["x", seed.last])
        let data = seed.last
        seed.add("ConstantOfShape", reading: [seed.integers([32, 16])])
        seed.add("Add", [seed.weight([1])])
        let table = seed.last
        seed.add("Mul", reading: [table, table])
        seed.add("MatMul", reading: [data, seed.last])
        seed.add("Reshape", [seed.integers([1, 4, 2, 2])])
        let codes = seed.tensor([4, 4, 1, 1], type: 3, (0..<16).map { UInt8($0) })
        let (result, steps) = (seed.last, seed.weight([4]))
        let zeros = seed.tensor([4], type: 3, [0, 1, 2, 3])
        seed.add("DequantizeLinear", reading: [codes, steps, zeros], [.int("axis", 0)])
        seed.add("Conv", reading: [result, seed.last])
        seed.add("Relu")
        return seed
    }
}
