import Editing
import Graph
import Runs
import Terminal

// What goes wrong in the shown run, and what is done about it.
extension ScreenState {
    /// What goes wrong in the shown run, the worst first.
    var trainingFindings: [TrainingFinding] { training.pictured?.detail?.findings ?? [] }

    /// A line for each of the worst findings, with what the key does about the first.
    func drawFindings(_ detail: RunDetail, in rect: Rect, on canvas: inout Canvas) {
        let others = detail.findings.count - rect.rows
        for (offset, finding) in detail.findings.prefix(rect.rows).enumerated() {
            let row = rect.row + offset
            let isLast = offset == rect.rows - 1
            let more = isLast && others > 0 ? "   \(key("findings")) \(others) more" : ""
            let remedy = (offset == 0 ? "\(key("treat")) \(finding.remedy.words)" : "") + more
            let end = rect.endColumn - 1
            let start = max(rect.column, end - remedy.displayWidth)
            canvas.frame[row, rect.column + 1] =
                finding.isAdvice
                ? Cell(canvas.glyphs.advice, .advice.bold) : Cell(canvas.glyphs.mustFix, .error.bold)
            canvas.frame.put(
                finding.text.printable.clipped(to: max(0, start - rect.column - 5)), row, rect.column + 3,
                .advice, end: end)
            canvas.frame.put(remedy, row, start, .accent, end: end)
            canvas.target(Rect(row: row, column: rect.column, rows: 1, columns: rect.columns)) {
                $0.openFindings()
            }
        }
    }

    /// Does what helps against the worst finding.
    mutating func treatFinding() {
        guard let finding = trainingFindings.first else { return }
        treat(finding)
    }

    /// Shows all findings whole, each with its key.
    mutating func openFindings() {
        let findings = trainingFindings.prefix(9)
        guard !findings.isEmpty else { return }
        popups.append(
            Question(
                findings.allSatisfy(\.isAdvice) ? "what would help the run" : "what goes wrong in the run",
                findings.enumerated().map { "\($0 + 1)  \($1.text)" },
                findings.enumerated().map { index, finding in
                    .init(Character("\(index + 1)"), finding.remedy.words) { $0.treat(finding) }
                }))
    }

    private mutating func treat(_ finding: TrainingFinding) {
        switch finding.remedy {
        case .run(let options, let first):
            if let reason = whyNoNewRun { return refuse(reason) }
            openRunForm(options, selecting: first)
        case .more(let epochs, let bits):
            if let reason = whyNoNewRun { return refuse(reason) }
            // The session has the weights of its newest run.
            let hasWeights = training.shown?.record.id == training.runs.first?.record.id
            openRunForm(
                [
                    "--epochs": "\(epochs)", "--recipe": bits.map(String.init) ?? "",
                    "--from-weights": hasWeights ? "on" : "",
                ], selecting: "--epochs", isOnce: true)
        case .rangeTest: startRangeTest()
        case .layer(let layer):
            list.selected = layer
            show(.ranges)
        }
    }
}

extension TrainingFinding.Remedy {
    /// What it does, in a few words.
    var words: String {
        switch self {
        case .run(let options, let first):
            options[first].map { "new run, \(first.split(separator: "-").last ?? "") \($0)" }
                ?? "new run, other \(first.dropFirst(2))"
        case .more(let epochs, _): "trains on, \(counted(epochs, "epoch"))"
        case .rangeTest: "range test of rates"
        case .layer(let layer): "show \(layer.shortened(to: 16))"
        }
    }
}
