import QAT
import Terminal
import Devices
import Graph
import Workbench

// What `y` gives to the clipboard: what the focused pane is about, as text.
extension Interface {
    mutating func copy() {
        let (what, text) = copied
        guard !text.isEmpty else { return refuse("there is nothing to copy here") }
        register = text
        effects.append(.copy(text))
        say("copied \(what)")
    }

    private var copied: (what: String, text: String) {
        switch view {
        case .network:
            guard let name = selectedName else { return ("", "") }
            return ("the layer \(name)", layerText(name).joined(separator: "\n") + "\n")
        case .rules:
            return ("the findings on \(shownDevice)", rulesText.joined(separator: "\n") + "\n")
        case .ranges:
            guard let name = probedLayer else { return ("", "") }
            return ("the ranges of \(name)", layerText(name).joined(separator: "\n") + "\n")
        case .compare: return ("the comparison", compareText.joined(separator: "\n") + "\n")
        case .train: return ("the run", trainingText.joined(separator: "\n") + "\n")
        }
    }
}
