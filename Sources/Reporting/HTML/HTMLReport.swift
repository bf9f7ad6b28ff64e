import Devices
import Editing
import Foundation
import Graph

/// A report as one HTML page without scripts and without other files: style, pictures and plots are in it.
struct HTMLReport {
    let report: SessionReport

    /// The page.
    var text: String {
        let (head, sections) = report.content
        let page: HTML = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="generator" content="\(head.origin)">
            <title>\(head.title) on \(report.device.rawValue)</title>
            <style>
            \(ReportStyle.sheet)
            </style>
            </head>
            <body>
            \(HTMLPlot.pattern)
            <header>
            <p class="origin">\(head.origin)</p>
            <h1>\(head.title)</h1>
            <p class="subtitle">\(head.subtitle)</p>
            \(facts(head.facts))
            <nav aria-label="Sections">\(sections.map { "<a href=\"#\($0.id)\">\($0.title)</a> " as HTML })</nav>
            </header>
            <main>
            \(sections.map(section))
            </main>
            </body>
            </html>

            """
        return page.text
    }

    private func section(_ section: ReportSection) -> HTML {
        """
        <section id="\(section.id)">
        <h2>\(section.title)</h2>
        \(section.blocks.map { [block($0), "\n"] }.flatMap { $0 })</section>

        """
    }

    private func block(_ block: ReportBlock) -> HTML {
        switch block {
        case .heading(let title): "<h3>\(title)</h3>"
        case .text(let text): "<p>\(text)</p>"
        case .remark(let text), .legend(let text): "<p class=\"remark\">\(text)</p>"
        case .facts(let facts): self.facts(facts)
        case .table(let table): HTMLTable.html(table)
        case .findings(let findings): self.findings(findings)
        case .bits(let bits): HTMLPlot.bits(bits)
        case .histograms(let cards): histograms(cards)
        case .curves(let figures): "<div class=\"curves\">\(figures.map(HTMLPlot.curves))</div>"
        case .confusion(let confusion): HTMLTable.html(confusion)
        case .pictures(let pictures): self.pictures(pictures)
        case .commands(let lines): "<pre><code>\(HTML(lines.map { "\($0)\n" }))</code></pre>"
        }
    }

    private func facts(_ facts: [ReportFact]) -> HTML {
        let entries = facts.map { fact -> HTML in
            let unit: HTML = fact.unit.isEmpty ? "" : " <small>\(fact.unit)</small>"
            let remark: HTML = fact.remark.isEmpty ? "" : "<dd class=\"remark\">\(fact.remark)</dd>"
            return "<div><dt>\(fact.title)</dt><dd>\(fact.value)\(unit)</dd>\(remark)</div>"
        }
        return "<dl class=\"facts\">\(entries)</dl>"
    }

    private func findings(_ findings: [ReportedFinding]) -> HTML {
        let entries = findings.map { finding -> HTML in
            let layers: HTML =
                finding.layers.isEmpty
                ? ""
                : "<p class=\"layers\">\(HTML(finding.layers.map { "<code>\($0)</code> " }))</p>"
            let fix: HTML = finding.fix.map { "<p>Fix: \($0).</p>" } ?? ""
            let waived: HTML = finding.waived.map { "<p>Accepted: \($0)</p>" } ?? ""
            let count: HTML =
                finding.layers.count > 1
                ? " <small>\(Figures.grouped(finding.layers.count)) layers</small>" : ""
            return """
                <li class="\(finding.waived == nil ? finding.severity : "accepted")"><p class="what"><b class="severity">\(finding.severity)</b> \(finding.actual)\(count)</p>
                <p>\(finding.message)</p>
                \(layers)\(fix)\(waived)<p class="remark">\(finding.source)</p></li>

                """
        }
        return "<ul class=\"findings\">\n\(entries)</ul>"
    }

    private func histograms(_ cards: [ReportedHistograms]) -> HTML {
        let figures = cards.map { card -> HTML in
            let pictures = card.pictures.map { picture -> HTML in
                """
                <div><p><b>\(picture.title)</b> <span class="remark">\(picture.numbers)</span></p>
                \(HTMLPlot.histogram(picture, of: card.layer))</div>

                """
            }
            return """
                <figure class="layer"><figcaption><b>\(card.number) \(card.layer)</b> \(card.label)</figcaption>
                <div class="pair">\(pictures)</div></figure>

                """
        }
        return "<div class=\"layers-values\">\n\(figures)</div>"
    }

    private func pictures(_ pictures: [ReportedPicture]) -> HTML {
        let figures = pictures.map { picture -> HTML in
            let loss: HTML = picture.loss.map { "<span>loss \(ReportWords.loss($0))</span>" } ?? ""
            let same = picture.quantized == picture.float
            let answers: HTML =
                same
                ? "<span>answer <b>\(picture.quantized)</b></span>"
                : "<span>quantized <b>\(picture.quantized)</b></span> <span>float <b>\(picture.float)</b></span>"
            return """
                <figure><img alt="sample \(picture.sample): \(picture.truth)" src="data:image/png;base64,\(Data(picture.png).base64EncodedString())">
                <figcaption><span>\(picture.truth.isEmpty ? "sample" : "right") <b>\(picture.truth)</b></span> \(answers) \(loss) <span class="remark">sample \(picture.sample)</span></figcaption></figure>

                """
        }
        return "<div class=\"pictures\">\n\(figures)</div>"
    }
}
