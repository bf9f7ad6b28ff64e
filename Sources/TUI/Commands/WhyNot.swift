import QAT
import Terminal
import Workbench
import Devices
import Graph

// Why commands cannot be done now; nil where they can. Palette, footer and key presses all say the same.
extension Interface {
    var whyNotEditable: String? {
        bench.readOnly.map { "the session is read-only: \($0)" }
    }

    var whyNothingSelected: String? {
        whyNotEditable ?? (selectedName == nil ? "the network is empty; a adds a layer" : nil)
    }

    var whyNoLayer: String? {
        if let reason = whyNothingSelected { return reason }
        return list.marked.isEmpty && selectedNode == nil
            ? "an input is selected; this is for layers" : nil
    }

    var whyNoUndo: String? { bench.history.nextUndo == nil ? "nothing was changed yet" : nil }

    var whyNoRedo: String? { bench.history.nextRedo == nil ? "nothing was taken back" : nil }

    var whyNoFinding: String? { selectedFinding == nil ? "nothing is wrong here" : nil }

    var whyNoFix: String? {
        if let reason = whyNotEditable { return reason }
        return findingsHere.contains { $0.proposal != nil } ? nil : "nothing here has a fix"
    }

    var whyNoSafeFix: String? {
        whyNotEditable
            ?? (shownReport.findings.contains { $0.proposal != nil } ? nil : "no finding has a fix")
    }

    var whyNotWaivable: String? {
        if let reason = whyNotEditable ?? whyNoFinding { return reason }
        return selectedFinding?.layer == nil ? "the finding is about the whole network" : nil
    }

    var whyNoNewRun: String? {
        if let reason = whyNotEditable { return reason }
        if bench.network.nodes.isEmpty { return "the network is empty" }
        return nil
    }

    var whyNoRuns: String? { training.runs.isEmpty ? "the session has no runs yet; n starts one" : nil }

    var whyNotRunning: String? {
        guard let run = training.shown else { return whyNoRuns ?? "no run is shown" }
        return run.isLive ? nil : "run \(run.shortName) is over"
    }

    var whyNotResumable: String? {
        guard let run = training.shown else { return whyNoRuns ?? "no run is shown" }
        if run.isLive { return "run \(run.shortName) is running" }
        return run.canGoOn ? nil : "run \(run.shortName) is finished; n starts another"
    }
}
