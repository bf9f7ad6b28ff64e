import Editing
import Graph
import Probing
import QAT
import Terminal

/// What `inspect` prints: a table of the layers, or one layer with histograms, and below it what stands out.
struct InspectText {
    private let inspected: InspectTable
    private let name: String
    private let style: TextStyle

    /// The page of a session of that name.
    init(_ inspected: InspectTable, name: String, style: TextStyle = .plain) {
        self.inspected = inspected
        self.name = name
        self.style = style
    }

    /// The whole page, without a line break at its end.
    var text: String {
        let body = inspected.isSingle ? inspected.rows.flatMap(LayerText.blocks) : [table]
        return ([title] + body + [gaps, diagnoses, integers]).filter { !$0.isEmpty }
            .map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private var title: [String] {
        let data = inspected.report.feeds.compactMap { feed -> String? in
            switch feed.content {
            case .data(let spec): spec
            case .tokens: "drawn tokens"
            case .uniform: "drawn values"
            case .unread: nil
            }
        }
        let parts =
            [
                "\(name.printable) on \(inspected.device)", "\(inspected.report.weights)",
                "\(counted(inspected.report.samples, "sample")) of \(data.joined(separator: ", "))",
            ] + (inspected.report.floatModelFailure.map { ["compared with itself in float: \($0)"] } ?? [])
        return Paragraph.lines(
            words: parts.enumerated().map { $0 < parts.count - 1 ? $1 + ";" : $1 }, indent: "  ")
    }

    private var table: [String] {
        let titles = [
            "w", "SQNR", "fold", "a", "clip", "SQNR", "acc.", "cosine", "clipped", "levels", "dead", "int",
            "room",
        ]
        let columns =
            [TextTable.Column(title: "", isRightAligned: true), .init(title: "layer", least: 8)]
            + titles.map { TextTable.Column(title: .init($0), isRightAligned: true) }
        let worst = inspected.worst
        var lines = TextTable(columns: columns, rows: inspected.rows.map { cells($0, worst) })
            .lines(fitting: Paragraph.width)
        lines[0] = style.dim(lines[0])
        return lines
    }

    private func cells(_ row: InspectTable.Row, _ worst: Set<String>) -> [TextTable.Cell] {
        let weight = row.weight
        let feature = row.feature
        func decibels(_ tensor: ProbedTensor?) -> String {
            guard let tensor, tensor.quantizer != nil else { return Figures.none }
            return tensor.observation.sqnr.map(Figures.decibels) ?? "exact"
        }
        let sign = row.facts.output.isFloat ? "" : row.facts.output.isSigned ? "s" : "u"
        let dead = feature?.channels?.dead.count ?? 0
        let texts = [
            worst.contains(row.node.name) ? "!" : "", row.node.name,
            row.facts.weightBits.map(Figures.bits) ?? Figures.none, decibels(weight),
            Figures.percentage(ifKnown: weight?.foldingError), Figures.bits(row.facts.output.bits) + sign,
            row.clip.map(Figures.clip) ?? Figures.none, decibels(feature),
            feature?.accumulatedSQNR.map(Figures.decibels) ?? Figures.none,
            feature?.match?.cosine.map { Figures.fixed($0, decimals: 4) } ?? Figures.none,
            Figures.percentage(ifKnown: feature?.quantizer == nil ? nil : feature?.observation.clipRatio),
            Figures.percentage(ifKnown: feature?.levelUse), dead == 0 ? Figures.none : "\(dead)",
            row.integers.map { $0.reason == nil ? Figures.short($0.accumulated.mismatched) : "float" }
                ?? Figures.none,
            row.integers?.accumulator.map { Figures.decibels($0.headroomBits) } ?? Figures.none,
        ]
        return texts.map { .init($0) }
    }

    /// What the network in integers has to say, in sentences.
    private var integers: [String] {
        if let failure = inspected.report.integerFailure {
            return Paragraph.lines("not computed in integers: \(failure)", indent: "  ")
        }
        guard let integers = inspected.report.integers, !inspected.isSingle else { return [] }
        var sentences = inspected.rows.compactMap { row in
            row.integers?.reason.map { "\(row.node.name.printable) has no integer form: \($0)" }
        }
        if let first = integers.firstToPart {
            let part = first.accumulated
            sentences.append(
                "in integers \(first.name.printable) is the first to part from the training arithmetic: \(Figures.grouped(part.mismatched)) of \(Figures.grouped(part.elements)) codes, by \(counted(part.largestStep, "step")) at most"
            )
        } else {
            sentences.append("in integers every code is that of the training arithmetic")
        }
        return sentences.flatMap { Paragraph.lines($0, indent: "  ") }
    }

    private var gaps: [String] {
        inspected.report.gaps.filter { gap in inspected.rows.contains { $0.node.name == gap.layer } }
            .flatMap { Paragraph.lines("\($0)", indent: "  ") }
    }

    private var diagnoses: [String] {
        let all = inspected.rows.flatMap(\.diagnoses)
        guard !all.isEmpty else { return ["nothing stands out"] }
        return all.flatMap {
            Paragraph.lines("\($0.layer.printable): \($0.sentence)", indent: "  ")
        }
    }
}
