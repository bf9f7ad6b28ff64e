public import Foundation
public import Graph
public import QAT
import SwiftProtobuf

/// A network as an ONNX model: in float, or with the quantizers of docs/arithmetic.md as pairs of QuantizeLinear and
/// DequantizeLinear.
///
/// The result of each layer has the layer's name; quantized ones are divided by their clip, as they are in training.
/// Weights are stored as whole numbers, biases as floats; the batch is open.
public struct ONNXExport {
    /// How a network is written.
    public struct Options: Hashable, Sendable {
        /// Whether the quantizers act.
        public var isQuantized = true
        /// The version of the operators: 13, or 21 with numbers of 4 bits.
        public var opset = 13
        /// Whether every layer's result is one of the file's.
        public var keepsAll = false
        /// The chip that the network is for, as the file says it.
        public var device = ""
        /// Whether the chip pads 1 on both sides.
        public var padsBothSides = false

        /// Quantized, for operators of version 13.
        public init() {}
    }

    /// The versions of operators that are written.
    public static let opsets = [13, 21]
    static let producer = "magikbench"
    /// The members of the metadata.
    enum Key {
        static let network = "magikbench.network"
        static let device = "magikbench.device"
        static let family = "magikbench.family"
        static let isQuantized = "magikbench.quantized"
        static let padsBothSides = "magikbench.padsBothSides"
    }

    let model: ONNXModel
    /// Whether every layer's result is one of the file's.
    let keepsAll: Bool

    init(_ model: ONNXModel, keepsAll: Bool) { (self.model, self.keepsAll) = (model, keepsAll) }

    /// Writes a network with the numbers of a store; throws where a layer has no shape.
    public init(
        _ analysis: Analysis, store: ParameterStore, options: Options, version: String
    ) throws(ONNXError) {
        let network = analysis.network
        for index in network.nodes.indices where analysis.shapes.output(index) == nil {
            throw .network("layer '\(network.nodes[index].name)' cannot run: it has no shape")
        }
        let run = ExportRun(
            analysis, store, isQuantized: options.isQuantized, opset: options.opset,
            padsBothSides: options.padsBothSides)
        try run.run(keepsAll: options.keepsAll)
        var model = ONNXModel()
        model.irVersion = options.opset >= 21 ? 10 : 8
        model.producerName = ONNXExport.producer
        model.producerVersion = version
        model.graph = run.writer.graph
        var operators = ONNXOperatorSet()
        operators.version = Int64(options.opset)
        model.opsetImport = [operators]
        var members: [JSON.Member] = [
            .init("inputs", .array(network.inputLines)), .init("layers", .array(network.layerLines)),
        ]
        if let task = network.task.json { members.append(.init("task", task)) }
        let text = JSON.object(members).compact
        model.metadataProps = [
            (Key.network, text), (Key.device, options.device), (Key.family, analysis.facts.family.rawValue),
            (Key.isQuantized, "\(options.isQuantized)"), (Key.padsBothSides, "\(options.padsBothSides)"),
        ].map { key, value in
            var entry = ONNXEntry()
            entry.key = key
            entry.value = value
            return entry
        }
        self.model = model
        keepsAll = options.keepsAll
    }

    /// The bytes of the file.
    public func encoded() throws(ONNXError) -> Data {
        do {
            return try model.serializedData()
        } catch {
            throw .network("the model cannot be written: \(error)")
        }
    }
}
