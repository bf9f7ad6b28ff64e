import Devices
import Editing
import Graph
import TUI
import Terminal

/// What `check` prints for people: the findings by the chips that share them, and the counts of each chip.
struct CheckText {
    private let document: Document
    private let reports: [Report]
    private let name: String
    private let path: String
    private let isWide: Bool
    private let isCut: Bool
    private let style: TextStyle

    /// The page of a document's reports; `path` is what commands on the page call the session. `isCut` says that the
    /// network lacks layers, so that nothing can be said of the whole.
    init(
        _ document: Document, _ reports: [Report], name: String, path: String, isWide: Bool = false,
        isCut: Bool = false, style: TextStyle = .plain
    ) {
        self.document = document
        self.reports = reports
        self.name = name
        self.path = path
        self.isWide = isWide
        self.isCut = isCut
        self.style = style
    }

    /// The whole page, without a line break at its end.
    var text: String {
        var blocks: [[String]] = []
        let isMatrix = reports.count == Device.allCases.count
        if isMatrix {
            blocks.append([style.bold("\(name.printable) on all chips")])
            blocks += SupportTable(document.network, reports, isWide: isWide, style: style).blocks
        }
        let subject = isMatrix ? "" : "\(name.printable) "
        let groups = FindingGroup.groups(of: reports)
        for devices in sections(of: groups) {
            let own = FindingBlock.blocks(of: groups.filter { $0.devices == devices })
            blocks.append([style.bold("\(subject)on \(CheckText.listed(devices))")])
            blocks += own.filter { $0.waived == nil }.map(entry)
            let waived = own.filter { $0.waived != nil }
            if !waived.isEmpty { blocks.append([style.dim("accepted")]) }
            blocks += waived.map(entry)
        }
        blocks.append(summary)
        return blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private static func listed(_ devices: [Device]) -> String {
        devices.count == Device.allCases.count ? "every chip" : Figures.listed(devices.map(\.rawValue))
    }

    /// The sets of chips that share findings: the largest first, then in the order asked for.
    private func sections(of groups: [FindingGroup]) -> [[Device]] {
        var sets: [[Device]] = []
        for group in groups where !sets.contains(group.devices) { sets.append(group.devices) }
        let order = reports.map(\.device)
        return sets.sorted { first, second in
            if first.count != second.count { return first.count > second.count }
            return (order.firstIndex(of: first[0]) ?? 0) < (order.firstIndex(of: second[0]) ?? 0)
        }
    }

    /// One line a chip, chips with the same counts together: "T40: 2 errors, 1 warning".
    private var summary: [String] {
        var lines: [(counts: String, devices: [String])] = []
        for report in reports {
            let counts =
                isCut ? "\(report.summary(ofNothing: "nothing")) in the layers that are left" : report.summary
            if let place = lines.firstIndex(where: { $0.counts == counts }) {
                lines[place].devices.append(report.device.rawValue)
            } else {
                lines.append((counts, [report.device.rawValue]))
            }
        }
        return lines.map { style.bold($0.devices.joined(separator: ", ") + ":") + " " + $0.counts }
    }
}

// One entry: the layers and what they have, what the rule asks for, where that stands, and what helps.
extension CheckText {
    /// The most names that an entry lists, and the cells that they may take.
    private static let mostNames = (count: 12, cells: 240)
    /// The most assignments that a fix lists.
    private static let mostAssignments = 20

    private func entry(_ block: FindingBlock) -> [String] {
        let first = block.groups[0].first
        let sources = first.sources.map(\.words).joined(separator: ", ")
        let indent = "    "
        let waived = block.waived.map {
            Paragraph.lines($0.printable, first: "    accepted: ", indent: indent)
        }
        return block.groups.flatMap(heading)
            + Paragraph.lines(block.message, first: indent, indent: indent)
            + Paragraph.lines("\(first.rule): \(block.citation) (\(sources))", first: indent, indent: indent)
            .map(style.dim) + (waived ?? fix(block))
    }

    private func heading(_ group: FindingGroup) -> [String] {
        var words: [String] = []
        if !group.layers.isEmpty {
            var names = LayerNames.compact(group.layers.map { isWide ? $0 : $0.shortened(to: 40) })
            let hidden = isWide ? 0 : names.count - shownCount(of: names)
            names.removeLast(hidden)
            words = names.joined(separator: ", ").split(separator: " ").map(String.init)
            if hidden > 0 { words += ["and", "\(hidden)", "more"] }
            if group.layers.count > names.count { words.append("(\(group.layers.count) layers)") }
            words[words.count - 1] += ":"
        }
        words += group.first.actual.split(separator: " ").map(String.init)
        var lines = Paragraph.lines(words: words, first: "  ", indent: "    ")
        lines[0] = style.mark(group.first.severity) + lines[0].dropFirst()
        return lines
    }

    private func shownCount(of names: [String]) -> Int {
        var cells = 0
        let count = names.prefix(CheckText.mostNames.count).prefix { name in
            cells += name.displayWidth + 2
            return cells <= CheckText.mostNames.cells
        }.count
        return max(1, count)
    }

    private func fix(_ block: FindingBlock) -> [String] {
        let fix = FixAssignments(for: block.groups, in: document.network)
        let findings = block.groups.reduce(0) { $0 + $1.findings[0].count }
        let scope = fix.settled < findings ? " (\(fix.settled) of \(findings))" : ""
        let shown = isWide ? fix.assignments : Array(fix.assignments.prefix(CheckText.mostAssignments))
        let command = ["magikbench", "set", ShellWord.quoted(path)] + shown.map(ShellWord.quoted)
        var lines: [String] = []
        if !shown.isEmpty {
            lines = Paragraph.lines(
                words: command, first: "    fix\(scope): ", indent: "      ", continuation: " \\")
        }
        if shown.count < fix.assignments.count {
            lines.append(
                "    and \(fix.assignments.count - shown.count) more assignments, which --wide lists")
        }
        return lines + fix.words.flatMap { Paragraph.lines($0, first: "    fix: ", indent: "    ") }
    }
}

extension Report {
    /// The counts in words: "2 errors, 1 warning, 3 advice, 1 accepted", or "clean".
    var summary: String { summary(ofNothing: "clean") }

    /// The same with another word where nothing is found.
    func summary(ofNothing word: String) -> String {
        let counts = [
            (count(.error), "error"), (count(.warning), "warning"), (count(.advice), "advice"),
        ].filter { $0.0 > 0 }.map { $0.1 == "advice" ? "\($0.0) advice" : counted($0.0, $0.1) }
        let waived = findings.count { $0.waived != nil }
        return ((counts.isEmpty ? [word] : counts) + (waived > 0 ? ["\(waived) accepted"] : []))
            .joined(separator: ", ")
    }
}
