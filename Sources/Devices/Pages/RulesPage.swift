import Graph

/// `docs/rules.md`, rendered from the rules themselves.
public enum RulesPage {
    /// The whole page.
    public static var text: String {
        var lines = [
            "# Rules of the chips", "",
            "Rendered from `Sources/Devices` (`make docs`); a test fails when this page is stale.", "",
            "An **error** keeps a network off the chip; in a **warning** the vendor's documents "
                + "disagree, or the limit is only recommended; **advice** is a recommended setting. `magikbench check` reports all of them at once; "
                + "a finding that you accept is waived in the session with a reason.", "",
            "Sources: **manual**, the vendor's operator manual, by section and note or argument; **kit**, behaviour of "
                + "the vendor's training kit 1.1.1; **venus**, the vendor's inference-framework manual; **structure**, "
                + "what any network needs to be computed.", "",
            "## Operators and chips", "",
        ]
        lines += supportTable
        for group in Rule.groups {
            lines += [
                "", "## \(group.title)", "", "| rule | chips | severity | asks | source |",
                "|---|---|---|---|---|",
            ]
            lines += group.rules.map(row)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static var supportTable: [String] {
        let header = "| operator | " + Device.allCases.map(\.rawValue).joined(separator: " | ") + " |"
        let rule = "|---|" + Device.allCases.map { _ in "---|" }.joined()
        let rows = SupportRow.all.map { row in
            "| \(row.name) | " + Device.allCases.map { String(row[$0].letter) }.joined(separator: " | ")
                + " |"
        }
        let legend = Support.legend.map { "\($0.letter) \($0.meaning)" }.joined(separator: "; ")
        return [header, rule] + rows + ["", legend + "."]
    }

    private static func row(_ rule: Rule) -> String {
        "| `\(rule.id)` | \(chips(rule.devices)) | \(rule.severity.rawValue) | \(rule.says) | \(source(rule)) |"
    }

    private static func chips(_ devices: [Device]) -> String {
        devices == Device.allCases ? "all" : devices.map(\.rawValue).joined(separator: ", ")
    }

    private static func source(_ rule: Rule) -> String {
        let kind = rule.operators?.count == 1 ? rule.operators?.first : nil
        let place = rule.source.section ?? kind?.section
        let text = [place, rule.source.detail].compactMap { $0 }.joined(separator: ", ")
        return ([rule.source.sources.map(\.rawValue).joined(separator: ", ")] + (text.isEmpty ? [] : [text]))
            .joined(separator: ": ")
    }
}
