import Foundation
import Graph
import QAT

/// Writes the layers of a network as operators of ONNX, one after the other.
final class ExportRun {
    let analysis: Analysis
    let store: ParameterStore
    let writer = GraphWriter()
    /// Whether the quantizers act.
    let isQuantized: Bool
    /// The version of the operators.
    let opset: Int
    /// Whether the chip pads 1 on both sides.
    let padsBothSides: Bool
    /// By the name of a parameter, its axes.
    let shapes: [String: [Int]]
    /// How many activation quantizers each layer has so far.
    var scales: [String: Int] = [:]
    private var index = 0

    var family: ArithmeticFamily { analysis.facts.family }
    var node: Node { analysis.network.nodes[index] }
    var facts: SignalAnalysis.Facts { analysis.facts.nodes[index] }
    /// The signal of the layer's result.
    var signal: Signal { isQuantized ? facts.output : .float }
    /// The shape of the layer's first input.
    var input: Shape { analysis.shapes.inputs[index].first.flatMap { $0 } ?? .vector(1) }
    /// The shapes of its results.
    var outputs: [Shape] { analysis.shapes.outputs(of: index) }

    init(_ analysis: Analysis, _ store: ParameterStore, isQuantized: Bool, opset: Int, padsBothSides: Bool) {
        self.analysis = analysis
        self.store = store
        self.isQuantized = isQuantized
        self.opset = opset
        self.padsBothSides = padsBothSides
        var shapes: [String: [Int]] = [:]
        for entry in store.layout.parameters + store.layout.statistics { shapes[entry.name] = entry.shape }
        self.shapes = shapes
    }

    /// Writes everything; `keepsAll` makes a result of every layer's.
    func run(keepsAll: Bool) throws(ONNXError) {
        for port in analysis.network.inputs {
            writer.port(
                port.name, isIndex(port.name) ? .int64 : .float, port.shape.dimensions, isInput: true)
        }
        for position in analysis.order.evaluation {
            index = position
            writer.layer = node.name
            try write(node.inputs.map(\.description))
        }
        for position in analysis.network.nodes.indices {
            index = position
            guard facts.isLast || keepsAll else { continue }
            let isWhole = node.kind == .preprocess && isIndex(node.name)
            for (output, shape) in outputs.enumerated() {
                writer.port(
                    Source(node.name, output: output).description, isWhole ? .int64 : .float,
                    shape.dimensions, isInput: false)
            }
        }
        writer.finish("magikbench")
    }

    /// Whether nothing but tables reads a value, so that it holds whole numbers.
    func isIndex(_ name: String) -> Bool {
        let readers = analysis.network.readers(of: name)
        return !readers.isEmpty
            && readers.allSatisfy { $0.kind == .embedding || $0.kind == .preprocess && isIndex($0.name) }
    }

    private func write(_ inputs: [String]) throws(ONNXError) {
        let name = node.name
        switch node.layer {
        case .preprocess: _ = named(inputs[0], name)
        case .conv2D(let settings): try convolution(settings, inputs[0])
        case .depthwiseConv2D(let settings): try depthwise(settings, inputs[0])
        case .convTranspose2D(let settings): try transposed(settings, inputs[0])
        case .fullConnected(let settings): try dense(settings, inputs[0])
        case .seBlock(let settings): try squeezeExcite(settings, inputs[0])
        case .batchNorm(let settings):
            _ = epilogue(
                inputs[0], settings.activationFunction, prefix: "", hasNorm: true, shape: input, into: name)
        case .maxpool2D(let settings): pool("MaxPool", settings.window, inputs[0])
        case .avgpool2D(let settings): pool("AveragePool", settings.window, inputs[0])
        case .adaptiveAvgpool2D(let settings): globalMean(settings, inputs[0])
        case .unpool2D(let settings): unpool(settings, inputs[0])
        case .route:
            let axis = if case .sequence = outputs[0] { 2 } else { 1 }
            _ = writer.add("Concat", inputs, [.integer("axis", axis)], into: name)
        case .shortcut(let settings): sum(settings, inputs)
        case .mul: _ = quantize(writer.add("Mul", inputs), signal, clip: 1, into: name)
        case .max: _ = writer.add("Max", inputs, into: name)
        case .flatten: _ = reshape(inputs[0], outputs[0], into: name)
        case .channelSplit(let settings):
            writer.add(
                "Split", [inputs[0], writer.integers(settings.split)], [.integer("axis", 1)],
                outputs: settings.split.indices.map { Source(name, output: $0).description })
        case .pixelShuffle(let settings):
            _ = writer.add(
                "DepthToSpace", [inputs[0]],
                [.integer("blocksize", settings.factor), .text("mode", "CRD")], into: name)
        case .lstm(let settings): try recurrent(settings, inputs[0])
        case .embedding(let settings): try embedding(settings, inputs)
        }
    }

    /// The numbers under the axes of a shape.
    func reshape(_ value: String, _ shape: Shape, into output: String? = nil) -> String {
        writer.add("Reshape", [value, writer.integers([-1] + shape.dimensions)], into: output)
    }
}
