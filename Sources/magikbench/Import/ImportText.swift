import Devices
import Graph
import Interchange
import Terminal
import Workbench

/// What `import` and `check` say of an ONNX model: what became of it, what no chip has, and what to know.
struct ImportText {
    private let report: ONNXReport
    private let network: Network
    private let style: Style
    private let isWhole: Bool

    /// The most remarks of a kind that are written out unless all are asked for.
    private static let mostNotes = 8

    /// The page of a model's report; `isWhole` writes every remark out.
    init(_ model: ImportedModel, isWhole: Bool, style: Style) {
        (report, network, self.isWhole, self.style) = (model.report, model.document.network, isWhole, style)
    }

    /// The blocks of the page.
    var blocks: [String] {
        var blocks = [summary]
        if !report.faults.isEmpty { blocks.append(refused) }
        if !report.notes.isEmpty { blocks.append(notes) }
        return blocks
    }

    /// Whether the model runs on the chips, in a sentence for each.
    func verdict(_ reports: [Report]) -> String {
        let refused = report.faults.count
        let lines = reports.map { report in
            let errors = report.count(.error)
            let reasons =
                (refused > 0 ? ["\(counted(refused, "operator")) that no chip has"] : [])
                + (errors > 0 ? ["\(counted(errors, "error")) above"] : [])
            return reasons.isEmpty
                ? "\(report.device): can run the model, quantized and trained again."
                : "\(report.device): cannot run the model as it is: \(Figures.listed(reasons))."
        }
        return lines.map { style.bold($0) }.joined(separator: "\n")
    }

    private var summary: String {
        let origin = report.producer.isEmpty ? "" : " by \(report.producer.printable)"
        let taken = report.nodes - report.faults.count { $0.operator != "input" && $0.operator != "output" }
        var lines = [
            "ONNX, operators of version \(report.opset)\(origin): \(taken) of \(counted(report.nodes, "operator")) became \(counted(network.nodes.count, "layer"))."
        ]
        if report.isOwn { lines.append("It is an export of magikbench that nobody has changed.") }
        return lines.flatMap { Paragraph.lines($0) }.joined(separator: "\n")
    }

    private var refused: String {
        var lines = [style.bold("no chip has")]
        for fault in report.faults {
            var first = Paragraph.lines(
                "\(fault.node.printable) (\(fault.operator.printable)): \(fault.reason.printable)",
                first: "  ", indent: "    ")
            first[0] = style.mark(.error) + first[0].dropFirst()
            lines += first
            if !fault.advice.isEmpty {
                lines += Paragraph.lines(fault.advice, first: "    what to do: ", indent: "    ")
            }
        }
        return lines.joined(separator: "\n")
    }

    private var notes: String {
        var lines = [style.bold("to know")]
        var texts: [(text: String, nodes: [String])] = []
        for note in report.notes {
            if let place = texts.firstIndex(where: { $0.text == note.text }) {
                texts[place].nodes.append(note.node)
            } else {
                texts.append((note.text, [note.node]))
            }
        }
        let shown = isWhole ? texts : Array(texts.prefix(ImportText.mostNotes))
        for (text, nodes) in shown {
            let named = isWhole ? nodes : Array(nodes.prefix(4))
            let rest = nodes.count > named.count ? " and \(nodes.count - named.count) more" : ""
            var first = Paragraph.lines(
                named.map(\.printable).joined(separator: ", ") + rest + ": " + text, first: "  ",
                indent: "    ")
            first[0] = style.mark(.advice) + first[0].dropFirst()
            lines += first
        }
        if shown.count < texts.count { lines.append("  and \(texts.count - shown.count) more") }
        return lines.joined(separator: "\n")
    }
}

extension ONNXReport {
    /// The report as part of a JSON document.
    var json: JSON {
        [
            "opset": .integer(opset), "producer": .string(producer), "operators": .integer(nodes),
            "refused": .array(
                faults.map {
                    [
                        "node": .string($0.node), "operator": .string($0.operator),
                        "reason": .string($0.reason), "advice": .string($0.advice),
                    ]
                }),
            "notes": .array(
                notes.map {
                    [
                        "node": .string($0.node), "operator": .string($0.operator), "text": .string($0.text),
                    ]
                }),
            "inputs": .array(
                inputs.map { ["name": .string($0.name), "input": .string($0.input), "axes": axes($0.dims)] }),
            "outputs": .array(
                outputs.map { output in
                    [
                        "name": .string(output.name), "layer": .string(output.source.description),
                        "axes": axes(output.dims),
                        "host": .array(
                            output.hostSteps.map {
                                ["operator": .string($0.operator), "axis": .integer($0.axis)]
                            }),
                    ]
                }),
        ]
    }

    private func axes(_ dims: [Int]) -> JSON { .array(dims.map(JSON.integer)) }
}
