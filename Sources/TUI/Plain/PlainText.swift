import Devices
import Editing
import Graph
import Probing
import QAT
import Terminal

// Every view as sentences: for a screen reader, a pipe, and the clipboard.
extension ScreenState {
    /// All views as text.
    public var plainText: String {
        let sections = [
            ["session \(editor.name), chip \(editor.device), \(editor.document.summary)"],
            editor.network.nodes.flatMap { layerText($0.name) }, rulesText,
            training.shown == nil ? [] : trainingText, dataText,
        ]
        return sections.filter { !$0.isEmpty }.map { $0.map(\.printable).joined(separator: "\n") }.joined(
            separator: "\n\n")
            + "\n"
    }

    /// A layer: what it is, its tensors, its findings.
    func layerText(_ name: String) -> [String] {
        guard let index = editor.network.index(of: name) else {
            guard case .input(let place)? = editor.network.place(of: name) else { return [] }
            return ["input \(name), \(editor.network.inputs[place].shape)"]
        }
        let node = editor.network.nodes[index]
        var first = ["layer \(name)", node.layer.label]
        if !node.inputs.isEmpty { first.append("reads \(Figures.listed(node.inputs.map(\.description)))") }
        first.append(editor.analysis.shapes.label(index).map { "output \($0)" } ?? "no shape")
        let part = shownPart(of: name)
        var lines = [first.joined(separator: ", ")]
        if let weight = part?.weight { lines.append("weights " + tensorText(weight, clipName: "clipped")) }
        if let feature = part?.feature {
            lines.append("activations " + tensorText(feature, clipName: "saturated"))
        }
        lines += shownReport.findings.filter { $0.layer == name }.map(findingText)
        lines += diagnoses(of: name).map { "stands out: \($0.sentence)" }
        if !node.note.isEmpty { lines.append("note: \(node.note)") }
        return lines
    }

    private func tensorText(_ tensor: ProbedTensor, clipName: String) -> String {
        let seen = tensor.observation
        guard let quantizer = tensor.quantizer else {
            return "float, \(Figures.threeDigits(seen.minimum)) to \(Figures.threeDigits(seen.maximum))"
        }
        var words = ["\(quantizer.bits) bit", "step \(Figures.significant(quantizer.step))"]
        if let clip = seen.clip, seen.kind == .feature { words.append("clip \(Figures.clip(clip))") }
        if let ratio = seen.clipRatio { words.append("\(clipName) \(Figures.percent(ratio)) percent") }
        words.append("\(quantizer.levelsUsed) of \(quantizer.levels) levels")
        if let sqnr = seen.sqnr { words.append("SQNR \(Figures.decibels(sqnr)) dB") }
        return words.joined(separator: ", ")
    }

    /// What the chip says, worst first.
    var rulesText: [String] {
        let report = shownReport
        let counts = Severity.allCases.reversed().map { "\(report.count($0)) \($0.rawValue)" }
        return ["rules of \(report.device): " + counts.joined(separator: ", ")]
            + Severity.allCases.reversed().flatMap { severity in
                report.findings.filter { $0.severity == severity }.map(findingText)
            }
    }

    private func findingText(_ finding: Finding) -> String {
        let layer = finding.layer.map { "\($0): " } ?? ""
        let waived = finding.waived.map { " (waived: \($0))" } ?? ""
        let fix = finding.proposal.map { "; fix: \($0.title)" } ?? ""
        return
            "\(finding.severity.rawValue) \(finding.rule), \(layer)\(finding.actual). \(finding.message)\(fix)\(waived)"
    }
}
