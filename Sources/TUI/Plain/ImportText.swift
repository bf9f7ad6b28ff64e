package import Devices
import Editing
import Graph
package import Interchange
package import Terminal

/// What `import` and `check` say of an ONNX model: whether it runs, what was changed, what costs accuracy, what is left to do.
package struct ImportText {
    private let report: ONNXReport
    private let network: Network
    private let recognized: KnownDetector?
    private let style: TextStyle
    private let isWhole: Bool
    private let isFolded: Bool

    /// The most remarks of a kind that are written out unless all are asked for.
    private static let mostNotes = 8
    /// The most names that a remark lists unless all are asked for.
    private static let mostNames = 4

    /// The page of a model's report; `isWhole` writes every remark out, and `isFolded` breaks lines for a terminal of 80 cells.
    package init(_ model: ImportedModel, isWhole: Bool, style: TextStyle, isFolded: Bool = true) {
        self.isFolded = isFolded
        report = model.report
        network = model.document.network
        recognized = model.recognized
        self.isWhole = isWhole
        self.style = style
    }

    /// The blocks of the page: first the answer for each chip. What is left to do is at the end that is seen: the last one
    /// in a shell, the first one on the screen, which shows a page from its top.
    package func blocks(_ reports: [Report]) -> [String] {
        let (changes, costs, tasks) = (notes(.change), notes(.accuracy), notes(.task))
        let blocks =
            isFolded
            ? [answer(reports), summary, refused, changes, costs, tasks]
            : [answer(reports), refused, tasks, summary, changes, costs]
        return blocks.compactMap { $0 }
    }

    /// The findings of each chip by rule, with counts.
    package func findings(_ reports: [Report]) -> [String] {
        reports.filter { !$0.findings.isEmpty }.map { report in
            var rules: [(rule: String, severity: Severity, layers: [String], message: String)] = []
            for finding in report.findings where finding.waived == nil {
                if let place = rules.firstIndex(where: { $0.rule == finding.rule }) {
                    rules[place].layers += finding.layer.map { [$0] } ?? []
                } else {
                    let message = Rule.named(finding.rule)?.says ?? finding.message
                    rules.append(
                        (finding.rule, finding.severity, finding.layer.map { [$0] } ?? [], message))
                }
            }
            let lines = rules.sorted { $0.severity < $1.severity }.flatMap { rule in
                entry(
                    rule.severity,
                    "\(rule.rule)\(rule.layers.isEmpty ? "" : ", \(counted(rule.layers.count, "layer"))"): \(rule.message)"
                )
            }
            return ([style.bold("found on \(report.device)")] + lines).joined(separator: "\n")
        }
    }

    /// Whether the model runs on each chip, in a sentence.
    private func answer(_ reports: [Report]) -> String {
        reports.flatMap { paragraph("\($0.device): \(sentence($0))", indent: "  ") }
            .map { style.bold($0) }.joined(separator: "\n")
    }

    private func sentence(_ found: Report) -> String {
        let host = report.host.isEmpty ? "" : "; \(headOnHost)"
        guard report.faults.isEmpty else {
            let count = report.faults.count { $0.operator != "input" && $0.operator != "output" }
            let what = count > 0 ? "\(counted(count, "operator")) that no chip has" : "see below"
            return "cannot run the model as it is: \(what)\(host)"
        }
        let layers = counted(network.nodes.count, "layer")
        let errors = found.count(.error)
        if errors > 0 { return "does not run as it is: \(counted(errors, "error")) in \(layers)\(host)" }
        let changes = report.notes.count { $0.kind == .change }
        let costs = report.notes.count { $0.kind == .accuracy }
        let after =
            (changes > 0
                ? ["\(counted(changes, "change")) that keep\(changes == 1 ? "s" : "") the numbers"] : [])
            + (costs > 0 ? ["\(costs) that cost\(costs == 1 ? "s" : "") accuracy"] : [])
        return "runs, \(layers)\(after.isEmpty ? "" : ", after \(Figures.listed(after))")\(host)"
    }

    private var summary: String {
        let origin = report.producer.isEmpty ? "" : " by \(report.producer.printable)"
        var lines = [
            "ONNX, operators of version \(report.opset)\(origin): \(counted(report.nodes, "operator"))."
        ]
        if report.isOwn { lines.append("It is an unchanged export of magikbench.") }
        if !report.host.isEmpty {
            lines.append(
                "\(headOnHost): \(kinds(report.host))")
            if report.faults.isEmpty {
                lines.append("it reads \(shown(report.outputs.map(\.source.description)))")
            }
        }
        if !report.gone.isEmpty {
            lines.append(
                "\(counted(report.gone.count, "operator")) lead\(report.gone.count == 1 ? "s" : "") to no result and \(report.gone.count == 1 ? "is" : "are") gone: \(kinds(report.gone)) (\(shown(report.gone.map(\.node))))"
            )
        }
        if let recognized, case .detection(let task) = network.task {
            lines.append(
                "detection: \(counted(task.heads.count, "head")) and \(counted(task.classes.count, "class", plural: "classes")) recognized as \(recognized.rawValue); task set"
            )
        }
        lines += report.lostOutputs.map {
            "'\($0.printable)' is given by neither side: it needs more than the tensors at which the network ends"
        }
        return lines.flatMap { paragraph($0, indent: "  ") }.joined(separator: "\n")
    }

    private var headOnHost: String {
        let count = report.host.count
        return "\(counted(count, "operator")) of the head stay\(count == 1 ? "s" : "") on the host"
    }

    /// Operators by their types: "Transpose x4, Reshape x4, Softmax".
    private func kinds(_ steps: [ONNXReport.Step]) -> String {
        var counts: [(kind: String, count: Int)] = []
        for step in steps {
            if let place = counts.firstIndex(where: { $0.kind == step.operator }) {
                counts[place].count += 1
            } else {
                counts.append((step.operator, 1))
            }
        }
        return counts.map { $0.kind.printable + ($0.count > 1 ? " x\($0.count)" : "") }.joined(
            separator: ", ")
    }

    /// The first names of a list, and how many there are more.
    private func shown(_ names: [String]) -> String {
        let first = isWhole ? names : Array(names.prefix(ImportText.mostNames))
        let rest = names.count > first.count ? " and \(names.count - first.count) more" : ""
        return first.map(\.printable).joined(separator: ", ") + rest
    }

    /// A text in lines; in one line where what shows them breaks it itself.
    private func paragraph(_ text: String, first: String = "", indent: String) -> [String] {
        isFolded ? Paragraph.lines(text, first: first, indent: indent) : [first + text]
    }

    private func entry(_ severity: Severity, _ text: String) -> [String] {
        var lines = paragraph(text, first: "  ", indent: "    ")
        lines[0] = style.mark(severity) + lines[0].dropFirst()
        return lines
    }

    private var refused: String? {
        guard !report.faults.isEmpty else { return nil }
        var groups: [(fault: ONNXReport.Fault, nodes: [String])] = []
        var places: [[String]: Int] = [:]
        for fault in report.faults {
            let key = [fault.operator, fault.reason, fault.advice]
            if let place = places[key] {
                groups[place].nodes.append(fault.node)
            } else {
                places[key] = groups.count
                groups.append((fault, [fault.node]))
            }
        }
        let lines = groups.flatMap { fault, nodes in
            let kind =
                nodes.count > 1 ? "\(fault.operator.printable) x\(nodes.count)" : fault.operator.printable
            return entry(.error, "\(shown(nodes)) (\(kind)): \(fault.reason.printable)")
                + (fault.advice.isEmpty
                    ? [] : paragraph(fault.advice, first: "    what to do: ", indent: "    "))
        }
        return ([style.bold("no chip has")] + lines + proposal).joined(separator: "\n")
    }

    /// The cut that would bring a part of the model.
    private var proposal: [String] {
        guard let cut = report.proposal else { return [] }
        return entry(
            .advice,
            "\(cut.learning) of \(cut.allLearning) operators with weights lie before all of these. The network can end there, and the host compute the rest, as host.onnx:"
        ) + ["    --outputs \(ShellWord.quoted(cut.outputs.joined(separator: ",")))"]
    }

    private func notes(_ kind: ONNXReport.Note.Kind) -> String? {
        var texts: [(text: String, nodes: [String])] = []
        for note in report.notes where note.kind == kind {
            if let place = texts.firstIndex(where: { $0.text == note.text }) {
                texts[place].nodes.append(note.node)
            } else {
                texts.append((note.text, [note.node]))
            }
        }
        guard !texts.isEmpty else { return nil }
        let title =
            switch kind {
            case .change: "changes that keep the numbers"
            case .accuracy: "what costs accuracy"
            case .task: "what is left to do"
            }
        let most = isWhole ? texts : Array(texts.prefix(ImportText.mostNotes))
        var lines = [style.bold(title)]
        for (text, nodes) in most { lines += entry(.advice, "\(shown(nodes)): \(text)") }
        if most.count < texts.count { lines.append("  and \(texts.count - most.count) more") }
        return lines.joined(separator: "\n")
    }
}
