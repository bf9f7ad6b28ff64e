public import Devices
public import Graph

/// Everything that a chip's findings can be settled with at once without changing a shape or a number.
public struct SafeFixes: Hashable, Sendable {
    /// The change.
    public let edit: Edit
    /// What it consists of, in words.
    public let titles: [String]

    /// The fixes of a report that leave the network's numbers as they are, as far as they are safe together; nil where
    /// there are none.
    public init?(_ report: Report, of network: Network) {
        var proposals: [Fix] = []
        var findings: [Finding] = []
        for finding in report.findings {
            guard finding.waived == nil, let fix = finding.proposal, fix.keepsNumbers else { continue }
            findings.append(finding)
            if !proposals.contains(fix) { proposals.append(fix) }
        }
        guard !proposals.isEmpty else { return nil }
        let trial = FixTrial(network, on: [report.device])
        var chosen = proposals
        if !trial.isSafe(proposals.map(\.edit), settling: findings) {
            let single = proposals.filter { trial.isSafe([$0.edit]) }
            let edits = trial.safe(of: single.map(\.edit))
            chosen = single.filter { edits.contains($0.edit) }
        }
        guard !chosen.isEmpty else { return nil }
        titles = chosen.map(\.title)
        let title =
            chosen.count == 1
            ? chosen[0].title : counted(chosen.count, "safe fix", plural: "safe fixes")
        edit = .all(title, chosen.map(\.edit))
    }
}

extension Bench {
    /// Everything that this chip's findings can be settled with at once without changing a shape or a number; nil where
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
