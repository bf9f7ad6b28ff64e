import Foundation
import Graph
import Interchange
import QAT
import TestSupport
import Weights

/// A network with weights and a batch that it has computed: what an export of it has to compute as well.
final class ExportCase {
    let analysis: Analysis
    let store: ParameterStore
    let program: Program
    let padsBothSides: Bool
    private let batch: Int

    /// Random weights, batch norm estimated on the batch, and the values of all layers.
    init(
        _ network: Network, on family: ArithmeticFamily, isQuantized: Bool = true,
        padsBothSides: Bool = false,
        batch: Int = 2
    ) throws {
        self.batch = batch
        self.padsBothSides = padsBothSides
        analysis = Analysis(network, on: family)
        store = ParameterStore(analysis)
        store.initialize(seed: 7)
        var options = Program.Options(batch: batch)
        (options.isQuantized, options.keepsValues, options.arithmetic) = (isQuantized, true, .float)
        options.padsBothSides = padsBothSides
        program = try Program(analysis, store: store, options: options)
        var random = SeededGenerator(seed: 11)
        for (port, input) in zip(program.inputs, network.inputs) {
            let table = ExportCase.table(input.name, in: network)
            for place in port.values.indices {
                if let table {
                    port.values[place] = Float(Int.random(in: 0..<table, using: &random))
                } else {
                    port.values[place] = Float.random(in: isSigned(input) ? -1...1 : 0...1, using: &random)
                }
            }
        }
        try program.forward(.estimation)
        try program.forward(.evaluation)
    }

    private func isSigned(_ input: Input) -> Bool {
        analysis.network.readers(of: input.name).contains {
            if case .preprocess(let settings) = $0.layer { settings.mean != 0 } else { false }
        }
    }

    /// The size of the table that looks an input up, directly or behind a Preprocess.
    private static func table(_ name: String, in network: Network) -> Int? {
        for reader in network.readers(of: name) {
            if case .embedding(let settings) = reader.layer { return settings.vocabularySize }
            if reader.kind == .preprocess, let size = table(reader.name, in: network) { return size }
        }
        return nil
    }

    /// The export.
    func model(opset: Int = 13, isQuantized: Bool = true, keepsAll: Bool = true) throws -> Data {
        var options = ONNXExport.Options()
        (options.opset, options.isQuantized, options.keepsAll) = (opset, isQuantized, keepsAll)
        options.padsBothSides = padsBothSides
        options.device = analysis.facts.family == .npu ? "T40" : "Xs1"
        return try ONNXExport(analysis, store: store, options: options, version: "test").encoded()
    }

    /// The inputs and the values of all layers under the names that the export has for them; how far codes are apart is in
    /// the metadata.
    var values: Safetensors {
        var tensors: [Safetensors.Tensor] = []
        var steps: [String: String] = [:]
        for port in program.inputs {
            guard let base = port.values.baseAddress else { continue }
            let values = Program.channelsFirst(base, port.shape, batch: batch)
            tensors.append(.init(port.name, values, shape: [batch] + port.shape.dimensions))
        }
        for (index, node) in analysis.network.nodes.enumerated() {
            guard case .success(let shapes) = analysis.shapes.outputs[index] else { continue }
            for (output, shape) in shapes.enumerated() {
                let name = Source(node.name, output: output).description
                guard let values = program.values(of: node.name, output: output) else { continue }
                tensors.append(.init(name, values, shape: [batch] + shape.dimensions))
                steps[name] = "\(program.options.isQuantized ? ExportCase.step(index, in: analysis) : 0)"
            }
        }
        return Safetensors(tensors, metadata: steps)
    }

    /// From one code of a layer to the next in a network with quantizers; 0 where there are none.
    static func step(_ index: Int, in analysis: Analysis) -> Double {
        let (node, facts) = (analysis.network.nodes[index], analysis.facts.nodes[index])
        guard node.kind != .preprocess, !facts.output.isFloat,
            node.layer.settings.quantization?.isEnabled ?? false
        else { return 0 }
        let codes = Double(1 << facts.output.bits)
        if node.kind == .lstm { return analysis.facts.family == .npu ? 2 / (codes - 1) : 2 / (codes - 2) }
        if !facts.output.isSigned { return 1 / (codes - 1) }
        return analysis.facts.family == .npu ? 2 / (codes - 1) : 2 / codes
    }
}
