import Graph
import Terminal
import Workbench

/// What `runs show` prints: one run with its settings, measurements and layers.
struct RunPage {
    private let comparison: RunComparison
    private let facts: RunFacts

    /// The page of the only run of a comparison.
    init(_ comparison: RunComparison) {
        self.comparison = comparison
        facts = comparison.members[0].facts
    }

    /// The whole page, without a line break at its end.
    func text(style: Style) -> String {
        let title = "\(facts.id)  \(facts.state)" + (facts.note.isEmpty ? "" : "  \(facts.note)")
        let message = facts.summary.record.message.map { [$0] } ?? []
        let blocks = [
            [style.bold(title.printable.shortened(to: Paragraph.width))]
                + message.flatMap { Paragraph.lines($0.printable, indent: "  ") },
            RunPage.titled(RunTable([facts], names: RunTable.names(of: [facts])).lines, style),
            RunPage.titled(settings, style), RunPage.titled(measurements, style),
            RunPage.titled(layers, style),
        ]
        return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    static func titled(_ lines: [String], _ style: Style) -> [String] {
        lines.isEmpty ? [] : [style.dim(lines[0])] + lines.dropFirst()
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
        var titles = ["epoch", "step", "\(facts.split.rawValue) loss", "acc %"]
        if !integers.isEmpty { titles += ["int %", "int samples"] }
        let columns = titles.map { TextTable.Column(title: .init($0), isRightAligned: true) }
        let rows = facts.evaluations.map { row -> [TextTable.Cell] in
            var cells = [
                "\(row.epoch)", Figures.grouped(row.step), Figures.significant(row.loss),
                RunTable.percent(row.accuracy),
            ]
            if !integers.isEmpty {
                let integer = integers[row.step]
                cells += [
                    RunTable.percent(integer?.accuracy),
                    integer?.samples.map(Figures.grouped) ?? Figures.none,
                ]
            }
            return cells.map { .init($0) }
        }
        return TextTable(columns: columns, rows: rows).lines(fitting: Paragraph.width)
    }

    private var layers: [String] { ComparisonPage.layers(of: comparison) }

    /// One document.
    var json: JSON {
        .object(
            ComparisonPage.members(of: comparison.members[0], in: comparison) + [
                .init("settings", ComparisonPage.settings(comparison.settings, of: comparison)),
                .init("sqnrByLayer", ComparisonPage.layersJSON(of: comparison)),
            ])
    }
}
