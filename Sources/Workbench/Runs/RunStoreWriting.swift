import GRDB

/// Beginning runs, and going on with them.
extension RunStore {
    /// Records that a run begins, makes its folder, and gives its only writer.
    public func begin(_ record: RunRecord) throws(RunStoreError) -> RunWriter {
        try begin(record) { Machine.now }
    }

    /// Goes on with a run from the step of its checkpoint: what was recorded of later steps is forgotten, for they
    /// are done again. Throws where the run is still being trained.
    public func resume(_ run: String, after step: Int) throws(RunStoreError) -> RunWriter {
        try resume(run, after: step) { Machine.now }
    }

    /// Begins a run by a clock of the caller's.
    package func begin(
        _ record: RunRecord, clock: @escaping @Sendable () -> Double
    ) throws(RunStoreError) -> RunWriter {
        precondition(RunRecord.isID(record.id) && record.state == .running, "a run that begins, by its name")
        try makeFolder(RunFiles.folder)
        let isNew = try makeFolder(RunFiles.folder(of: record.id))
        do {
            try write { database in
                guard try RunRecord.rows(id: record.id, in: database).isEmpty else {
                    throw RunStoreError.exists(record.id)
                }
                try record.insert(in: database)
            }
        } catch {
            if isNew { Disk.discardFolder(folder + "/" + RunFiles.folder(of: record.id)) }
            throw error
        }
        return RunWriter(record.id, in: self, process: record.process, clock: clock)
    }

    /// Goes on with a run by a clock of the caller's.
    package func resume(
        _ run: String, after step: Int, clock: @escaping @Sendable () -> Double
    ) throws(RunStoreError) -> RunWriter {
        let process = RunProcess.current
        try write { database in
            guard let record = try RunRecord.rows(id: run, in: database).first else {
                throw RunStoreError.noRun(run, store: path)
            }
            // A process of this machine is asked; one of another is believed as long as it writes.
            let isTaken = record.process.isAlive ?? (record.liveness(at: clock()) == .writing)
            guard record.state != .running || !isTaken else {
                throw RunStoreError.busy(run, by: record.process)
            }
            for table in [RunMetrics.table, RunEvaluation.table, RunRange.table, RunHistogram.table] {
                try database.execute(
                    sql: "DELETE FROM \(table) WHERE run = ? AND step > ?", arguments: [run, step])
            }
            try database.execute(
                sql: "UPDATE runs SET state = 'running', message = NULL, ended = NULL, heartbeat = ?, "
                    + "host = ?, pid = ?, pid_start = ? WHERE id = ?",
                arguments: [clock(), process.host, process.number, process.startTime, run])
        }
        try makeFolder(RunFiles.folder)
        try makeFolder(RunFiles.folder(of: run))
        return RunWriter(run, in: self, process: process, clock: clock)
    }

    /// Forgets a run; its folder is the caller's to remove.
    public func forget(_ run: String) throws(RunStoreError) {
        try write { database in
            guard let record = try RunRecord.rows(id: run, in: database).first else {
                throw RunStoreError.noRun(run, store: path)
            }
            guard record.state != .running || record.process.isAlive != true else {
                throw RunStoreError.busy(run, by: record.process)
            }
            try database.execute(sql: "DELETE FROM runs WHERE id = ?", arguments: [run])
        }
    }

    /// Makes a folder of the session; false where it is there already.
    @discardableResult
    private func makeFolder(_ name: String) throws(RunStoreError) -> Bool {
        let path = folder + "/" + name
        do {
            return try Disk.makeFolder(path)
        } catch {
            throw .unwritable(path, reason: "\(error)")
        }
    }
}
