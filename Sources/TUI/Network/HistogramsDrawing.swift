import Devices
import Editing
import Graph
import QAT
import Terminal

// The histograms of the inspector, and the strip that stands for it on a narrow screen.
extension ScreenState {
    /// What a tensor without a quantizer of its own has: "float", or "8 bit, passed through" where the layer gives what it
    /// reads, in the bits that has.
    func unquantizedWords(_ kind: TensorObservation.Kind, of layer: String) -> String {
        let output = editor.network.index(of: layer).map { editor.analysis.facts.nodes[$0].output }
        guard kind == .feature, let output, !output.isFloat else { return "float" }
        return "\(output.bits) bit, passed through"
    }

    /// Weights above, activations below, each with a title, bars and a line of numbers.
    func drawHistograms(_ part: ProbedPart?, of node: Node, in rect: inout Rect, on canvas: inout Canvas) {
        guard let part, part.weight != nil || part.feature != nil else {
            let words = ScreenState.wrapped(missingWords(node), to: rect.columns - 2)
            for (offset, line) in words.prefix(rect.rows).enumerated() {
                canvas.frame.put(line, rect.row + offset, rect.column + 1, .dim, end: rect.endColumn)
            }
            return
        }
        let tensors = [part.weight.map { ("WEIGHTS", $0) }, part.feature.map { ("ACTIVATIONS", $0) }]
            .compactMap { $0 }
        let height = rect.rows >= 12 ? rect.rows / 2 : rect.rows
        for (title, tensor) in tensors.prefix(rect.rows >= 12 ? 2 : 1) {
            drawTensor(title, tensor, of: node, in: rect.takeTop(height), on: &canvas)
        }
    }

    private func drawTensor(
        _ title: String, _ tensor: ProbedTensor, of node: Node, in rect: Rect, on canvas: inout Canvas
    ) {
        var rect = rect
        let head = rect.takeTop(1)
        let style: Style = probe.isStale ? .dim : .text
        let isFeature = tensor.observation.kind == .feature
        let isLog = isFeature
        var words = [title]
        if let quantizer = tensor.quantizer {
            words.append("\(quantizer.bits) bit")
        } else {
            words.append(unquantizedWords(tensor.observation.kind, of: node.name))
        }
        if isLog { words.append("log y") }
        let end = canvas.frame.put(
            words.joined(separator: "  "), head.row, head.column + 1, .dim, end: head.endColumn)
        if let quantizer = tensor.quantizer {
            let text =
                isFeature
                ? tensor.observation.clip.map { "clip \(Figures.clip($0)) \(appearance.glyphs.clip)" } ?? ""
                : "\(quantizer.levelsUsed) of \(quantizer.levels) levels used"
            canvas.frame.putRight(text, head.row, end: head.endColumn - 1, from: end + 1, .dim)
        }
        let foot = rect.takeBottom(1)
        HistogramPlot(tensor, isLogarithmic: isLog, isDim: probe.isStale).draw(
            in: Rect(row: rect.row, column: rect.column + 1, rows: rect.rows, columns: rect.columns - 2),
            on: &canvas)
        canvas.frame.put(numbers(of: tensor), foot.row, foot.column + 1, style, end: foot.endColumn)
    }

    /// "SQNR 20.3 dB   mse 1.2e-4   clipped 0.3%".
    private func numbers(of tensor: ProbedTensor) -> String {
        let seen = tensor.observation
        guard let quantizer = tensor.quantizer else {
            return
                "\(Figures.significant(seen.minimum)) to \(Figures.significant(seen.maximum))   mean \(Figures.significant(seen.mean))"
        }
        let sqnr = seen.sqnr.map { "SQNR \(Figures.decibels($0)) dB" } ?? "exact"
        let isFeature = seen.kind == .feature
        let clipped =
            seen.clipRatio.map { "\(isFeature ? "saturated" : "clipped") \(Figures.percent($0))%" } ?? ""
        let third =
            isFeature
            ? "zero \(Figures.percent(quantizer.zeroShare))%"
            : "mse \(Figures.scientific(quantizer.meanSquaredError))"
        return [sqnr, clipped, third].filter { !$0.isEmpty }.joined(separator: "   ")
    }

    /// Why there is no picture of a layer.
    func missingWords(_ node: Node) -> String {
        guard let report = probe.report else { return "measuring on a batch of samples ..." }
        if let failure = report.failure { return "not measured: \(failure)" }
        if let reason = report.reason(for: node.name) { return "not measured: \(reason)" }
        return "\(node.kind.rawValue) passes values through as they are: there is nothing to quantize"
    }

