import Devices
import Editing
import Graph
import Terminal

/// The table of operators and chips, with the verdict of each chip below it.
struct SupportTable {
    private let network: Network
    private let reports: [Report]
    private let isWide: Bool
    private let style: TextStyle

    /// The rows that the network needs, or all of them where `isWide`.
    init(_ network: Network, _ reports: [Report], isWide: Bool, style: TextStyle) {
        self.network = network
        self.reports = reports
        self.isWide = isWide
        self.style = style
    }

    /// The table, its legend and the verdicts.
    var blocks: [[String]] {
        let rows = self.rows
        let columns =
            [TextTable.Column(title: "operator")]
            + reports.map { TextTable.Column(title: "\($0.device)", isRightAligned: true) }
        let support = rows.map { row in line(row.name) { "\(row[$0.device].letter)" } }
        let verdicts = [
            line("takes the network") { $0.accepts ? "yes" : "no" }, line("errors") { count($0, .error) },
            line("warnings") { count($0, .warning) }, line("advice") { count($0, .advice) },
        ]
        var lines = TextTable(columns: columns, rows: support + verdicts).lines()
        lines[0] = style.dim(lines[0])
        return [
            Array(lines.prefix(1 + support.count)), Array(lines.suffix(verdicts.count)), legend(of: rows),
        ]
        .filter { !$0.isEmpty }
    }

    private var rows: [SupportRow] {
        let used = Set(network.nodes.flatMap { SupportRow.rows(for: $0.layer).map(\.name) })
        return SupportRow.all.filter { isWide || used.contains($0.name) }
    }

    private func line(_ title: String, _ text: (Report) -> String) -> [TextTable.Cell] {
        [.init(title)] + reports.map { .init(text($0)) }
    }

    private func count(_ report: Report, _ severity: Severity) -> String {
        let count = report.count(severity)
        return count == 0 ? Figures.none : "\(count)"
    }

    /// The letters that the table shows, with their meaning.
    private func legend(of rows: [SupportRow]) -> [String] {
        let letters = Set(rows.flatMap { row in reports.map { row[$0.device].letter } })
        return Support.legend.filter { letters.contains($0.letter) }.map {
            style.dim("\($0.letter)  \($0.meaning)")
        }
    }
}
