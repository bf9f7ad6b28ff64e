import Editing
import Graph
import Runs
import Terminal

/// What `runs compare` prints: the runs, what differs between them, their layers, and what can fairly be said.
struct ComparisonText {
    private let comparison: RunComparison
    private let showsAll: Bool

    /// The page of a comparison; `showsAll` tells equal settings too.
    init(_ comparison: RunComparison, showsAll: Bool) {
        self.comparison = comparison
        self.showsAll = showsAll
    }

    private var settings: [SettingRow] { showsAll ? comparison.settings : comparison.differences }
    private var letters: [String] { comparison.members.map(\.letter) }

    /// The whole page, without a line break at its end.
    func text(style: TextStyle) -> String {
        let facts = comparison.members.map(\.facts)
        let names = zip(letters, RunTable.names(of: facts)).map { "\($0)  \($1)" }
        let rest = showsAll ? [] : ["\(counted(comparison.equalSettings, "setting")) equal; --all shows them"]
        let blocks = [
            RunText.titled(RunTable(facts, names: names).lines, style),
            RunText.titled(differing, style) + rest,
            RunText.titled(ComparisonText.layers(of: comparison), style),
            comparison.sentences.flatMap { Paragraph.lines($0.printable, indent: "  ") },
        ]
        return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private var differing: [String] {
        guard !settings.isEmpty else { return [] }
        let columns =
            [TextTable.Column(title: showsAll ? "setting" : "what differs", least: 12)]
            + letters.map { .init(title: .init($0), least: 8) }
        let rows = settings.map { row -> [TextTable.Cell] in
            [.init(row.title)] + row.values.map { .init($0.printable) }
        }
        return TextTable(columns: columns, rows: rows).lines(fitting: Paragraph.width)
    }

    /// SQNR by layer as a table; no lines where no layer was looked at.
    static func layers(of comparison: RunComparison) -> [String] {
        guard !comparison.sqnrByLayer.isEmpty else { return [] }
        func cells(_ name: String, _ values: [Double?]) -> [TextTable.Cell] {
            [.init(name)] + values.map { .init($0.map(Figures.decibels) ?? Figures.none) }
        }
        let isAlone = comparison.members.count == 1
        var columns =
            [TextTable.Column(title: "SQNR by layer, dB", least: 12)]
            + comparison.members.map { .init(title: .init(isAlone ? "" : $0.letter), isRightAligned: true) }
        var rows =
            comparison.sqnrByLayer.map { cells($0.layer, $0.sqnr) } + [cells("worst", comparison.worstSQNR)]
        let flips = comparison.sqnrByLayer.map { $0.flips.first.flatMap(\.self) }
        if isAlone, flips.contains(where: { $0 != nil }) {
            columns.append(.init(title: "flips %", isRightAligned: true))
            for (index, share) in (flips + [flips.compactMap(\.self).max()]).enumerated() {
                rows[index].append(.init(share.map(Figures.percent) ?? Figures.none))
            }
        }
        return TextTable(columns: columns, rows: rows).lines(fitting: Paragraph.width)
    }

    /// One document with everything that is drawn.
    var json: JSON {
        .object([
            .init(
                "runs",
                .array(comparison.members.map { .object(ComparisonText.members(of: $0, in: comparison)) })),
            .init("settings", ComparisonText.settings(settings, of: comparison)),
            .init("equalSettings", .integer(comparison.equalSettings)),
            .init("sqnrByLayer", ComparisonText.layersJSON(of: comparison)),
            .init("sentences", .array(comparison.sentences.map(JSON.string))),
        ])
    }

    /// A run with its curves.
    static func members(of member: RunComparison.Member, in comparison: RunComparison) -> [JSON.Member] {
        guard case .object(let facts) = member.facts.json else { return [] }
        let curves = RunComparison.Curve.allCases.map { curve -> JSON.Member in
            .init(
                curve.rawValue,
                .array(
                    points(curve, of: member, in: comparison).map { step, epoch, value in
                        ["step": .integer(Int(held: step)), "epoch": .finite(epoch), "value": .finite(value)]
                    }))
        }
        return [.init("letter", .string(member.letter))] + facts + [.init("curves", .object(curves))]
    }

    static func settings(_ rows: [SettingRow], of comparison: RunComparison) -> JSON {
        .array(
            rows.map { row in
                [
                    "title": .string(row.title), "values": .array(row.values.map(JSON.string)),
                    "differs": .boolean(row.differs), "layers": .array(row.layers.map(JSON.string)),
                ]
            })
    }

    static func layersJSON(of comparison: RunComparison) -> JSON {
        .array(
            comparison.sqnrByLayer.map { row in
                [
                    "layer": .string(row.layer), "sqnr": .array(row.sqnr.map { .finite($0) }),
                    "flips": .array(row.flips.map { .finite($0) }),
                ]
            })
    }

    /// The samples of a curve with step and epoch.
    private static func points(
        _ curve: RunComparison.Curve, of member: RunComparison.Member, in comparison: RunComparison
    ) -> [(step: Double, epoch: Double?, value: Double)] {
        let steps = comparison.samples(curve, of: member, by: .step)
        let epochs = comparison.samples(curve, of: member, by: .epoch).map(\.x)
        return steps.indices.map { index in
            (steps[index].x, epochs.indices.contains(index) ? epochs[index] : nil, steps[index].y)
        }
    }

    /// Everything that is drawn in one long table: run, kind (`curve`, `setting` or `sqnr`), name, step, epoch, value.
    var csv: String {
        var text = CSV.line(["run", "kind", "name", "step", "epoch", "value"])
        for (index, member) in comparison.members.enumerated() {
            for curve in RunComparison.Curve.allCases {
                for (step, epoch, value) in ComparisonText.points(curve, of: member, in: comparison) {
                    text += CSV.line([
                        member.letter, "curve", curve.rawValue, "\(Int(held: step))",
                        CSV.cell(.finite(epoch)),
                        CSV.cell(.finite(value)),
                    ])
                }
            }
            for row in settings {
                text += CSV.line([member.letter, "setting", row.title, "", "", row.values[index]])
            }
            for row in comparison.sqnrByLayer {
                text += CSV.line([
                    member.letter, "sqnr", row.layer, "", "", CSV.cell(.finite(row.sqnr[index])),
                ])
            }
        }
        return text
    }
}
