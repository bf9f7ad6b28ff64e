import Devices
import Graph

/// A network as one chip sees it, layer by layer; the table and the JSON document of `show` are views of it.
struct LayerTable {
    /// One layer.
    struct Row {
        /// The layer within its network.
        let node: Node
        /// The shapes of its outputs; empty while they are unknown.
        let shapes: [Shape]
        /// What the wiring decides about it.
        let facts: SignalAnalysis.Facts
        /// Where its result's quantizer ends; nil where the layer has no such setting or gives float.
        let clip: Double?
        /// What it costs.
        let cost: NetworkCost.Cost

        /// Whether its quantizers are on.
        var quantizes: Bool { node.isQuantized }
    }

    /// The chip.
    let device: Device
    /// Everything that follows from the network.
    let analysis: Analysis
    /// The layers, in the order of the file.
    let rows: [Row]

    /// Looks at a network as a chip does.
    init(_ network: Network, on device: Device) {
        let analysis = Analysis(network, on: device.family)
        self.device = device
        self.analysis = analysis
        rows = network.nodes.indices.map { index in
            let node = network.nodes[index]
            let facts = analysis.facts.nodes[index]
            return Row(
                node: node, shapes: LayerTable.shapes(analysis.shapes, index), facts: facts,
                clip: LayerTable.clip(of: node.layer, facts), cost: analysis.cost.nodes[index])
        }
    }

    private static func shapes(_ shapes: NetworkShapes, _ index: Int) -> [Shape] {
        guard case .success(let outputs) = shapes.outputs[index] else { return [] }
        return outputs
    }

    private static func clip(of layer: Layer, _ facts: SignalAnalysis.Facts) -> Double? {
        guard let quantization = layer.settings.quantization, quantization.isEnabled, !facts.output.isFloat,
            layer.value(of: "clip") != nil
        else { return nil }
        return quantization.clip
    }
}

extension LayerTable {
    /// The layers as a JSON document.
    var json: JSON {
        let total = analysis.cost.total
        return [
            "device": .string(device.rawValue), "parameters": .integer(total.parameters),
            "macs": .integer(total.multiplyAccumulates), "layers": .array(rows.map(\.json)),
        ]
    }
}

extension LayerTable.Row {
    fileprivate var json: JSON {
        [
            "name": .string(node.name), "operator": .string(node.kind.rawValue),
            "inputs": .array(node.inputs.map { .string($0.description) }),
            "shape": shapes.first.map { .array($0.dimensions.map(JSON.integer)) } ?? .null,
            "weightBits": facts.weightBits.map(JSON.integer) ?? .null,
            "outputBits": .integer(facts.output.bits), "signed": .boolean(facts.output.isSigned),
            "clip": clip.map(JSON.number) ?? .null, "quantize": .boolean(quantizes),
            "parameters": .integer(cost.parameters), "macs": .integer(cost.multiplyAccumulates),
            "weightBytes": .integer(cost.weightBytes), "featureBytes": .integer(cost.featureBytes),
        ]
    }
}
