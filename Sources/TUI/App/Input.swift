import Devices
import Graph
import QAT
import Workbench
public import Terminal

// What keys, clicks and pasted text do.
extension Interface {
    /// Acts on what came from the person; `targets` are those of the picture that they saw. Time in seconds.
    public mutating func handle(_ input: Terminal.Input, at time: Double, on picture: Picture?) {
        now = time
        if case .resize(let size) = input {
            self.size = size
            return settle()
        }
        if message?.until == nil { message = nil }
        switch input {
        case .key(let key): press(key)
        case .mouse(let mouse): point(mouse, picture?.targets ?? [])
        case .paste(let text): paste(text)
        case .resize: break
        }
        settle()
    }

    /// Acts on the clock: messages go, a recovery copy is due.
    public mutating func wake(at time: Double) {
        now = time
        if let until = message?.until, until <= time { message = nil }
        if let since = unsavedSince, since + Interface.recoveryDelay <= time {
            unsavedSince = nil
            effects.append(.keepRecovery)
        }
    }

    /// When `wake` is due next; nil for never.
    public var deadline: Double? {
        [message?.until, unsavedSince.map { $0 + Interface.recoveryDelay }].compactMap { $0 }.min()
    }

    /// Seconds of quiet after which a recovery copy is written.
    static let recoveryDelay = 2.0

    private mutating func press(_ key: Key) {
        let scope = scope
        if Scope.typing.contains(scope), type(key) { return }
        if case .question(let question) = overlays.last, case .character(let letter) = key {
            if let answer = question.answers.first(where: { $0.key == letter }) {
                overlays.removeLast()
                perform(answer.action)
            }
            return
        }
        // Ctrl-C is Esc on top of a view.
        if key == .control("c"), !overlays.isEmpty { return perform(.back) }
        guard let command = Command.bound(to: key, in: scope) else {
            if overlays.isEmpty, key != .escape {
                refuse("\(key.name(look.glyphs)) does nothing here; ? shows the keys")
            }
            return
        }
        run(command, "")
    }

    /// Does what a command says, or says why not.
    mutating func run(_ command: Command, _ argument: String) {
        if let reason = command.whyNot(self) { return refuse("\(command.name): \(reason)") }
        guard let action = command.action(argument) else {
            let usage = command.parameter.map { " \($0)" } ?? ""
            return refuse(
                argument.isEmpty && command.parameter != nil
                    ? "type :\(command.name)\(usage)"
                    : "\(command.name) does not take '\(argument.printable)'; it is :\(command.name)\(usage)")
        }
        perform(action)
    }

    private mutating func type(_ key: Key) -> Bool {
        guard let last = overlays.last else { return false }
        switch last {
        case .picker(var picker):
            guard picker.field.handle(key) else { return false }
            (picker.selected, picker.top, picker.problem) = (0, 0, nil)
            overlays[overlays.count - 1] = .picker(picker)
        case .prompt(var prompt):
            guard prompt.field.handle(key) else { return false }
            overlays[overlays.count - 1] = .prompt(checked(prompt))
        case .page, .form, .question, .sweep, .calibration: return false
        }
        return true
    }

    private mutating func paste(_ text: String) {
        switch overlays.last {
        case .picker(var picker):
            picker.field.insert(text)
            (picker.selected, picker.top, picker.problem) = (0, 0, nil)
            overlays[overlays.count - 1] = .picker(picker)
        case .prompt(var prompt):
            prompt.field.insert(text)
            overlays[overlays.count - 1] = .prompt(checked(prompt))
        case .page, .form, .question, .sweep, .calibration, nil:
            refuse("pasted text is dropped outside of a text field")
        }
    }

    private mutating func point(_ mouse: Mouse, _ targets: [Canvas.Target]) {
        switch mouse.action {
        case .wheelUp: perform(.scroll(-3))
        case .wheelDown: perform(.scroll(3))
        case .drag: break
        case .click:
            guard let target = targets.last(where: { $0.rect.contains(mouse.position) }) else {
                if overlays.last != nil { perform(.back) }
                return
            }
            perform(target.action)
        }
    }

    /// Brings what follows from the state up to date: after every input and every event.
    mutating func settle() {
        if view == .rules || isPickingDevice { _ = bench.allReports() }
        keepSelection()
        keepRanges()
        keepCompare()
        if bench.document != probedDocument {
            probedDocument = bench.document
            probe.isStale = true
            effects.append(.probe)
        }
    }
}
