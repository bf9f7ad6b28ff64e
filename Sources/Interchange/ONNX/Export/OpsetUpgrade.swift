import Foundation

/// Writes the operators of an older version as those of a newer one: attributes that have become inputs, and operators that
/// have other defaults.
struct OpsetUpgrade {
    private let old: Int
    private let new: Int
    private var writer: Writer

    /// The operators that were written, and the weights that they read besides their own.
    private struct Writer {
        var nodes: [ONNXNode] = []
        var weights: [ONNXTensorProto] = []
        var taken: Set<String>
    }

    /// A graph for another version; `taken` are names that may not be used.
    static func graph(
        _ graph: ONNXGraph, from old: Int, to new: Int, taken: Set<String>
    ) throws(ONNXError) -> ONNXGraph {
        guard old < new else { return graph }
        let own = graph.node.flatMap { $0.input + $0.output } + graph.initializer.map(\.name)
        var upgrade = OpsetUpgrade(old: old, new: new, writer: Writer(taken: taken.union(own)))
        var result = graph
        result.node = try upgrade.nodes(graph.node)
        result.initializer += upgrade.writer.weights
        return result
    }

    private mutating func nodes(_ nodes: [ONNXNode]) throws(ONNXError) -> [ONNXNode] {
        let outer = writer.nodes
        writer.nodes = []
        for node in nodes {
            var node = node
            for place in node.attribute.indices where node.attribute[place].hasG {
                node.attribute[place].g.node = try self.nodes(node.attribute[place].g.node)
            }
            if ["", "ai.onnx"].contains(node.domain) { try write(node) } else { writer.nodes.append(node) }
        }
        defer { writer.nodes = outer }
        return writer.nodes
    }

    private func crosses(_ version: Int) -> Bool { old < version && version <= new }

    private mutating func write(_ node: ONNXNode) throws(ONNXError) {
        var node = node
        switch node.opType {
        case "Softmax", "LogSoftmax", "Hardmax":
            if crosses(13) { return flattened(node) }
        case "Squeeze", "Unsqueeze", "ReduceSum":
            if crosses(13) { take("axes", of: &node, as: 1) }
        case "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceLogSum",
            "ReduceLogSumExp", "ReduceSumSquare":
            if crosses(18) { take("axes", of: &node, as: 1) }
        case "Split":
            if crosses(13) { take("split", of: &node, as: 1) }
            if crosses(18), node.input.count < 2 {
                node.attribute.append(.integer("num_outputs", node.output.count))
            }
        case "Slice":
            if crosses(10) {
                for (place, name) in ["starts", "ends", "axes"].enumerated() {
                    take(name, of: &node, as: place + 1)
                }
            }
        case "Pad":
            if crosses(11) {
                let fill = node.number("value", default: 0)
                take("pads", of: &node, as: 1)
                place(weight(floats: [fill], dims: []), in: &node, at: 2)
                drop("value", of: &node)
            }
        case "Clip":
            if crosses(11) {
                for (index, name) in ["min", "max"].enumerated() {
                    guard let bound = node.attribute(name)?.f else { continue }
                    place(weight(floats: [bound], dims: []), in: &node, at: index + 1)
                    drop(name, of: &node)
                }
            }
        case "TopK":
            if crosses(10), let count = node.attribute("k")?.i {
                place(weight(integers: [Int(count)]), in: &node, at: 1)
                drop("k", of: &node)
            }
        case "Dropout":
            node.attribute = []
            node.input = Array(node.input.prefix(1))
        case "Upsample", "Resize": if crosses(11) { resized(&node) }
        case "Scatter": if crosses(11) { node.opType = "ScatterElements" }
        case "BatchNormalization":
            drop("spatial", of: &node)
            node.output = Array(node.output.prefix(1))
        default:
            guard old >= 7 || node.attribute("broadcast") == nil else {
                throw .network("'\(node.opType)' of version \(old) cannot be written for version \(new)")
            }
        }
        writer.nodes.append(node)
    }

    /// Before version 13 all axes from one on were taken as a single one.
    private mutating func flattened(_ node: ONNXNode) {
        guard let input = node.input.first, let output = node.output.first else { return }
        let axis = node.integer("axis", default: 1)
        let shape = add("Shape", [input], name: "\(output)_shape")
        let flat = add("Flatten", [input], [.integer("axis", axis)], name: "\(output)_flat")
        let result = add(node.opType, [flat], [.integer("axis", -1)], name: "\(output)_rows")
        var last = ONNXNode()
        last.opType = "Reshape"
        last.input = [result, shape]
        last.output = [output]
        writer.nodes.append(last)
    }

    /// Upsample, and Resize as it was first, take places as multiples of each other.
    private mutating func resized(_ node: inout ONNXNode) {
        node.opType = "Resize"
        if let scales = node.attribute("scales")?.floats {
            place(weight(floats: scales, dims: [scales.count]), in: &node, at: 1)
            drop("scales", of: &node)
        }
        if node.input.count == 2 { node.input.insert("", at: 1) }
        node.attribute += [
            .text("coordinate_transformation_mode", "asymmetric"), .text("nearest_mode", "floor"),
        ]
    }
}

// Parts of operators.
extension OpsetUpgrade {
    /// Makes an attribute of whole numbers an input.
    private mutating func take(_ name: String, of node: inout ONNXNode, as index: Int) {
        guard let values = node.attribute(name)?.ints else { return }
        place(weight(integers: values.map(Int.init)), in: &node, at: index)
        drop(name, of: &node)
    }

    private func drop(_ name: String, of node: inout ONNXNode) {
        node.attribute.removeAll { $0.name == name }
    }

    private func place(_ name: String, in node: inout ONNXNode, at index: Int) {
        while node.input.count <= index { node.input.append("") }
        node.input[index] = name
    }

    private mutating func add(
        _ type: String, _ inputs: [String], _ attributes: [ONNXAttribute] = [], name: String
    ) -> String {
        var node = ONNXNode()
        node.opType = type
        node.input = inputs
        node.output = [free(name)]
        node.attribute = attributes
        writer.nodes.append(node)
        return node.output[0]
    }

    private mutating func weight(integers values: [Int]) -> String {
        var tensor = ONNXTensorProto()
        tensor.name = free("upgrade_integers")
        tensor.dims = [Int64(values.count)]
        tensor.dataType = ONNXElementType.int64.rawValue
        tensor.int64Data = values.map(Int64.init)
        writer.weights.append(tensor)
        return tensor.name
    }

    private mutating func weight(floats values: [Float], dims: [Int]) -> String {
        var tensor = ONNXTensorProto()
        tensor.name = free("upgrade_number")
        tensor.dims = dims.map(Int64.init)
        tensor.dataType = ONNXElementType.float.rawValue
        tensor.floatData = values
        writer.weights.append(tensor)
        return tensor.name
    }

    private mutating func free(_ stem: String) -> String {
        var name = stem
        var number = 2
        while !writer.taken.insert(name).inserted {
            name = "\(stem)_\(number)"
            number += 1
        }
        return name
    }
}
