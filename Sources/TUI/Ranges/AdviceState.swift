import Editing
import Graph
import Probing
import QAT

// What is advised in view 3 is tried on the whole network first, one probe after the other, while nothing else is asked.
extension ScreenState {
    /// What a probe of a changed network is for.
    enum Trial: Hashable, Sendable {
        /// What stands out, as it was after so many probes of the probe.
        case diagnoses(probe: Int)
        /// The better clip of a layer, as it was after so many probes.
        case clip(layer: String, probe: Int)
    }

    /// What is to be looked at next, with its network; nil where nothing waits.
    var untriedAdvice: (trial: Trial, document: Document)? {
        guard view == .ranges, !probe.isStale else { return nil }
        if let network = probe.trial?.next { return (.diagnoses(probe: probe.count), document(network)) }
        if let advice = ranges.advice, advice.probe == probe.count, let network = advice.trial?.next {
            return (.clip(layer: advice.layer, probe: advice.probe), document(network))
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
        case .diagnoses(let number):
            if number == probe.count { probe.trial?.take(report) }
        case .clip(let layer, let number):
            guard let advice = ranges.advice, advice.layer == layer, advice.probe == number else { return }
            ranges.advice?.trial?.take(report)
        }
        goToAwaitedDiagnosis()
    }

    /// Whether what is advised for the shown layer, or anywhere, is still being tried.
    var isTryingAdvice: Bool { untriedAdvice != nil }
}
