import Devices
import Terminal

// View 2: findings, why, fixes, the chips side by side.
extension View {
    static let rules: View = View(
        number: 2, title: "Rules", help: "findings, fixes, the chips side by side",
        panes: [
            Pane(
                .findings, "findings", [.upDown("finding"), .leftRight("open", "close-group", "open-group")]),
            Pane(.fixes, "fixes", [.upDown("fix")]),
        ],
        enterLabel: "apply", commands: Command.rules,
        draw: { $0.drawRules(in: $1, on: &$2) }, move: { $0.moveInRules($1) }, open: { $0.applyRemedy() },
        copy: { ("the findings on \($0.shownDevice)", $0.rulesText) },
        lines: { $0.rulesLines }, row: { $0.selectedFindingLines },
        note: { screen in
            let errors = screen.shownReport.count(.error)
            let others = screen.shownReport.warnings
            return (errors > 0 ? " \(screen.appearance.glyphs.mustFix)\(errors)" : "")
                + (others > 0 ? " \(screen.appearance.glyphs.advice)\(others)" : "")
        })
}

extension Scope {
    static let findings = Scope(rawValue: 1 << 2)
    static let fixes = Scope(rawValue: 1 << 3)
    static let rules: Scope = [.findings, .fixes]
}
