import Foundation

/// Computes with numbers that do not depend on data: single ones, and pairs whose shapes are spread over each other.
struct ConstantArithmetic {
    let node: ONNXNode
    /// What the operator reads; nil where it leaves an input out.
    let inputs: [ONNXTensor?]
    /// Counts numbers that are about to be made.
    let spend: (Int) throws(Refusal) -> Void

    /// The operators that are computed.
    static let operators: Set<String> = [
        "Add", "Sub", "Mul", "Div", "Mod", "Pow", "Max", "Min", "Sum", "Equal", "Less", "LessOrEqual",
        "Greater",
        "GreaterOrEqual", "And", "Or", "Not", "Where", "Neg", "Abs", "Sqrt", "Exp", "Log", "Reciprocal",
        "Floor",
        "Ceil", "Round", "Sign", "Sigmoid", "Tanh", "Relu", "Clip", "ReduceProd", "ReduceSum", "ReduceMax",
        "ReduceMin", "ReduceMean",
    ]

    /// The result; nil where the operator does not fit what it reads, or a whole number leaves 64 bits.
    func result() throws(Refusal) -> ONNXTensor? {
        let tensors = inputs.compactMap(\.self)
        guard let first = tensors.first else { return nil }
        switch node.opType {
        case "Where":
            guard tensors.count == 3 else { return nil }
            return try chosen(tensors)
        case "Clip": return clipped(first)
        case "ReduceProd", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceMean": return reduced(first)
        case "Max", "Min", "Sum", "Add", "Sub", "Mul", "Div", "Mod", "Pow", "Equal", "Less", "LessOrEqual",
            "Greater", "GreaterOrEqual", "And", "Or":
            var result = first
            for next in tensors.dropFirst() {
                guard let joined = try paired(result, next) else { return nil }
                result = joined
            }
            return tensors.count > 1 || ["Max", "Min", "Sum"].contains(node.opType) ? result : nil
        default: return single(first)
        }
    }

