import Devices
import Editing
import Graph
import QAT
import Terminal

/// What is chosen in view 2.
struct RulesState: Sendable {
    /// Position of the finding among `shownFindings`.
    var finding = 0
    /// Position of the remedy of that finding.
    var remedy = 0
    /// Whether what passes is left out.
    var showsOnlyWrong = false
    /// What the remedies are of, worked out once.
    var subject: Finding?
    var revision: Document?
    var remedies: [Remedy] = []
    /// What remedies do to the SQNR of the network's results in dB, by position; nil inside where there is nothing to
    /// compare. Those that are not there yet are still looked at.
    var gains: [Int: Double?] = [:]
}

extension ScreenState {
    /// The findings of the shown chip, those that count and are worst first, waived ones last.
    var shownFindings: [Finding] {
        let findings = shownReport.findings
        let counting = Severity.allCases.reversed().flatMap { severity in
            findings.filter { $0.severity == severity && $0.waived == nil }
        }
        return counting + findings.filter { $0.waived != nil }
    }

    /// The finding that is chosen in view 2, or the worst one of the selected layer in view 1.
    var selectedFinding: Finding? {
        if view == .network { return findingsHere.first }
        let findings = shownFindings
        return findings.indices.contains(rules.finding) ? findings[rules.finding] : nil
    }

    /// The findings that `f` is about: the chosen one, or those of the selected layer, the worst first.
    var findingsHere: [Finding] {
        guard view == .network else { return [selectedFinding].compactMap { $0 } }
        // Finding the selection filters and orders all rows: once, not for every finding.
        let selected = selectedName
        return shownFindings.filter { $0.layer == selected && $0.waived == nil }
    }

    /// The first fix here that is safe. Checks the whole network for each, so it is for a key and not for a picture.
    private var fixHere: Fix? {
        findingsHere.lazy.filter { $0.proposal != nil }
            .compactMap { Checker.fix(for: $0, in: editor.network) }.first
    }

    /// After every change: the chosen finding is there, and its remedies are those of the network as it is.
    mutating func updateRules() {
        rules.finding = min(rules.finding, max(0, shownFindings.count - 1))
        guard view == .rules else { return }
        guard let finding = selectedFinding else {
            (rules.subject, rules.remedies, rules.gains) = (nil, [], [:])
            return
        }
        if rules.subject != finding || rules.revision != editor.document {
            (rules.subject, rules.revision) = (finding, editor.document)
            rules.remedies = editor.remedies(for: finding)
            rules.gains = [:]
            rules.remedy = min(rules.remedy, max(0, rules.remedies.count - 1))
        }
    }

    /// The next remedy whose effect on the SQNR is not measured yet, by its position, with the document that it makes.
    var unknownGain: (remedy: Int, document: Document)? {
        guard view == .rules, !probe.isStale, probe.report != nil else { return nil }
        for (index, remedy) in rules.remedies.enumerated() where rules.gains[index] == nil {
            if let document = editor.document(after: remedy) { return (index, document) }
        }
        return nil
    }

    /// Takes a look at what a remedy makes of the network.
    mutating func take(_ report: ProbeReport, ofRemedy index: Int, making network: Network) {
        let (before, after) = (probe.report?.outputSQNR(of: editor.network), report.outputSQNR(of: network))
        let gain: Double? = if let before, let after { after - before } else { nil }
        rules.gains.updateValue(gain, forKey: index)
    }

    mutating func moveInRules(_ movement: Movement) {
        if pane.scope == .fixes {
            rules.remedy = moved(rules.remedy, by: movement, of: rules.remedies.count)
        } else {
            selectFinding(moved(rules.finding, by: movement, of: shownFindings.count))
        }
    }

    private mutating func selectFinding(_ index: Int) {
        rules.finding = index
        rules.remedy = 0
    }

    mutating func clickFinding(_ index: Int) {
        panes[.rules] = 0
        selectFinding(index)
    }

    /// A click on a remedy selects it; a click on the selected one applies it.
    mutating func clickRemedy(_ index: Int) {
        panes[.rules] = 1
        if index == rules.remedy { return applyRemedy() }
        rules.remedy = index
    }

    mutating func fix() {
        guard let fix = fixHere else {
            return refuse("the fix that is proposed here would break another rule; view 2 has others")
        }
        edit(fix.edit, title: fix.title)
    }

    mutating func fixAll() {
        guard let fixes = editor.safeFixes() else {
            return refuse("no fix keeps the float results as they are; Tab shows what else can be done")
        }
        edit(fixes)
    }

    /// Does what the chosen remedy says.
    mutating func applyRemedy() {
        guard rules.remedies.indices.contains(rules.remedy) else {
            return refuse(whyNoFinding ?? "this finding has no remedy")
        }
        if let reason = whyNotEditable { return refuse(reason) }
        let remedy = rules.remedies[rules.remedy]
        switch remedy.kind {
        case .edit(let change): edit(change, title: remedy.title)
        case .device(let device): setDevice(device)
        case .waive: waive(nil)
        }
    }

    mutating func waive(_ reason: String?) {
        guard let finding = selectedFinding, let layer = finding.layer else { return }
        if finding.waived != nil {
            if editor.unwaive(rule: finding.rule, layer: layer, at: now) {
                changed()
                say("no longer accepted: \(finding.rule) on \(layer)", undoable: true)
            }
        } else if let reason {
            waive(finding.rule, on: layer, because: reason)
        } else {
            popups.append(
                Prompt(
                    "accept \(finding.rule) on \(layer)",
                    help: "why it does not matter; the reason is saved with the session",
                    check: Prompt.refusingBlank(ScreenState.waiverProblem)
                ) { screen, reason in screen.waive(finding.rule, on: layer, because: reason) })
        }
    }

    private mutating func waive(_ rule: String, on layer: String, because reason: String) {
        guard editor.waive(rule: rule, layer: layer, reason: reason, at: now) else {
            return refuse(ScreenState.waiverProblem)
        }
        changed()
        say("accepted: \(rule) on \(layer)", undoable: true)
    }

    private static let waiverProblem = "a reason says why the finding does not matter"

    /// Leaves what passes out of the list, or shows it; on a screen that is too narrow for it, on a page.
    mutating func toggleOnlyWrong() {
        guard size.columns < 100 else { return rules.showsOnlyWrong.toggle() }
        let passing = passingRules(of: nil).map { "\(appearance.glyphs.pass) \($0)" }
        popups.append(Page("rules of \(shownDevice) that pass", passing.isEmpty ? ["none"] : passing))
    }

    mutating func openRuleText() {
        guard let finding = selectedFinding else { return }
        var lines = ScreenState.wrapped(finding.message, to: 70)
        lines += [
            "", "rule      \(finding.rule)", "severity  \(finding.severity.rawValue)",
            "chip      \(finding.device)", "layer     \(finding.layer ?? "the network")",
            "has       \(finding.actual)",
            "source    \(finding.sources.map(\.rawValue).joined(separator: ", "))",
            "where     manual, \(finding.citation)",
        ]
        if let waived = finding.waived { lines.append("accepted  \(waived)") }
        popups.append(Page(finding.rule, lines))
    }
}
