import Foundation
import GRDB
import Graph
import QAT
import Runs
import Sessions

/// Run stores with something wrong in them: what others may have written into `runs.sqlite`.
enum StoreFuzz {
    /// The file of the damage that SQL does, a statement a line.
    static let statements = "damage.sql"

    /// A store of two runs, as one file.
    static func sound() throws -> [UInt8] {
        try withTemporaryFolder { folder in
            let session = try SmallNetwork.session(in: folder)
            try RecordedRuns.add(to: session, names: ["x0", "x1"], started: 1_795_000_000) { writer in
                try writer.add(
                    .histogram(
                        RunHistogram(
                            step: 4, layer: "conv0", tensor: .weight, low: -1, high: 1, counts: [1, 2, 3, 4]))
                )
            }
            let path = session.path + "/runs.sqlite"
            let queue = try DatabaseQueue(path: path)
            // One file, without the log beside it.
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
            try queue.close()
            return Array(try Data(contentsOf: URL(filePath: path)))
        }
    }

    private static let columns: [(table: String, names: [String])] = [
        (
            "runs",
            [
                "id", "state", "message", "started", "ended", "heartbeat", "host", "pid", "pid_start", "seed",
                "data", "device", "digest", "plan", "network", "steps", "epoch_steps", "note",
            ]
        ),
        (
            "metrics",
            ["step", "epoch", "stage", "loss", "accuracy", "learning_rate", "images_per_second", "written"]
        ),
        (
            "evaluations",
            ["step", "epoch", "split", "mode", "loss", "accuracy", "sqnr", "samples", "map50", "miou"]
        ),
        (
            "ranges",
            [
                "step", "layer", "tensor", "min", "max", "clip", "clip_ratio", "mean", "deviation", "sqnr",
                "flips",
            ]
        ),
        ("histograms", ["step", "layer", "tensor", "low", "high", "counts"]),
    ]

    /// A statement that puts a hostile value into a column, of one run or of all.
    static func damage(_ random: inout SeededGenerator) -> String {
        let (table, names) = random.pick(columns)
        let name = random.pick(names)
        let key = table == "runs" ? "id" : "run"
        let rows = random.once(in: 2) ? "" : " WHERE \(key) = (SELECT max(\(key)) FROM \(table))"
        return "UPDATE OR IGNORE \(table) SET \(name) = \(value(&random))\(rows)"
    }

    private static func value(_ random: inout SeededGenerator) -> String {
        switch random.below(6) {
        case 0: "\(random.pick(NastyValues.integers))"
        case 1: random.pick(["9e999", "-9e999", "1e308", "-0.0", "4.9e-324", "0.5", "1e18", "NULL"])
        case 2, 3:
            "CAST(X'\(Array((random.once(in: 2) ? HostileText.text : random.pick(NastyValues.texts)).utf8.prefix(300)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())' AS TEXT)"
        case 4: "X'\(random.pick(["", "00", "ffffffff", "0102030405", "ffffffffffffffff"]))'"
        default:
            random.pick([
                "'running'", "'failed'", "'test'", "'float'", "'[]'", "'{}'", "'{\"stages\":[]}'",
                "'{\"stages\":[{\"bits\":8,\"epochs\":9223372036854775807}],\"batch\":9223372036854775807}'",
            ])
        }
    }

    /// Reads everything of the store in a session folder, as `runs` and the screen do; gives all texts that came of it.
    static func texts(of session: String) throws -> [String] {
        guard let store = try RunStore.openForReading(session: session) else { return [] }
        var comparer = RunComparer()
        try comparer.update(from: store)
        var texts: [String] = []
        for record in try store.runs() {
            _ = try store.lastMetrics(of: record.id)
            _ = try store.histogramSteps(of: record.id)
            _ = try store.checkpoints(of: record.id)
            _ = try store.ranges(of: record.id, layer: "conv0")
            texts += try RunExport.write(record, of: store, to: session + "/csv", as: .csv).map(text(ofFile:))
            texts += try RunExport.write(record, of: store, to: session + "/runs.json", as: .json)
                .map(text(ofFile:))
            _ = try RunExport.write(record, of: store, to: session + "/board", as: .tensorboard)
        }
        let ids = comparer.runs.prefix(2).map(\.id)
        guard !ids.isEmpty else { return texts }
        let comparison = try comparer.compare(Array(ids), from: store)
        for row in comparison.settings { texts.append(JSON.array(row.values.map(JSON.string)).pretty) }
        return texts
    }

    private static func text(ofFile path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    /// Runs the statements of the damage on a store; those that the store's own rules refuse are left out.
    static func apply(_ statements: String, to path: String) throws {
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = OFF")
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        for statement in statements.split(separator: "\n") {
            try queue.write { database in
                do {
                    try database.execute(sql: String(statement))
                } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                    // A column that refuses the value keeps its own.
                }
            }
        }
        try queue.close()
    }
}
