import Devices
import Editing
import Graph
import QAT
public import Terminal

// What keys, clicks and pasted text do.
extension ScreenState {
    /// Acts on what came from the person; `targets` are those of the picture that they saw. Time in seconds.
    public mutating func handle(_ input: InputEvent, at time: Double, on picture: Picture?) {
        now = time
        if case .resize(let size) = input {
            self.size = size
            return updateDerivedState()
        }
        if message?.until == nil { message = nil }
        ranges.awaitedStep = nil
        switch input {
        case .key(let key): press(key)
        case .mouse(let mouse): point(mouse, picture?.targets ?? [])
        case .paste(let text): paste(text)
        case .resize: break
        }
        updateDerivedState()
    }

    /// Acts on the clock: messages go, a recovery copy is due.
    public mutating func wake(at time: Double) {
        now = time
        if let until = message?.until, until <= time { message = nil }
        if let since = unsavedSince, since + ScreenState.recoveryDelay <= time {
            unsavedSince = nil
            effects.append(.saveRecovery)
        }
    }

    /// When `wake` is due next; nil for never.
    public var deadline: Double? {
        [message?.until, unsavedSince.map { $0 + ScreenState.recoveryDelay }].compactMap { $0 }.min()
    }

    /// Seconds of quiet after which a recovery copy is written.
    static let recoveryDelay = 2.0

    private mutating func press(_ key: Key) {
        // Esc may take away what the last message tells of.
        if key == .escape { message = nil }
        if let popup = popups.last, popup.press(key, on: &self) { return }
        // Ctrl-C is Esc on top of a view.
        if key == .control("c"), !popups.isEmpty { return goBack() }
        guard let command = settings.keyMap.command(for: key, in: scope) else {
            if popups.isEmpty, key != .escape {
                let help = settings.keyMap.shown("help", appearance.glyphs)
                refuse("\(key.name(appearance.glyphs)) does nothing here; \(help) shows the keys")
            }
            return
        }
        run(command)
    }

    /// Does what a command says, or says why not.
    mutating func run(_ command: Command, _ argument: String = "") {
        if let reason = command.whyNot(self) { return refuse("\(command.name): \(reason)") }
        guard let handler = command.handler(argument) else {
            let usage = command.parameter.map { " \($0)" } ?? ""
            return refuse(
                argument.isEmpty && command.parameter != nil
                    ? "type :\(command.name)\(usage)"
                    : "\(command.name) does not take '\(argument.printable)'; it is :\(command.name)\(usage)")
        }
        handler(&self)
    }

    private mutating func paste(_ text: String) {
        if let popup = popups.last, popup.paste(text, on: &self) { return }
        refuse("pasted text is dropped outside of a text field")
    }

    private mutating func point(_ mouse: Mouse, _ targets: [Canvas.Target]) {
        switch mouse.action {
        case .wheelUp: move(.rows(-3))
        case .wheelDown: move(.rows(3))
        case .drag: break
        case .click:
            if let target = targets.last(where: { $0.rect.contains(mouse.position) }) {
                target.handler(&self)
            } else if !popups.isEmpty {
                goBack()
            }
        }
    }

    /// Brings what follows from the state up to date: after every input and every event.
    mutating func updateDerivedState() {
        if view == .rules || popups.last is ChipPicker { _ = editor.allReports() }
        updateSelection()
        updateWiring()
        updateRanges()
        updateComparison()
        if editor.document != probedDocument {
            probedDocument = editor.document
            probe.isStale = true
            data.forgetAnswers()
            effects.append(.probe)
        }
        updateData()
    }
}
