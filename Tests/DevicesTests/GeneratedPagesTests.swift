import Devices
import Graph
import TestSupport
import TestTraits
import Testing

/// The pages in `docs` that are rendered from the code; `make docs` rewrites them.
@Suite("Generated pages", .limited)
struct GeneratedPages {
    @Test("docs/rules.md is what the rules say")
    func rules() throws { try expectFile(RulesPage.text, at: "docs/rules.md") }

    @Test("docs/operators.md is what the operators' fields say")
    func operators() throws { try expectFile(OperatorsPage.text, at: "docs/operators.md") }

    @Test("no page has a line break or a bar inside a cell", arguments: [RulesPage.text, OperatorsPage.text])
    func cells(page: String) {
        for line in page.split(separator: "\n") where line.hasPrefix("|") {
            #expect(line.hasSuffix("|"), "\(line)")
        }
        let widths = page.split(separator: "\n\n").filter { $0.hasPrefix("|") }.map { table in
            Set(table.split(separator: "\n").map { $0.count { $0 == "|" } })
        }
        #expect(widths.allSatisfy { $0.count == 1 })
    }
}
