import Devices
import Graph
import Workbench
import Terminal

/// What `set` prints: the changes in the words of undo, and what the chip thinks of them.
struct SetText {
    private let titles: [String]
    private let before: Report
    private let after: Report
    private let formerNames: [String: String]
    private let weights: [String]
    private let style: Style

    /// The most findings that are named as new or settled.
    private static let mostFindings = 6

    /// The page of a run of assignments on a document, with what becomes of its weights.
    init(_ run: AssignmentRun, on document: Document, weights: [String] = [], style: Style = .plain) {
        (titles, formerNames, self.weights) = (run.titles, run.formerNames, weights)
        before = SetText.report(document)
        after = SetText.report(run.document)
        self.style = style
    }

    /// The whole page, without a line break at its end.
    var text: String {
        guard !titles.isEmpty else { return "nothing changed" }
        return (titles.map(\.printable) + weights.map(\.printable) + [verdict] + news).joined(separator: "\n")
    }

    /// "T40: 2 errors -> 1, 1 warning"; on another chip both reports.
    private var verdict: String {
        guard before.device == after.device else {
            return "\(before.device): \(before.summary) -> \(after.device): \(after.summary)"
        }
        let counts = Severity.allCases.reversed().compactMap { severity -> String? in
            let (old, new) = (before.count(severity), after.count(severity))
            guard old > 0 || new > 0 else { return nil }
            let words = severity == .advice ? "\(old) advice" : counted(old, severity.rawValue)
            return old == new ? words : "\(words) -> \(new)"
        }
        return "\(after.device): " + (counts.isEmpty ? "clean" : counts.joined(separator: ", "))
    }

    /// The findings that came and went, where the chip stayed.
    private var news: [String] {
        guard before.device == after.device else { return [] }
        let old = Set(before.findings.map(FindingKey.init))
        let new = Set(after.findings.map { FindingKey($0, formerNames: formerNames) })
        return lines("new", after.findings.filter { !old.contains(FindingKey($0, formerNames: formerNames)) })
            + lines("settled", before.findings.filter { !new.contains(FindingKey($0)) })
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

    private static func report(_ document: Document) -> Report {
        let analysis = Analysis(document.network, on: document.device.family)
        return Checker.report(on: analysis, for: document.device, waivers: document.waivers)
    }
}
