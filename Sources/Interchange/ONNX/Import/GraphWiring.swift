/// Which operator of a graph gives what, which reads it, and where its results lead: what the names alone say.
struct GraphWiring {
    /// The operators, in the order of the file.
    let nodes: [ONNXNode]
    /// By the name of a tensor, the operator that gives it.
    let makers: [String: Int]
    /// For each operator, the names that it reads; those that its inner graphs take from outside included.
    let reads: [[String]]
    /// The inputs of the file that are no weights.
    let inputs: Set<String>
    /// For each operator, whether its results depend on data. Shapes do not: the chips run one size.
    let dependsOnData: [Bool]
    /// For each operator, whether it multiplies data by what was learned.
    let isProduct: [Bool]
    /// For each operator, whether it depends on data, is no product, and no product lies behind it.
    let isHead: [Bool]
    /// For each operator, whether a product lies behind it.
    let leadsToProduct: [Bool]

    /// The graph of a file.
    init(_ file: ONNXFile) {
        let graph = file.model.graph
        nodes = graph.node
        var makers: [String: Int] = [:]
        for (index, node) in nodes.enumerated() {
            for name in node.output where !name.isEmpty { makers[name] = index }
        }
        self.makers = makers
        reads = nodes.map { node in
            node.input.filter { !$0.isEmpty } + node.attribute.flatMap { $0.hasG ? $0.g.captured : [] }
        }
        inputs = Set(graph.input.map(\.name)).subtracting(file.initializers.keys)
        (dependsOnData, isProduct) = GraphWiring.kinds(nodes, reads, makers, inputs, Products(file, makers))
        var leads = [Bool](repeating: false, count: nodes.count)
        for index in nodes.indices.reversed() where isProduct[index] || leads[index] {
            for name in reads[index] {
                if let maker = makers[name], maker < index { leads[maker] = true }
            }
        }
        let (dependsOnData, isProduct) = (dependsOnData, isProduct)
        leadsToProduct = leads
        isHead = nodes.indices.map { dependsOnData[$0] && !isProduct[$0] && !leads[$0] }
    }

    private static func kinds(
        _ nodes: [ONNXNode], _ reads: [[String]], _ makers: [String: Int], _ data: Set<String>,
        _ products: Products
    ) -> (dependsOnData: [Bool], isProduct: [Bool]) {
        var isData: [Bool] = []
        var isProduct: [Bool] = []
        var follows: [Bool] = []
        for (index, node) in nodes.enumerated() {
            func isVariable(_ name: String) -> Bool {
                data.contains(name) || (makers[name].map { $0 < index && isData[$0] } ?? false)
            }
            let variable = reads[index].filter(isVariable)
            isData.append(!variable.isEmpty && !["Shape", "Size"].contains(node.opType))
            let isPreceded = variable.contains { name in makers[name].map { follows[$0] } ?? false }
            isProduct.append(
                isData[index] && products.contains(node, isPreceded: isPreceded, isVariable: isVariable))
            follows.append(isPreceded || isProduct[index])
        }
        return (isData, isProduct)
    }

    /// Whether a tensor depends on data.
    func isVariable(_ name: String) -> Bool {
        makers[name].map { dependsOnData[$0] } ?? inputs.contains(name)
    }

    /// The tensors that an operator reads and that depend on data.
    func variables(of place: Int) -> [String] { reads[place].filter(isVariable) }

    /// The operators that some tensors follow from, those that compute shapes included.
    func ancestors(of names: [String]) -> Set<Int> {
        var found: Set<Int> = []
        var open = names.compactMap { makers[$0] }
        while let index = open.popLast() {
            guard found.insert(index).inserted else { continue }
            // An operator reads what stands before it; anything else is not there.
            open += reads[index].compactMap { makers[$0] }.filter { $0 < index }
        }
        return found
    }
}

/// Which operators multiply data by what was learned.
private struct Products {
    private let file: ONNXFile
    private let makers: [String: Int]
    private static let always: Set<String> = [
        "Conv", "ConvTranspose", "ConvInteger", "QLinearConv", "DeformConv", "LSTM", "GRU", "RNN",
    ]
    private static let withWeights: Set<String> = [
        "MatMul", "Gemm", "MatMulInteger", "QLinearMatMul", "Einsum",
    ]

    init(_ file: ONNXFile, _ makers: [String: Int]) { (self.file, self.makers) = (file, makers) }

    /// `isPreceded` says whether a product lies before the operator.
    func contains(_ node: ONNXNode, isPreceded: Bool, isVariable: (String) -> Bool) -> Bool {
        let weights = node.input.filter { !$0.isEmpty && !isVariable($0) }
        guard ["", "ai.onnx"].contains(node.domain) else {
            return weights.contains { file.initializers[$0].map { $0.dims.count > 1 } ?? false }
        }
        // A table that what was computed points into is no embedding.
        if node.opType == "Gather" {
            return !isPreceded && node.input.count == 2 && !isVariable(node.input[0])
        }
        let isKnown =
            Products.always.contains(node.opType)
            || Products.withWeights.contains(node.opType) && !weights.isEmpty
        return isKnown && !(isPreceded && isExpectation(node, weights))
    }

    /// Whether the one row of weights counts 0, 1, 2: a fixed mean place of a distribution.
    private func isExpectation(_ node: ONNXNode, _ weights: [String]) -> Bool {
        guard weights.count == 1, let tensor = constant(weights[0]) else { return false }
        let isRow = tensor.dims.filter { $0 > 1 }.count == 1 && (4...1024).contains(tensor.count)
        guard isRow, !tensor.isFilled else { return false }
        let numbers = tensor.floats
        let step = numbers[1] - numbers[0]
        return numbers[0] == 0 && step > 0
            && numbers.indices.allSatisfy { abs(numbers[$0] - Float($0) * step) <= 1e-5 * Float($0) * step }
    }

    private func constant(_ name: String) -> ONNXTensor? {
        if let tensor = file.initializers[name] { return tensor }
        guard let maker = makers[name], file.model.graph.node[maker].opType == "Constant",
            let attribute = file.model.graph.node[maker].attribute.first, attribute.name == "value"
        else { return nil }
        do { return try ONNXTensor(attribute.t) } catch { return nil }
    }
}

extension ONNXGraph {
    /// The names that an inner graph takes from the graph around it.
    var captured: [String] {
        var own = Set(input.map(\.name) + initializer.map(\.name))
        var captured: [String] = []
        for node in node {
            let inner = node.attribute.flatMap { $0.hasG ? $0.g.captured : [] }
            captured += (node.input + inner).filter { !$0.isEmpty && !own.contains($0) }
            own.formUnion(node.output)
        }
        return captured + output.map(\.name).filter { !own.contains($0) }
    }
}
