import Editing
import Graph
import Runs
import Terminal

// The commands of view 4: runs and their curves.
extension Command {
    static let training: [Command] = [
        Command(
            "new-run", ["n"], in: [.train, .compare], "starts a training run", hint: "new run",
            unless: { $0.whyNoNewRun }
        ) { $0.openRunForm() },
        Command(
            "pause", ["p"], in: .train, "pauses the run, or resumes it", hint: "pause",
            unless: { $0.whyNotRunning }
        ) { $0.pauseRun() },
        Command(
            "stop", ["x"], in: .train, "stops the run at a checkpoint; asks", hint: "stop",
            unless: { $0.whyNotRunning }
        ) { $0.askToStopRun() },
        Command(
            "treat", ["f"], in: .train, "does something about what goes wrong in the run", hint: "treat",
            unless: { $0.whyNoRunFinding }
        ) { $0.treatFinding() },
        Command(
            "findings", ["F"], in: .train, "all that goes wrong in the run, and what helps",
            unless: { $0.whyNoRunFinding }
        ) { $0.openFindings() },
        Command(
            "range-test", ["L"], in: .train,
            "tries learning rates on a copy of the weights, and proposes one",
            hint: "range test", unless: { $0.whyNoRangeTest }
        ) { $0.startRangeTest() },
        Command(
            "resume", ["r"], in: .train, "resumes a run that was stopped", hint: "resume",
            unless: { $0.whyNotResumable }
        ) { $0.resumeRun() },
        Command(
            "attach", ["a"], in: .train, "picks which run of the session is shown", hint: "runs",
            parameter: .text("[RUN]"),
            unless: { $0.whyNoRuns }
        ) { screen, name in screen.attach(name) },
    ]

    static let plotting: [Command] = [
        Command(
            "curve", ["m"], in: .train,
            "the upper plot: loss, accuracy, rate, gradients, speed, loading or load", hint: "curve",
            parameter: Parameter("[NAME]", optional: { TrainCurve(rawValue: $0) })
        ) { screen, curve in screen.showCurve(curve) },
        Command(
            "others", ["o"], in: .train, "other runs over the upper plot, or the shown one alone",
            hint: "other runs", unless: { $0.whyNoRuns }
        ) { $0.toggleOverlay() },
        Command(
            "earlier", [.left, "h"], in: .train, "moves the hairline, or a zoomed picture, to earlier"
        ) { $0.moveHairline(-1) },
        Command("later", [.right], in: .train, "moves the hairline, or a zoomed picture, to later") {
            $0.moveHairline(1)
        },
        Command(
            "log", ["l"], in: [.ranges, .train, .compare], "log or linear scale", hint: "log"
        ) { $0.view.toggleLogScale(&$0) },
        Command(
            "smooth", ["s"], in: .train, "smooths loss and accuracy: 0, 0.6, 0.9, 0.97, 0.99", hint: "smooth"
        ) { $0.smooth() },
        Command("zoom-in", ["+", "="], in: .train, "shows less time, larger") { $0.zoom(1) },
        Command("zoom-out", ["-"], in: .train, "shows more time") { $0.zoom(-1) },
        Command("inspect", ["i"], in: .train, "numbers under a hairline; left and right move it") {
            $0.training.isInspecting.toggle()
        },
        Command("freeze", [" "], in: .train, "freezes the picture, not the run", hint: "freeze") {
            $0.freeze()
        },
    ]
}

// Why commands cannot be done now; nil where they can.
extension ScreenState {
    var whyNoNewRun: String? {
        if let reason = whyNotEditable { return reason }
        if editor.network.nodes.isEmpty { return "the network is empty" }
        return nil
    }

    var whyNoRuns: String? {
        training.runs.isEmpty ? "the session has no runs yet; \(key("new-run")) starts one" : nil
    }

    var whyNoRunFinding: String? {
        guard let detail = training.pictured?.detail else { return whyNoRuns ?? "no run is shown" }
        return detail.findings.isEmpty ? "nothing goes wrong in the run, as far as its numbers say" : nil
    }

    var whyNotRunning: String? {
        guard let run = training.shown else { return whyNoRuns ?? "no run is shown" }
        return run.isLive ? nil : "run \(run.shortName) is over"
    }

    var whyNotResumable: String? {
        guard let run = training.shown else { return whyNoRuns ?? "no run is shown" }
        if run.isLive { return "run \(run.shortName) is running" }
        return run.canGoOn ? nil : "run \(run.shortName) is finished; \(key("new-run")) starts another"
    }
}
