import Editing
import Graph
import QAT

/// Tables of a report in HTML.
enum HTMLTable {
    /// Rows and columns; wide ones scroll on a narrow screen.
    static func html(_ table: ReportTable) -> HTML {
        let titles = table.columns.map { column -> HTML in
            let help: HTML = column.help.isEmpty ? "" : " title=\"\(column.help)\""
            return "<th scope=\"col\"\(kind(column))\(help)>\(column.title)</th>"
        }
        let foot: HTML =
            table.total.isEmpty ? "" : "<tfoot><tr>\(cells(table.total, table.columns))</tr></tfoot>\n"
        return """
            <div class="scroll"><table>
            <thead><tr>\(titles)</tr></thead>
            <tbody>
            \(table.rows.map { "<tr>\(cells($0, table.columns))</tr>\n" as HTML })</tbody>
            \(foot)</table></div>
            """
    }

    private static func cells(_ row: [ReportTable.Cell], _ columns: [ReportTable.Column]) -> [HTML] {
        zip(row, columns).map { cell, column in
            let text: HTML = cell.isMarked ? "<b class=\"mark\">\(cell.text)</b>" : "\(cell.text)"
            return "<td\(kind(column))>\(text)\(bar(cell.bar))</td>"
        }
    }

    private static func kind(_ column: ReportTable.Column) -> HTML { column.isNumber ? " class=\"n\"" : "" }

    /// A bar under a number.
    private static func bar(_ share: Double?) -> HTML {
        guard let share, share.isFinite else { return "" }
        let length = max(0, min(1, share)) * 100
        return """
            <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="1"/><rect width="\(length)" height="1"/></svg>
            """
    }

    /// The most classes whose matrix is drawn as a whole.
    static let mostClasses = 24

    /// A matrix of counts, each with the share of its row as a shade; of many classes only what is confused most.
    static func html(_ confusion: ReportedConfusion) -> HTML {
        let matrix = confusion.matrix
        guard matrix.size <= mostClasses else { return html(confusion.mostConfused) }
        let titles = confusion.names.map { "<th scope=\"col\"><span>\($0)</span></th>" as HTML }
        let rows = (0..<matrix.size).map { truth -> HTML in
            let samples = matrix.samples(of: truth)
            let cells = (0..<matrix.size).map { answer -> HTML in
                let count = matrix[truth, answer]
                guard count > 0 else { return "<td class=\"none\">\(Figures.none)</td>" }
                let share = Double(count) / Double(max(1, samples))
                // Shades in steps of 5 %, each with a class in the style.
                let shade = max(1, Int((share * 20).rounded()))
                let wrong: HTML = truth == answer ? "" : " wrong"
                return """
                    <td class="s\(shade)\(wrong)"><svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true"><rect width="1" height="1" rx="0.08"/></svg>\(Figures.grouped(count))</td>
                    """
            }
            return "<tr><th scope=\"row\">\(confusion.names[truth])</th>\(cells)</tr>\n"
        }
        return """
            <p class="remark">Rows are what is right, columns what the quantized network answers; shades are shares of a row.</p>
            <div class="scroll"><table class="confusion">
            <thead><tr><td></td>\(titles)</tr></thead>
            <tbody>
            \(rows)</tbody>
            </table></div>
            """
    }
}

extension ReportedConfusion {
    /// The pairs of classes that are taken for each other most often.
    var mostConfused: ReportTable {
        var pairs: [(truth: Int, answer: Int, count: Int)] = []
        for truth in 0..<matrix.size {
            for answer in 0..<matrix.size where answer != truth && matrix[truth, answer] > 0 {
                pairs.append((truth, answer, matrix[truth, answer]))
            }
        }
        pairs.sort {
            $0.count == $1.count ? ($0.truth, $0.answer) < ($1.truth, $1.answer) : $0.count > $1.count
        }
        return ReportTable(
            columns: [.text("right"), .text("answered"), .number("samples"), .number("share of the class")],
            rows: pairs.prefix(20).map { pair in
                let share = Double(pair.count) / Double(max(1, matrix.samples(of: pair.truth)))
                return [
                    .init(names[pair.truth]), .init(names[pair.answer]), .init(Figures.grouped(pair.count)),
                    .init(ReportWords.share(share), bar: share),
                ]
            })
    }
}
