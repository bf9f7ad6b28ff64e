import Editing
import Foundation
import Graph
import QAT

// Clips and factors that do not fit what they clip.
extension Diagnostics {
    /// A clip far below or beyond the results of a layer.
    func range(of layer: ObservedLayer) -> Diagnosis? {
        guard let feature = layer.feature, let quantizer = feature.quantizer, layer.has("clip"),
            let quantization = layer.quantization, !quantization.autoThreshold,
            layer.node.layer.settings.activation != .hsigmoid, let clip = feature.observation.clip,
            abs(clip - min(quantization.clip, layer.node.kind.clips.upperBound)) < 1e-6 * clip,
            let now = feature.whatIf(clip: clip)?.sqnr,
            let (best, then) = betterClip(for: layer, feature, than: now)
        else { return nil }
        let name = layer.name
        let sqnr = Figures.decibels(feature.observation.sqnr ?? now)
        let hope = "about \(Figures.decibels(then)) dB"
        let edit = safe(.set(layer: name, field: "clip", to: .number(best)))
        if best > clip {
            // Fewer are single values of few samples: other samples would ask for another clip.
            guard let share = feature.observation.clipRatio, share >= 0.005 else { return nil }
            return Diagnosis(
                layer: name, kind: .clipped,
                sentence:
                    "\(Figures.percent(share)) % of its results lie beyond clip \(Figures.clip(clip)), SQNR \(sqnr) dB; try clip \(Figures.clip(best)), which gives \(hope)",
                number: share, edit: edit)
        }
        let used = "uses \(quantizer.levelsUsed) of \(quantizer.levels) levels"
        let use = feature.levelUse ?? 0
        if lacksBatchNorm(layer) {
            return Diagnosis(
                layer: name, kind: .missingBatchNorm,
                sentence:
                    "\(used), SQNR \(sqnr) dB: what it reads is divided by a clip, and no batch norm finds the scale again; turn its batch norm on, or try clip \(Figures.clip(best))",
                number: use, edit: safe(.set(layer: name, field: "batchNorm", to: .flag(true))) ?? edit)
        }
        return Diagnosis(
            layer: name, kind: .unusedLevels,
            sentence:
                "\(used), SQNR \(sqnr) dB: clip \(Figures.clip(clip)) is far beyond its results; try clip \(Figures.clip(best)), which gives \(hope)",
            number: use, edit: edit)
    }

    /// Whether a layer gains enough, and either lies below the others or gains very much.
    private func standsOut(_ now: Double, gain: Double) -> Bool {
        gain >= Diagnostics.gain
            && (gain >= 2 * Diagnostics.gain || now <= (featureSQNR ?? now) - Diagnostics.gain)
    }

    /// A clip for which a layer stands out, with its SQNR: the one that the manual recommends where that is less than half
    /// a bit below the best.
    private func betterClip(
        for layer: ObservedLayer, _ feature: ProbedTensor, than now: Double
    ) -> (Double, Double)? {
        guard let best = feature.bestClip(within: layer.node.kind.clips),
            let most = best.expected.sqnr
        else { return nil }
        if let bits = feature.quantizer?.bits, let clip = layer.node.kind.recommendedClip(bits: bits),
            let sqnr = feature.whatIf(clip: clip)?.sqnr, sqnr > most - Diagnostics.gain / 2,
            standsOut(now, gain: sqnr - now)
        {
            return (clip, sqnr)
        }
        return standsOut(now, gain: most - now) ? (best.clip, most) : nil
    }

    /// Whether a layer could have batch norm, has none, and reads what a quantizer normalized.
    func lacksBatchNorm(_ layer: ObservedLayer) -> Bool {
        layer.node.layer.value(of: "batchNorm") == .flag(false) && !layer.facts.isFirst
            && layer.facts.inputs.allSatisfy { !$0.isFloat }
    }

    /// Factors that are advised without a look at the whole network: up to a third above the manual's 3. A sweep, which
    /// measures them there, tries larger ones too (`SweepTrials`).
    private static let factors = [1.5, 2, 2.5, 3, 3.5, 4]

    /// A factor that clips so many weights that a larger one is better, also where batch norm finds the scale again.
    func clippedWeights(of layer: ObservedLayer) -> Diagnosis? {
        guard let weight = layer.weight, weight.quantizer != nil, layer.has("weightFactor"),
            let factor = layer.quantization?.weightFactor,
            let now = weight.whatIf(factor: factor, bits: nil), let plain = now.sqnr,
            let scaled = now.scaledSQNR
        else { return nil }
        let larger = Diagnostics.factors.filter { $0 > factor }.compactMap {
            (factor: Double) -> (factor: Double, then: WhatIf)? in
            weight.whatIf(factor: factor, bits: nil).map { (factor: factor, then: $0) }
        }
        guard let best = larger.max(by: { ($0.then.scaledSQNR ?? 0) < ($1.then.scaledSQNR ?? 0) }),
            let bestPlain = best.then.sqnr, let bestScaled = best.then.scaledSQNR,
            bestPlain - plain >= Diagnostics.gain, bestScaled - scaled >= Diagnostics.gain
        else { return nil }
        let share = weight.observation.clipRatio ?? 0
        return Diagnosis(
            layer: layer.name, kind: .clippedWeights,
            sentence:
                "\(Figures.percent(share)) % of its weights lie beyond factor \(Figures.clip(factor)), SQNR \(Figures.decibels(weight.observation.sqnr ?? plain)) dB; try factor \(Figures.clip(best.factor)), which gives about \(Figures.decibels(bestPlain)) dB",
            number: share,
            edit: safe(.set(layer: layer.name, field: "weightFactor", to: .number(best.factor))))
    }
}
