import Datasets
import Editing
import Foundation
import Probing
import QAT
import Terminal

/// What `eval --all` prints: float, quantized and integer answers beside each other, and what quantizing lost, by class.
struct EvalTable {
    private let all: [SessionEvaluation]

    /// The table of modes that were asked of the same samples; the first is what the others are compared with.
    init(_ all: [SessionEvaluation]) { self.all = all }

    /// The lines, without a line break at the end.
    var text: String {
        let title = "\(EvalText.samples(all[0])); points are what a mode loses against float"
        return ([title] + table).joined(separator: "\n")
    }

    private var table: [String] {
        let measures = all.compactMap(\.result.measure)
        var rows: [[TextTable.Cell]] = []
        func add(_ title: String, _ values: [Double?], isShare: Bool, count: Int?) {
            var cells = [title]
            for (index, value) in values.enumerated() {
                cells.append(EvalTable.written(value, isShare: isShare))
                if index > 0 { cells.append(EvalTable.change(values[0], value, isShare: isShare)) }
            }
            cells.append(count.map(Figures.grouped) ?? "")
            rows.append(cells.map { .init($0) })
        }
        if measures.count != all.count || measures.contains(where: { $0.isOfClasses }) {
            add("accuracy", all.map(\.result.accuracy), isShare: true, count: nil)
        }
        if measures.count == all.count, let first = measures.first {
            for number in MeasuredNumber.allCases {
                let values = measures.map { number.value(of: $0) }
                guard values.contains(where: { $0 != nil }) else { continue }
                add(number.title, values, isShare: number.isShare, count: nil)
            }
            let counts = first.countByClass
            for label in counts.indices where counts[label] > 0 {
                add(
                    EvalJSON.name(ofClass: label, all[0].classNames), measures.map { $0.byClass[label] },
                    isShare: first.isOfShares, count: counts[label])
            }
        }
        add("loss", all.map(\.result.loss), isShare: false, count: nil)
        if all.contains(where: { $0.result.sqnr != nil }) {
            rows.append(
                [.init("SQNR dB")]
                    + all.enumerated().flatMap { index, found -> [TextTable.Cell] in
                        let text = found.result.sqnr.map(Figures.decibels) ?? Figures.none
                        return index == 0 ? [.init(text)] : [.init(text), .init("")]
                    } + [.init("")])
        }
        let byClass = measures.first.map { " (\($0.titleByClass))" } ?? ""
        var columns = [TextTable.Column(title: .init("class" + byClass), least: 8)]
        for (index, found) in all.enumerated() {
            columns.append(.init(title: .init(found.mode.rawValue), isRightAligned: true))
            if index > 0 { columns.append(.init(title: "points", isRightAligned: true)) }
        }
        columns.append(.init(title: "count", isRightAligned: true))
        return TextTable(columns: columns, rows: rows).lines(fitting: Paragraph.width)
    }

    private static func written(_ value: Double?, isShare: Bool) -> String {
        guard let value else { return Figures.none }
        return isShare ? String(format: "%.2f", value * 100) : String(format: "%.4g", value)
    }

    /// The difference from float: in points of a share, else in its own units.
    private static func change(_ first: Double?, _ other: Double?, isShare: Bool) -> String {
        guard let first, let other else { return Figures.none }
        return isShare
            ? String(format: "%+.2f", (other - first) * 100) : String(format: "%+.3g", other - first)
    }
}

extension TaskMeasure {
    /// Whether the share of right answers is a number of its own beside those of the task.
    fileprivate var isOfClasses: Bool {
        switch self {
        case .classification: true
        case .detection, .segmentation, .regression: false
        }
    }

    /// Whether what is compared class by class is a share.
    fileprivate var isOfShares: Bool {
        switch self {
        case .classification, .detection, .segmentation: true
        case .regression: false
        }
    }
}
