import Datasets
public import Graph
import QAT

/// Everything that was recorded of a run and is drawn anywhere, as tables with named columns.
public struct RunTables: Sendable {
    /// One table: a name, the names of its columns, and its rows.
    public struct Table: Sendable {
        /// The name, as in the run store: "metrics".
        public var name: String
        /// The names of the columns.
        public var columns: [String]
        /// The rows, a value for each column; null where there is none, and where it is no number.
        public var rows: [[JSON]]

        /// The table as comma-separated values (RFC 4180), a line a row; what is null is empty.
        public var csv: String {
            var text = CSV.line(columns)
            for row in rows { text += CSV.line(row.map(CSV.cell)) }
            return text
        }
    }

    /// The tables: metrics, evaluations and ranges.
    public var tables: [Table]
    private let record: RunRecord

    /// Reads the tables of a run.
    public init(of record: RunRecord, in store: RunStore) throws(RunStoreError) {
        self.record = record
        tables = [
            Table(
                name: "metrics",
                columns: RunTables.written(
                    "written", in: ["step", "epoch", "stage"] + RunMetric.allCases.map(\.name)),
                rows: try store.metrics(of: record.id).map { row in
                    RunTables.written(
                        .finite(row.written),
                        in: [.integer(row.step), .integer(row.epoch), .integer(row.stage)]
                            + RunMetric.allCases.map { .finite(row[$0]) })
                }),
            Table(
                name: "evaluations",
                columns: ["step", "epoch", "split", "mode", "loss", "accuracy", "sqnr", "samples"]
                    + MeasuredNumber.allCases.map(\.rawValue),
                rows: try store.evaluations(of: record.id).map { row in
                    [
                        .integer(row.step), .integer(row.epoch), .string(row.split.storedName),
                        .string(row.mode.rawValue), .finite(row.loss), .finite(row.accuracy),
                        .finite(row.sqnr),
                        row.samples.map(JSON.integer) ?? .null,
                    ] + MeasuredNumber.allCases.map { .finite(row.numbers[$0]) }
                }),
            Table(
                name: "ranges",
                columns: [
                    "step", "layer", "tensor", "min", "max", "clip", "clipRatio", "mean", "deviation", "sqnr",
                    "flips", "deadChannels", "statisticsGap",
                ],
                rows: try store.ranges(of: record.id).map { row in
                    [
                        .integer(row.step), .string(row.layer), .string(row.tensor.rawValue),
                        .finite(row.minimum), .finite(row.maximum), .finite(row.clip), .finite(row.clipRatio),
                        .finite(row.mean), .finite(row.deviation), .finite(row.sqnr), .finite(row.flips),
                        .finite(row.deadChannels), .finite(row.statisticsGap),
                    ]
                }),
        ]
    }

    /// Puts the time of a step where scripts by position expect it, in front of the metrics of later versions.
    private static func written<Cell>(_ time: Cell, in cells: [Cell]) -> [Cell] {
        var cells = cells
        cells.insert(time, at: 7)
        return cells
    }

    /// One document: the run, and each table as a list of objects.
    public var json: JSON {
        .object(
            record.members
                + tables.map { table in
                    .init(
                        table.name,
                        .array(
                            table.rows.map { row in
                                .object(zip(table.columns, row).map { JSON.Member($0, $1) })
                            }))
                })
    }
}

extension RunRecord {
    /// The run itself as members of an object.
    public var members: [JSON.Member] {
        [
            .init("id", .string(id)), .init("state", .string(state.rawValue)),
            .init("note", note.map(JSON.string) ?? .null), .init("started", .finite(started)),
            .init("ended", .finite(ended)), .init("seed", .string("\(seed)")), .init("data", .string(data)),
            .init("device", .string(device)), .init("digest", .string(digest)), .init("plan", plan),
        ]
    }
}

extension JSON {
    /// A number, or null where there is none or it is none.
    public static func finite(_ number: Double?) -> JSON {
        guard let number, number.isFinite else { return .null }
        return .number(number)
    }
}

/// Comma-separated values.
public enum CSV {
    /// A line of cells, with its end; cells with commas or quotes stand in quotes.
    public static func line(_ cells: [String]) -> String {
        cells.map(quoted).joined(separator: ",") + "\n"
    }

    /// A value as the text of a cell; null is an empty one.
    public static func cell(_ value: JSON) -> String {
        switch value {
        case .null: ""
        case .string(let text): text
        case .boolean, .integer, .number, .array, .object: value.compact
        }
    }

    private static func quoted(_ cell: String) -> String {
        // Signs that steer a terminal are written out: a name out of a store may hold any.
        let cell = cell.oneLine(upTo: .max)
        let isPlain = !cell.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
        return isPlain ? cell : "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }
}
