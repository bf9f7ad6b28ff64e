import Datasets
import Editing
import Graph
import Runs
import Terminal

/// What `runs show` prints: one run with its settings, measurements and layers.
struct RunText {
    private let comparison: RunComparison
    private let facts: RunFacts
    private let findings: [TrainingFinding]

    /// The page of the only run of a comparison, with what goes wrong in it.
    init(_ comparison: RunComparison, findings: [TrainingFinding]) {
        self.comparison = comparison
        self.findings = findings
        facts = comparison.members[0].facts
    }

    /// The whole page, without a line break at its end.
    func text(style: TextStyle) -> String {
        let title = "\(facts.id)  \(facts.state)" + (facts.note.isEmpty ? "" : "  \(facts.note)")
        let message = facts.summary.record.message.map { [$0] } ?? []
        let blocks = [
            [style.bold(title.printable.shortened(to: Paragraph.width))]
                + message.flatMap { Paragraph.lines($0.printable, indent: "  ") }
                + findings.flatMap { Paragraph.lines("! " + $0.text.printable, indent: "  ") },
            RunText.titled(RunTable([facts], names: RunTable.names(of: [facts])).lines, style),
            RunText.titled(settings, style), RunText.titled(measurements, style),
            RunText.titled(layers, style), checkpoint,
        ]
        return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    static func titled(_ lines: [String], _ style: TextStyle) -> [String] {
        lines.isEmpty ? [] : [style.dim(lines[0])] + lines.dropFirst()
    }

    /// What can be done with a run that has not ended, or not well.
    private var checkpoint: [String] {
        guard facts.summary.record.state != .finished else { return [] }
        return Paragraph.lines(
            "eval, inspect and export take its checkpoint with --run \(facts.id); train goes on with --resume \(facts.id)",
            indent: "  ")
    }

    private var settings: [String] {
        let rows = comparison.settings.map { row -> [TextTable.Cell] in
            [.init(row.title), .init(row.values[0].printable)]
        }
        return TextTable(
            columns: [.init(title: "setting", least: 12), .init(title: "value", least: 12)], rows: rows
        ).lines(fitting: Paragraph.width)
    }

    private var measurements: [String] {
        guard !facts.evaluations.isEmpty else { return [] }
        let integers = Dictionary(facts.integers.map { ($0.step, $0) }) { _, last in last }
        var titles = [
            "epoch", "step", "\(facts.split.storedName) loss", "\(RunFacts.shareTitle(of: [facts])) %",
        ]
        let hasSQNR = facts.evaluations.contains { $0.sqnr != nil }
        if hasSQNR { titles[titles.count - 1] = "SQNR dB" }
        if !integers.isEmpty { titles += [hasSQNR ? "int dB" : "int %", "int samples"] }
        let columns = titles.map { TextTable.Column(title: .init($0), isRightAligned: true) }
        let rows = facts.evaluations.map { row -> [TextTable.Cell] in
            var cells = [
                "\(row.epoch)", Figures.grouped(row.step), Figures.significant(row.loss),
                hasSQNR ? RunTable.decibels(row.sqnr) : Figures.accuracy(ifKnown: row.accuracy),
            ]
            if !integers.isEmpty {
                let integer = integers[row.step]
                cells += [
                    hasSQNR ? RunTable.decibels(integer?.sqnr) : Figures.accuracy(ifKnown: integer?.accuracy),
                    integer?.samples.map(Figures.grouped) ?? Figures.none,
                ]
            }
            return cells.map { .init($0) }
        }
        return TextTable(columns: columns, rows: rows).lines(fitting: Paragraph.width)
    }

    private var layers: [String] { ComparisonText.layers(of: comparison) }

    /// One document.
    var json: JSON {
        .object(
            ComparisonText.members(of: comparison.members[0], in: comparison) + [
                .init(
                    "findings",
                    .array(
                        findings.map { ["kind": .string($0.kind.rawValue), "text": .string($0.text)] })),
                .init("settings", ComparisonText.settings(comparison.settings, of: comparison)),
                .init("sqnrByLayer", ComparisonText.layersJSON(of: comparison)),
            ])
    }
}
