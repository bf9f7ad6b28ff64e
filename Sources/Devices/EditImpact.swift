public import Graph

/// What a change of a network does on a chip: to its findings, its cost and its shapes.
public struct EditImpact: Sendable {
    /// The network before.
    public let before: CheckedNetwork
    /// The network after, on the same chip or another.
    public let after: CheckedNetwork
    /// The names that layers and inputs had before the change, by those that it gives them.
    public let formerNames: [String: String]
    /// The findings that were not there before, in the order of the report.
    public let added: [Finding]
    /// The findings that are no longer there, in the order of the report.
    public let resolved: [Finding]
    private let remaining: Set<FindingKey>

    /// Compares a network with what it was.
    public init(
        from before: CheckedNetwork, to after: CheckedNetwork, formerNames: [String: String] = [:]
    ) {
        self.before = before
        self.after = after
        self.formerNames = formerNames
        let old = Set(before.report.findings.map { FindingKey($0) })
        let new = after.report.findings.map { FindingKey($0, formerNames: formerNames) }
        let remaining = Set(new)
        added = zip(after.report.findings, new).filter { !old.contains($0.1) }.map(\.0)
        resolved = before.report.findings.filter { !remaining.contains(FindingKey($0)) }
        self.remaining = remaining
    }

    /// Whether a finding is not there after the change.
    public func resolves(_ finding: Finding) -> Bool { !remaining.contains(FindingKey(finding)) }

    /// Whether it settles some findings and adds none of a severity, or of a worse one.
    public func isSafe(resolving findings: [Finding] = [], from least: Severity = .advice) -> Bool {
        added.allSatisfy { $0.severity < least } && findings.allSatisfy(resolves)
    }

    /// Whether there are as many layers as before, each with the same shape of its first output.
    public var keepsShapes: Bool {
        let (before, after) = (before.analysis, after.analysis)
        guard after.network.nodes.count == before.network.nodes.count else { return false }
        return before.network.nodes.indices.allSatisfy {
            before.shapes.output($0) == after.shapes.output($0)
        }
    }

    /// What it does to the network's cost and to the number of findings.
    public var cost: EditCost { EditCost(from: before, to: after) }
}

/// What a change does to a network's cost and to the number of findings.
public struct EditCost: Hashable, Sendable {
    /// The network before.
    public let before: NetworkTotals
    /// The network after.
    public let after: NetworkTotals

    /// Compares a network with what it was, on the same chip or another.
    public init(from before: CheckedNetwork, to after: CheckedNetwork) {
        self.before = before.totals
        self.after = after.totals
    }

    /// Learned numbers that come, or go if it is below 0.
    public var parameters: Int { after.cost.parameters - before.cost.parameters }
    /// Multiplications for one sample that come.
    public var multiplyAccumulates: Int { after.cost.multiplyAccumulates - before.cost.multiplyAccumulates }
    /// Bytes of weights that come.
    public var weightBytes: Int { after.cost.weightBytes - before.cost.weightBytes }
}

/// What a network costs on a chip, and how many findings are not waived.
public struct NetworkTotals: Hashable, Sendable {
    /// The cost of all layers.
    public let cost: NetworkCost.Cost
    /// Errors that are not waived.
    public let errors: Int
    /// Warnings that are not waived.
    public let warnings: Int
}