    /// Where weights and data of the numbers come from.
    var probeSource: String {
        guard let report = probe.report, report.failure == nil else { return "" }
        let data = report.feeds.first.map { " on \($0.words)" } ?? ""
        return "\(report.weights)\(data)"
    }
}

extension ProbedInput {
    /// What entered, in a word or two.
    var words: String {
        switch content {
        case .data(let spec): spec
        case .tokens: "drawn tokens"
        case .uniform: "drawn values"
        case .unread: "nothing"
        }
    }
}

// Four lines under the list, on a screen without room for a second pane.
extension ScreenState {
    func drawStrip(in rect: Rect, on canvas: inout Canvas) {
        guard let name = selectedName else { return }
        guard let node = editor.network[name] else {
            canvas.frame.put(
                "\(name)   input of the network   \(key("open-row")) types its shape", rect.row,
                rect.column + 1)
            return
        }
        var row = rect.row
        var column = canvas.frame.put(" \(name)", row, rect.column, .strong, end: rect.endColumn) + 2
        if let others = editedOthers {
            column = canvas.frame.put(others, row, column - 1, .accent, end: rect.endColumn) + 2
        }
        for field in inspectorFields(of: name) where field.isEditable && column < rect.endColumn - 8 {
            let isChosen = field.name == inspector.field
            guard ScreenState.stripFields.contains(field.name) || isChosen else { continue }
            let title = ScreenState.stripTitles[field.name] ?? field.title
            column = canvas.frame.put(
                "\(title) ", row, column, isChosen ? .accent.bold : .dim, end: rect.endColumn)
            let arrows = field.isStepped
            if arrows {
                canvas.frame.put(String(appearance.glyphs.stepDown), row, column, .accent); column += 1
            }
            column = canvas.frame.put(
                field.value.printable, row, column, isChosen ? .strong : .text, end: rect.endColumn)
            if arrows {
                canvas.frame.put(String(appearance.glyphs.stepUp), row, column, .accent); column += 1
            }
            column += 2
        }
        let part = shownPart(of: name)
        for (title, tensor) in [("weights", part?.weight), ("activ.", part?.feature)] {
            row += 1
            guard row < rect.endRow else { return }
            drawStripTensor(title, tensor, row, rect, on: &canvas)
        }
        row += 1
        if row < rect.endRow { drawStripRules(of: node, row, rect, on: &canvas) }
        row += 1
        if row < rect.endRow {
            canvas.frame.put(
                probeSource.shortened(to: rect.columns - 2), row, rect.column + 1, .dim, end: rect.endColumn)
        }
    }

    private static let stripFields: Set = ["weightBits", "outputBits", "clip", "activation", "quantize"]
    private static let stripTitles = ["weightBits": "w", "outputBits": "a"]

    private func drawStripTensor(
        _ title: String, _ tensor: ProbedTensor?, _ row: Int, _ rect: Rect, on canvas: inout Canvas
    ) {
        canvas.frame.put(title, row, rect.column + 1, .dim)
        guard let tensor else {
            canvas.frame.put(String(appearance.glyphs.none), row, rect.column + 9, .dim)
            return
        }
        let spark = Rect(row: row, column: rect.column + 9, rows: 1, columns: 24)
        Sparkline(tensor.observation.histogram).draw(in: spark, probe.isStale ? .dim : .text, on: &canvas)
        canvas.frame.put(
            numbers(of: tensor), row, spark.endColumn + 2, probe.isStale ? .dim : .text, end: rect.endColumn)
    }

    private func drawStripRules(of node: Node, _ row: Int, _ rect: Rect, on canvas: inout Canvas) {
        canvas.frame.put("rules", row, rect.column + 1, .dim)
        let findings = shownReport.findings.filter { $0.layer == node.name && $0.waived == nil }
        guard let worst = findings.max(by: { $0.severity < $1.severity }) else {
            canvas.frame.put(
                "\(appearance.glyphs.pass) all pass on \(shownDevice)", row, rect.column + 9, .pass)
            return
        }
        canvas.frame[row, rect.column + 9] = mark(of: worst.severity)
        let fix = worst.proposal.map { "   \(appearance.glyphs.arrow) \($0.title) (\(key("fix")))" } ?? ""
        let more = findings.count > 1 ? " (+\(findings.count - 1))" : ""
        canvas.frame.put(
            (worst.actual + more + fix).clipped(to: rect.columns - 12), row, rect.column + 11, .text,
            end: rect.endColumn)
    }
}
