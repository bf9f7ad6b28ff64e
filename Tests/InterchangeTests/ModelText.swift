import Foundation
import SwiftProtobuf

@testable import Interchange

/// A model that a test puts together.
struct ModelText {
    var model = ONNXModel()

    /// An empty graph whose operators are of a version.
    init(opset: Int = 13) {
        var operators = ONNXOperatorSet()
        operators.version = Int64(opset)
        (model.opsetImport, model.irVersion) = ([operators], 8)
        model.graph.name = "test"
    }

    /// Declares an input; 0 leaves an axis open.
    mutating func input(_ name: String, _ dims: [Int], type: ONNXElementType = .float) {
        model.graph.input.append(ModelText.port(name, dims, type))
    }

    /// Declares an output.
    mutating func output(_ name: String, type: ONNXElementType = .float) {
        var port = ONNXValueInfo()
        port.name = name
        port.type.tensorType.elemType = type.rawValue
        model.graph.output.append(port)
    }

    private static func port(_ name: String, _ dims: [Int], _ type: ONNXElementType) -> ONNXValueInfo {
        var port = ONNXValueInfo()
        port.name = name
        port.type.tensorType.elemType = type.rawValue
        port.type.tensorType.shape.dim = dims.map { size in
            var axis = ONNXTensorShape.Dimension()
            if size > 0 { axis.dimValue = Int64(size) } else { axis.dimParam = "open" }
            return axis
        }
        return port
    }

    /// Adds an operator with one result.
    mutating func add(
        _ type: String, _ inputs: [String], _ output: String, _ attributes: [ONNXAttribute] = []
    ) {
        var node = ONNXNode()
        (node.opType, node.name, node.input, node.output) = (type, "\(output)_node", inputs, [output])
        node.attribute = attributes
        model.graph.node.append(node)
    }

    /// Adds a weight.
    mutating func weight(_ name: String, _ values: [Float], _ dims: [Int], isRaw: Bool = true) {
        var tensor = ONNXTensorProto()
        (tensor.name, tensor.dims, tensor.dataType) = (name, dims.map(Int64.init), 1)
        if isRaw {
            tensor.rawData = values.withUnsafeBytes { Data($0) }
        } else {
            tensor.floatData = values
        }
        model.graph.initializer.append(tensor)
    }

    /// Adds whole numbers.
    mutating func integers(_ name: String, _ values: [Int]) {
        var tensor = ONNXTensorProto()
        (tensor.name, tensor.dims, tensor.dataType) = (name, [Int64(values.count)], 7)
        tensor.int64Data = values.map(Int64.init)
        model.graph.initializer.append(tensor)
    }

    /// Adds batch norm with all of its statistics.
    mutating func norm(_ input: String, _ output: String, gamma: [Float]) {
        let count = gamma.count
        weight("\(output).gamma", gamma, [count])
        weight("\(output).beta", (0..<count).map { Float($0) }, [count])
        weight("\(output).mean", [Float](repeating: 0.5, count: count), [count])
        weight("\(output).variance", [Float](repeating: 2, count: count), [count])
        add(
            "BatchNormalization",
            [input] + ["gamma", "beta", "mean", "variance"].map { "\(output).\($0)" }, output,
            [.number("epsilon", 1e-3)])
    }

    /// The bytes of the file.
    var bytes: [UInt8] {
        get throws { Array(try model.serializedData()) }
    }

    /// What it becomes.
    func read(folder: String = ".", _ options: ONNXImport.Options = .init()) throws -> ONNXImport {
        try ONNXImport(bytes: bytes, folder: folder, options: options)
    }
}
