import Editing
import Graph
import Probing
import QAT

// What is advised in view 3 is tried on the whole network first, one look after the other, while nothing else is asked.
extension ScreenState {
    /// What a probe of a changed network is for.
    enum Trial: Hashable, Sendable {
        /// What stands out, as it was after so many looks of the probe.
        case diagnoses(look: Int)
        /// The better clip of a layer, as it was after so many looks.
        case clip(layer: String, look: Int)
    }

    /// What is to be looked at next, with its network; nil where nothing waits.
    var untriedAdvice: (trial: Trial, document: Document)? {
        guard view == .ranges, !probe.isStale else { return nil }
        if let network = probe.trial?.next { return (.diagnoses(look: probe.looks), document(network)) }
        if let advice = ranges.advice, advice.look == probe.looks, let network = advice.trial?.next {
            return (.clip(layer: advice.layer, look: advice.look), document(network))
        }
        return nil
    }

    private func document(_ network: Network) -> Document {
        var document = editor.document
        document.network = network
        return document
    }

    /// Takes a look at the network of a trial.
    mutating func take(_ report: ProbeReport, of trial: Trial) {
        switch trial {
        case .diagnoses(let look):
            if look == probe.looks { probe.trial?.take(report) }
        case .clip(let layer, let look):
            guard let advice = ranges.advice, advice.layer == layer, advice.look == look else { return }
            ranges.advice?.trial?.take(report)
        }
    }

    /// Whether what is advised for the shown layer, or anywhere, is still being tried.
    var isTryingAdvice: Bool { untriedAdvice != nil }
}
