public import Devices
import Graph

// What can be done about all findings of a rule at once.
extension EditorState {
    /// What can be done about several findings of one rule: one change that makes all of their fixes that are safe together,
    /// the chips on which there is none of them, and accepting all of them. The same as `remedies(for:)` for one finding.
    ///
    /// The change adds no finding. Takes as long as a few edits, also for many findings.
    public func remedies(forAll findings: [Finding]) -> [Remedy] {
        guard let first = findings.first else { return [] }
        guard findings.count > 1 else { return remedies(for: first) }
        var asked = self
        let search = RemedySearch(
            document: document, before: CheckedNetwork(analysis, report), finding: first)
        let changes =
            [sharedFix(of: findings)].compactMap { $0 }
            + search.devices(asked.allReports(), without: findings)
        let waiving = sharedWaiving(of: findings).map { [$0] } ?? []
        return first.waived == nil ? changes + waiving : waiving + changes
    }

    private func sharedWaiving(of findings: [Finding]) -> Remedy? {
        let count = findings.count { $0.layer != nil }
        guard count > 0 else { return nil }
        let isWaived = findings.allSatisfy { $0.waived != nil }
        return Remedy(
            kind: .waive,
            title: isWaived ? "stop accepting all \(count)" : "accept all \(count), with a reason",
            price: nil, remark: "", isSafe: false)
    }

    /// All of the findings' own fixes that are safe together; nil where none is.
    private func sharedFix(of findings: [Finding]) -> Remedy? {
        var search = SharedFixSearch(EditSafety(network, on: [device]))
        var proposals: [Fix] = []
        for fix in findings.compactMap(\.proposal) where !proposals.contains(fix) { proposals.append(fix) }
        let fixes = search.safe(of: proposals)
        guard let last = fixes.last else { return nil }
        let edit = fixes.count == 1 ? last.edit : Edit.all("", fixes.map(\.edit))
        var changed = document
        do throws(EditError) {
            try changed.apply(edit)
        } catch {
            return nil
        }
        let impact = EditImpact(
            from: CheckedNetwork(analysis, report),
            to: CheckedNetwork(changed.network, on: device, waivers: changed.waivers))
        let settled = findings.count(where: impact.resolves)
        guard settled > 0, impact.isSafe() else { return nil }
        let title =
            settled == findings.count
            ? "fix all \(settled) of these" : "fix \(settled) of these \(findings.count)"
        return Remedy(
            kind: .edit(.all(title, fixes.map(\.edit))), title: title, price: impact.cost, remark: "",
            isSafe: true)
    }
}

/// Looks for as many fixes as are safe together, with few checks of the whole network.
private struct SharedFixSearch {
    private let trial: EditSafety
    /// So often the network is checked at most: it is done while a cursor moves.
    private var checksLeft = 14

    init(_ trial: EditSafety) { self.trial = trial }

    /// All of some fixes where they are safe together, else those of each half that are.
    mutating func safe(of fixes: [Fix]) -> [Fix] {
        let parts = safeParts(of: fixes)
        guard parts.count > 1 else { return parts.first ?? [] }
        let all = parts.flatMap { $0 }
        // Two halves may still stand in each other's way: then the larger one is made.
        return trial.isSafe(all.map(\.edit)) ? all : parts.max { $0.count < $1.count } ?? []
    }

    private mutating func safeParts(of fixes: [Fix]) -> [[Fix]] {
        guard !fixes.isEmpty, checksLeft > 0 else { return [] }
        checksLeft -= 1
        if trial.isSafe(fixes.map(\.edit)) { return [fixes] }
        guard fixes.count > 1 else { return [] }
        let middle = fixes.count / 2
        return safeParts(of: Array(fixes[..<middle])) + safeParts(of: Array(fixes[middle...]))
    }
}
