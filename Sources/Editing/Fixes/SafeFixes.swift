public import Devices
public import Graph

/// Everything that a chip's findings can be settled with at once without changing the network's results: their shapes,
/// and their float numbers where the weights are carried along.
public struct SafeFixes: Hashable, Sendable {
    /// The change.
    public let edit: Edit
    /// What it consists of, in words.
    public let titles: [String]

    /// So often fixes that stand in each other's way are made one after the other.
    private static let rounds = 4

    /// The fixes of a report that leave the network's numbers as they are, as far as they are safe together; nil where
    /// there are none. What a fix makes possible is fixed as well.
    public init?(_ report: Report, of network: Network) {
        var edits: [Edit] = []
        var titles: [String] = []
        var current = network
        var said = report
        let waived = report.findings.compactMap { finding in
            finding.waived.flatMap { reason in
                finding.layer.map { Waiver(rule: finding.rule, layer: $0, reason: reason) }
            }
        }
        for _ in 0..<SafeFixes.rounds {
            let fixes = SafeFixes.together(said, of: current)
            guard !fixes.isEmpty, let next = try? current.applying(.all("", fixes.map(\.edit))) else { break }
            edits += fixes.map(\.edit)
            titles += fixes.map(\.title)
            current = next
            said = Checker.report(
                on: Analysis(current, on: report.device.family), for: report.device, waivers: waived)
        }
        guard !edits.isEmpty else { return nil }
        let title = titles.count == 1 ? titles[0] : counted(titles.count, "safe fix", plural: "safe fixes")
        self.titles = titles
        edit = .all(title, edits)
    }

    /// The fixes of one report that are safe when all are made.
    private static func together(_ report: Report, of network: Network) -> [Fix] {
        var proposals: [Fix] = []
        var findings: [Finding] = []
        for finding in report.findings {
            guard finding.waived == nil, let fix = finding.proposal, fix.keepsNumbers else { continue }
            findings.append(finding)
            if !proposals.contains(fix) { proposals.append(fix) }
        }
        guard !proposals.isEmpty else { return [] }
        let trial = EditSafety(network, on: [report.device])
        if trial.isSafe(proposals.map(\.edit), resolving: findings) { return proposals }
        let single = proposals.filter { trial.isSafe([$0.edit]) }
        let edits = trial.safe(of: single.map(\.edit))
        return single.filter { edits.contains($0.edit) }
    }
}

extension EditorState {
    /// Everything that this chip's findings can be settled with at once without changing the network's results; nil where
    /// there is nothing.
    public func safeFixes() -> Edit? { SafeFixes(report, of: network)?.edit }

    /// The rules that a layer keeps, as far as there is something to say of such a layer, or those that the whole
    /// network keeps: a sentence each.
    public func passingRules(of layer: String?) -> [String] {
        guard let layer else { return Checker.kept(in: report, of: network).map(\.says) }
        return network.index(of: layer).map { Checker.kept(by: $0, in: report, on: analysis).map(\.says) }
            ?? []
    }
}
