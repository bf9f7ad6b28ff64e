import Datasets
import Devices
import Editing
import Graph
import Probing
import QAT
import Runs

// The network and its costs.
extension SessionReport {
    /// What the network is for: "classification", "detection of 2 classes with a yolov5 head".
    var taskWords: String {
        switch document.network.task {
        case .classification: return "classification"
        case .regression: return "regression"
        case .segmentation(let task):
            return "segmentation into \(counted(task.classes.count, "class", plural: "classes"))"
        case .detection(let task):
            let kinds = Set(task.heads.map(\.kind.rawValue)).sorted()
            return "detection of \(counted(task.classes.count, "class", plural: "classes")) with "
                + "\(counted(task.heads.count, "\(kinds.joined(separator: " and ")) head"))"
        }
    }

    /// "classification on T40, input 1x28x28, 8 layers".
    var subtitle: String {
        let inputs = document.network.inputs.map { "\($0.shape)" }.joined(separator: " and ")
        return [
            "\(ReportWords.sentence(taskWords).dropLast()) on \(device)",
            inputs.isEmpty ? "no input" : "input \(inputs)",
            counted(document.network.nodes.count, "layer"),
        ].joined(separator: ", ") + (run.map { ", as run \($0) left it" } ?? "")
    }

    /// The numbers that are read first.
    func headline(_ analysis: Analysis, _ rules: Report) -> [ReportFact] {
        let total = analysis.cost.total
        var facts = [
            ReportFact(title: "parameters", value: Figures.short(total.parameters)),
            ReportFact(
                title: "weights", value: Figures.kibibytes(total.weightBytes), unit: "KiB",
                remark: analysis.bitsInUse),
            ReportFact(
                title: "MACs", value: Figures.short(total.multiplyAccumulates)),
        ]
        let errors = rules.count(.error)
        let others = [(rules.count(.warning), "warning"), (rules.count(.advice), "advice")]
            .filter { $0.0 > 0 }.map { ReportWords.counted($0.0, $0.1) }
        facts.append(
            ReportFact(
                title: "\(device) says", value: errors == 0 ? "fits" : counted(errors, "error"),
                remark: others.joined(separator: ", ")))
        if let inspection = inspection.content {
            let results = inspection.report.results(of: analysis.network)
            let lowest = inspection.report.outputSQNR(of: analysis.network)
            if !results.isEmpty {
                facts.append(
                    ReportFact(
                        title: "result against float", value: lowest.map(Figures.decibels) ?? "exact",
                        unit: lowest == nil ? "" : "dB", remark: results.count > 1 ? "the worst output" : ""))
            }
        }
        return facts + answerFacts
    }

    private var answerFacts: [ReportFact] {
        if let measures = measures.content {
            let found = measures.evaluations.last { $0.mode == .quantized } ?? measures.evaluations.last
            guard let found, let share = found.result.measure?.share ?? found.result.accuracy else {
                return []
            }
            return [
                ReportFact(
                    title: SessionReport.shareTitle(of: found.result.measure), value: Figures.accuracy(share),
                    unit: "%", remark: "\(found.split.rawValue), quantized")
            ]
        }
        guard let runs = runs.content, let best = ReportedRuns.best(of: runs.all),
            let evaluation = best.summary.best, let share = evaluation.accuracy
        else { return [] }
        return [
            ReportFact(
                title: SessionReport.shareTitle(evaluation.shareTitle), value: Figures.accuracy(share),
                unit: "%",
                remark: "best run, \(best.bits)")
        ]
    }

    /// "accuracy", where tables have "acc".
    static func shareTitle(_ title: String) -> String { title == "acc" ? "accuracy" : title }

    static func shareTitle(of measure: TaskMeasure?) -> String {
        switch measure {
        case .detection: "mAP50"
        case .segmentation: "mIoU"
        case .classification, .regression, nil: "accuracy"
        }
    }

