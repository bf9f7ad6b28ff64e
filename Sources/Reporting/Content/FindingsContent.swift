import Devices
import Editing
import Graph

// What the chip says about the network.
extension SessionReport {
    /// The findings by rule, the worst first, and those that the user accepts behind them.
    func findingsSection(_ rules: Report) -> ReportSection {
        let groups = FindingGroup.groups(of: [rules])
        let open = groups.filter { $0.first.waived == nil }.map(finding)
        let waived = groups.filter { $0.first.waived != nil }.map(finding)
        var blocks: [ReportBlock] = []
        if open.isEmpty {
            blocks.append(.text("No rule of \(device) is broken."))
        } else {
            let counts = Severity.allCases.reversed().compactMap { severity in
                rules.count(severity) > 0
                    ? ReportWords.counted(rules.count(severity), severity.rawValue) : nil
            }
            blocks.append(.text(ReportWords.sentence(counts.joined(separator: ", "))))
            blocks.append(.findings(open))
        }
        if !waived.isEmpty {
            blocks.append(.heading("Accepted"))
            blocks.append(.findings(waived))
        }
        return ReportSection(id: "findings", title: "What \(device) says", blocks: blocks)
    }

    private func finding(_ group: FindingGroup) -> ReportedFinding {
        let first = group.first
        let sources = first.sources.map(\.words).joined(separator: ", ")
        return ReportedFinding(
            severity: first.severity.rawValue, actual: first.actual, message: group.message,
            layers: group.layers,
            source: "\(first.rule): \(first.citation) (\(sources))", fix: fix(of: group),
            waived: first.waived)
    }

    /// The most assignments that a fix of many layers lists.
    private static let mostAssignments = 8

    /// What settles the findings: of one in words, of several as assignments of `magikbench set`.
    private func fix(of group: FindingGroup) -> String? {
        guard group.layers.count > 1 else { return group.first.proposal?.title }
        let fix = FixAssignments(for: [group], in: document.network)
        let shown = fix.assignments.prefix(SessionReport.mostAssignments)
        guard !shown.isEmpty else { return fix.words.isEmpty ? nil : fix.words.joined(separator: ", ") }
        let more = fix.assignments.count - shown.count
        return "set " + shown.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }
}
