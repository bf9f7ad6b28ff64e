package import Devices
import Editing
import Graph
import Terminal

/// The chips side by side: a row for each, with what the network is on it.
package struct ChipTable {
    /// What the rows are ordered by.
    package enum Order: String, CaseIterable, Sendable {
        case chip, errors, weights, peak, padding, cycles

        /// Whether a row stands before another one: what is less comes first.
        func isBefore(_ first: ChipSummary, _ second: ChipSummary) -> Bool {
            switch self {
            case .chip: false
            case .errors:
                first.errors == second.errors ? first.advice < second.advice : first.errors < second.errors
            case .weights: first.weightBytes < second.weightBytes
            case .peak: first.peakFeatureBytes < second.peakFeatureBytes
            case .padding: first.paddingShare < second.paddingShare
            case .cycles: first.blockProducts < second.blockProducts
            }
        }
    }

    /// The rows in their order.
    package let rows: [ChipSummary]
    private let order: Order

    /// Summaries in an order; those that are equal in it keep that of the chips.
    package init(_ summaries: [ChipSummary], by order: Order = .chip) {
        self.order = order
        rows = summaries.enumerated().sorted { first, second in
            if order.isBefore(first.element, second.element) { return true }
            if order.isBefore(second.element, first.element) { return false }
            return first.offset < second.offset
        }.map(\.element)
    }

    /// The titles and a line for each row, none wider than `width` cells. `names` says also which operators a chip lacks.
    package func lines(fitting width: Int, names: Bool) -> [String] {
        let titles: [(Order?, String)] = [
            (.chip, "chip"), (.errors, "errors"), (nil, "advice"), (.weights, "weights KiB"),
            (.peak, "peak KiB"), (nil, "memory"), (.padding, "padding"), (nil, "MAC"), (.cycles, "cycles"),
        ]
        var columns = titles.enumerated().map { index, title in
            TextTable.Column(title: .init(title.1), isRightAligned: index > 0)
        }
        if names { columns.append(.init(title: "has no", least: 8)) }
        let cells = rows.map { row -> [TextTable.Cell] in
            let numbers = [
                row.device.rawValue, "\(row.errors)", "\(row.advice)", Figures.kibibytes(row.weightBytes),
                Figures.kibibytes(row.peakFeatureBytes), row.featureMemory.map(Figures.kibibytes) ?? "?",
                Figures.percent(row.paddingShare) + "%", Figures.short(row.multiplyAccumulates),
                Figures.short(row.blockProducts),
            ]
            return (numbers + (names ? [row.missing.joined(separator: ", ")] : [])).map { .init($0) }
        }
        return TextTable(columns: columns, rows: cells).lines(fitting: width)
    }

    /// What a chip says of the network and what it holds of it, in a sentence each.
    static func sentences(_ row: ChipSummary) -> [String] {
        var sentences: [String] = []
        if row.errors == 0 {
            sentences.append("\(row.device) takes the network")
        } else if row.missing.isEmpty {
            sentences.append("\(row.device) has every operator, and \(counted(row.errors, "error"))")
        } else {
            sentences.append("\(row.device) has no \(Figures.listed(row.missing))")
        }
        if let memory = row.featureMemory {
            let share = Double(row.peakFeatureBytes) / Double(memory)
            sentences.append(
                share <= 1
                    ? "its memory of \(Figures.kibibytes(memory)) KiB holds all features at once"
                    : "features do not fit its memory of \(Figures.kibibytes(memory)) KiB at once: they are computed in parts"
            )
        }
        return sentences
    }
}
