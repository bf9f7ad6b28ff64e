/// Which rule a finding is about, and on which layer: what stays the same when an edit elsewhere rewords it.
public struct FindingKey: Hashable, Sendable {
    private let rule: String
    private let layer: String?

    /// The key of a finding.
    public init(_ finding: Finding) { (rule, layer) = (finding.rule, finding.layer) }

    /// The key of a finding on a layer that may have had another name before.
    public init(_ finding: Finding, formerNames: [String: String]) {
        rule = finding.rule
        layer = finding.layer.map { formerNames[$0] ?? $0 }
    }
}
