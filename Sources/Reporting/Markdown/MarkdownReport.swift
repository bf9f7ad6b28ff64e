import Editing
import Graph
import QAT
import Runs

/// A report as GitHub's Markdown, for a pull request: tables, and plots as lines of blocks. Long tables are folded.
struct MarkdownReport {
    let report: SessionReport

    /// The most rows of a table that is not folded.
    private static let mostRows = 12

    /// The text.
    var text: String {
        let (head, sections) = report.content
        var lines: [Markdown] = [
            "# \(head.title)", "", "\(head.subtitle). \(head.origin).", "", facts(head.facts), "",
        ]
        for section in sections {
            lines += ["## \(section.title)", ""]
            for block in section.blocks {
                let more = self.lines(of: block)
                if !more.isEmpty { lines += more + [""] }
            }
        }
        let text = Markdown(lines, separator: "\n").text
        return text.replacing("\n\n\n", with: "\n\n")
    }

    private func lines(of block: ReportBlock) -> [Markdown] {
        switch block {
        case .heading(let title): ["### \(title)"]
        case .text(let text): ["\(text)"]
        case .legend: []
        case .remark(let text): ["<sub>\(text)</sub>"]
        case .facts(let facts): [self.facts(facts)]
        case .table(let table): folded(table)
        case .findings(let findings): findings.map(finding)
        case .bits(let bits): folded(MarkdownReport.table(of: bits))
        case .histograms(let cards): folded(MarkdownReport.table(of: cards))
        case .curves(let figures): MarkdownReport.table(MarkdownReport.table(of: figures))
        case .confusion(let confusion): folded(MarkdownReport.table(of: confusion))
        case .pictures(let pictures): folded(MarkdownReport.table(of: pictures))
        case .commands(let lines):
            ["```sh"] + lines.map { Markdown(stringLiteral: $0.oneLine(upTo: 4000)) } + ["```"]
        }
    }

    private func facts(_ facts: [ReportFact]) -> Markdown {
        let titles = facts.map { "\($0.title)" as Markdown }
        let values = facts.map { fact -> Markdown in
            let unit: Markdown = fact.unit.isEmpty ? "" : " \(fact.unit)"
            let remark: Markdown = fact.remark.isEmpty ? "" : "<br>\(fact.remark)"
            return "**\(fact.value)**\(unit)\(remark)"
        }
        return Markdown(
            [
                MarkdownReport.row(titles), MarkdownReport.row(facts.map { _ in "---" }),
                MarkdownReport.row(values),
            ], separator: "\n")
    }

    /// The most layers that a finding names.
    private static let mostLayers = 12

    private func finding(_ finding: ReportedFinding) -> Markdown {
        var names = finding.layers.prefix(MarkdownReport.mostLayers).map(Markdown.code)
        let more = finding.layers.count - names.count
        if more > 0 { names.append("and \(more) more") }
        let layers: Markdown = names.isEmpty ? "" : "<br>\(Markdown(names, separator: ", "))"
        let fix: Markdown = finding.fix.map { "<br>Fix: \($0)." } ?? ""
        let waived: Markdown = finding.waived.map { "<br>Accepted: \($0)" } ?? ""
        return
            "- **\(finding.severity)** \(finding.actual). \(finding.message)\(layers)\(fix)\(waived)<br><sub>\(finding.source)</sub>"
    }

    private func folded(_ table: ReportTable) -> [Markdown] {
        let lines = MarkdownReport.table(table)
        guard table.rows.count > MarkdownReport.mostRows else { return lines }
        return ["<details><summary>\(counted(table.rows.count, "row"))</summary>", ""] + lines + [
            "", "</details>",
        ]
    }
}

// Tables.
extension MarkdownReport {
    private static func row(_ cells: [Markdown]) -> Markdown {
        "| \(Markdown(cells, separator: " | ")) |"
    }

