public import Devices
public import Graph
public import QAT

/// What a probe saw of a network, and what follows from it.
///
/// A layer stands out beside the other layers (medians, which faulty ones do not move) and beside what its own values
/// would allow (`WhatIf`). A gain counts from 6 dB on, which is what one more bit brings.
public struct Diagnostics {
    let analysis: Analysis
    let device: Device
    let layers: [ObservedLayer]
    /// Medians over the layers that learn: bits and SQNR of weights and of results.
    let weightBits: Int?
    let weightSQNR: Double?
    let featureBits: Int?
    let featureSQNR: Double?

    /// One bit.
    static let gain = 6.0

    /// A layer with what was seen of it.
    struct ObservedLayer {
        let index: Int
        let node: Node
        let facts: SignalAnalysis.Facts
        let weight: ProbedTensor?
        let feature: ProbedTensor?

        var name: String { node.name }
        var learns: Bool { node.kind.learns }
        var quantization: Quantization? { node.layer.settings.quantization }
        func has(_ field: String) -> Bool { node.kind.fields.contains { $0.name == field } }
    }

    /// Looks at a report of the network.
    public init(_ report: ProbeReport, of analysis: Analysis, on device: Device) {
        self.analysis = analysis
        self.device = device
        let parts = Dictionary(report.parts.map { ($0.name, $0) }) { first, _ in first }
        layers = analysis.network.nodes.enumerated().compactMap { index, node in
            guard let part = parts[node.name], part.layer == node.name else { return nil }
            return ObservedLayer(
                index: index, node: node, facts: analysis.facts.nodes[index], weight: part.weight,
                feature: part.feature)
        }
        let learning = layers.filter(\.learns)
        let weights = learning.compactMap { $0.weight?.quantizer == nil ? nil : $0.weight }
        let features = learning.compactMap { $0.feature?.quantizer == nil ? nil : $0.feature }
        weightBits = weights.compactMap { $0.quantizer?.bits }.median
        featureBits = features.compactMap { $0.quantizer?.bits }.median
        weightSQNR = weights.compactMap(\.observation.sqnr).median
        featureSQNR = features.compactMap(\.observation.sqnr).median
    }

    /// The diagnoses, layer by layer in the order of the network.
    public var diagnoses: [Diagnosis] { layers.flatMap(diagnoses) }

    private func diagnoses(of layer: ObservedLayer) -> [Diagnosis] {
        let bits = [narrowness(of: layer)].compactMap { $0 }
        let hasFewResultBits = hasFewResultBits(layer)
        // A range is judged where its grid is not what is wrong, and where no single channel decides it.
        let stretch = hasFewResultBits ? nil : stretch(of: layer)
        let range = hasFewResultBits || stretch != nil ? nil : range(of: layer)
        let factor = bits.isEmpty ? clippedWeights(of: layer) : nil
        let isExplained = stretch != nil || range != nil || hasFewResultBits
        return bits
            + [
                stretch, range, factor, deadChannels(of: layer, isExplained: isExplained),
                lostNegatives(of: layer), oscillation(of: layer),
            ].compactMap { $0 }
    }

    /// The edit, where the network takes it and no rule of the chip forbids; advice of the rules, as for a clip, may differ from what was measured.
    func safe(_ edit: Edit) -> Edit? {
        guard let edited = try? analysis.network.applying(edit) else { return nil }
        let impact = EditImpact(
            from: CheckedNetwork(analysis.network, on: device), to: CheckedNetwork(edited, on: device))
        return impact.cost.after.errors <= impact.cost.before.errors ? edit : nil
    }
}
