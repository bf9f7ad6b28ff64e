import GRDB
import Graph
import Sessions

/// A run as a row of the table `runs`.
extension RunRecord {
    /// The run that a row stands for; a name that is no name of a folder is refused.
    init(_ row: Row) throws {
        let id: String = try row.get("id")
        guard RunRecord.isID(id) else {
            throw DamagedRow(reason: "'\(id.oneLine(upTo: 64))' is no name of a run")
        }
        let planText: String = try row.get("plan")
        let plan: JSON
        do throws(FileError) {
            plan = try JSON(text: planText)
        } catch {
            throw DamagedRow(reason: "the plan of \(id): \(error)")
        }
        self.init(
            id: id, plan: plan, seed: UInt64(bitPattern: try row.get("seed") as Int64),
            data: try row.get("data"),
            digest: try row.get("digest"), network: try row.get("network"), device: try row.get("device"),
            process: RunProcess(
                host: try row.get("host"), number: try row.get("pid"), startTime: try row.find("pid_start")),
            started: try row.time("started"))
        state = try row.word("state")
        message = try row.find("message")
        ended = try row.findTime("ended")
        heartbeat = try row.time("heartbeat")
        steps = try row.findCount("steps")
        stepsPerEpoch = try row.findCount("epoch_steps")
        note = try row.find("note")
    }

    /// All runs, or the one of a name, oldest first.
    static func rows(id: String? = nil, in database: Database) throws -> [RunRecord] {
        try Row.fetchAll(
            database,
            sql:
                "SELECT \(columns.joined(separator: ", ")) FROM runs \(id == nil ? "" : "WHERE id = ?") ORDER BY started, id",
            arguments: StatementArguments(id.map { [$0] } ?? [])
        ).map(RunRecord.init)
    }

    /// Writes the run as a new row.
    func insert(in database: Database) throws {
        let names = RunRecord.columns.joined(separator: ", ")
        let marks = Array(repeating: "?", count: RunRecord.columns.count).joined(separator: ", ")
        let values: [(any DatabaseValueConvertible)?] = [
            id, state.rawValue, message, started, ended, heartbeat, process.host, process.number,
            process.startTime, Int64(bitPattern: seed), data, device, digest, plan.compact, network, steps,
            stepsPerEpoch, note,
        ]
        try database.execute(
            sql: "INSERT INTO runs (\(names)) VALUES (\(marks))", arguments: StatementArguments(values))
    }

    private static let columns = [
        "id", "state", "message", "started", "ended", "heartbeat", "host", "pid", "pid_start", "seed", "data",
        "device", "digest", "plan", "network", "steps", "epoch_steps", "note",
    ]
}
