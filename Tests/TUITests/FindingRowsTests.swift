import Devices
import Editing
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

@testable import TUI
@testable import Terminal

@Suite("Findings of one rule as one row", .limited)
struct FindingRowsTests {
    /// View 2 of a network on a chip that has not its operators.
    private static func onT02(_ size: Size = .standard) throws -> Driver {
        var driver = try Driver(sample: "mobilenetv2-cifar", size: size)
        driver.command("target T02")
        driver.press("2")
        return driver
    }

    /// The row of the group that has most findings, chosen.
    private static func choosingLargest(_ driver: inout Driver) -> [Finding] {
        let rows = driver.state.findingRows(of: driver.state.shownFindings)
        let largest = rows.indices.max { rows[$0].positions.count < rows[$1].positions.count } ?? 0
        for _ in 0..<largest { driver.press(.down) }
        return driver.state.selectedFindings
    }

    @Test("a row stands for all findings of a rule, and every finding is in one row")
    func rows() throws {
        let driver = try Self.onT02()
        let findings = driver.state.shownFindings
        let rows = driver.state.findingRows(of: findings)
        #expect(findings.count > 20 && rows.count < 10)
        #expect(rows.flatMap(\.positions).sorted() == Array(findings.indices))
        for row in rows {
            #expect(Set(row.positions.map { findings[$0].rule }).count == 1)
            if case .single = row { #expect(row.positions.count == 1) }
        }
    }

    @Test("the row says how many layers, and Space, right and left open and close it")
    func opening() throws {
        var driver = try Self.onT02()
        let findings = Self.choosingLargest(&driver)
        let closed = driver.state.findingRows(of: driver.state.shownFindings).count
        #expect(driver.screen.contains("▸ \(findings.count) layers"))
        driver.press(.right)
        #expect(driver.screen.contains("▾ \(findings.count) layers"))
        #expect(driver.state.findingRows(of: driver.state.shownFindings).count == closed + findings.count)
        driver.press(.down)
        #expect(driver.state.selectedFindings == [findings[0]])
        // Left leads from a finding to its rule, and again closes it.
        driver.press(.left)
        #expect(driver.state.selectedFindings == findings && driver.screen.contains("▾"))
        driver.press(.left)
        #expect(driver.state.findingRows(of: driver.state.shownFindings).count == closed)
        driver.press(" ", .down, .down, " ")
        #expect(driver.state.findingRows(of: driver.state.shownFindings).count == closed)
        #expect(driver.state.selectedFindings == findings)
    }

    @Test("F says by which key of the view the fixes are seen that change the results")
    func otherFixes() throws {
        var document = try Samples.document(named: "network-t40")
        if let fixes = SafeFixes(
            Checker.report(
                on: Analysis(document.network, on: document.device.family), for: document.device),
            of: document.network)
        {
            try document.apply(fixes.edit)
        }
        // Who reads the input now reads it directly.
        try document.apply(.remove(layer: "preprocess"))
        var driver = Driver(document, name: "direct", size: .wide)
        driver.press("F")
        #expect(driver.screen.contains("2 shows what else can be done"))
        driver.press("2", "F")
        #expect(driver.screen.contains("Tab shows what else can be done"))
        #expect(driver.state.editor.document == document)
    }

    @Test("F says how much is left after its fixes, and by which key of the view the other fixes are seen")
    func left() throws {
        var driver = try Driver(sample: "broken-t02", size: .wide)
        driver.press("F")
        let report = driver.state.editor.report
        let left = report.count(.error) + report.warnings
        #expect(left > 0)
        #expect(driver.screen.contains("safe fixes; \(left) findings left, 2 shows what else can be done"))
        driver.press("u", "2")
        let rows = driver.state.findingRows(of: driver.state.shownFindings)
        for (row, says) in [
            (true, "this one has no fix, other rows may have"), (false, "Tab shows what else"),
        ] {
            let place = rows.indices.first { place in
                driver.state.rules.row = place
                driver.state.updateRules()
                return driver.state.rules.remedies.isEmpty == row
            }
            try #require(place != nil)
            #expect(driver.screen.contains("none that keeps the other rules") == row)
            driver.press("F")
            #expect(driver.screen.contains("\(left) findings left, \(says)"), "\(driver.screen)")
            driver.press("u")
        }
    }

    @Test("a finding says where it is found as a sentence, and that the training kit says so")
    func sentences() throws {
        var driver = try Driver(sample: "network-t40", size: .wide)
        driver.command("target T02")
        driver.press("2")
        let why = driver.state.whyWords(driver.state.selectedFindings, width: 400).joined(separator: " ")
        #expect(why.contains("Found at shortcut: T02 has no Shortcut."))
        #expect(why.hasSuffix("source: manual, training kit)"))
        driver.press("i")
        #expect(driver.screen.contains("source    manual, training kit"))
    }

    @Test("the reason of an accepted finding that its row has no room for stands whole above the footer")
    func reason() throws {
        var driver = try Driver(sample: "network-t40", size: .standard)
        driver.press("2")
        #expect(driver.screen.contains("The manual's own design: the learned slopes act before …"))
        driver.press(.tab)
        #expect(driver.screen.contains("stop accepting it   The manual's own design: the learned slopes"))
        driver.press("w")
        #expect(driver.screen.contains("no longer accepted"))
        driver.press("u")
        #expect(driver.screen.contains("undone: stop accepting batch-norm-negative on bn1"))
    }

    @Test("a rule with one finding is a plain row, which has nothing to open")
    func single() throws {
        var driver = try Driver(sample: "network-t40")
        driver.press("2", .right)
        #expect(driver.screen.contains("the rule has one finding"))
        #expect(!driver.screen.contains("▸ 1 layer"))
    }

    @Test("all findings of a rule are fixed as one step, with the price and a preview")
    func fixing() throws {
        var driver = try Driver(sample: "yolov5s-person")
        driver.press("2")
        let before = driver.state.editor.network
        let groups = driver.state.findingRows(of: driver.state.shownFindings).filter {
            $0.positions.count > 1
        }
        try #require(!groups.isEmpty)
        let findings = Self.choosingLargest(&driver)
        let remedy = try #require(driver.state.rules.remedies.first)
        #expect(remedy.title == "fix all \(findings.count) of these" && remedy.isSafe && remedy.price != nil)
        #expect(driver.screen.contains("PREVIEW"))
        driver.press("f")
        #expect(driver.state.editor.network != before)
        let keys = Set(findings.map { FindingKey($0) })
        #expect(driver.state.shownFindings.allSatisfy { !keys.contains(FindingKey($0)) })
        driver.press("u")
        #expect(driver.state.editor.network == before)
    }

    @Test(
        "what is offered for all adds no finding, on every sample that breaks rules",
        arguments: Device.allCases)
    func safety(device: Device) throws {
        let names = ["broken-t40", "broken-txx", "mobilenetv2-cifar"]
        for name in names {
            var document = try Samples.document(named: name)
            document.device = device
            let editor = EditorState(document, name: name)
            let groups = Dictionary(grouping: editor.report.findings, by: \.rule).values.filter {
                $0.count > 1
            }
            for findings in groups {
                for remedy in editor.remedies(forAll: findings) {
                    guard case .edit(let edit) = remedy.kind else { continue }
                    let preview = try #require(editor.preview(edit))
                    #expect(
                        preview.cost.after.errors <= preview.cost.before.errors, "\(name) \(remedy.title)")
                    #expect(
                        preview.cost.after.errors + preview.cost.after.warnings
                            < preview.cost.before.errors + preview.cost.before.warnings
                            || findings[0].severity == .advice, "\(name) \(remedy.title)")
                }
            }
        }
    }

    @Test("all findings of a rule are accepted for one reason as one step, and no longer")
    func accepting() throws {
        var driver = try Self.onT02()
        let findings = Self.choosingLargest(&driver)
        driver.press("w")
        driver.type("measured on the board")
        driver.press(.enter)
        #expect(driver.state.editor.document.waivers.count == findings.count)
        #expect(driver.state.shownFindings.count { $0.waived == "measured on the board" } == findings.count)
        driver.press("u")
        #expect(driver.state.editor.document.waivers.isEmpty)
        driver.press(.control("r"), .end)
        #expect(driver.screen.contains("stop accepting all \(findings.count)"))
        driver.press("w")
        #expect(driver.state.editor.document.waivers.isEmpty)
    }

    @Test("i names every layer of a row")
    func text() throws {
        var driver = try Self.onT02(.wide)
        let findings = Self.choosingLargest(&driver)
        driver.press("i")
        let page = try #require(driver.state.popups.last as? Page)
        for finding in findings {
            #expect(page.lines.contains { $0.hasPrefix("\(finding.layer ?? "")  ") })
        }
    }

    @Test("v shows the whole preview, with what it costs first, and p the rules that are kept")
    func pages() throws {
        var driver = try Driver(sample: "yolov5s-person", size: .standard)
        driver.press("2")
        #expect(driver.screen.contains("more  v all"))
        driver.press("v")
        let page = try #require(driver.state.popups.last as? Page)
        #expect(page.title == "fix all 58 of these" && page.lines[0].hasPrefix("weights 3525 KiB"))
        #expect(
            page.lines.count { $0.hasPrefix("+ ") } == 58 && page.lines.count { $0.hasPrefix("- ") } == 58)
        driver.press(.escape, "p")
        #expect((driver.state.popups.last as? Page)?.lines.count == driver.state.passingRules(of: nil).count)
        driver.press(.escape, .tab, .down, "v")
        #expect((driver.state.popups.last as? Page)?.lines.first?.hasPrefix("asks for a reason") == true)
    }
}
