import Datasets
import GRDB
import QAT

/// The runs of a store in a few words each; what did not change is not read again.
struct RunList {
    /// What changes whenever a run is written to.
    private struct Version: Hashable {
        var state: String
        var heartbeat: Double
        var process: Int
        var step: Int?
        var note: String?
    }

    /// The runs, the newest first.
    private(set) var runs: [RunSummary] = []
    private var versions: [String: Version] = [:]

    /// Whether any run may still be written to.
    var hasLiveRun: Bool { runs.contains(where: \.isLive) }

    /// Reads what changed.
    mutating func update(from store: RunStore, at now: Double) throws(RunStoreError) {
        let known = Dictionary(uniqueKeysWithValues: runs.map { ($0.record.id, $0) })
        let before = versions
        (runs, versions) = try store.read { database in
            var runs: [RunSummary] = []
            var versions: [String: Version] = [:]
            for (id, version) in try RunList.versions(in: database) {
                versions[id] = version
                if version == before[id], let run = known[id] {
                    runs.append(run)
                } else if let run = try RunSummary(id, in: database, at: now) {
                    runs.append(run)
                }
            }
            return (runs, versions)
        }
        evaluateActivity(at: now)
    }

    /// Finds out what the runs are doing; whether any does something else than before.
    @discardableResult
    mutating func evaluateActivity(at now: Double) -> Bool {
        let before = runs.map(\.activity)
        for index in runs.indices where runs[index].record.state == .running {
            runs[index].evaluateActivity(at: now)
        }
        return runs.map(\.activity) != before
    }

    private static func versions(in database: Database) throws -> [(String, Version)] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT id, state, heartbeat, pid, note, CASE state WHEN 'running'
                THEN (SELECT max(step) FROM metrics WHERE run = id) END AS step
                FROM runs ORDER BY started DESC, id DESC
                """
        ).map { row in
            (
                try row.get("id"),
                Version(
                    state: try row.get("state"), heartbeat: try row.number("heartbeat"),
                    process: try row.get("pid"), step: try row.find("step"),
                    note: try row.find("note"))
            )
        }
    }
}

extension RunSummary {
    /// The run of a name, or nil.
    fileprivate init?(_ id: String, in database: Database, at now: Double) throws {
        guard let record = try RunRecord.rows(id: id, in: database).first else { return nil }
        let last = try RunMetrics.rows(of: id, where: "TRUE", [], by: "step DESC LIMIT 1", in: database).first
        let evaluation = try RunEvaluation.rows(
            of: id, where: "TRUE", [],
            by: "step DESC, split = 'training', split DESC, mode DESC LIMIT 1", in: database
        ).first
        let best = try evaluation.flatMap { evaluation in
            try RunEvaluation.rows(
                of: id, where: "split = ? AND mode = ?",
                [evaluation.split.storedName, evaluation.mode.rawValue],
                by: "accuracy DESC, sqnr DESC, loss, step LIMIT 1", in: database
            ).first
        }
        self.init(record, last: last, evaluation: evaluation, best: best, at: now)
    }
}