    /// The layers with their costs.
    func networkSection(_ analysis: Analysis) -> ReportSection {
        let network = analysis.network
        guard !network.nodes.isEmpty else {
            return ReportSection(
                id: "network", title: "Network", blocks: [.remark("The network has no layers yet.")])
        }
        let largest = analysis.cost.nodes.map(\.weightBytes).max() ?? 0
        let rows = network.nodes.indices.map { index in
            let cost = analysis.cost.nodes[index]
            return layerCells(analysis, index) + [
                .init(figure(cost.parameters, Figures.grouped)),
                .init(figure(cost.multiplyAccumulates, Figures.millions)),
                .init(
                    figure(cost.weightBytes, Figures.kibibytes),
                    bar: cost.weightBytes > 0 ? Double(cost.weightBytes) / Double(max(1, largest)) : nil),
                .init(figure(cost.featureBytes, Figures.kibibytes)),
            ]
        }
        let total = analysis.cost.total
        var table = ReportTable(
            columns: [
                .number("#"), .text("layer"), .text("operator"), .text("reads"), .text("output"),
                .number("w", "bits of the weights"), .number("a", "bits of the result; s signed, u unsigned"),
                .number("clip", "where the quantizer of the result ends"), .number("parameters"),
                .number("MMAC", "millions of multiply-accumulates"), .number("weights, KiB"),
                .number("result, KiB", "bytes of the result for one sample"),
            ], rows: rows)
        table.total =
            ["", "total", "", "", "", "", "", ""].map { .init($0) }
            + [
                .init(Figures.grouped(total.parameters)), .init(Figures.millions(total.multiplyAccumulates)),
                .init(Figures.kibibytes(total.weightBytes)), .init(Figures.kibibytes(total.featureBytes)),
            ]
        var blocks: [ReportBlock] = [.table(table)]
        if total.paddingBytes > 0 {
            blocks.append(
                .remark(
                    "\(device) stores maps in blocks of \(device.family.channelBlock) channels, which takes \(Figures.kibibytes(total.paddingBytes)) KiB more."
                ))
        }
        for node in network.nodes {
            guard let summary = Decomposition.summary(of: node.layer, on: device) else { continue }
            blocks.append(.remark("\(node.name) runs on \(device) as \(summary)."))
        }
        let notes = network.nodes.filter { !$0.note.isEmpty }
        if !notes.isEmpty {
            blocks.append(.heading("Notes"))
            blocks.append(
                .table(
                    ReportTable(
                        columns: [.text("layer"), .text("note")],
                        rows: notes.map { [.init($0.name), .init($0.note)] })))
        }
        return ReportSection(id: "network", title: "Network", blocks: blocks)
    }

    private func layerCells(_ analysis: Analysis, _ index: Int) -> [ReportTable.Cell] {
        let network = analysis.network
        let node = network.nodes[index]
        let facts = analysis.facts.nodes[index]
        let before = index > 0 ? network.nodes[index - 1].name : network.inputs.first?.name
        let followsBefore = node.inputs.count == 1 && node.inputs[0].description == before
        let sign = facts.output.isFloat ? "" : facts.output.isSigned ? "s" : "u"
        let texts = [
            "\(index + 1)", node.name, node.layer.label,
            followsBefore ? "" : node.inputs.map(\.description).joined(separator: ", "),
            analysis.shapes.label(index) ?? "?", facts.weightBits.map(Figures.bits) ?? Figures.none,
            Figures.bits(facts.output.bits) + sign, clip(of: node, facts).map(Figures.clip) ?? Figures.none,
        ]
        return texts.map { .init($0) }
    }

    private func clip(of node: Node, _ facts: SignalAnalysis.Facts) -> Double? {
        guard let quantization = node.layer.settings.quantization, quantization.isEnabled,
            !facts.output.isFloat,
            node.layer.value(of: "clip") != nil
        else { return nil }
        return quantization.clip
    }

    private func figure(_ count: Int, _ text: (Int) -> String) -> String {
        count == 0 ? Figures.none : text(count)
    }
}
