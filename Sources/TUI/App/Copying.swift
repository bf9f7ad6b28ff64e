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
        copied = what
        effects.append(.copy(text))
        say("copied \(what) to the terminal (OSC 52)")
    }

    /// Programs have taken what was copied last as well.
    mutating func copied(by programs: [String]) {
        let places = programs + ["the terminal (OSC 52)"]
        say("copied \(copied) to \(places.joined(separator: ", "))")
    }
}
