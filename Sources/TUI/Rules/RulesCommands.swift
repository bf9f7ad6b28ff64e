import Devices
import Editing
import Graph
import Terminal

// The commands of view 2: fixes and waivers.
extension Command {
    static let rules: [Command] = [
        Command(
            "fix", ["f"], in: [.network, .rules], "applies the fix of the worst finding here", hint: "fix",
            undo: true,
            unless: { $0.whyNoFix }
        ) { $0.fix() },
        Command(
            "fix-all", ["F"], in: [.network, .rules],
            "applies every fix that keeps the float results",
            hint: "fix all", undo: true, unless: { $0.whyNoSafeFix }
        ) { $0.fixAll() },
        Command(
            "rule-text", ["i"], in: [.network, .rules], "the rule of the finding, its source and why",
            hint: "rule",
            unless: { $0.whyNoFinding }
        ) { $0.openRuleText() },
        Command(
            "waive", ["w"], in: .rules, "accepts the finding, with a reason; again stops accepting it",
            hint: "accept",
            parameter: .text("[REASON]"), undo: true, unless: { $0.whyNotWaivable }
        ) { screen, reason in screen.waive(reason) },
        Command(
            "open-group", [.right, "l"], in: .findings, "shows the findings of the row's rule one by one",
            unless: { $0.whyNoFinding }
        ) { $0.openGroup(true) },
        Command(
            "close-group", [.left, "h"], in: .findings, "shows the findings of the rule as one row again",
            unless: { $0.whyNoFinding }
        ) { $0.openGroup(false) },
        Command(
            "toggle-group", [" "], in: .findings, "opens the row's findings, or closes them",
            unless: { $0.whyNoFinding }
        ) { $0.openGroup(nil) },
        Command(
            "preview", ["v"], in: .rules, "all that the fix changes, line by line, and what it costs",
            unless: { $0.whyNoFinding }
        ) { $0.openPreview() },
        Command("passing", ["p"], in: .rules, "the rules that the network keeps, each whole") {
            $0.openPassing()
        },
        Command("only-wrong", ["s"], in: .rules, "shows only what is wrong, or what passes too") {
            $0.toggleOnlyWrong()
        },
    ]
}

// Why commands cannot be done now; nil where they can.
extension ScreenState {
    var whyNoFinding: String? { selectedFinding == nil ? "nothing is wrong here" : nil }

    var whyNoFix: String? {
        if let reason = whyNotEditable { return reason }
        if findingsHere.contains(where: { $0.proposal != nil }) { return nil }
        let hasOthers = editor.report.findings.contains { $0.proposal != nil && $0.waived == nil }
        return "nothing here has a fix" + (hasOthers && view != .rules ? "; n goes to what has" : "")
    }

    var whyNoSafeFix: String? {
        whyNotEditable
            ?? (shownReport.findings.contains { $0.proposal != nil } ? nil : "no finding has a fix")
    }

    var whyNotWaivable: String? {
        if let reason = whyNotEditable ?? whyNoFinding { return reason }
        return selectedFindings.allSatisfy { $0.layer == nil }
            ? "the finding is about the whole network" : nil
    }
}
