import Datasets
import Editing
import Foundation
import Probing
import QAT
import Terminal

/// What `eval` prints.
struct EvalText {
    private let found: SessionEvaluation

    /// The text of an evaluation.
    init(_ found: SessionEvaluation) { self.found = found }

    /// The lines, without a line break at the end.
    var text: String {
        let result = found.result
        let samples = EvalText.samples(found)
        var lines = ["\(found.mode.rawValue)\(found.isOfFloatModel ? " model" : ""), \(samples)"]
        let numbers = result.measure.map(EvalText.numbers) ?? []
        if let accuracy = result.accuracy, !numbers.contains(where: { $0.value == accuracy }) {
            lines.append("accuracy  \(String(format: "%.2f %%", accuracy * 100))")
        }
        for (title, value, isShare) in numbers {
            lines.append(title.padded(to: 10) + EvalText.written(value, isShare: isShare))
        }
        lines.append("loss      \(String(format: "%.4f", result.loss))")
        if let measure = result.measure, case .detection = measure { lines += classes(measure) }
        guard !result.outputs.isEmpty else { return lines.joined(separator: "\n") }
        lines.append("SQNR      " + (result.sqnr.map { "\(Figures.decibels($0)) dB" } ?? "exact"))
        if result.outputs.count > 1 {
            lines += TextTable(
                columns: [.init(title: "output"), .init(title: "dB", isRightAligned: true)],
                rows: result.outputs.map { output in
                    [
                        .init(output.name.printable),
                        .init(output.decibels.map(Figures.decibels) ?? (output.isExact ? "exact" : "-")),
                    ]
                }
            ).lines(fitting: Paragraph.width)
        }
        return lines.joined(separator: "\n")
    }

    /// "72 samples", "1,000 validation samples".
    static func samples(_ found: SessionEvaluation) -> String {
        "\(Figures.grouped(found.result.count)) \(found.split == .test ? "" : "\(found.split.noun) ")samples"
    }

    /// The numbers of a task, those that classification always has left to JSON.
    private static func numbers(
        of measure: TaskMeasure
    ) -> [(title: String, value: Double, isShare: Bool)] {
        if case .classification = measure { return [] }
        return MeasuredNumber.allCases.compactMap { number in
            let title =
                switch number {
                case .meanAbsoluteError: "mean err"
                case .rootMeanSquareError: "rms err"
                case .map: "mAP"
                case .map50, .top5, .f1, .miou: number.title
                }
            return number.value(of: measure).map { (title, $0, number.isShare) }
        }
    }

    /// "91.23 %", "0.0123".
    static func written(_ value: Double?, isShare: Bool) -> String {
        guard let value else { return Figures.none }
        return isShare ? String(format: "%.2f %%", value * 100) : String(format: "%.4g", value)
    }

    /// The boxes of each class that has any.
    private func classes(_ measure: TaskMeasure) -> [String] {
        guard case .detection(let result) = measure else { return [] }
        func percent(_ share: Double?) -> TextTable.Cell {
            .init(Figures.accuracy(ifKnown: share))
        }
        let rows = result.classes.indices.filter { result.classes[$0].count > 0 }.map {
            label -> [TextTable.Cell] in
            let row = result.classes[label]
            return [
                .init(EvalJSON.name(ofClass: label, found.classNames)), percent(row.ap50), percent(row.ap),
                percent(row.recall), percent(row.precision), .init(Figures.grouped(row.count)),
            ]
        }
        guard !rows.isEmpty else { return [] }
        let titles = ["AP@.5", "AP", "recall", "precision", "objects"]
        return TextTable(
            columns: [.init(title: "class", least: 8)]
                + titles.map { .init(title: .init($0), isRightAligned: true) }, rows: rows
        ).lines(fitting: Paragraph.width)
    }
}
