import Terminal

// View 5: runs side by side.
extension View {
    static let compare: View = View(
        number: 5, title: "Compare", help: "runs side by side",
        panes: [
            Pane(.runTable, "runs", [.upDown("run")]),
            Pane(.differences, "differences", [.upDown("scroll")]),
        ],
        enterLabel: "take network", commands: Command.comparing,
        draw: { $0.drawCompare(in: $1, on: &$2) }, move: { $0.moveInCompare($1) }, open: { $0.takeNetwork() },
        copy: { ("the comparison", $0.compareText) },
        lines: { $0.compareLines }, row: { $0.selectedRunLines },
        goBack: { screen in
            defer { screen.compare.filter = "" }
            return !screen.compare.filter.isEmpty
        },
        toggleLogScale: { $0.compare.isLogarithmic.toggle() },
        filter: Filter(
            help: { _ in "words of a run's name, note, bits, state, data or chip" },
            text: { $0.compare.filter }
        ) { $0.compare.filter = $1 })
}

extension Scope {
    static let runTable = Scope(rawValue: 1 << 10)
    static let differences = Scope(rawValue: 1 << 11)
    static let compare: Scope = [.runTable, .differences]
}
