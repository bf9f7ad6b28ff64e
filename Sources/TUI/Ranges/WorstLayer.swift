import Editing
import Graph
import Probing
import QAT

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
        let hasField = editor.network[layer]?.kind.fields.contains { $0.name == field } ?? false
        guard hasField, quantizer.bits < 8, let then = tensor.whatIf(bits: 8)?.sqnr, then > lowest + 0.5
        else { return (cause + "; S says what that costs the network's results", nil) }
        let price =
            isOfWeights
            ? ", +\(Figures.kibibytes(tensor.observation.values * (8 - quantizer.bits) / 8)) KiB" : ""
        return (
            "\(cause): 8 bit would give about \(Figures.decibels(then)) dB\(price)",
            .set(layer: layer, field: field, to: .integer(8))
        )
    }
}
