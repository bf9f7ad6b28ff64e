import Foundation

/// Functions of one number that several operators of a file compute together, found by what they give: HardSwish written
/// out, SiLU as a product with Sigmoid, GELU by Erf or Tanh.
struct KnownFunctions {
    /// A function that the chips have, or that one of theirs comes near to.
    enum Function: Hashable {
        case relu
        case relu6
        /// x, or a slope times x below zero.
        case leaky(Float)
        case hardSigmoid
        case hardSwish
        case sigmoid
        case silu
        case gelu

        /// Whether the chips have it only as another that comes near.
        var isApproximate: Bool {
            switch self {
            case .relu, .relu6, .leaky, .hardSigmoid, .hardSwish: false
            case .sigmoid, .silu, .gelu: true
            }
        }
    }

    /// A function of a result.
    struct Whole {
        var function: Function
        /// The name of what it reads.
        var base: String
    }

    /// The functions by the names of their results.
    private(set) var wholes: [String: Whole] = [:]
    /// Results that only such a function reads.
    private(set) var absorbed: Set<String> = []
    /// How many reads of a name such functions save.
    private(set) var saved: [String: Int] = [:]
    /// Results that some layer with weights depends on.
    private(set) var inside: Set<String> = []

    /// Results that come back to a feature map as a factor for each channel, as in squeeze and excite.
    private(set) var gates: Set<String> = []
    /// The smallest window of the pools that take the largest, by the names that nothing but these reads.
    private(set) var maximized: [String: Int] = [:]

    /// None.
    init() {}

    /// Looks through operators in their order; `results` are the names that are read behind them, and `inner` those that
    /// some layer with weights depends on, even where the network ends before it.
    init(
        _ nodes: [ONNXNode], results: [String], inner: Set<String>, constants: [String: ONNXTensor],
        approximates: Bool
    ) {
        let wiring = Wiring(nodes)
        inside = wiring.inside.union(inner)
        gates = wiring.gates
        for (name, readers) in wiring.readers where !results.contains(name) {
            let windows = readers.map {
                nodes[$0].opType == "MaxPool" ? nodes[$0].integers("kernel_shape") ?? [] : []
            }
            maximized[name] = windows.contains([]) ? nil : windows.joined().min()
        }
        var curves = Curves(constants)
        var found: [(whole: Whole, output: String, nodes: Set<Int>)] = []
        for (index, node) in nodes.enumerated() {
            guard curves.follow(node, index) else { continue }
            let output = node.output[0]
            for curve in curves.curves[output] ?? [] {
                guard let function = Function(curve.values, isSingle: curve.nodes.count == 1, node.opType)
                else { continue }
                if function.isApproximate, !approximates || !inside.contains(output) { continue }
                found.append((Whole(function: function, base: curve.base), output, curve.nodes))
            }
        }
        let results = Set(results)
        for (whole, output, parts) in found.sorted(by: { $0.nodes.count > $1.nodes.count }) {
            guard !absorbed.contains(output), wholes[output] == nil, let last = wiring.maker[output] else {
                continue
            }
            var inner = parts.subtracting([last])
            // What something else reads is computed all the same.
            while let other = inner.first(where: { index in
                nodes[index].output.contains { name in
                    results.contains(name)
                        || !(wiring.readers[name] ?? []).allSatisfy { inner.contains($0) || $0 == last }
                }
            }) {
                inner.remove(other)
            }
            wholes[output] = whole
            absorbed.formUnion(inner.flatMap { nodes[$0].output })
            let reads = inner.union([last]).reduce(0) { count, index in
                count + nodes[index].input.filter { $0 == whole.base }.count
            }
            // Where the parts that stay read it, the function reads it once more.
            saved[whole.base, default: 0] += reads - 1
        }
    }
}

/// Who makes and who reads each name of a graph.
private struct Wiring {
    private(set) var maker: [String: Int] = [:]
    private(set) var readers: [String: [Int]] = [:]
    /// Results that some layer with weights depends on.
    private(set) var inside: Set<String> = []
    /// Results that come back to a feature map as a factor for each channel.
    private(set) var gates: Set<String> = []

    private static let elementwise: Set<String> = [
        "Add", "Sub", "Mul", "Div", "Min", "Max", "Clip", "Relu", "LeakyRelu", "PRelu", "HardSigmoid",
        "HardSwish", "Sigmoid", "BatchNormalization", "Identity", "Dropout",
    ]

    init(_ nodes: [ONNXNode]) {
        for (index, node) in nodes.enumerated() {
            for name in node.output where !name.isEmpty { maker[name] = index }
            for name in node.input where !name.isEmpty { readers[name, default: []].append(index) }
        }
        let products: Set = ["Conv", "ConvTranspose", "Gemm", "MatMul"]
        for node in nodes.reversed()
        where products.contains(node.opType) || node.output.contains(where: inside.contains) {
            inside.formUnion(node.input.filter { !$0.isEmpty })
        }
        for node in nodes.reversed() {
            guard let output = node.output.first, let first = node.input.first else { continue }
            let readers = (readers[output] ?? []).map { nodes[$0].opType }
            switch node.opType {
            case "Reshape", "Unsqueeze":
                if !readers.isEmpty, readers.allSatisfy({ $0 == "Mul" }) || gates.contains(output) {
                    gates.insert(first)
                }
            case "Gemm", "MatMul":
                if gates.contains(output) { gates.insert(first) }
            default:
                if gates.contains(output), Wiring.elementwise.contains(node.opType) {
                    gates.formUnion(node.input.filter { maker[$0] != nil })
                }
            }
        }
    }
}

extension KnownFunctions.Function {
    /// The function whose numbers these are at `Curves.points`; one operator that the chips have needs no look.
    fileprivate init?(_ values: [Double], isSingle: Bool, _ type: String) {
        func isNear(_ function: (Double) -> Double) -> Bool {
            zip(values, Curves.points).allSatisfy { value, point in
                abs(value - function(point)) <= 1e-5 * (1 + abs(value))
            }
        }
        func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
        func tanhForm(_ x: Double) -> Double {
            0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        }
        if !isSingle {
            let slope = -(values[Curves.points.firstIndex(of: -1) ?? 0])
            if isNear({ max(0, $0) }) {
                self = .relu
                return
            }
            if isNear({ min(6, max(0, $0)) }) {
                self = .relu6
                return
            }
            if slope > 0, slope < 1, isNear({ $0 < 0 ? slope * $0 : $0 }) {
                self = .leaky(Float(slope))
                return
            }
            if isNear({ min(1, max(0, $0 / 6 + 0.5)) }) {
                self = .hardSigmoid
                return
            }
            if isNear({ $0 * min(1, max(0, $0 / 6 + 0.5)) }) {
                self = .hardSwish
                return
            }
        }
        if isNear(sigmoid) {
            self = .sigmoid
        } else if isNear({ $0 * sigmoid($0) }) {
            self = .silu
        } else if isNear({ 0.5 * $0 * (1 + erf($0 / 2.squareRoot())) }) || isNear(tanhForm)
            || isNear({ $0 * sigmoid(1.702 * $0) })
        {
            self = .gelu
        } else {
            return nil
        }
    }
}
