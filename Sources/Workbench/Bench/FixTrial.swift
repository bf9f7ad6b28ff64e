public import Devices
public import Graph

/// Several changes looked at together, by the checker's own measure: nothing new is found on any chip.
public struct FixTrial: Sendable {
    private let network: Network
    private let devices: [Device]
    private let before: [Set<FindingKey>]

    /// Changes of a network that is for these chips.
    public init(_ network: Network, on devices: [Device]) {
        (self.network, self.devices) = (network, devices)
        before = FixTrial.keys(network, devices)
    }

    /// Whether changes, all made, add no finding and settle some.
    public func isSafe(_ edits: [Edit], settling findings: [Finding] = []) -> Bool {
        do {
            let after = FixTrial.keys(try network.applying(.all("", edits)), devices)
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

    private static func keys(_ network: Network, _ devices: [Device]) -> [Set<FindingKey>] {
        Checker.reports(on: network, for: devices).map { Set($0.findings.map { FindingKey($0) }) }
    }
}
