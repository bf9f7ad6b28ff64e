/// Operators that compute on codes, as quantizers of other programs write them, said by operators on the numbers that the codes
/// stand for: each reads DequantizeLinear and gives QuantizeLinear. What is quantized while it runs stays in float.
struct CodedOperators {
    /// The operators in place of those of the file.
    private(set) var nodes: [ONNXNode] = []
    /// How many were said anew.
    private(set) var count = 0

    /// What an operator of codes reads: which inputs are codes, each with its step and zero point behind it.
    private struct Form {
        /// The operator on numbers.
        var plain: String
        /// The places of the codes that it reads.
        var data: [Int]
        /// The place of the step of its result.
        var step: Int
    }

    private static let forms: [String: Form] = [
        "QLinearConv": Form(plain: "Conv", data: [0, 3], step: 6),
        "QLinearMatMul": Form(plain: "MatMul", data: [0, 3], step: 6),
        "QGemm": Form(plain: "Gemm", data: [0, 3], step: 7),
        "QLinearAdd": Form(plain: "Add", data: [0, 3], step: 6),
        "QLinearMul": Form(plain: "Mul", data: [0, 3], step: 6),
        "QLinearLeakyRelu": Form(plain: "LeakyRelu", data: [0], step: 3),
        "QLinearSigmoid": Form(plain: "Sigmoid", data: [0], step: 3),
        "QLinearSoftmax": Form(plain: "Softmax", data: [0], step: 3),
        "QLinearAveragePool": Form(plain: "AveragePool", data: [0], step: 3),
        "QLinearGlobalAveragePool": Form(plain: "GlobalAveragePool", data: [0], step: 3),
    ]

    /// What the operators of codes say beside those of numbers.
    private static let beside: Set<String> = ["channels_last", "opset"]

    /// Reads the operators of a graph.
    init(_ nodes: [ONNXNode]) {
        for node in nodes { read(node) }
    }

    private mutating func read(_ node: ONNXNode) {
        let isOurs = ["", "ai.onnx"].contains(node.domain)
        guard isOurs || node.domain == "com.microsoft", let output = node.output.first, !output.isEmpty else {
            nodes.append(node)
            return
        }
        switch node.opType {
        case "QLinearConcat": join(node, output)
        case "DynamicQuantizeLinear" where isOurs && node.output.count == 3: keep(node)
        case "ConvInteger" where isOurs, "MatMulInteger" where isOurs: multiply(node, output)
        default:
            guard let form = CodedOperators.forms[node.opType], node.input.count > form.data.max() ?? 0,
                node.attribute("channels_last")?.i ?? 0 == 0
            else {
                nodes.append(node)
                return
            }
            say(node, form, output)
        }
    }

    private mutating func add(
        _ type: String, _ inputs: [String], _ output: String, name: String = "",
        _ attributes: [ONNXAttribute] = []
    ) {
        var node = ONNXNode()
        node.opType = type
        node.name = name
        node.input = inputs
        node.output = [output]
        node.attribute = attributes
        nodes.append(node)
    }

    /// The numbers that codes stand for, with their step and zero point behind them.
    private mutating func numbers(
        _ node: ONNXNode, at place: Int, _ output: String, axis: Int? = nil
    ) -> String {
        let name = "\(output)_number\(place)"
        let inputs = (place..<min(place + 3, node.input.count)).map { node.input[$0] }
        add("DequantizeLinear", inputs, name, axis.map { [.integer("axis", $0)] } ?? [])
        return name
    }

    private mutating func say(_ node: ONNXNode, _ form: Form, _ output: String) {
        count += 1
        let isConvolution = form.plain == "Conv"
        // Of a matrix, the step changes along the columns; of a convolution, along the first axis.
        let isTurned = node.attribute("transB")?.i ?? 0 != 0
        var inputs = form.data.map { place in
            numbers(node, at: place, output, axis: place > 0 ? (isConvolution || isTurned ? 0 : 1) : nil)
        }
        let bias = isConvolution ? 8 : 6
        if isConvolution || form.plain == "Gemm", node.input.count > bias, !node.input[bias].isEmpty {
            add("Mul", [node.input[1], node.input[4]], "\(output)_step")
            add(
                "DequantizeLinear", [node.input[bias], "\(output)_step"], "\(output)_bias",
                [.integer("axis", 0)])
            inputs.append("\(output)_bias")
        }
        let isCoded = node.input.count > form.step && !node.input[form.step].isEmpty
        let result = isCoded ? "\(output)_result" : output
        add(
            form.plain, inputs, result, name: node.name,
            node.attribute.filter { !CodedOperators.beside.contains($0.name) })
        if isCoded { add("QuantizeLinear", [result] + node.input[form.step...], output) }
    }

    private mutating func join(_ node: ONNXNode, _ output: String) {
        guard node.input.count > 2, (node.input.count - 2).isMultiple(of: 3) else {
            nodes.append(node)
            return
        }
        count += 1
        let parts = stride(from: 2, to: node.input.count, by: 3).map { numbers(node, at: $0, output) }
        add("Concat", parts, "\(output)_result", name: node.name, node.attribute)
        add("QuantizeLinear", ["\(output)_result"] + node.input[..<2], output)
    }

    /// Numbers that would be made codes by their own range stay as they are: with a step of 1.
    private mutating func keep(_ node: ONNXNode) {
        count += 1
        add("Identity", node.input, node.output[0], name: node.name)
        add("Constant", [], node.output[1], [.number("value_float", 1)])
        add("Constant", [], node.output[2], [.number("value_float", 0)])
    }

    /// A product of such numbers with codes, whose zero point is taken away and whose step follows behind it.
    private mutating func multiply(_ node: ONNXNode, _ output: String) {
        guard node.input.count > 1 else {
            nodes.append(node)
            return
        }
        count += 1
        let isConvolution = node.opType == "ConvInteger"
        let zero = node.input.count > 3 ? [node.input[3]] : []
        add("Constant", [], "\(output)_one", [.number("value_float", 1)])
        add("DequantizeLinear", [node.input[1], "\(output)_one"] + zero, "\(output)_weight")
        add(
            isConvolution ? "Conv" : "MatMul", [node.input[0], "\(output)_weight"], output, name: node.name,
            node.attribute)
    }
}