    private func single(_ tensor: ONNXTensor) -> ONNXTensor? {
        if tensor.isInteger {
            let values = tensor.integers
            switch node.opType {
            case "Neg": return ONNXTensor(values.map { 0 &- $0 }, dims: tensor.dims)
            case "Abs": return ONNXTensor(values.map { $0 < 0 ? 0 &- $0 : $0 }, dims: tensor.dims)
            case "Sign": return ONNXTensor(values.map { $0.signum() }, dims: tensor.dims)
            case "Not": return ONNXTensor(values.map { $0 == 0 ? 1 : 0 }, dims: tensor.dims)
            case "Relu": return ONNXTensor(values.map { max(0, $0) }, dims: tensor.dims)
            default: return nil
            }
        }
        let function: (Float) -> Float
        switch node.opType {
        case "Neg": function = { -$0 }
        case "Abs": function = { abs($0) }
        case "Sqrt": function = { $0.squareRoot() }
        case "Exp": function = { exp($0) }
        case "Log": function = { log($0) }
        case "Reciprocal": function = { 1 / $0 }
        case "Floor": function = { $0.rounded(.down) }
        case "Ceil": function = { $0.rounded(.up) }
        case "Round": function = { $0.rounded(.toNearestOrEven) }
        case "Sign": function = { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
        case "Sigmoid": function = { 1 / (1 + exp(-$0)) }
        case "Tanh": function = { tanh($0) }
        case "Relu": function = { max(0, $0) }
        default: return nil
        }
        return ONNXTensor(tensor.floats.map(function), dims: tensor.dims)
    }

    private func clipped(_ tensor: ONNXTensor) -> ONNXTensor? {
        let low = inputs.count > 1 ? inputs[1]?.scalar : node.attribute("min").map(\.f)
        let high = inputs.count > 2 ? inputs[2]?.scalar : node.attribute("max").map(\.f)
        let least = low ?? -.infinity
        let most = high ?? .infinity
        let values = tensor.floats.map { min(most, max(least, $0)) }
        return tensor.isInteger
            ? ONNXTensor(ONNXTensor(values, dims: tensor.dims).integers, dims: tensor.dims)
            : ONNXTensor(values, dims: tensor.dims)
    }

    // Pairs.

    private func paired(_ first: ONNXTensor, _ second: ONNXTensor) throws(Refusal) -> ONNXTensor? {
        guard let dims = ConstantArithmetic.spread([first.dims, second.dims]),
            let count = ONNXTensor.count(of: dims)
        else { return nil }
        try spend(count)
        let left = Places(first.dims, in: dims)
        let right = Places(second.dims, in: dims)
        if first.isInteger, second.isInteger {
            let a = first.integers
            let b = second.integers
            var values: [Int] = []
            values.reserveCapacity(count)
            for place in 0..<count {
                guard let value = whole(a[left[place]], b[right[place]]) else { return nil }
                values.append(value)
            }
            return ONNXTensor(values, dims: dims)
        }
        let a = first.floats
        let b = second.floats
        if let compare = comparison {
            return ONNXTensor((0..<count).map { compare(a[left[$0]], b[right[$0]]) ? 1 : 0 }, dims: dims)
        }
        guard let function else { return nil }
        let values = (0..<count).map { function(a[left[$0]], b[right[$0]]) }
        return ONNXTensor(values, dims: dims)
    }

    private func whole(_ a: Int, _ b: Int) -> Int? {
        let result: (partialValue: Int, overflow: Bool)
        switch node.opType {
        case "Add", "Sum": result = a.addingReportingOverflow(b)
        case "Sub": result = a.subtractingReportingOverflow(b)
        case "Mul": result = a.multipliedReportingOverflow(by: b)
        case "Div": result = a.dividedReportingOverflow(by: b)
        case "Mod":
            result = a.remainderReportingOverflow(dividingBy: b)
            // The sign is that of the divisor.
            if !result.overflow, node.integer("fmod", default: 0) == 0, result.partialValue != 0,
                (result.partialValue < 0) != (b < 0)
            {
                return result.partialValue + b
            }
        case "Pow":
            guard (0...64).contains(b) else { return nil }
            var value = 1
            var overflow = false
            for _ in 0..<b where !overflow { (value, overflow) = value.multipliedReportingOverflow(by: a) }
            return overflow ? nil : value
        case "Max": return max(a, b)
        case "Min": return min(a, b)
        case "Equal": return a == b ? 1 : 0
        case "Less": return a < b ? 1 : 0
        case "LessOrEqual": return a <= b ? 1 : 0
        case "Greater": return a > b ? 1 : 0
        case "GreaterOrEqual": return a >= b ? 1 : 0
        case "And": return a != 0 && b != 0 ? 1 : 0
        case "Or": return a != 0 || b != 0 ? 1 : 0
        default: return nil
        }
        return result.overflow ? nil : result.partialValue
    }

    private var comparison: ((Float, Float) -> Bool)? {
        switch node.opType {
        case "Equal": { $0 == $1 }
        case "Less": { $0 < $1 }
        case "LessOrEqual": { $0 <= $1 }
        case "Greater": { $0 > $1 }
        case "GreaterOrEqual": { $0 >= $1 }
        default: nil
        }
    }

    private var function: ((Float, Float) -> Float)? {
        switch node.opType {
        case "Add", "Sum": { $0 + $1 }
        case "Sub": { $0 - $1 }
        case "Mul": { $0 * $1 }
        case "Div": { $0 / $1 }
        case "Pow": { pow($0, $1) }
        case "Max": { max($0, $1) }
        case "Min": { min($0, $1) }
        default: nil
        }
    }

    private func chosen(_ tensors: [ONNXTensor]) throws(Refusal) -> ONNXTensor? {
        guard let dims = ConstantArithmetic.spread(tensors.map(\.dims)),
            let count = ONNXTensor.count(of: dims)
        else { return nil }
        try spend(count)
        let flags = tensors[0].integers
        let places = tensors.map { Places($0.dims, in: dims) }
        func picked<Element>(_ yes: [Element], _ no: [Element]) -> [Element] {
            (0..<count).map { flags[places[0][$0]] != 0 ? yes[places[1][$0]] : no[places[2][$0]] }
        }
        return tensors[1].isInteger && tensors[2].isInteger
            ? ONNXTensor(picked(tensors[1].integers, tensors[2].integers), dims: dims)
            : ONNXTensor(picked(tensors[1].floats, tensors[2].floats), dims: dims)
    }

    /// The axes of several shapes that are spread over each other; nil where they do not fit.
    static func spread(_ shapes: [[Int]]) -> [Int]? {
        let rank = shapes.map(\.count).max() ?? 0
        var dims = [Int](repeating: 1, count: rank)
        for shape in shapes {
            for (axis, size) in shape.enumerated() {
                let place = rank - shape.count + axis
                guard size == dims[place] || size == 1 || dims[place] == 1 else { return nil }
                if dims[place] == 1 { dims[place] = size }
            }
        }
        return dims
    }

    /// Which number of a tensor each place of a larger shape has.
    private struct Places {
        private let steps: [(size: Int, stride: Int)]
        private let isSame: Bool

        init(_ dims: [Int], in target: [Int]) {
            isSame = dims == target
            var stride = 1
            var steps: [(size: Int, stride: Int)] = []
            for (axis, size) in target.enumerated().reversed() {
                let own = axis - (target.count - dims.count)
                let isWide = own >= 0 && dims[own] > 1
                steps.append((size, isWide ? stride : 0))
                if own >= 0 { stride *= dims[own] }
            }
            self.steps = steps
        }

        subscript(place: Int) -> Int {
            if isSame { return place }
            var rest = place
            var index = 0
            for step in steps {
                index += rest % step.size * step.stride
                rest /= step.size
            }
            return index
        }
    }

    // Reductions.

    private func reduced(_ tensor: ONNXTensor) -> ONNXTensor? {
        let listed = node.integers("axes") ?? (inputs.count > 1 ? inputs[1]?.sizes : nil) ?? []
        if listed.isEmpty, node.integer("noop_with_empty_axes", default: 0) != 0 { return tensor }
        let axes = Set(
            listed.isEmpty ? Array(tensor.dims.indices) : listed.map { $0 < 0 ? $0 + tensor.dims.count : $0 })
        guard axes.allSatisfy(tensor.dims.indices.contains), tensor.count > 0 else { return nil }
        let keeps = node.integer("keepdims", default: 1) != 0
        let rest = tensor.dims.indices.filter { !axes.contains($0) }
        let moved = tensor.transposed(rest + axes.sorted())
        let length = axes.reduce(1) { $0 * tensor.dims[$1] }
        let dims = tensor.dims.indices.filter { keeps || !axes.contains($0) }.map {
            axes.contains($0) ? 1 : tensor.dims[$0]
        }
        if tensor.isInteger {
            let values = moved.integers
            var results: [Int] = []
            for begin in stride(from: 0, to: values.count, by: length) {
                guard let value = reducedWhole(values[begin..<begin + length]) else { return nil }
                results.append(value)
            }
            return ONNXTensor(results, dims: dims)
        }
        let values = moved.floats
        let results = stride(from: 0, to: values.count, by: length).map { begin -> Float in
            let part = values[begin..<begin + length]
            switch node.opType {
            case "ReduceProd": return part.reduce(1, *)
            case "ReduceMax": return part.max() ?? 0
            case "ReduceMin": return part.min() ?? 0
            case "ReduceMean": return part.reduce(0, +) / Float(length)
            default: return part.reduce(0, +)
            }
        }
        return ONNXTensor(results, dims: dims)
    }

    private func reducedWhole(_ part: ArraySlice<Int>) -> Int? {
        var value = node.opType == "ReduceProd" ? 1 : 0
        var overflow = false
        switch node.opType {
        case "ReduceMax": return part.max()
        case "ReduceMin": return part.min()
        case "ReduceProd", "ReduceSum", "ReduceMean":
            for number in part where !overflow {
                (value, overflow) =
                    node.opType == "ReduceProd"
                    ? value.multipliedReportingOverflow(by: number) : value.addingReportingOverflow(number)
            }
            if overflow { return nil }
            return node.opType == "ReduceMean" ? value / part.count : value
        default: return nil
        }
    }
}
