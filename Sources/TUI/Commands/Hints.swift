import Devices
import Graph
import QAT
import Workbench
import Terminal

/// A key with its word, as the footer shows it.
struct Hint: Sendable {
    let keys: String
    let label: String
    /// What a click on it does; nil where it stands for several keys.
    let handler: Handler?
    let isEnabled: Bool
}

extension Interface {
    /// The footer of the focused pane or popup: how to go about and its own commands, of which as many are shown as fit;
    /// and those that are always shown.
    var hints: (own: [Hint], common: [Hint]) {
        let scope = scope
        let bound = Command.all.filter { $0.hint != nil && $0.scopes.contains(scope) && !$0.keys.isEmpty }
        let common = Interface.common.compactMap { name in bound.first { $0.name == name } }
        // Enter, then what only this view does: those are the last to go on a narrow screen.
        let others = bound.filter { !Interface.common.contains($0.name) }
        let isGeneral = { (command: Command) in
            command.name != "open-row" && command.scopes.isSuperset(of: .views)
        }
        let own = others.filter { !isGeneral($0) } + others.filter(isGeneral)
        guard popups.isEmpty else { return (movement(in: scope), common.compactMap(hint)) }
        return (movement(in: scope) + own.compactMap(hint), common.compactMap(hint))
    }

    /// Commands that every footer of a view ends with, however little room there is.
    private static let common = ["undo", "palette", "help", "q"]

    private func hint(_ command: Command) -> Hint? {
        guard let key = command.keys(in: scope).first, let hint = command.hint else { return nil }
        var handler: Handler?
        if !command.needsText { handler = { screen in screen.run(command) } }
        return Hint(
            keys: key.name(look.glyphs), label: label(of: command, hint), handler: handler,
            isEnabled: command.whyNot(self) == nil)
    }

    private func movement(in scope: Scope) -> [Hint] {
        let glyphs = look.glyphs
        func hint(_ keys: String, _ label: String) -> Hint {
            Hint(keys: keys, label: label, handler: nil, isEnabled: true)
        }
        switch scope {
        case .list: return [hint(glyphs.upDown, "layer"), hint(glyphs.leftRight, "value")]
        case .inspector: return [hint(glyphs.upDown, "field"), hint(glyphs.leftRight, "value")]
        case .findings: return [hint(glyphs.upDown, "finding")]
        case .fixes: return [hint(glyphs.upDown, "fix")]
        case .shapes, .featurePlot: return [hint(glyphs.upDown, "layer"), hint(glyphs.leftRight, "clip")]
        case .weightPlot: return [hint(glyphs.upDown, "layer"), hint(glyphs.leftRight, "factor")]
        case .runTable: return [hint(glyphs.upDown, "run")]
        case .differences: return [hint(glyphs.upDown, "scroll")]
        case .loss, .range, .saturation: return [hint(glyphs.upDown, "layer")]
        case .picker:
            return [
                hint(glyphs.upDown, "pick"), hint("Enter", "take"), hint("Tab", "complete"),
                hint("Esc", "close"),
            ]
        case .prompt: return [hint("Enter", "take"), hint("Esc", "cancel")]
        case .page: return [hint(glyphs.upDown, "scroll"), hint("Esc", "close")]
        case .sweep:
            return [
                hint(glyphs.upDown, "mix"), hint("Enter", "apply"), hint("Tab", "bits, clip, factor"),
                hint("Esc", "close"),
            ]
        case .calibration:
            return [
                hint(glyphs.upDown, "layer"), hint("Enter", "take it"), hint("Esc", "leave it"),
            ]
        case .form:
            return [
                hint(glyphs.upDown, "setting"), hint(glyphs.leftRight, "value"), hint("Enter", "type it"),
                hint("Tab", "start"), hint("Esc", "close"),
            ]
        default: return []
        }
    }

    private func label(of command: Command, _ hint: String) -> String {
        guard command.name == "open-row" else { return hint }
        return Scope.rules.contains(scope) || Scope.ranges.contains(scope)
            ? "apply"
            : Scope.train.contains(scope)
                ? "inspect"
                : Scope.compare.contains(scope) ? "take network" : hint
    }
}
