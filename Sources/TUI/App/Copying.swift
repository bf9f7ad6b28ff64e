import Devices
import Graph
import QAT
import Terminal

// What `y` gives to the clipboard: what the focused pane is about, as text.
extension ScreenState {
    mutating func copy() {
        let (what, lines) = view.copy(self)
        guard !lines.isEmpty else { return refuse("there is nothing to copy here") }
        let text = lines.joined(separator: "\n") + "\n"
        register = text
        effects.append(.copy(text))
        say("copied \(what)")
    }
}
