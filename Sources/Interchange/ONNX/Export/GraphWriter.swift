import Foundation
import Graph
import QAT

/// Collects the operators and weights of a graph that is written.
final class GraphWriter {
    private(set) var graph = ONNXGraph()
    private var names: Set<String> = []
    /// The number that the next operator or tensor of a name gets.
    private var numbers: [String: Int] = [:]
    /// The layer that is being written; the names of its operators begin with its own.
    var layer = ""

    /// Adds an operator with one result, whose name is made from the layer's.
    func add(
        _ type: String, _ inputs: [String], _ attributes: [ONNXAttribute] = [], into output: String? = nil
    ) -> String {
        let name = unique("\(layer)/\(type)")
        return add(type, inputs, attributes, named: name, outputs: [output ?? "\(name)_result"])[0]
    }

    /// Adds an operator with several results.
    @discardableResult
    func add(
        _ type: String, _ inputs: [String], _ attributes: [ONNXAttribute], named name: String? = nil,
        outputs: [String]
    ) -> [String] {
        var node = ONNXNode()
        node.opType = type
        node.input = inputs
        node.output = outputs
        node.name = name ?? unique("\(layer)/\(type)")
        node.attribute = attributes
        graph.node.append(node)
        return outputs
    }

    /// Adds a tensor; one of the same name is added once.
    func tensor(_ name: String, _ type: ONNXElementType, _ dims: [Int], _ raw: Data) -> String {
        guard names.insert(name).inserted else { return name }
        var tensor = ONNXTensorProto()
        tensor.name = name
        tensor.dims = dims.map(Int64.init)
        tensor.rawData = raw
        tensor.dataType = type.rawValue
        graph.initializer.append(tensor)
        return name
    }

    /// Adds a tensor of single precision.
    func floats(_ name: String, _ values: [Float], dims: [Int]? = nil) -> String {
        tensor(name, .float, dims ?? [values.count], values.withUnsafeBytes { Data($0) })
    }

    /// A number that operators of all layers may share.
    func scalar(_ value: Float) -> String { floats("number{\(value)}", [value], dims: []) }

    /// Whole numbers that operators of all layers may share.
    func integers(_ values: [Int]) -> String {
        let name = "list{\(values.map(String.init).joined(separator: ","))}"
        return tensor(name, .int64, [values.count], values.map(Int64.init).withUnsafeBytes { Data($0) })
    }

    /// A single code of some type.
    func code(_ value: Int, _ type: ONNXElementType) -> String {
        tensor("\(type){\(value)}", type, [], packed([Int16(value)], type))
    }

    /// Declares an input or output; its first axis is open.
    func port(_ name: String, _ type: ONNXElementType, _ dims: [Int], isInput: Bool) {
        var port = ONNXValueInfo()
        port.name = name
        port.type.tensorType.elemType = type.rawValue
        var batch = ONNXTensorShape.Dimension()
        batch.dimParam = "batch"
        port.type.tensorType.shape.dim =
            [batch]
            + dims.map { size in
                var axis = ONNXTensorShape.Dimension()
                axis.dimValue = Int64(size)
                return axis
            }
        if isInput { graph.input.append(port) } else { graph.output.append(port) }
    }

    /// Names the graph.
    func finish(_ name: String) { graph.name = name }

    private func unique(_ stem: String) -> String {
        var name = stem
        var number = numbers[stem] ?? 2
        while !names.insert(name).inserted {
            name = "\(stem)_\(number)"
            number += 1
        }
        numbers[stem] = number
        return name
    }
}

/// Codes as the bytes of a tensor; two to a byte where they have four bits.
func packed(_ codes: [Int16], _ type: ONNXElementType) -> Data {
    switch type.bits {
    case 4:
        var bytes = [UInt8](repeating: 0, count: (codes.count + 1) / 2)
        for (index, code) in codes.enumerated() {
            bytes[index / 2] |= (UInt8(truncatingIfNeeded: code) & 15) << (index % 2 == 0 ? 0 : 4)
        }
        return Data(bytes)
    case 8: return Data(codes.map { UInt8(truncatingIfNeeded: $0) })
    default: return codes.map { UInt16(bitPattern: $0) }.withUnsafeBytes { Data($0) }
    }
}

extension ONNXAttribute {
    /// A whole number.
    static func integer(_ name: String, _ value: Int) -> ONNXAttribute {
        var attribute = ONNXAttribute()
        attribute.name = name
        attribute.i = Int64(value)
        attribute.type = 2
        return attribute
    }

    /// Whole numbers.
    static func integers(_ name: String, _ values: [Int]) -> ONNXAttribute {
        var attribute = ONNXAttribute()
        attribute.name = name
        attribute.ints = values.map(Int64.init)
        attribute.type = 7
        return attribute
    }

    /// A number.
    static func number(_ name: String, _ value: Float) -> ONNXAttribute {
        var attribute = ONNXAttribute()
        attribute.name = name
        attribute.f = value
        attribute.type = 1
        return attribute
    }

    /// A text.
    static func text(_ name: String, _ value: String) -> ONNXAttribute {
        var attribute = ONNXAttribute()
        attribute.name = name
        attribute.s = Data(value.utf8)
        attribute.type = 3
        return attribute
    }
}
