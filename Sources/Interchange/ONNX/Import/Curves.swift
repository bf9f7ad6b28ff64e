import Foundation

/// What chains of operators on single numbers give at some points, as functions of each result that they begin at.
struct Curves {
    /// A result as a function of an earlier one.
    struct Curve {
        /// The earlier result.
        var base: String
        /// The numbers at the points.
        var values: [Double]
        /// The operators between them.
        var nodes: Set<Int>
    }

    /// Where functions are looked at.
    static let points: [Double] =
        (-32...32).map { Double($0) / 4 } + [
            -40, -12.5, -3.01, -2.99, -0.1, -0.01, 0.01, 0.1, 2.99, 3.01, 12.5, 40,
        ]
    /// The most operators of a chain.
    private static let longest = 16
    /// The most results that a chain is followed from.
    private static let most = 8

    /// By the name of a result.
    private(set) var curves: [String: [Curve]] = [:]
    private var constants: [String: Double] = [:]

    /// Nothing followed yet; `constants` are the weights of the file.
    init(_ constants: [String: ONNXTensor]) {
        for (name, tensor) in constants where tensor.count == 1 {
            self.constants[name] = tensor.scalar.map(Double.init)
        }
    }

    /// Follows an operator; false where it computes no single numbers from one result and constants.
    mutating func follow(_ node: ONNXNode, _ index: Int) -> Bool {
        guard let output = node.output.first, node.output.count == 1 else { return false }
        if node.opType == "Constant" {
            constants[output] = Curves.constant(node)
            return false
        }
        guard let function = Curves.function(of: node, constants) else { return false }
        let names = node.input.filter { !$0.isEmpty }
        let data = names.filter { constants[$0] == nil }
        guard let first = data.first else {
            let value = function(names.map { constants[$0] ?? 0 })
            constants[output] = value.isFinite ? value : nil
            return false
        }
        let starts = sources(of: first)
        var followed: [Curve] = []
        for start in starts {
            var values: [[Double]] = []
            var nodes = Set([index])
            for name in names {
                if let constant = constants[name] {
                    values.append([Double](repeating: constant, count: Curves.points.count))
                } else if let curve = sources(of: name).first(where: { $0.base == start.base }) {
                    values.append(curve.values)
                    nodes.formUnion(curve.nodes)
                }
            }
            guard values.count == names.count, nodes.count <= Curves.longest else { continue }
            let results = Curves.points.indices.map { place in function(values.map { $0[place] }) }
            guard results.allSatisfy(\.isFinite) else { continue }
            followed.append(Curve(base: start.base, values: results, nodes: nodes))
            if followed.count == Curves.most { break }
        }
        curves[output] = followed
        return !followed.isEmpty
    }

    /// The number of a Constant; nil where it holds several, or is broken, which reading it says.
    private static func constant(_ node: ONNXNode) -> Double? {
        if let number = node.attribute("value_float") { return Double(number.f) }
        guard let message = node.attribute("value")?.t, message.dims.allSatisfy({ $0 == 1 }) else {
            return nil
        }
        do {
            return try ONNXTensor(message).scalar.map(Double.init)
        } catch {
            return nil
        }
    }

    /// A result as a function of itself, and of those before it.
    private func sources(of name: String) -> [Curve] {
        [Curve(base: name, values: Curves.points, nodes: [])] + (curves[name] ?? [])
    }

    /// What an operator makes of the numbers that it reads; nil where it is none of single numbers.
    private static func function(
        of node: ONNXNode, _ constants: [String: Double]
    ) -> (([Double]) -> Double)? {
        let count = node.input.filter { !$0.isEmpty }.count
        func number(_ name: String, _ value: Float) -> Double { Double(node.number(name, default: value)) }
        if count == 2 {
            switch node.opType {
            case "Add", "Sum": return { $0[0] + $0[1] }
            case "Sub": return { $0[0] - $0[1] }
            case "Mul": return { $0[0] * $0[1] }
            case "Div": return { $0[0] / $0[1] }
            case "Pow": return { pow($0[0], $0[1]) }
            case "Max": return { max($0[0], $0[1]) }
            case "Min": return { min($0[0], $0[1]) }
            case "Greater": return { $0[0] > $0[1] ? 1 : 0 }
            case "GreaterOrEqual": return { $0[0] >= $0[1] ? 1 : 0 }
            case "Less": return { $0[0] < $0[1] ? 1 : 0 }
            case "LessOrEqual": return { $0[0] <= $0[1] ? 1 : 0 }
            default: break
            }
        }
        if count == 3, node.opType == "Where" { return { $0[0] != 0 ? $0[1] : $0[2] } }
        if node.opType == "Clip", count > 0 {
            func bound(_ place: Int, _ attribute: String, _ open: Double) -> Double? {
                guard node.input.indices.contains(place), !node.input[place].isEmpty else {
                    return node.attribute(attribute).map { Double($0.f) } ?? open
                }
                return constants[node.input[place]]
            }
            guard let low = bound(1, "min", -.infinity), let high = bound(2, "max", .infinity) else {
                return nil
            }
            return { min(high, max(low, $0[0])) }
        }
        guard count == 1 else { return nil }
        switch node.opType {
        case "Identity": return { $0[0] }
        case "Not": return { $0[0] != 0 ? 0 : 1 }
        case "Cast" where !ONNXElementType.isWhole(Int32(clamping: node.integer("to", default: 1))):
            return { $0[0] }
        case "Relu": return { max(0, $0[0]) }
        case "LeakyRelu":
            let slope = number("alpha", 0.01)
            return { $0[0] < 0 ? slope * $0[0] : $0[0] }
        case "HardSigmoid":
            let slope = number("alpha", 0.2)
            let offset = number("beta", 0.5)
            return { min(1, max(0, slope * $0[0] + offset)) }
        case "HardSwish": return { $0[0] * min(1, max(0, $0[0] / 6 + 0.5)) }
        case "Sigmoid": return { 1 / (1 + exp(-$0[0])) }
        case "Swish":
            let slope = number("alpha", 1)
            return { $0[0] / (1 + exp(-slope * $0[0])) }
        case "Gelu": return { 0.5 * $0[0] * (1 + erf($0[0] / 2.squareRoot())) }
        case "Tanh": return { tanh($0[0]) }
        case "Erf": return { erf($0[0]) }
        case "Exp": return { exp($0[0]) }
        case "Sqrt": return { $0[0].squareRoot() }
        case "Reciprocal": return { 1 / $0[0] }
        case "Neg": return { -$0[0] }
        case "Abs": return { abs($0[0]) }
        default: return nil
        }
    }
}
