import Devices
import Foundation
import Graph
import QAT

/// Which values a sweep tries on which layers, in the order of the network.
struct SweepTrials {
    private let request: SweepRequest
    private let analysis: Analysis
    private let report: ProbeReport?

    /// Values for a network; with what was seen of it, also the clip that is best for each layer's own results.
    init(_ request: SweepRequest, _ analysis: Analysis, seen report: ProbeReport? = nil) {
        (self.request, self.analysis, self.report) = (request, analysis, report)
    }

    /// All values, those that the layers have among them.
    var trials: [SweepTrial] {
        analysis.network.nodes.indices.flatMap { index in
            fields(of: index).flatMap { field in trials(of: index, field.name, field.now, field.values) }
        }
    }

    private typealias Variable = (name: String, now: Double, values: [Double])

    private func fields(of index: Int) -> [Variable] {
        let node = analysis.network.nodes[index]
        let facts = analysis.facts.nodes[index]
        guard let quantization = node.layer.settings.quantization, quantization.isEnabled,
            facts.automatic == nil
        else { return [] }
        let names = Set(node.kind.fields.map(\.name))
        let hasWeights =
            names.contains("weightBits") && (facts.weightBits ?? Quantization.float) != Quantization.float
        switch request.subject {
        case .bits:
            var found: [Variable] = []
            if request.tensors.includesWeights, hasWeights {
                found.append(
                    ("weightBits", Double(quantization.weightBits), widths(request.device.weightWidths)))
            }
            if request.tensors.includesResults, names.contains("outputBits"), !facts.output.isFloat,
                let bits = quantization.outputBits
            {
                found.append(
                    ("outputBits", Double(bits), widths(request.device.featureWidths(of: node.kind))))
            }
            return found
        case .clip:
            guard names.contains("clip"), !facts.output.isFloat, !quantization.autoThreshold,
                node.layer.settings.activation != .hsigmoid
            else { return [] }
            let largest = node.kind == .shortcut ? Shortcut.largestClip : 1000
            let values = (-4...4).filter { $0 != 0 }
                .map { RangeSearch.twoDigits(quantization.clip * pow(2, Double($0) / 2)) }
                .filter { (0.001...largest).contains($0) }
            let feature = report?.parts(of: node.name).first?.feature
            let best = feature?.bestClip(within: 0.001...largest)?.clip
            return [("clip", quantization.clip, values + [best].compactMap { $0 })]
        case .factor:
            guard names.contains("weightFactor"), hasWeights else { return [] }
            return [("weightFactor", quantization.weightFactor, [1.5, 2, 2.5, 3, 3.5, 4, 5])]
        }
    }

    private func widths(_ all: [Int]) -> [Double] {
        all.filter { request.widths?.contains($0) ?? true }.map(Double.init)
    }

    private func trials(of index: Int, _ field: String, _ now: Double, _ values: [Double]) -> [SweepTrial] {
        let layer = analysis.network.nodes[index].name
        return Set(values + [now]).sorted().map { value in
            SweepTrial(
                choice: SweepChoice(layer: layer, field: field, value: value), isPresent: value == now,
                cost: value == now ? SweepCosts(analysis) : nil)
        }
    }
}
