import Editing
import Graph
import Probing
import QAT
import Runs

// What is said of the layer that loses most, where nothing else is advised for it.
extension ScreenState {
    /// What of the layer with the lowest SQNR loses, and more bits for it; nil for other layers, and while it is measured anew.
    func worstLayer(_ layer: String) -> (words: String, edit: Edit?)? {
        guard !probe.isStale, let lowest = probe.sqnr(of: layer), let part = shownPart(of: layer),
            probedLayers.allSatisfy({ probe.sqnr(of: $0) ?? .infinity >= lowest })
        else { return nil }
        let isOfWeights = part.weight?.observation.sqnr == lowest
        guard let tensor = isOfWeights ? part.weight : part.feature, let quantizer = tensor.quantizer else {
            return nil
        }
        let field = isOfWeights ? "weightBits" : "outputBits"
        let cause =
            "the lowest SQNR of all layers is that of its \(isOfWeights ? "weights" : "results") at "
            + "\(quantizer.bits) bit"
        if isOfWeights, weightsWereTrainedQuantized {
            return (
                cause
                    + ", and the network was trained with them so: \(key("sweep")) says whether more bits would help",
                nil
            )
        }
        if isOfWeights, let wider = widerFactor(of: layer, tensor, above: lowest + 1) {
            let ratio = Figures.percent(tensor.observation.clipRatio ?? 0)
            return (
                "\(cause), of which \(ratio)% are clipped: factor \(Figures.clip(wider.factor)) would give about "
                    + "\(Figures.decibels(wider.sqnr)) dB",
                .set(layer: layer, field: "weightFactor", to: .number(wider.factor))
            )
        }
        let hasField = editor.network[layer]?.kind.fields.contains { $0.name == field } ?? false
        guard hasField, quantizer.bits < 8, let then = tensor.whatIf(bits: 8)?.sqnr, then > lowest + 0.5
        else { return (cause + "; \(key("sweep")) says what that costs the network's results", nil) }
        let price =
            isOfWeights
            ? ", +\(Figures.kibibytes(tensor.observation.values * (8 - quantizer.bits) / 8)) KiB" : ""
        return (
            "\(cause): 8 bit would give about \(Figures.decibels(then)) dB\(price)",
            .set(layer: layer, field: field, to: .integer(8))
        )
    }

    /// Whether the weights were learned behind their quantizers: what these cut off was never part of the network, and other
    /// factors would change what it computes.
    var weightsWereTrainedQuantized: Bool {
        guard editor.origin != nil, editor.floatModel == nil, editor.network.isQuantized,
            let run = training.runs.first(where: { !$0.isLive }), let stage = run.plan?.stages.last
        else { return false }
        return stage.bits != Quantization.float
    }

    /// The weight factor of a few wider ones with the highest SQNR of a layer's weights; nil where none is above a number of dB.
    private func widerFactor(
        of layer: String, _ weights: ProbedTensor, above least: Double
    ) -> (factor: Double, sqnr: Double)? {
        guard let node = editor.network[layer],
            node.kind.fields.contains(where: { $0.name == "weightFactor" }),
            let factor = node.layer.settings.quantization?.weightFactor
        else { return nil }
        // Above the manual's 3 alone: what is looked for here are weights that were clipped away.
        let wider: [Double] = [3.5, 4, 5, 6, 8].filter { $0 > factor }
        let tried = wider.compactMap { factor -> (factor: Double, sqnr: Double)? in
            weights.whatIf(factor: factor)?.sqnr.map { (factor, $0) }
        }
        return tried.max { $0.sqnr < $1.sqnr }.flatMap { $0.sqnr > least ? $0 : nil }
    }
}
