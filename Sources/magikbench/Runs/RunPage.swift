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
        let columns: [TextTable.Column] = ["epoch", "step", "\(facts.split.rawValue) loss", "acc %"].map {
            .init(title: .init($0), isRightAligned: true)
        }
        let rows = facts.evaluations.map { row -> [TextTable.Cell] in
            [
                "\(row.epoch)", .init(Figures.grouped(row.step)), .init(Figures.significant(row.loss)),
                .init(RunTable.percent(row.accuracy)),
            ]
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
