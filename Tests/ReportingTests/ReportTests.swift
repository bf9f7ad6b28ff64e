import Foundation
import Graph
import QAT
import TestSupport
import TestTraits
import Testing

@testable import Reporting

/// What a report shows of a session, as a page and as Markdown.
@Suite("Reports of a session", .limited)
struct ReportTests {
    private func page(_ sample: ReportSample = ReportSample()) throws -> String {
        ReportFormat.html.text(of: try sample.report())
    }

    @Test("a report is this page")
    func html() throws { try expectGolden(try page(), "report.html") }

    @Test("a report is this Markdown")
    func markdown() throws {
        try expectGolden(ReportFormat.markdown.text(of: try ReportSample().report()), "report.md")
    }

    @Test("a page has one file's all: no script, no address, and every element closed")
    func alone() throws {
        let page = try page()
        let scan = PageScan(page)
        #expect(scan.fault == nil && scan.count("script") == 0 && scan.count("link") == 0)
        #expect(!page.contains("http:") && !page.contains("https:") && !page.contains("@import"))
        let ids = page.split(separator: " id=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
        #expect(Set(ids).count == ids.count)
        for link in page.split(separator: "href=\"#").dropFirst().map({ $0.prefix { $0 != "\"" } }) {
            #expect(ids.contains(link), "nothing is at \(link)")
        }
    }

    @Test("each section has what it is of")
    func sections() throws {
        let content = try ReportSample().report().content
        #expect(
            content.sections.map(\.id) == [
                "findings", "noise", "answers", "runs", "network", "values", "repeat",
            ])
        #expect(content.head.subtitle == "Classification on T40, input 1x8x8, 5 layers")
        #expect(
            content.head.facts.map(\.title) == [
                "parameters", "weights", "MACs", "T40 says", "result against float", "accuracy",
            ])
        #expect(content.head.facts.last?.value == "66.7")
        let tables = content.sections.flatMap(\.blocks).compactMap { block -> ReportTable? in
            if case .table(let table) = block { return table }
            return nil
        }
        for table in tables {
            #expect(table.rows.allSatisfy { $0.count == table.columns.count })
            #expect(table.total.isEmpty || table.total.count == table.columns.count)
        }
    }

    @Test("findings of a rule stand together, accepted ones with their reason behind the others")
    func findings() throws {
        let blocks = try #require(try ReportSample().report().content.sections.first { $0.id == "findings" })
            .blocks
        let lists = blocks.compactMap { block -> [ReportedFinding]? in
            if case .findings(let findings) = block { return findings }
            return nil
        }
        #expect(lists.count == 2 && lists[0].allSatisfy { $0.waived == nil })
        #expect(lists[1].map(\.layers) == [["conv1"]] && lists[1].first?.waived == "because plain")
    }

    @Test("a picture has a bar for each column of the histogram that has values")
    func bars() throws {
        let picture = ReportedHistograms.Picture(
            title: "results",
            histogram: TensorHistogram(ReportSample.tensor("conv0", .feature, sqnr: 20)), isLogarithmic: true,
            hasLosses: true,
            numbers: "")
        let svg = HTMLPlot.histogram(picture, of: "conv0").text
        let columns = picture.histogram.counts.bins(over: picture.histogram.range, columns: HTMLPlot.columns)
        let bars = svg.split(separator: "d=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
        #expect(bars.map { $0.count { $0 == "M" } }.reduce(0, +) == columns.count { $0 > 0 })
        // The range is a tenth wider than the clip: the last bars are lost.
        #expect(bars[1].count { $0 == "M" } == 7)
        // 16 levels, all inside.
        #expect(svg.split(separator: "class=\"level\"").count == 17)
    }

    @Test("without weights a report has no numbers of them, and says so")
    func untrained() throws {
        var sample = ReportSample()
        sample.hasWeights = false
        let page = try page(sample)
        #expect(page.contains("The session has no weights yet") && !page.contains("class=\"histogram\""))
        #expect(PageScan(page).fault == nil)
        #expect(try sample.report().content.sections.map(\.id).contains("values") == false)
        let markdown = ReportFormat.markdown.text(of: try sample.report())
        #expect(markdown.contains("The session has no weights yet"))
    }

    @Test("names and notes cannot become markup, whatever they are")
    func hostile() throws {
        let plain = PageScan(try page())
        for word in [
            "</td></table></style><script>alert(1)</script>", "\" onload=\"alert(1)", "' onerror='alert(1)",
            "]]><!--", "&lt;script&gt;", HostileText.text,
        ] {
            let page = try page(ReportSample(word: word, layer: "<b>&|_x"))
            let scan = PageScan(page)
            #expect(scan.fault == nil && scan.elements == plain.elements, "\(word.debugDescription)")
            #expect(HostileText.fault(in: page) == nil && page.contains("&lt;b&gt;&amp;|_x"))
            #expect(!page.contains("<script") && !page.contains("\" on") && !page.contains("' on"))
        }
    }

    @Test("names and notes are text in Markdown")
    func hostileMarkdown() throws {
        let plain = ReportFormat.markdown.text(of: try ReportSample().report())
        let word = "a|b <img src=x> **c** `d` [e](http://f) @g #1 www.h.de"
        let text = ReportFormat.markdown.text(of: try ReportSample(word: word).report())
        #expect(text.split(separator: "\n").count == plain.split(separator: "\n").count)
        // The command stands in a fence as it is typed.
        let outside = text.replacing("magikbench report \(word)", with: "")
        #expect(!outside.contains("<img") && !outside.contains("@g"))
        #expect(Markdown.escaped(word).contains("\\[e\\](http:\\//f) &#64;g \\#1 www\\.h.de"))
        #expect(
            HostileText.fault(
                in: ReportFormat.markdown.text(of: try ReportSample(word: HostileText.text).report())) == nil)
        #expect(Markdown.code("a`b|c").text == "``a`b\\|c``")
    }

    @Test(
        "a file's name asks for its format",
        arguments: [("r.html", ReportFormat.html), ("r.MD", .markdown), ("r", .html)])
    func format(path: String, format: ReportFormat) {
        #expect(ReportFormat(path: path) == format)
    }
}
