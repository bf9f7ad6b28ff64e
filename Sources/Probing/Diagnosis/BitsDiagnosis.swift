import Devices
import Editing
import Graph
import QAT

// Layers with fewer bits than they need.
extension Diagnostics {
    /// Weights or results with far fewer bits than those of the other layers, or than a first or last layer needs.
    func narrowness(of layer: ObservedLayer) -> Diagnosis? {
        guard layer.learns, layer.facts.automatic == nil else { return nil }
        let weight = widerWeights(layer)
        let feature = hasFewResultBits(layer) ? featureBits : nil
        guard weight != nil || feature != nil else { return nil }
        var edits: [Edit] = []
        var words: [String] = []
        var hopes: [String] = []
        for (tensor, bits, what, field) in [
            (layer.weight, weight, "weights", "weightBits"),
            (layer.feature, feature, "results", "outputBits"),
        ] {
            guard let tensor, let quantizer = tensor.quantizer, let bits, layer.has(field) else { continue }
            edits.append(.set(layer: layer.name, field: field, to: .integer(bits)))
            let sqnr = tensor.observation.sqnr.map { ", SQNR \(Figures.decibels($0)) dB" } ?? ""
            words.append("\(what) have \(quantizer.bits) bit\(sqnr)")
            let hope =
                tensor.whatIf(bits: bits)?.sqnr.map { ", which gives about \(Figures.decibels($0)) dB" } ?? ""
            hopes.append("\(bits) bit for \(what)\(hope)")
        }
        guard let first = edits.first else { return nil }
        let least =
            [weight == nil ? nil : layer.weight, feature == nil ? nil : layer.feature]
            .compactMap { $0?.quantizer?.bits }.min() ?? 0
        let end = weight == nil ? nil : end(layer)
        let place =
            end.map { "the \($0) layer:" }
            ?? "other layers have \([weight, feature].compactMap { $0 }.max() ?? 0) bit:"
        return Diagnosis(
            layer: layer.name, kind: end == nil ? .fewBits : .narrowEnd,
            sentence:
                "\(place) its \(words.joined(separator: ", its ")); try \(hopes.joined(separator: " and "))",
            number: Double(least), edit: safe(edits.count == 1 ? first : .all("more bits", edits)))
    }

    /// "first" or "last", for a layer with weights that is.
    private func end(_ layer: ObservedLayer) -> String? {
        layer.facts.isFirst ? "first" : layer.facts.isLast ? "last" : nil
    }

    /// The bits that a layer's weights should have; nil where they have enough.
    private func widerWeights(_ layer: ObservedLayer) -> Int? {
        guard let weight = layer.weight, let bits = weight.quantizer?.bits,
            let now = weight.whatIf(bits: bits)?.sqnr
        else { return nil }
        let wanted: Int
        if end(layer) != nil, bits < 8, now < 25 {
            wanted = 8
        } else if let usual = weightBits, bits * 2 <= usual, isRare(bits, \.weight),
            now <= (weightSQNR ?? now) - 2 * Diagnostics.gain
        {
            wanted = usual
        } else {
            return nil
        }
        guard device.profile.weightBits.contains(wanted), let then = weight.whatIf(bits: wanted)?.sqnr,
            then - now >= Diagnostics.gain
        else { return nil }
        return wanted
    }

    /// Whether a layer's results have half the bits of the others or fewer.
    func hasFewResultBits(_ layer: ObservedLayer) -> Bool {
        guard layer.learns, layer.facts.automatic == nil, layer.has("outputBits"),
            let feature = layer.feature, let bits = feature.quantizer?.bits, let usual = featureBits,
            bits * 2 <= usual, isRare(bits, \.feature),
            device.profile.featureBits(of: layer.node.kind).contains(usual),
            let now = feature.whatIf(bits: bits)?.sqnr, let then = feature.whatIf(bits: usual)?.sqnr
        else { return false }
        return then - now >= Diagnostics.gain
    }

    /// Whether at most a quarter of the layers that learn have so few bits: a network of mixed widths is meant so.
    private func isRare(_ bits: Int, _ tensor: KeyPath<ObservedLayer, ProbedTensor?>) -> Bool {
        let all = layers.filter(\.learns).compactMap { $0[keyPath: tensor]?.quantizer?.bits }
        return 4 * all.count { $0 <= bits } <= all.count
    }

    /// Weights below 8 bit that change their codes.
    func oscillation(of layer: ObservedLayer) -> Diagnosis? {
        guard let flips = layer.weight?.flips, flips >= 0.05, let bits = layer.weight?.quantizer?.bits,
            layer.facts.automatic == nil
        else { return nil }
        // A wider grid below 8 bit would show even more changes, of smaller steps.
        let hasEight = device.profile.weightBits.contains(8)
        let remedy =
            "try a lower learning rate"
            + (hasEight ? ", or 8 bit, whose steps are \(1 << (8 - bits)) times finer" : "")
        return Diagnosis(
            layer: layer.name, kind: .oscillatingWeights,
            sentence:
                "\(Figures.percent(flips)) % of its \(bits)-bit weights changed their code since the earlier weights; \(remedy)",
            number: flips,
            edit: hasEight ? safe(.set(layer: layer.name, field: "weightBits", to: .integer(8))) : nil)
    }
}
