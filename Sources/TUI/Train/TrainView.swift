import Graph
import Reporting
import Runs
import Terminal

// View 4: loss, ranges, saturation, the log of a run.
extension View {
    static let train: View = View(
        number: 4, title: "Train", help: "loss, ranges, saturation of a run",
        panes: [
            Pane(.loss, "loss", [.upDown("layer")]), Pane(.range, "range", [.upDown("layer")]),
            Pane(.saturation, "saturation", [.upDown("layer")]), Pane(.log, "log", [.upDown("line")]),
        ],
        enterLabel: "inspect", commands: Command.training + Command.rangeTesting,
        draw: { $0.drawTraining(in: $1, on: &$2) }, move: { $0.moveInTraining($1) },
        open: { $0.training.isInspecting.toggle() },
        copy: { ("the run", $0.trainingText) },
        lines: { $0.trainLines }, row: { $0.trainedLines }, isMoving: true,
        note: { $0.training.hasLiveRun ? " \($0.appearance.glyphs.dot)" : "" },
        show: { $0.training.layer = $0.training.layer ?? $0.selectedNode?.name },
        goBack: { screen in
            defer { screen.training.isInspecting = false }
            return screen.training.isInspecting
        },
        toggleLogScale: { screen in
            screen.training.isLogarithmic.toggle()
            screen.training.curveAxis = AxisRange()
        })
}

extension Scope {
    static let loss = Scope(rawValue: 1 << 7)
    static let range = Scope(rawValue: 1 << 8)
    static let saturation = Scope(rawValue: 1 << 9)
    static let log = Scope(rawValue: 1 << 13)
    static let train: Scope = [.loss, .range, .saturation, .log]
}

extension ScreenState {
    /// The shown run as text.
    var trainingText: [String] {
        guard let run = training.shown else { return ["no run"] }
        var lines = [
            "run \(run.record.id), \(run.word)",
            [run.epochWords, run.stepWords, run.speedWords, run.leftWords]
                .filter { !$0.isEmpty }.joined(separator: ", "),
        ]
        lines += (training.snapshot?.detail?.numbers ?? []).map {
            "\($0.name): now \($0.now)" + ($0.best.isEmpty ? "" : ", best \($0.best)")
                + ($0.epoch.map { " in epoch \($0)" } ?? "")
        }
        if let message = run.record.message { lines.append(message) }
        return lines
    }
}
