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
        self.request = request
        self.analysis = analysis
        self.report = report
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
        switch request.setting {
        case .bits:
            var found: [Variable] = []
            if request.tensors.includesWeights, hasWeights {
                found.append(
                    ("weightBits", Double(quantization.weightBits), widths(request.device.profile.weightBits))
                )
            }
            if request.tensors.includesResults, names.contains("outputBits"), !facts.output.isFloat,
                let bits = quantization.outputBits
            {
                found.append(
                    ("outputBits", Double(bits), widths(request.device.profile.featureBits(of: node.kind))))
            }
            return found
        case .clip:
            guard names.contains("clip"), !facts.output.isFloat, !quantization.autoThreshold,
                node.layer.settings.activation != .hsigmoid
            else { return [] }
            // Around the clip that is best for the layer's own results, or its own before these were seen.
            let best = ownBest(of: node)?.clip ?? quantization.clip
            let values = [best, best / 2.0.squareRoot(), best * 2.0.squareRoot()]
                .map(twoDigits).filter(node.kind.clips.contains)
            return [("clip", quantization.clip, values)]
        case .factor:
            guard names.contains("weightFactor"), hasWeights else { return [] }
            return [("weightFactor", quantization.weightFactor, SweepTrials.factors)]
        }
    }

    /// Clips that win much for their layers' own results: each layer's best, in the order of the network.
    var repairs: [SweepChoice] {
        guard request.setting == .clip else { return [] }
        return analysis.network.nodes.indices.compactMap { index in
            let node = analysis.network.nodes[index]
            guard !fields(of: index).isEmpty, let best = ownBest(of: node), best.gain >= SweepTrials.much
            else { return nil }
            return SweepChoice(layer: node.name, field: "clip", value: best.clip)
        }
    }

    /// The positions of the trials that are measured, those first that promise most: of bits and factors, the layers with
    /// most weights; of clips, each layer's best for its own results, and of these the largest gains.
    func order(of trials: [SweepTrial]) -> [Int] {
        let nodes = analysis.network.nodes
        var promises: [String: (rank: (Double) -> Double, gain: Double)] = [:]
        for (index, node) in nodes.enumerated() {
            guard request.setting == .clip else {
                promises[node.name] = ({ _ in 0 }, Double(analysis.cost.nodes[index].weightBytes))
                continue
            }
            guard let best = ownBest(of: node) else { continue }
            promises[node.name] = ({ abs(log2($0 / best.clip)) < 0.1 ? 0 : 1 }, best.gain)
        }
        let keys = trials.map { trial -> (Double, Double) in
            guard let promise = promises[trial.choice.layer] else { return (2, 0) }
            return (promise.rank(trial.choice.value), -promise.gain)
        }
        return trials.indices.filter { !trials[$0].isPresent }.sorted {
            (keys[$0].0, keys[$0].1, Double($0)) < (keys[$1].0, keys[$1].1, Double($1))
        }
    }

    /// A local gain, in dB, for which a clip is changed where the network's results do not show it.
    private static let much = 1.0

    /// Weight factors on both sides of the manual's 3: one that clips more may leave the network better bits, and one that
    /// clips less its large weights.
    private static let factors = [1.5, 2, 2.5, 3, 3.5, 4, 5]

    private func ownBest(of node: Node) -> RangeSuggestion? {
        report?.parts(of: node.name).first?.feature?.bestClip(within: node.kind.clips)
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
