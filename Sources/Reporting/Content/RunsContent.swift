import Editing
import Graph
import QAT
import Runs

// The training runs.
extension SessionReport {
    /// All runs as a table, and up to four of them side by side.
    func runsSection() -> ReportSection {
        switch runs {
        case .missing(let reason):
            return ReportSection(id: "runs", title: "Runs", blocks: [.remark(reason)])
        case .known(let runs):
            return ReportSection(id: "runs", title: "Runs", blocks: blocks(of: runs))
        }
    }

    private func blocks(of runs: ReportedRuns) -> [ReportBlock] {
        let comparison = runs.comparison
        let letters = Dictionary(
            comparison.members.map { ($0.facts.id, comparison.members.count > 1 ? $0.letter : "") }
        ) { first, _ in first }
        var blocks: [ReportBlock] = [.table(table(of: runs, letters))]
        if let note = RunFacts.integerNote(of: runs.all) {
            blocks.append(.remark(ReportWords.sentence(note)))
        }
        let curves = [.trainLoss, .loss, .accuracy].compactMap { figure($0, comparison) }
        if !curves.isEmpty { blocks.append(.curves(merged(curves))) }
        if comparison.members.count > 1 {
            let differences = comparison.differences
            if !differences.isEmpty {
                blocks.append(.heading("What differs"))
                blocks.append(
                    .table(
                        ReportTable(
                            columns: [.text("setting")] + comparison.members.map { .text($0.letter) },
                            rows: differences.map { row in
                                [.init(row.title)] + row.values.map { .init($0) }
                            })))
                blocks.append(
                    .remark(
                        "\(counted(comparison.equalSettings, "other setting")) are the same in all of them."))
            }
            blocks += comparison.sentences.map { .text(ReportWords.sentence($0)) }
        }
        return blocks
    }

    private func table(of runs: ReportedRuns, _ letters: [String: String]) -> ReportTable {
        typealias Entry = (column: ReportTable.Column, cell: (RunFacts) -> ReportTable.Cell)
        let best = ReportedRuns.best(of: runs.all)?.id
        var entries: [Entry] = []
        if letters.values.contains(where: { !$0.isEmpty }) {
            entries.append((.text(""), { .init(letters[$0.id] ?? "") }))
        }
        entries += [
            (.text("run"), { .init($0.id) }), (.text("bits"), { .init($0.bits) }),
            (.text("clip"), { .init($0.clip) }), (.text("schedule"), { .init($0.schedule) }),
            (.text("state"), { .init($0.state) }),
            (.number("loss"), { .init(ReportWords.loss($0.evaluation?.loss)) }),
            (
                .number(SessionReport.shareTitle(RunFacts.shareTitle(of: runs.all))),
                { .init(ReportWords.share($0.evaluation?.accuracy), isMarked: $0.id == best) }
            ),
        ]
        for number in MeasuredNumber.allCases where number != .map50 && number != .miou {
            guard runs.all.contains(where: { $0.evaluation?.numbers[number] != nil }) else { continue }
            entries.append(
                (
                    .number(number.title),
                    { run in
                        let value = run.evaluation?.numbers[number]
                        return .init(number.isShare ? ReportWords.share(value) : ReportWords.loss(value))
                    }
                ))
        }
        if runs.all.contains(where: { $0.integerAccuracy != nil }) {
            entries.append((.number("in integers"), { .init(ReportWords.share($0.integerAccuracy)) }))
        }
        if runs.all.contains(where: { $0.drop != nil }) {
            entries.append(
                (
                    .number("against float", "percentage points of the integer less the float network"),
                    { .init($0.drop.map { Figures.signed($0 * 100) } ?? Figures.none) }
                ))
        }
        entries.append(
            (.number("KiB", "bytes of the weights"), { .init($0.weightBytes.map(Figures.kibibytes) ?? "?") }))
        if runs.all.contains(where: { !$0.note.isEmpty }) {
            entries.append((.text("note"), { .init($0.note) }))
        }
        return ReportTable(
            columns: entries.map(\.column), rows: runs.all.map { run in entries.map { $0.cell(run) } })
    }

    private func figure(_ curve: RunComparison.Curve, _ comparison: RunComparison) -> ReportedCurves? {
        let hasEpochs = comparison.members.allSatisfy { ($0.stepsPerEpoch ?? 0) > 0 }
        let curves = comparison.members.enumerated().compactMap { place, member -> ReportedCurves.Curve? in
            let points = comparison.samples(curve, of: member, by: hasEpochs ? .epoch : .step)
                .filter { $0.y.isFinite && $0.x.isFinite }
            guard !points.isEmpty else { return nil }
            return .init(
                label: comparison.members.count > 1 ? member.letter : "",
                title: "\(curve.rawValue) of \(member.facts.id)",
                points: points, hasDots: curve != .trainLoss, place: place)
        }
        guard !curves.isEmpty else { return nil }
        return ReportedCurves(
            title: curve.rawValue, axis: hasEpochs ? "epoch" : "step", isCounted: true, curves: curves)
    }

    /// The loss of measurements is shown with that of training.
    private func merged(_ figures: [ReportedCurves]) -> [ReportedCurves] {
        guard let train = figures.first(where: { $0.title == RunComparison.Curve.trainLoss.rawValue }),
            let loss = figures.first(where: { $0.title == RunComparison.Curve.loss.rawValue })
        else { return figures }
        let both = ReportedCurves(
            title: "loss: training smoothed, dots measured", axis: train.axis, isCounted: true,
            curves: train.curves
                + loss.curves.map {
                    .init(label: "", title: $0.title, points: $0.points, hasDots: true, place: $0.place)
                })
        return [both] + figures.filter { $0 != train && $0 != loss }
    }
}
