import Devices
import Editing
import GRDB
import Graph
import Platform
import QAT
import Sessions
public import Weights

/// Beginning runs, and going on with them.
extension RunStore {
    /// Records that a run begins, makes its folder, and gives its only writer.
    ///
    /// `checkpoint` is where it begins: a run that is in the store can be gone on with at any moment after. `teacher` is
    /// what it learns from, for it must not change with the session's weights.
    public func begin(
        _ record: RunRecord, checkpoint: Safetensors? = nil, teacher: FloatModel? = nil
    ) throws(RunStoreError) -> RunWriter {
        try begin(record, checkpoint: checkpoint, teacher: teacher) { System.now }
    }

    /// Goes on with a run from the step of its checkpoint: what was recorded of later steps is forgotten, for they
    /// are done again. Throws where the run is still being trained.
    public func resume(_ run: String, after step: Int) throws(RunStoreError) -> RunWriter {
        try resume(run, after: step) { System.now }
    }

    /// Begins a run by a clock of the caller's.
    package func begin(
        _ record: RunRecord, checkpoint: Safetensors? = nil, teacher: FloatModel? = nil,
        clock: @escaping @Sendable () -> Double
    ) throws(RunStoreError) -> RunWriter {
        precondition(RunRecord.isID(record.id) && record.state == .running, "a run that begins, by its name")
        try makeFolder(RunFiles.folder)
        let isNew = try makeFolder(RunFiles.folder(of: record.id))
        let written = [
            (RunFiles.checkpoint(.last, of: record.id), checkpoint),
            (RunFiles.teacher(of: record.id), teacher?.weights),
        ]
        let teacherNetwork = RunFiles.teacherNetwork(of: record.id)
        do throws(RunStoreError) {
            guard try run(record.id) == nil else { throw RunStoreError.exists(record.id) }
            for case (let path, let file?) in written { try replace(path, with: file) }
            if let teacher { try replace(teacherNetwork, with: teacher.network, of: record) }
            let start = checkpoint.map { _ in
                RunCheckpoint(
                    kind: .last, step: 0, epoch: 0, path: RunFiles.checkpoint(.last, of: record.id),
                    written: clock())
            }
            try write { database in
                guard try RunRecord.rows(id: record.id, in: database).isEmpty else {
                    throw RunStoreError.exists(record.id)
                }
                try record.insert(in: database)
                if let start { try start.insert(run: record.id, in: database) }
            }
        } catch {
            if isNew {
                for case (let name, _?) in written { files.discard(name) }
                if teacher != nil { files.discard(teacherNetwork) }
                files.discardFolder(RunFiles.folder(of: record.id))
            }
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
            guard record.state != .running || !record.isHeld(at: clock()) else {
                throw RunStoreError.busy(run, by: record.process)
            }
            // While the record still names the process before: where this one is killed here, the next one does it.
            try makeFolder(RunFiles.folder)
            try makeFolder(RunFiles.folder(of: run))
            if record.process.isAlive == false { try discardLeftovers(of: record.process.number, run) }
            for table in [RunMetrics.table, RunEvaluation.table, RunRange.table, RunHistogram.table] {
                try database.execute(
                    sql: "DELETE FROM \(table) WHERE run = ? AND step > ?", arguments: [run, step])
            }
            let now = clock()
            try RunResumption(
                step: step, resumed: now, ended: record.ended, state: record.state, message: record.message
            ).insert(run: run, in: database)
            try database.execute(
                sql: "UPDATE runs SET state = 'running', message = NULL, ended = NULL, heartbeat = ?, "
                    + "host = ?, pid = ?, pid_start = ? WHERE id = ?",
                arguments: [now, process.host, process.number, process.startTime, run])
        }
        return RunWriter(run, in: self, process: process, clock: clock)
    }

    /// Keeps a remark about a run, also one that trains or has ended, on one line; an empty one takes it away.
    public func setNote(_ note: String, of run: String) throws(RunStoreError) {
        let line = note.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            .oneLine(upTo: RunStore.noteLimit)
        try write { database in
            try database.execute(
                sql: "UPDATE runs SET note = ? WHERE id = ?", arguments: [line.isEmpty ? nil : line, run])
            guard database.changesCount == 1 else { throw RunStoreError.noRun(run, store: path) }
        }
    }

    /// A longer note is cut there.
    private static let noteLimit = 400

    /// Forgets a run and removes its folder. Throws where the run is still being trained.
    public func forget(_ run: String) throws(RunStoreError) { try forget(run) { System.now } }

    /// Forgets a run by a clock of the caller's.
    package func forget(_ run: String, clock: @Sendable () -> Double) throws(RunStoreError) {
        try write { database in
            guard let record = try RunRecord.rows(id: run, in: database).first else {
                throw RunStoreError.noRun(run, store: path)
            }
            guard record.state != .running || !record.isHeld(at: clock()) else {
                throw RunStoreError.busy(run, by: record.process)
            }
            try database.execute(sql: "DELETE FROM runs WHERE id = ?", arguments: [run])
        }
        do {
            try files.removeFolder(RunFiles.folder(of: run))
        } catch {
            throw .unremoved(files.path(of: RunFiles.folder(of: run)), reason: "\(error)")
        }
    }

    private func discardLeftovers(of process: Int, _ run: String) throws(RunStoreError) {
        do {
            try files.discardLeftovers(of: process)
            try files.discardLeftovers(of: process, in: RunFiles.folder(of: run))
        } catch {
            throw .unreadable(folder, reason: "\(error)")
        }
    }

    private func replace(
        _ name: String, with network: Network, of record: RunRecord
    ) throws(RunStoreError) {
        let device = Device(name: record.device) ?? .t40
        let text = Document(network: network, device: device).text
        try replace(name, pieces: [Array(text.utf8)[...]])
    }

    /// Puts a file of the session in place of the previous one.
    func replace(_ name: String, with file: Safetensors) throws(RunStoreError) {
        try replace(name, pieces: file.pieces())
    }

    private func replace(_ name: String, pieces: [ArraySlice<UInt8>]) throws(RunStoreError) {
        do {
            try files.replace(name, pieces: pieces)
        } catch .unsynced(let reason) {
            throw .unsynced(files.path(of: name), reason: reason)
        } catch {
            throw .unwritable(files.path(of: name), reason: "\(error)")
        }
    }

    /// Makes a folder of the session; false where it is there already.
    @discardableResult
    private func makeFolder(_ name: String) throws(RunStoreError) -> Bool {
        do {
            return try files.makeFolder(name)
        } catch {
            throw .unwritable(files.path(of: name), reason: "\(error)")
        }
    }
}

extension RunRecord {
    /// Whether the run's process may still write: one of this machine is asked, one of another is believed as long as
    /// it writes.
    fileprivate func isHeld(at now: Double) -> Bool { process.isAlive ?? (liveness(at: now) == .writing) }
}
