import Editing
import Graph
import QAT
import Runs
import Terminal

// View 5 in lines.
extension ScreenState {
    /// The runs, what differs between those that are compared, and the SQNR of their layers.
    var compareLines: [String] {
        let rows = comparedRows
        guard !rows.isEmpty else {
            return [
                whyNoRuns
                    ?? (compare.filter.isEmpty
                        ? "reading the runs"
                        : "no run has '\(compare.filter)'; \(key("back")) clears the filter")
            ]
        }
        let runs = rows.enumerated().map { "\($0 + 1) \(runLine($1))" }
        let differences = compareText + layerLines
        return pane.scope == .differences ? differences : runs + differences
    }

    /// The selected run, or what differs.
    var selectedRunLines: [String] {
        if pane.scope == .differences { return compareText }
        return selectedRun.map { ["selected: \(runLine($0))"] } ?? [whyNoRuns ?? "no run is shown"]
    }

    private func runLine(_ run: RunFacts) -> String {
        let letter =
            comparedRuns.firstIndex(of: run.id).map { ", compared as \(["A", "B", "C", "D"][$0])" } ?? ""
        var words = ["run \(run.summary.shortName)\(letter)", run.bits, run.schedule, run.state]
        if let evaluation = run.evaluation {
            words.append("\(run.split.storedName) loss \(Figures.fixed(evaluation.loss, decimals: 3))")
            if let accuracy = evaluation.accuracy {
                words.append("\(RunFacts.shareTitle(of: [run])) \(Figures.accuracy(accuracy)) percent")
            }
        }
        if let bytes = run.weightBytes { words.append("\(Figures.kibibytes(bytes)) KiB") }
        if !run.note.isEmpty { words.append("note: \(run.note)") }
        return words.filter { !$0.isEmpty }.joined(separator: ", ")
    }

    private var layerLines: [String] {
        guard let comparison = training.snapshot?.comparison else { return [] }
        let letters = comparison.members.map(\.letter)
        return comparison.sqnrByLayer.map { row in
            let values = row.sqnr.map { $0.map { "\(Figures.decibels($0)) dB" } ?? "none" }
            return "SQNR of \(row.layer): "
                + zip(letters, values).map { "\($0) \($1)" }.joined(separator: ", ")
        }
    }
}
