import Devices
import Editing
import Graph
import Runs

// What a report shows, from top to bottom.
extension SessionReport {
    /// What stands above the sections.
    package struct Head: Sendable {
        /// The session's name.
        package let title: String
        /// The task, the chip, the input and the number of layers.
        package let subtitle: String
        /// What made the report, and when.
        package let origin: String
        /// The numbers that are read first.
        package let facts: [ReportFact]
    }

    /// The head and the sections.
    package var content: (head: Head, sections: [ReportSection]) {
        let analysis = Analysis(document.network, on: device.family)
        let rules = Checker.report(on: analysis, for: device, waivers: document.waivers)
        let head = Head(
            title: name, subtitle: subtitle,
            origin: "magikbench \(origin.version)" + (origin.day.map { ", \($0)" } ?? ""),
            facts: headline(analysis, rules))
        let sections: [ReportSection?] = [
            findingsSection(rules), noiseSection(analysis), measuresSection(), runsSection(),
            networkSection(analysis), valuesSection(), repeatSection(),
        ]
        return (head, sections.compactMap { $0 })
    }

    private func repeatSection() -> ReportSection {
        var blocks: [ReportBlock] = []
        if !origin.commands.isEmpty { blocks.append(.commands(origin.commands)) }
        var rows = [
            ("magikbench", origin.version), ("network", document.network.digest), ("chip", device.rawValue),
        ]
        if let runs = runs.content, let member = runs.comparison.members.first {
            let best = ReportedRuns.best(of: runs.all)?.id == member.facts.id
            rows.append((best ? "best run" : "run", member.facts.id))
            // Those of layers are in the table of layers.
            rows += runs.comparison.settings.filter { $0.layers.isEmpty && $0.title != "chip" }
                .map { ($0.title, $0.values.first ?? "") }
        }
        blocks.append(
            .table(
                ReportTable(
                    columns: [.text("setting"), .text("value")],
                    rows: rows.map { [.init($0.0), .init($0.1)] })))
        return ReportSection(id: "repeat", title: "To repeat it", blocks: blocks)
    }
}
