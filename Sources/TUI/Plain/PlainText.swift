import Devices
import Editing
import Graph
import Probing
import QAT
import Runs
import Terminal

// Every view as sentences: for a screen reader, a pipe, and the clipboard.
extension ScreenState {
    /// All views as text.
    public var plainText: String {
        var sections: [[String]] = []
        func add(_ title: String, _ lines: [String]) {
            if !lines.isEmpty { sections.append([title] + lines) }
        }
        sections.append(["session \(editor.name), chip \(editor.device), \(editor.document.summary)"])
        let layers = editor.network.nodes.flatMap { layerText($0.name) }
        add("view 1, network, and view 3, ranges", layers)
        add("view 2, rules", rulesText + chipLines)
        if let problem = training.snapshot?.problem {
            add("view 4, train", ["the runs cannot be read: \(problem)"])
        } else if training.shown != nil {
            add("view 4, train", trainLines)
        }
        if training.snapshot?.comparison != nil { add("view 5, compare", compareLines) }
        add("view 6, data", dataText)
        let texts = sections.map { lines in lines.map(\.printable).joined(separator: "\n") }
        return texts.joined(separator: "\n\n") + "\n"
    }

    /// What the network is on every chip, a line each.
    var chipLines: [String] {
        var asked = editor
        return ChipSummary.all(asked.allReports(), of: editor.analysis).map(\.line)
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
        for (title, clipName, tensor) in [
            ("weights", "clipped", part?.weight), ("activations", "saturated", part?.feature),
        ] {
            guard let tensor else { continue }
            let levels = tensor.quantizer?.levelsUsed ?? 0
            lines.append("\(title) \(tensorText(tensor, levelsUsed: levels, clipName: clipName))")
        }
        lines += shownReport.findings.filter { $0.layer == name }.map(findingText)
        lines += diagnoses(of: name).map { "stands out: \($0.sentence)" }
        if !node.note.isEmpty { lines.append("note: \(node.note)") }
        return lines
    }

    /// A tensor: its quantizer, what that cuts off and how many of its levels occur.
    func tensorText(_ tensor: ProbedTensor, levelsUsed: Int, clipName: String) -> String {
        let seen = tensor.observation
        guard let quantizer = tensor.quantizer else {
            return "float, \(Figures.threeDigits(seen.minimum)) to \(Figures.threeDigits(seen.maximum))"
        }
        var words = ["\(quantizer.bits) bit", "step \(Figures.significant(quantizer.step))"]
        if let clip = seen.clip, seen.kind == .feature { words.append("clip \(Figures.clip(clip))") }
        if let ratio = seen.clipRatio { words.append("\(clipName) \(Figures.percent(ratio)) percent") }
        words.append("\(levelsUsed) of \(quantizer.levels) levels")
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

    /// A finding with its fix and why it is accepted.
    func findingText(_ finding: Finding) -> String {
        let layer = finding.layer.map { "\($0): " } ?? ""
        let waived = finding.waived.map { " (accepted: \($0))" } ?? ""
        let fix = finding.proposal.map { "; fix: \($0.title)" } ?? ""
        return
            "\(finding.severity.rawValue) \(finding.rule), \(layer)\(finding.actual). \(finding.message)\(fix)\(waived)"
    }
}

extension ChipSummary {
    /// What the network is on the chip.
    var line: String {
        let lacks = missing.isEmpty ? [] : ["has no \(Figures.listed(missing))"]
        var words: [String] = [counted(errors, "error"), "\(advice) to consider"] + lacks
        words.append("weights \(Figures.kibibytes(weightBytes)) KiB")
        words.append("features at once \(Figures.kibibytes(peakFeatureBytes)) KiB")
        words.append("padding \(Figures.percent(paddingShare)) percent")
        return "chip \(device): " + words.joined(separator: ", ")
    }
}
