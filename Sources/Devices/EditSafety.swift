public import Graph

/// Which changes of a network are safe on all of some chips: they add no finding of a severity that counts.
public struct EditSafety: Sendable {
    private let network: Network
    private let devices: [Device]
    private let least: Severity
    private let before: [CheckedNetwork]

    /// Changes of a network that is for these chips; findings below `least` do not count.
    public init(_ network: Network, on devices: [Device], from least: Severity = .advice) {
        self.network = network
        self.devices = devices
        self.least = least
        before = CheckedNetwork.on(devices, network)
    }

    /// Whether changes, all made, add no finding and settle some.
    public func isSafe(_ edits: [Edit], resolving findings: [Finding] = []) -> Bool {
        do {
            let changed = try network.applying(.all("", edits))
            return zip(before, CheckedNetwork.on(devices, changed)).allSatisfy { before, after in
                EditImpact(from: before, to: after).isSafe(resolving: findings, from: least)
            }
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
}