    private static func table(_ table: ReportTable) -> [Markdown] {
        func cells(_ row: [ReportTable.Cell]) -> Markdown {
            self.row(row.map { cell in cell.isMarked ? "**\(cell.text)**" : "\(cell.text)" })
        }
        return [
            row(table.columns.map { "\($0.title)" }), row(table.columns.map { $0.isNumber ? "---:" : "---" }),
        ] + table.rows.map(cells) + (table.total.isEmpty ? [] : [cells(table.total)])
    }

    private static func table(of bits: [ReportedBits]) -> ReportTable {
        ReportTable(
            columns: [
                .number("#"), .text("layer"), .number("noise, % of the signal"), .number("weights, KiB"),
            ],
            rows: bits.map { layer in
                [
                    .init("\(layer.number)"), .init(layer.layer),
                    .init(layer.noise.map(Figures.threeDigits) ?? Figures.none),
                    .init(Figures.kibibytes(layer.bytes)),
                ]
            })
    }

    /// Columns of a histogram in a line of text.
    private static let columns = 24

    private static func table(of cards: [ReportedHistograms]) -> ReportTable {
        ReportTable(
            columns: [.number("#"), .text("layer"), .text("values"), .text("spread"), .text("numbers")],
            rows: cards.flatMap { card in
                card.pictures.map { picture in
                    let seen = picture.histogram
                    let bins = seen.counts.bins(over: seen.range, columns: columns)
                    let heights = picture.isLogarithmic ? bins.map { Logarithm.ten(1 + $0) } : bins
                    let ends = [seen.range.lowerBound, seen.range.upperBound].map(Figures.significant)
                    return [
                        .init("\(card.number)"), .init(card.layer), .init(picture.title),
                        .init("\(ends[0]) \(blocks(heights, from: 0)) \(ends[1])"), .init(picture.numbers),
                    ]
                }
            })
    }

    private static func table(of figures: [ReportedCurves]) -> ReportTable {
        ReportTable(
            columns: [
                .text(""), .text("curve"), .number("first"), .number("last"),
                .text("over \(figures.first?.axis ?? "step")s"),
            ],
            rows: figures.flatMap(\.curves).map { curve in
                let points = curve.points
                let count = min(columns, points.count)
                let heights = (0..<count).map { points[$0 * (points.count - 1) / max(1, count - 1)].y }
                return [
                    .init(curve.label), .init(curve.title),
                    .init(points.first.map { Figures.significant($0.y) } ?? Figures.none),
                    .init(points.last.map { Figures.significant($0.y) } ?? Figures.none),
                    .init(blocks(heights, from: heights.min() ?? 0)),
                ]
            })
    }

    private static func table(of confusion: ReportedConfusion) -> ReportTable {
        guard confusion.matrix.size <= mostRows else { return confusion.mostConfused }
        let matrix = confusion.matrix
        return ReportTable(
            columns: [.text("right, then answers")] + confusion.names.map { .number($0) },
            rows: (0..<matrix.size).map { truth in
                [.init(confusion.names[truth])]
                    + (0..<matrix.size).map { answer in
                        let count = matrix[truth, answer]
                        return .init(
                            count == 0 ? Figures.none : Figures.grouped(count),
                            isMarked: truth == answer && count > 0)
                    }
            })
    }

    private static func table(of pictures: [ReportedPicture]) -> ReportTable {
        ReportTable(
            columns: [
                .number("sample"), .text("right"), .text("quantized"), .text("float"), .number("loss"),
            ],
            rows: pictures.map { picture in
                [
                    .init("\(picture.sample)"), .init(picture.truth), .init(picture.quantized),
                    .init(picture.float),
                    .init(ReportWords.loss(picture.loss)),
                ]
            })
    }

    /// Heights as blocks, one for each.
    private static func blocks(_ heights: [Double], from least: Double) -> String {
        let signs = Array("▁▂▃▄▅▆▇█")
        let greatest = heights.max() ?? 0
        return String(
            heights.map { height in
                guard greatest > least else { return signs[0] }
                let eighths = ((height - least) / (greatest - least) * 7).rounded(.up)
                return signs[min(7, max(0, Int(held: eighths)))]
            })
    }
}
