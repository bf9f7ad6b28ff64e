import Datasets
import Editing
import Graph
import Probing
import QAT

// How good the answers are.
extension SessionReport {
    /// Measures by the task, classes, confusions, and the worst answers.
    func measuresSection() -> ReportSection {
        let title = "Answers"
        switch measures {
        case .missing(let reason):
            return ReportSection(id: "answers", title: title, blocks: [.remark(reason)])
        case .known(let measures):
            return ReportSection(id: "answers", title: title, blocks: blocks(of: measures))
        }
    }

    private func blocks(of measures: ReportedMeasures) -> [ReportBlock] {
        guard let first = measures.evaluations.first else { return [.remark("Nothing was measured.")] }
        var blocks: [ReportBlock] = [
            .text(
                "\(Figures.grouped(first.result.count)) \(first.split.rawValue) samples of \(measures.data)."),
            .table(summary(of: measures.evaluations)),
        ]
        if measures.evaluations.contains(where: { $0.mode == .float && !$0.isOfFloatModel }) {
            blocks.append(
                .remark(
                    "Float is the same weights with all quantizers off; a network that was trained with quantizers may need them."
                ))
        }
        if let table = classes(of: measures.evaluations) {
            blocks.append(.heading("By class"))
            blocks.append(.table(table))
        }
        let quantized = measures.evaluations.last { $0.mode == .quantized } ?? first
        if let confusion = quantized.result.measure?.confusion, confusion.size > 1 {
            let names = (0..<confusion.size).map { label in
                label == confusion.classes && confusion.hasBackground
                    ? "background" : SessionReport.name(label, quantized.classNames)
            }
            blocks.append(.heading("Which class is answered by which"))
            blocks.append(.confusion(ReportedConfusion(matrix: confusion, names: names)))
        }
        blocks.append(.heading("The worst answers"))
        switch measures.worst {
        case .missing(let reason): blocks.append(.remark(reason))
        case .known(let pictures):
            let boxes =
                document.network.task.kind == .detection
                ? " Labelled boxes are full lines, those of float dashes, those of the quantized network points."
                : ""
            blocks.append(.remark("The samples with the largest loss of the quantized network." + boxes))
            blocks.append(.pictures(pictures))
        }
        return blocks
    }

    private static func name(_ label: Int, _ names: [String]) -> String {
        names.indices.contains(label) ? names[label] : "\(label)"
    }

    private func summary(of evaluations: [SessionEvaluation]) -> ReportTable {
        let measure = evaluations.compactMap(\.result.measure).first
        let hasShare = evaluations.contains { $0.result.accuracy != nil }
        let numbers = MeasuredNumber.allCases.filter { number in
            number != .map50 && number != .miou
                && evaluations.contains { $0.result.measure.flatMap { number.value(of: $0) } != nil }
        }
        return ReportTable(
            columns: [.text("arithmetic")]
                + (hasShare ? [.number(SessionReport.shareTitle(of: measure))] : [])
                + numbers.map { .number($0.title) } + [.number("loss")],
            rows: evaluations.map { found in
                let shares: [ReportTable.Cell] =
                    hasShare
                    ? [.init(ReportWords.share(found.result.accuracy), bar: found.result.accuracy)] : []
                return [.init(SessionReport.words(found))] + shares
                    + numbers.map { number in
                        let value = found.result.measure.flatMap { number.value(of: $0) }
                        return .init(number.isShare ? ReportWords.share(value) : ReportWords.loss(value))
                    } + [.init(ReportWords.loss(found.result.loss))]
            })
    }

    private static func words(_ found: SessionEvaluation) -> String {
        switch found.mode {
        case .float: found.isOfFloatModel ? "float model" : "float"
        case .quantized: "quantized"
        case .integer: "integers"
        }
    }

    /// The most classes that are listed.
    private static let mostClasses = 100

    /// The most pictures that a report shows: those with the largest loss, right or wrong.
    static let mostPictures = 8

    private func classes(of evaluations: [SessionEvaluation]) -> ReportTable? {
        let measured = evaluations.compactMap { found in found.result.measure.map { (found, $0) } }
        guard let first = measured.first, first.1.byClass.count > 1 else { return nil }
        let counts = first.1.countByClass
        let isShare = if case .regression = first.1 { false } else { true }
        let shown = counts.indices.filter { counts[$0] > 0 }.prefix(SessionReport.mostClasses)
        guard !shown.isEmpty else { return nil }
        return ReportTable(
            columns: [.text(isShare ? "class" : "number")]
                + measured.map { .number("\(first.1.titleByClass), \(SessionReport.words($0.0))") }
                + [.number("count")],
            rows: shown.map { label in
                [.init(SessionReport.name(label, first.0.classNames))]
                    + measured.map { found in
                        let value = found.1.byClass.indices.contains(label) ? found.1.byClass[label] : nil
                        return .init(
                            isShare ? ReportWords.share(value) : ReportWords.loss(value),
                            bar: isShare ? value : nil)
                    } + [.init(Figures.grouped(counts[label]))]
            })
    }
}
