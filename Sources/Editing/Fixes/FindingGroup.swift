package import Devices
import Graph

/// Findings of one rule that say the same of several layers, on several chips.
package struct FindingGroup {
    /// The chips, in the order asked for.
    package private(set) var devices: [Device]
    /// The findings on each chip, in the order of the layers.
    package private(set) var findings: [[Finding]]

    /// The first finding, which speaks for all.
    package var first: Finding { findings[0][0] }

    /// The layers, in the order of the file; empty where it is about the whole network.
    package var layers: [String] { findings[0].compactMap(\.layer) }

    /// What the rule asks for: the findings' own sentence, of "this chip" where each names its own; or the rule's.
    package var message: String {
        let all = findings.joined()
        if let sentence = all.map(\.message).same { return sentence }
        return all.map(FindingGroup.neutral).same ?? Rule.named(first.rule)?.says ?? first.message
    }

    /// The groups of some reports: the worst first, then in the order of the layers.
    package static func groups(of reports: [Report]) -> [FindingGroup] {
        var groups: [FindingGroup] = []
        var places: [SharedKey: Int] = [:]
        for report in reports {
            for same in grouped(report.findings) {
                let key = SharedKey(same)
                if let place = places[key] {
                    groups[place].devices.append(report.device)
                    groups[place].findings.append(same)
                } else {
                    places[key] = groups.count
                    groups.append(FindingGroup(devices: [report.device], findings: [same]))
                }
            }
        }
        return groups.enumerated()
            .sorted { ($1.element.first.severity, $0.offset) < ($0.element.first.severity, $1.offset) }
            .map(\.element)
    }

    /// The findings of one chip that differ only in the layer, in the order of their first ones.
    private static func grouped(_ findings: [Finding]) -> [[Finding]] {
        var groups: [[Finding]] = []
        var places: [Statement: Int] = [:]
        for finding in findings {
            if finding.layer != nil, let place = places[Statement(finding)] {
                groups[place].append(finding)
            } else {
                places[Statement(finding)] = groups.count
                groups.append([finding])
            }
        }
        return groups
    }

    /// The sentence without the name of the chip.
    private static func neutral(_ finding: Finding) -> String {
        let words = finding.message.split(
            separator: finding.device.rawValue, omittingEmptySubsequences: false)
        let text = words.joined(separator: "this chip")
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    /// A rule and what is there instead: a finding without its layer.
    private struct Statement: Hashable {
        let rule: String
        let actual: String
        let waived: String?

        init(_ finding: Finding) { (rule, actual, waived) = (finding.rule, finding.actual, finding.waived) }
    }

    /// Findings that are alike, without their chip.
    private struct SharedKey: Hashable {
        let statement: Statement
        let severity: Severity
        let layers: [String?]
        let sentences: [String]

        init(_ findings: [Finding]) {
            statement = Statement(findings[0])
            severity = findings[0].severity
            layers = findings.map(\.layer)
            let says = Rule.named(findings[0].rule)?.says
            sentences = findings.map { $0.message == says ? $0.message : FindingGroup.neutral($0) }
        }
    }
}

extension Collection where Element: Equatable {
    /// The element that all are equal to, or nil.
    fileprivate var same: Element? { allSatisfy { $0 == first } ? first : nil }
}
