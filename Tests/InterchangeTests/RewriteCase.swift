import Foundation
import Graph
import QAT
import TestSupport
import Testing
import Weights

@testable import Interchange

/// A small model with a convolution in front, and what its import computes.
struct RewriteCase {
    var model: ModelText
    /// Axes of the input `x`.
    let dims: [Int]

    /// A model with an input `x` of those axes.
    init(_ dims: [Int], opset: Int = 13) {
        self.dims = dims
        model = ModelText(opset: opset)
        model.input("x", dims)
    }

    /// Adds a convolution of some size that pads SAME, with numbers that a seed decides.
    mutating func convolve(
        _ input: String, _ output: String, _ inputs: Int, _ outputs: Int, kernel: Int = 1, groups: Int = 1,
        seed: UInt64 = 1
    ) {
        let each = inputs / groups
        model.weight(
            "\(output).w", RewriteCase.numbers(outputs * each * kernel * kernel, seed: seed),
            [outputs, each, kernel, kernel])
        model.weight("\(output).b", RewriteCase.numbers(outputs, seed: seed + 1), [outputs])
        let pad = kernel / 2
        model.add(
            "Conv", [input, "\(output).w", "\(output).b"], output,
            [
                .integers("kernel_shape", [kernel, kernel]), .integers("pads", [pad, pad, pad, pad]),
                .integer("group", groups),
            ])
    }

    /// Numbers from -1 to 1.
    static func numbers(_ count: Int, seed: UInt64) -> [Float] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
    }

    /// The input that everything is computed on.
    var input: [Float] { RewriteCase.numbers(dims.reduce(1, *), seed: 99).map { 3 * $0 } }

    /// The import, and what it gives for an output by its name in the file.
    func results(
        _ name: String, approximates: Bool = false, of values: [Float]? = nil
    ) throws -> (read: ONNXImport, values: [Float]) {
        var model = model
        if !model.model.graph.output.contains(where: { $0.name == name }) { model.output(name) }
        var options = ONNXImport.Options()
        options.approximates = approximates
        let read = try ONNXImport(bytes: try model.bytes, options: options)
        try #require(read.report.faults.isEmpty, "\(read.report.faults)")
        let results = try read.report.results(
            of: read.network, weights: read.weights,
            on: Safetensors([.init("x", values ?? input, shape: dims)]))
        let output = try #require(read.report.outputs.first { $0.name == name }, "\(read.report.outputs)")
        let tensor = try #require(results[output.source.description])
        return (read, try tensor.values())
    }

    /// The reasons of a refused model.
    func faults(_ name: String, approximates: Bool = false) throws -> [ONNXReport.Fault] {
        var model = model
        model.output(name)
        var options = ONNXImport.Options()
        options.approximates = approximates
        return try ONNXImport(bytes: try model.bytes, options: options).report.faults
    }
}

/// Whether numbers are the same but for rounding.
func expectClose(
    _ found: [Float], _ expected: [Float], _ tolerance: Float = 1e-5,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let scale = max(1e-6, expected.map(abs).max() ?? 0)
    let worst = zip(found, expected).map { abs($0 - $1) }.max() ?? 0
    #expect(found.count == expected.count, sourceLocation: sourceLocation)
    #expect(worst <= tolerance * scale, "differs by \(worst) of \(scale)", sourceLocation: sourceLocation)
}

extension ModelText {
    /// Adds codes of 8 bits.
    mutating func codes(_ name: String, _ values: [Int], _ dims: [Int], isSigned: Bool) {
        var tensor = ONNXTensorProto()
        (tensor.name, tensor.dims, tensor.dataType) = (name, dims.map(Int64.init), isSigned ? 3 : 2)
        tensor.int32Data = values.map(Int32.init)
        model.graph.initializer.append(tensor)
    }

    /// Adds whole numbers under several axes.
    mutating func matrix(_ name: String, _ values: [Int], _ dims: [Int]) {
        var tensor = ONNXTensorProto()
        (tensor.name, tensor.dims, tensor.dataType) = (name, dims.map(Int64.init), 7)
        tensor.int64Data = values.map(Int64.init)
        model.graph.initializer.append(tensor)
    }

    /// Adds one whole number without axes.
    mutating func scalar(_ name: String, _ value: Int) { matrix(name, [value], []) }
}

extension ONNXAttribute {
    /// A tensor of whole numbers.
    static func integersTensor(_ name: String, _ values: [Int]) -> ONNXAttribute {
        var attribute = ONNXAttribute()
        (attribute.name, attribute.type) = (name, 4)
        attribute.t.dims = [Int64(values.count)]
        attribute.t.dataType = 7
        attribute.t.int64Data = values.map(Int64.init)
        return attribute
    }
}
