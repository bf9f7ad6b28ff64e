public import Devices
public import Graph

/// Several changes looked at together, by the checker's own measure: nothing new is found on any chip, of the severities
/// that count.
public struct FixTrial: Sendable {
    private let network: Network
    private let devices: [Device]
    private let least: Severity
    private let before: [Set<FindingKey>]

    /// Changes of a network that is for these chips; findings below `least` do not count.
    public init(_ network: Network, on devices: [Device], from least: Severity = .advice) {
        (self.network, self.devices, self.least) = (network, devices, least)
        before = FixTrial.keys(network, devices, least)
    }

    /// Whether changes, all made, add no finding and settle some.
    public func isSafe(_ edits: [Edit], settling findings: [Finding] = []) -> Bool {
        do {
            let after = FixTrial.keys(try network.applying(.all("", edits)), devices, least)
            let settled = Set(findings.map { FindingKey($0) })
            return zip(before, after).allSatisfy { $1.isSubset(of: $0) && $1.isDisjoint(with: settled) }
        } catch {
            return false
        }
    }

    /// Of changes that are safe one by one, as many as are so together.
    public func safe(of edits: [Edit]) -> [Edit] {
        if edits.count < 2 || isSafe(edits) { return edits }
        return edits.reduce(into: []) { chosen, edit in
            if isSafe(chosen + [edit]) { chosen.append(edit) }
        }
    }

    private static func keys(
        _ network: Network, _ devices: [Device], _ least: Severity
    ) -> [Set<FindingKey>] {
        Checker.reports(on: network, for: devices).map { report in
            Set(report.findings.filter { $0.severity >= least }.map { FindingKey($0) })
        }
    }
}
