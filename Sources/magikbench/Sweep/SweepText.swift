import Editing
import Graph
import Probing
import Terminal

/// What `sweep` prints: each layer with each value by itself, then what goes together.
struct SweepText {
    private let swept: SweepTable
    private let style: TextStyle

    init(_ swept: SweepTable, style: TextStyle = .plain) { (self.swept, self.style) = (swept, style) }

    private var result: SweepResult { swept.result }
    private var request: SweepRequest { swept.result.request }
    private var hasAccuracy: Bool { request.labelled > 0 }

    /// The whole page, without a line break at its end.
    var text: String {
        [title, sensitivity, together].filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }
            .joined(separator: "\n\n")
    }

    private var title: [String] {
        let own = result.baseline.map(SweepText.measure) ?? "not measured"
        return Paragraph.lines(
            words: [
                "\(swept.name.printable) on \(request.device);", "\(result.weights);",
                "\(counted(result.samples, "sample")) of \(result.data);",
                "as it is \(own), \(cost(result.cost))",
            ], indent: "  ")
    }

    /// SQNR, and accuracy where it was asked for: "31.2 dB, 70.4 %".
    private static func measure(_ measure: SweepMeasure) -> String {
        let sqnr = measure.sqnr.map { Figures.decibels($0) + " dB" } ?? "exact"
        return sqnr + (measure.accuracy.map { ", \(accuracy($0)) %" } ?? "")
    }

    private static func accuracy(_ share: Double) -> String { Figures.fixed(share * 100, decimals: 1) }

    private func cost(_ cost: SweepCosts) -> String {
        let number = cost.counted(request)
        return request.cost == .bytes
            ? "\(Figures.kibibytes(number)) KiB" : "\(Figures.short(number)) bit operations"
    }

    // MARK: - One by one

    private var sensitivity: [String] {
        let rows = swept.rows
        let isBits = request.setting == .bits
        // Bits have a column each; clips and factors are another set of numbers for each layer.
        let values = isBits ? Set(rows.flatMap { $0.map(\.choice.value) }).sorted() : []
        let count = isBits ? values.count : rows.map(\.count).max() ?? 0
        let hasFields = Set(rows.compactMap { $0.first?.choice.field }).count > 1
        let columns =
            [TextTable.Column(title: "layer", least: 8)] + (hasFields ? [.init(title: "bits of")] : [])
            + (0..<count).map {
                TextTable.Column(title: isBits ? "\(Int(held: values[$0])) bit" : "", isRightAligned: true)
            }
        let cells = rows.map { trials -> [TextTable.Cell] in
            let cells: [TextTable.Cell] =
                isBits
                ? values.map { value in
                    trials.first { $0.choice.value == value }.map(cell) ?? .init(Figures.none)
                }
                : trials.map { .init("\(Figures.clip($0.choice.value)): \(word($0))") }
                    + Array(repeating: "", count: count - trials.count)
            let field = trials.first?.choice.field == "weightBits" ? "weights" : "results"
            return [.init(trials.first?.choice.layer.printable ?? "")] + (hasFields ? [.init(field)] : [])
                + cells
        }
        var lines = TextTable(columns: columns, rows: cells).lines(fitting: isBits ? Paragraph.width : nil)
        if isBits { lines[0] = style.dim(lines[0]) } else { lines.removeFirst() }
        let what = hasAccuracy ? "SQNR in dB and accuracy in %" : "SQNR in dB"
        return Paragraph.lines(
            "The network's \(what) with one layer changed; [ ] is what it has, - is against a rule of the chip.",
            indent: "") + lines
    }

    private func cell(_ trial: SweepTrial) -> TextTable.Cell { .init(word(trial)) }

    private func word(_ trial: SweepTrial) -> String {
        guard !trial.isForbidden else { return "-" }
        guard let measure = trial.measure else { return "?" }
        let sqnr = measure.sqnr.map(Figures.decibels) ?? "exact"
        let text = sqnr + (measure.accuracy.map { " " + SweepText.accuracy($0) } ?? "")
        return trial.isPresent ? "[\(text)]" : text
    }

    // MARK: - Together

    private var together: [String] {
        guard !result.mixes.isEmpty else {
            return result.isComplete ? ["Nothing gains \(Figures.fixed(0.05, decimals: 2)) dB or more."] : []
        }
        return request.setting == .bits ? mixes : gains
    }

    private var mixes: [String] {
        let titles =
            [request.cost == .bytes ? "KiB" : "operations", "share", "foretold", "SQNR"]
            + (hasAccuracy ? ["accuracy"] : [])
        let columns =
            [TextTable.Column(title: "", isRightAligned: true)]
            + titles.map { TextTable.Column(title: .init($0), isRightAligned: true) }
            + [.init(title: "bits", least: 20)]
        let rows = result.mixes.map { mix -> [TextTable.Cell] in
            let number = mix.cost.counted(request)
            var cells: [TextTable.Cell] = [
                mix == swept.chosen ? ">" : "",
                .init(request.cost == .bytes ? Figures.kibibytes(number) : Figures.short(number)),
                .init(Figures.fixed(swept.share(mix) * 100, decimals: 0) + " %"),
                .init(mix.predicted.map(Figures.decibels) ?? Figures.none),
                .init(mix.measure.map { $0.sqnr.map(Figures.decibels) ?? "exact" } ?? "?"),
            ]
            if hasAccuracy { cells.append(.init(mix.measure?.accuracy.map(SweepText.accuracy) ?? "?")) }
            return cells + [.init(mix.words)]
        }
        var lines = TextTable(columns: columns, rows: rows).lines(fitting: Paragraph.width)
        lines[0] = style.dim(lines[0])
        return Paragraph.lines(
            result.isComplete
                ? "Mixes within the chip's rules that lose least for their size; the others keep their bits."
                : "What is known so far to lose least for its size; the others keep their bits.",
            indent: "")
            + lines
    }

    private var gains: [String] {
        var before: [SweepChoice] = []
        return ["What gains, each added to those before:"]
            + result.mixes.flatMap { mix in
                let added = mix.choices.filter { !before.contains($0) }.map(\.assignment)
                before = mix.choices
                let measure = mix.measure.map(SweepText.measure) ?? ""
                return Paragraph.lines(
                    words: ["  " + (added.first ?? "")] + added.dropFirst() + [measure], indent: "    ")
            }
    }
}
