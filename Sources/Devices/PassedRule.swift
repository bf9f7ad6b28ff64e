public import Graph

/// A rule that was asked about and is kept.
public struct PassedRule: Hashable, Sendable {
    /// The rule's id.
    public let rule: String
    /// How it is kept: in the layer's own numbers, or what the rule asks for.
    public let says: String
    /// How many layers were asked.
    public let layers: Int
}

extension Checker {
    /// The rules that a layer keeps on a chip, as far as there is something to say of such a layer.
    ///
    /// The report must be of the analysis.
    public static func kept(by index: Int, in report: Report, on analysis: Analysis) -> [PassedRule] {
        let network = analysis.network
        let context = RuleContext(
            analysis: analysis, index: index, device: report.device,
            isQuantizedNetwork: network.isQuantized)
        let broken = Set(report.findings.filter { $0.layer == context.node.name }.map(\.rule))
        return asked(of: context.node.kind, on: report.device).compactMap { rule in
            guard !broken.contains(rule.id), let says = rule.keeps(context) else { return nil }
            return PassedRule(rule: rule.id, says: says, layers: 1)
        }
    }

    /// The rules that every layer of a network keeps which was asked, in the order of the rules.
    public static func kept(in report: Report, of network: Network) -> [PassedRule] {
        let broken = Set(report.findings.map(\.rule))
        let counts = Dictionary(grouping: network.nodes, by: \.kind).mapValues(\.count)
        return Rule.all.compactMap { rule in
            guard rule.devices.contains(report.device), !broken.contains(rule.id) else { return nil }
            let layers = counts.reduce(0) { sum, entry in
                rule.operators?.contains(entry.key) ?? true ? sum + entry.value : sum
            }
            return layers == 0 ? nil : PassedRule(rule: rule.id, says: rule.says, layers: layers)
        }
    }
}
