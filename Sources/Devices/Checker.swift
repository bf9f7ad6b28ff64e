public import Graph

/// What a chip says about a network.
public struct Report: Sendable {
    /// The chip.
    public let device: Device
    /// All findings, in the order of the layers, the worst of each layer first.
    public let findings: [Finding]

    /// The same report with some of its findings.
    public func filtered(_ isKept: (Finding) -> Bool) -> Report {
        Report(device: device, findings: findings.filter(isKept))
    }

    /// How many findings of a severity are not waived.
    public func count(_ severity: Severity) -> Int {
        findings.count { $0.severity == severity && $0.waived == nil }
    }

    /// Whether the chip takes the network as it is: every error is waived.
    public var accepts: Bool { count(.error) == 0 }
}

/// Asks every rule of a chip about every layer of a network.
public enum Checker {
    /// The findings on each chip, in the order given.
    public static func reports(on network: Network, for devices: [Device], waivers: [Waiver] = []) -> [Report]
    {
        CheckedNetwork.on(devices, network, waivers: waivers).map(\.report)
    }

    /// The findings on one chip, from an analysis for its family.
    public static func report(on analysis: Analysis, for device: Device, waivers: [Waiver] = []) -> Report {
        precondition(
            analysis.facts.family == device.family, "the analysis is for the other family of arithmetic")
        let network = analysis.network
        let isQuantized = network.isQuantized
        var findings =
            TaskRules.networkFindings(analysis, on: device)
            + StructureRules.networkFindings(analysis, on: device)
        let questions = table[device] ?? [:]
        // One subject that walks from layer to layer: copying an analysis for each would cost more than the questions.
        var context = RuleContext(
            analysis: analysis, index: 0, device: device, isQuantizedNetwork: isQuantized)
        for index in network.nodes.indices {
            context.index = index
            let first = findings.count
            for question in questions[network.nodes[index].kind] ?? [] {
                if let violation = question.check(context) {
                    findings.append(Finding(Rule.all[question.rule], context, violation))
                }
            }
            if findings.count - first > 1 {
                // Stable by hand: the standard sort is, but does not promise it.
                let sorted = findings[first...].enumerated().sorted {
                    ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset)
                }
                findings.replaceSubrange(first..., with: sorted.map(\.element))
            }
        }
        guard !waivers.isEmpty else { return Report(device: device, findings: findings) }
        let reasons = Dictionary(waivers.map { (WaiverKey(rule: $0.rule, layer: $0.layer), $0.reason) }) {
            $1
        }
        for index in findings.indices {
            guard let layer = findings[index].layer else { continue }
            findings[index].waived = reasons[WaiverKey(rule: findings[index].rule, layer: layer)]
        }
        return Report(device: device, findings: findings)
    }

    /// The proposed fix of a finding where it is safe: it settles the finding and adds none on that chip.
    public static func fix(for finding: Finding, in network: Network) -> Fix? {
        guard let fix = finding.proposal else { return nil }
        let isSafe = EditSafety(network, on: [finding.device]).isSafe([fix.edit], resolving: [finding])
        return isSafe ? fix : nil
    }

    /// The rules that a chip asks of an operator.
    static func asked(of kind: OperatorKind, on device: Device) -> [Rule] {
        (table[device]?[kind] ?? []).map { Rule.all[$0.rule] }
    }

    /// A rule's question with the rule's position in `Rule.all`: less to copy than a rule.
    private struct Question: Sendable {
        let rule: Int
        let check: @Sendable (RuleContext) -> Violation?
    }

    /// The questions of each chip by operator, so that a layer is asked only what is about it.
    private static let table: [Device: [OperatorKind: [Question]]] = Dictionary(
        uniqueKeysWithValues: Device.allCases.map { device in
            let asking = Rule.all.enumerated().filter { $0.element.devices.contains(device) }
            let byKind = OperatorKind.allCases.map { kind in
                let questions = asking.filter { $0.element.operators?.contains(kind) ?? true }
                return (kind, questions.map { Question(rule: $0.offset, check: $0.element.check) })
            }
            return (device, Dictionary(uniqueKeysWithValues: byKind))
        })

    private struct WaiverKey: Hashable {
        let rule: String
        let layer: String
    }
}

extension Finding {
    init(_ rule: Rule, _ context: RuleContext, _ violation: Violation) {
        let source = violation.source ?? rule.source
        self.init(
            rule: rule.id, topic: rule.topic, device: context.device, severity: rule.severity,
            layer: context.node.name,
            message: violation.says ?? rule.says, actual: violation.actual,
            citation: source.text(for: context.node.kind), sources: source.sources, proposal: violation.fix)
    }
}
