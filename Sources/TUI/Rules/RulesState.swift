import Devices
import Editing
import Graph
import QAT
import Terminal

/// What is chosen in view 2.
struct RulesState: Sendable {
    /// Position of the chosen row among `findingRows`.
    var row = 0
    /// Rules whose findings are shown one by one.
    var opened: Set<FindingKind> = []
    /// Position of the chosen remedy of that row.
    var remedy = 0
    /// Whether what passes is left out.
    var showsOnlyWrong = false
    /// What the remedies are of, worked out once.
    var subject: [Finding] = []
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

    /// The finding that is chosen in view 2, or the first one of its rule; in view 1 the worst one of the selected layer.
    var selectedFinding: Finding? {
        view == .network ? findingsHere.first : selectedFindings.first
    }

    /// The findings that `f` is about: the chosen ones, or those of the selected layer, the worst first.
    var findingsHere: [Finding] {
        guard view == .network else { return selectedFindings }
        // Finding the selection filters and orders all rows: once, not for every finding.
        let selected = selectedName
        return shownFindings.filter { $0.layer == selected && $0.waived == nil }
    }

    /// The first fix here that is safe. Checks the whole network for each, so it is for a key and not for a picture.
    private var fixHere: Fix? {
        findingsHere.lazy.filter { $0.proposal != nil }
            .compactMap { Checker.fix(for: $0, in: editor.network) }.first
    }

    /// After every change: the chosen row is there, and its remedies are those of the network as it is.
    mutating func updateRules() {
        guard view == .rules else { return }
        rules.row = min(rules.row, max(0, findingRows(of: shownFindings).count - 1))
        let findings = selectedFindings
        guard !findings.isEmpty else {
            rules.subject = []
            rules.remedies = []
            rules.gains = [:]
            return
        }
        if rules.subject != findings || rules.revision != editor.document {
            rules.subject = findings
            rules.revision = editor.document
            rules.remedies = editor.remedies(forAll: findings)
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
        let before = probe.report?.outputSQNR(of: editor.network)
        let after = report.outputSQNR(of: network)
        let gain: Double? = if let before, let after { after - before } else { nil }
        rules.gains.updateValue(gain, forKey: index)
    }

    mutating func moveInRules(_ movement: Movement) {
        if pane.scope == .fixes {
            rules.remedy = moved(rules.remedy, by: movement, of: rules.remedies.count)
        } else {
            selectFindingRow(moved(rules.row, by: movement, of: findingRows(of: shownFindings).count))
        }
    }

    private mutating func selectFindingRow(_ index: Int) {
        rules.row = index
        rules.remedy = 0
    }

    /// A click on a row selects it; a click on the selected row of several findings opens or closes it.
    mutating func clickFinding(_ index: Int) {
        panes[.rules] = 0
        if index == rules.row, selectedFindings.count > 1 { return openGroup(nil) }
        selectFindingRow(index)
    }

    /// A click on a remedy selects it; a click on the selected one applies it.
    mutating func clickRemedy(_ index: Int) {
        panes[.rules] = 1
        if index == rules.remedy { return applyRemedy() }
        rules.remedy = index
    }

    mutating func fix() {
        if view == .rules, selectedFindings.count > 1 { return fixGroup() }
        guard let fix = fixHere else {
            return refuse("the fix that is proposed here would break another rule; view 2 has others")
        }
        edit(fix.edit, title: fix.title)
    }

    /// Makes the change that settles as many findings of the chosen rule as is safe.
    private mutating func fixGroup() {
        for remedy in rules.remedies {
            if case .edit(let change) = remedy.kind {
                edit(change, title: remedy.title)
                return
            }
        }
        refuse("the fixes of these findings would break other rules; open the row to see each one")
    }

    mutating func fixAll() {
        guard let fixes = editor.safeFixes() else {
            return refuse("no fix keeps the float results as they are; \(otherFixes)")
        }
        edit(fixes) { screen in
            let left = screen.editor.report.count(.error) + screen.editor.report.warnings
            return left > 0 ? ["\(counted(left, "finding")) left, \(screen.otherFixes)"] : []
        }
    }

    /// Where the fixes are that change the float results, with the key that leads there.
    private var otherFixes: String {
        if view != .rules { return "\(key("rules")) shows what else can be done" }
        if !rules.remedies.isEmpty { return "\(key("next-pane")) shows what else can be done" }
        return "this one has no fix, other rows may have"
    }

    /// Does what the chosen remedy says.
    mutating func applyRemedy() {
        guard rules.remedies.indices.contains(rules.remedy) else {
            return refuse(whyNoFinding ?? "this finding has no fix")
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
        let findings = selectedFindings
        guard let finding = findings.first else { return }
        let layers = findings.compactMap(\.layer)
        let words = "\(finding.rule) on \(subject(of: findings))"
        if finding.waived != nil {
            if editor.unwaive(rule: finding.rule, layers: layers, at: now) {
                changed()
                say("no longer accepted: \(words)", undoable: true)
            }
        } else if let reason {
            waive(finding.rule, on: layers, words, because: reason)
        } else {
            popups.append(
                Prompt(
                    "accept \(words)",
                    help: "why it does not matter; the reason is saved with the session",
                    check: Prompt.refusingBlank(ScreenState.waiverProblem)
                ) { screen, reason in screen.waive(finding.rule, on: layers, words, because: reason) })
        }
    }

    private mutating func waive(
        _ rule: String, on layers: [String], _ words: String, because reason: String
    ) {
        guard editor.waive(rule: rule, layers: layers, reason: reason, at: now) else {
            return refuse(ScreenState.waiverProblem)
        }
        changed()
        say("accepted: \(words)", undoable: true)
    }

    private static let waiverProblem = "a reason says why the finding does not matter"

    /// Leaves what passes out of the list, or shows it; on a screen that is too narrow for it, on a page.
    mutating func toggleOnlyWrong() {
        guard size.columns < 100 else { return rules.showsOnlyWrong.toggle() }
        openPassing()
    }

    /// Shows the rules that are kept, each whole.
    mutating func openPassing() {
        let passing = passingRules(of: nil).map { "\(appearance.glyphs.pass) \($0)" }
        popups.append(Page("rules of \(shownDevice) that pass", passing.isEmpty ? ["none"] : passing))
    }

    mutating func openRuleText() {
        let findings = view == .network ? Array(findingsHere.prefix(1)) : selectedFindings
        guard let finding = findings.first else { return }
        var lines = ScreenState.wrapped(message(of: findings), to: 70)
        lines += [
            "", "rule      \(finding.rule)", "severity  \(finding.severity.rawValue)",
            "chip      \(finding.device)",
        ]
        lines +=
            findings.count == 1
            ? ["layer     \(finding.layer ?? "the network")", "has       \(finding.actual)"]
            : ["found     \(subject(of: findings))"]
        lines += [
            "source    \(finding.sources.map(\.words).joined(separator: ", "))",
            "where     manual, \(finding.citation)",
        ]
        if let waived = finding.waived { lines.append("accepted  \(waived)") }
        if findings.count > 1 {
            let places = findings.map { $0.layer ?? "the network" }
            let width = places.map(\.displayWidth).max() ?? 0
            lines +=
                ["", "FOUND AT", ""] + zip(places, findings).map { $0.padded(to: width + 2) + $1.actual }
        }
        popups.append(Page(finding.rule, lines))
    }
}
