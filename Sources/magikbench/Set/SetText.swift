import Devices
import Editing
import Graph
import TUI
import Terminal

/// What `set` prints: the changes in the words of undo, and what the chip thinks of them.
struct SetText {
    private let titles: [String]
    private let impact: EditImpact
    private let weights: [String]
    private let style: TextStyle

    /// The most findings that are named as new or settled.
    private static let mostFindings = 6

    /// The page of a run of assignments on a document, and what it does to the weights.
    init(_ run: AssignmentRun, on document: Document, weights: [String] = [], style: TextStyle = .plain) {
        titles = run.titles
        self.weights = weights
        self.style = style
        impact = EditImpact(
            from: document.checked, to: run.document.checked, formerNames: run.formerNames)
    }

    /// The whole page, without a line break at its end.
    var text: String {
        guard !titles.isEmpty else { return "nothing changed" }
        return (titles.map(\.printable) + weights.map(\.printable) + [verdict] + news).joined(separator: "\n")
    }

    private var before: Report { impact.before.report }
    private var after: Report { impact.after.report }

    /// "T40: 2 errors -> 1, 1 warning"; on another chip both reports.
    private var verdict: String {
        guard before.device == after.device else {
            return "\(before.device): \(before.summary) -> \(after.device): \(after.summary)"
        }
        let counts = Severity.allCases.reversed().compactMap { severity -> String? in
            let old = before.count(severity)
            let new = after.count(severity)
            guard old > 0 || new > 0 else { return nil }
            let words = severity == .advice ? "\(old) advice" : counted(old, severity.rawValue)
            return old == new ? words : "\(words) -> \(new)"
        }
        return "\(after.device): " + (counts.isEmpty ? "clean" : counts.joined(separator: ", "))
    }

    /// The findings that came and went, where the chip stayed.
    private var news: [String] {
        guard before.device == after.device else { return [] }
        return lines("new", impact.added) + lines("settled", impact.resolved)
    }

    private func lines(_ word: String, _ findings: [Finding]) -> [String] {
        let worstFirst = Severity.allCases.reversed().flatMap { severity in
            findings.filter { $0.severity == severity && $0.waived == nil }
        }
        guard !worstFirst.isEmpty else { return [] }
        let hidden = worstFirst.count - SetText.mostFindings
        return [style.dim(word)] + worstFirst.prefix(SetText.mostFindings).flatMap(entry)
            + (hidden > 0 ? ["    and \(hidden) more"] : [])
    }

    private func entry(_ finding: Finding) -> [String] {
        let subject = finding.layer.map { "\($0.shortened(to: 40)): " } ?? ""
        var lines = Paragraph.lines(
            "\(subject)\(finding.actual) (\(finding.rule))", first: "    ", indent: "      ")
        lines[0] = "  \(style.mark(finding.severity)) \(lines[0].dropFirst(4))"
        return lines
    }
}

extension Document {
    /// The network with what its chip says about it.
    fileprivate var checked: CheckedNetwork { CheckedNetwork(network, on: device, waivers: waivers) }
}
