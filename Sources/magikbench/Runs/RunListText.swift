import Datasets
import Editing
import Graph
import QAT
import Runs
import Terminal

/// What `runs` prints: the runs of a session, the newest first.
struct RunListText {
    private let runs: [RunFacts]
    /// How many there are without a filter.
    private let count: Int
    private let session: String
    private let path: String

    /// The page of some runs, of so many, of a session of that name and path.
    init(_ runs: [RunFacts], of count: Int = 0, session: String, path: String) {
        self.runs = runs
        self.count = count
        self.session = session
        self.path = path
    }

    /// A table, without a line break at its end.
    func text(style: TextStyle) -> String {
        guard !runs.isEmpty else {
            return count == 0
                ? "no runs yet: magikbench train \(ShellWord.quoted(path)) makes one"
                : "none of \(counted(count, "run")) has these words"
        }
        var lines = RunTable(runs, names: RunTable.names(of: runs)).lines
        lines[0] = style.dim(lines[0])
        return lines.joined(separator: "\n")
    }

    /// One document.
    var json: JSON { ["session": .string(session), "runs": .array(runs.map(\.json))] }

    /// One table, the columns those of the document.
    var csv: String {
        let columns = RunFacts.csvColumns
        return CSV.line(columns)
            + runs.map { run in CSV.line(columns.map { CSV.cell(run.json[$0] ?? .null) }) }.joined()
    }
}

/// Runs as rows of a table that fits 80 columns.
struct RunTable {
    private let runs: [RunFacts]
    private let names: [String]

    /// Rows that begin with these names.
    init(_ runs: [RunFacts], names: [String]) { (self.runs, self.names) = (runs, names) }

    /// The names without what all share, where they still tell runs apart.
    static func names(of runs: [RunFacts]) -> [String] {
        let short = runs.map(\.summary.shortName)
        return runs.indices.map { index in
            short.count { $0 == short[index] } == 1 ? short[index] : runs[index].id
        }
    }

    /// The titles and a line for each run.
    var lines: [String] {
        let hasIntegers = runs.contains { $0.integerAccuracy != nil }
        var columns: [TextTable.Column] = [
            .init(title: "run"), .init(title: "bits"), .init(title: "clip", isRightAligned: true),
            .init(title: "schedule", least: 8), .init(title: "state", least: 8),
            .init(title: "loss", isRightAligned: true),
            .init(title: .init(RunFacts.shareTitle(of: runs) + " %"), isRightAligned: true),
        ]
        let hasSQNR = runs.contains { $0.evaluation?.sqnr != nil }
        if hasSQNR { columns.append(.init(title: "dB", isRightAligned: true)) }
        if hasIntegers {
            columns += ["int %", "drop"].map { .init(title: .init($0), isRightAligned: true) }
        }
        columns.append(.init(title: "KiB", isRightAligned: true))
        let hasNotes = runs.contains { !$0.note.isEmpty }
        if hasNotes { columns.append(.init(title: "note", least: 8)) }
        let rows = zip(runs, names).map { run, name -> [TextTable.Cell] in
            var cells = [
                name, run.bits, run.clip, run.schedule, run.state,
                run.evaluation.map { Figures.significant($0.loss) } ?? Figures.none,
                Figures.accuracy(ifKnown: run.evaluation?.accuracy),
            ]
            if hasSQNR { cells.append(RunTable.decibels(run.evaluation?.sqnr)) }
            if hasIntegers {
                cells += [Figures.accuracy(ifKnown: run.integerAccuracy), RunTable.signed(run.drop)]
            }
            cells.append(run.weightBytes.map(Figures.kibibytes) ?? "?")
            if hasNotes { cells.append(run.note.printable) }
            return cells.map { .init($0) }
        }
        return TextTable(columns: columns, rows: rows).lines(fitting: Paragraph.width)
            + (RunFacts.integerNote(of: runs).map { [$0] } ?? [])
    }

    /// "28.4".
    static func decibels(_ number: Double?) -> String { number.map(Figures.decibels) ?? Figures.none }

    /// "-1.3", "+0.0".
    static func signed(_ fraction: Double?) -> String {
        fraction.map { Figures.signed($0 * 100) } ?? Figures.none
    }
}

extension RunFacts {
    /// The columns of a table of runs: members of `json` with a single value.
    static let csvColumns =
        [
            "id", "state", "note", "started", "ended", "seed", "data", "device", "bits", "clip", "schedule",
            "epoch",
            "step", "split", "loss", "accuracy", "sqnr", "floatAccuracy", "integerAccuracy", "drop",
            "weightBytes",
        ] + MeasuredNumber.allCases.map(\.rawValue)

    /// The run as a document.
    var json: JSON {
        .object(
            summary.record.members + [
                .init("activity", .string(summary.word)), .init("bits", .string(bits)),
                .init("clip", .string(clip)), .init("schedule", .string(schedule)),
                .init("epoch", evaluation.map { .integer($0.epoch) } ?? .null),
                .init("step", summary.last.map { .integer($0.step) } ?? .null),
                .init("split", .string(split.storedName)), .init("loss", .finite(evaluation?.loss)),
                .init("accuracy", .finite(evaluation?.accuracy)), .init("sqnr", .finite(evaluation?.sqnr)),
                .init("floatAccuracy", .finite(floatAccuracy)),
                .init("integerAccuracy", .finite(integerAccuracy)), .init("drop", .finite(drop)),
                .init("weightBytes", weightBytes.map(JSON.integer) ?? .null),
            ]
                + MeasuredNumber.allCases.map {
                    JSON.Member($0.rawValue, .finite(evaluation?.numbers[$0]))
                })
    }
}
