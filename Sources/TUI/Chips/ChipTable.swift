package import Devices
import Editing
import Graph
import Terminal

/// The chips side by side: a row for each, with what the network is on it.
package struct ChipTable {
    /// What the rows are ordered by.
    package enum SortOrder: String, CaseIterable, Sendable {
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
    private let order: SortOrder

    /// Summaries in an order; those that are equal in it keep that of the chips.
    package init(_ summaries: [ChipSummary], by order: SortOrder = .chip) {
        self.order = order
        rows = summaries.enumerated().sorted { first, second in
            if order.isBefore(first.element, second.element) { return true }
            if order.isBefore(second.element, first.element) { return false }
            return first.offset < second.offset
        }.map(\.element)
    }

    /// One column of the table.
    private struct Column: Sendable {
        let title: String
        /// The order that sorts by it.
        var order: SortOrder?
        /// Columns with a higher number go first where there is too little room; 0 stays.
        var rank = 0
        let text: @Sendable (ChipSummary) -> String
    }

    private static let columns: [Column] = [
        Column(title: "chip", order: .chip) { $0.device.rawValue },
        Column(title: "errors", order: .errors) { "\($0.errors)" },
        Column(title: "advice", rank: 3) { "\($0.advice)" },
        Column(title: "weights KiB", order: .weights, rank: 1) { Figures.kibibytes($0.weightBytes) },
        Column(title: "peak KiB", order: .peak, rank: 1) { Figures.kibibytes($0.peakFeatureBytes) },
        Column(title: "memory", rank: 2) { $0.featureMemory.map(Figures.kibibytes) ?? "?" },
        Column(title: "padding", order: .padding, rank: 1) { Figures.percent($0.paddingShare) + "%" },
        Column(title: "MAC", rank: 4) { Figures.short($0.multiplyAccumulates) },
        Column(title: "cycles", order: .cycles) { Figures.short($0.blockProducts) },
    ]

    /// The titles and a line for each row, none wider than `width` cells, and the titles of columns that have no room there.
    /// `names` says also which operators a chip lacks; `sign` stands behind the title of the column that the rows are ordered
    /// by.
    package func lines(
        fitting width: Int, names: Bool, sign: String = ""
    ) -> (lines: [String], left: [String]) {
        var shown = ChipTable.columns
        var left: [String] = []
        while true {
            let lines = lines(of: shown, fitting: width, names: names, sign: sign)
            let isTooWide = lines.contains { $0.displayWidth > width }
            guard isTooWide, let last = shown.indices.max(by: { shown[$0].rank < shown[$1].rank }),
                shown[last].rank > 0
            else { return (lines, left) }
            left.append(shown.remove(at: last).title)
        }
    }

    private func lines(of shown: [Column], fitting width: Int, names: Bool, sign: String) -> [String] {
        var columns = shown.enumerated().map { index, column in
            let isOrder = column.order == order && order != .chip
            return TextTable.Column(
                title: .init(column.title + (isOrder ? sign : "")), isRightAligned: index > 0)
        }
        if names { columns.append(.init(title: "has no", least: 8)) }
        let cells = rows.map { row -> [TextTable.Cell] in
            (shown.map { $0.text(row) } + (names ? [row.missing.joined(separator: ", ")] : []))
                .map { .init($0) }
        }
        return TextTable(columns: columns, rows: cells).lines(fitting: width)
    }

    /// Which chips take the network as it is, and which of those do so in the fewest cycles, for each size of blocks, in a
    /// sentence.
    package static func answer(_ summaries: [ChipSummary]) -> String {
        let able = summaries.filter { $0.errors == 0 }
        guard !able.isEmpty else {
            let least = summaries.map(\.errors).min() ?? 0
            let nearest = summaries.filter { $0.errors == least }.map(\.device.rawValue)
            let fewest =
                nearest.count == summaries.count
                ? "each has \(counted(least, "error"))"
                : "\(Figures.listed(nearest)) \(nearest.count == 1 ? "has" : "have") the fewest errors, \(least)"
            return "No chip takes the network as it is; \(fewest)"
        }
        let blocks = Set(able.map(\.device.family.channelBlock)).sorted(by: >)
        let words = blocks.map { block -> String in
            let family = able.filter { $0.device.family.channelBlock == block }
            let least = family.map(\.blockProducts).min()
            let best = family.filter { $0.blockProducts == least }.map(\.device.rawValue)
            return "\(Figures.listed(best)) (\(block == blocks.first ? "blocks " : "")of \(block))"
        }
        return "Fewest cycles without errors: \(words.joined(separator: "; "))"
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
