import GRDB
import QAT
import Sessions
import Synchronization
public import Weights

/// Writes one run: gathers reports and puts them into the store together, about twice a second.
///
/// A flush is one transaction. Where it fails nothing of it is in the store and all of it is kept here, so that it
/// can be tried again once there is room or the lock is gone; every later report tries as well. Code that stops training
/// for it has lost nothing.
public final class RunWriter: Sendable {
    /// The name of the run.
    public let run: String
    let store: RunStore
    private let process: RunProcess
    private let clock: @Sendable () -> Double
    private let buffer: Mutex<Buffer>

    private struct Buffer {
        var reports: [RunReport] = []
        var lastFlush: Double
    }

    /// Seconds between two flushes.
    public static let interval = 0.5

    init(_ run: String, in store: RunStore, process: RunProcess, clock: @escaping @Sendable () -> Double) {
        self.run = run
        self.store = store
        self.process = process
        self.clock = clock
        buffer = Mutex(Buffer(lastFlush: clock()))
    }

    /// Takes a report, and flushes where the last flush was a while ago.
    public func add(_ report: RunReport) throws(RunStoreError) {
        try buffer.withLock { buffer throws(RunStoreError) in
            buffer.reports.append(report)
            if clock() - buffer.lastFlush >= RunWriter.interval { try flush(&buffer) }
        }
    }

    /// Writes what was gathered, and that the run is alive.
    public func flush() throws(RunStoreError) {
        try buffer.withLock { buffer throws(RunStoreError) in try flush(&buffer) }
    }

    /// Writes what was gathered and how the run ended. The writer takes nothing after that.
    public func end(_ state: RunState, message: String? = nil) throws(RunStoreError) {
        precondition(state != .running, "a run ends in a state of its own")
        try buffer.withLock { buffer throws(RunStoreError) in
            try flush(&buffer, set: "state = ?, message = ?, ended = ?", [state.rawValue, message, clock()])
        }
    }

    /// Writes a checkpoint to its file, in place of the one before, and into the store.
    ///
    /// What was gathered up to its step is written first: a run that is killed in between goes on behind that step, and
    /// would never report it again. What the store has beyond a checkpoint is taken out where a run goes on.
    public func save(
        _ checkpoint: Safetensors, as kind: RunCheckpoint.Kind, step: Int, epoch: Int
    ) throws(RunStoreError) {
        try flush()
        try store.replace(RunFiles.checkpoint(kind, of: run), with: checkpoint)
        try saved(as: kind, step: step, epoch: epoch)
    }

    /// Notes in the store that a checkpoint is in its file.
    func saved(as kind: RunCheckpoint.Kind, step: Int, epoch: Int) throws(RunStoreError) {
        let path = RunFiles.checkpoint(kind, of: run)
        try buffer.withLock { buffer throws(RunStoreError) in
            buffer.reports.append(
                .checkpoint(
                    RunCheckpoint(kind: kind, step: step, epoch: epoch, path: path, written: clock())))
            try flush(&buffer)
        }
    }

    private func flush(
        _ buffer: inout Buffer, set changes: String? = nil, _ values: [(any DatabaseValueConvertible)?] = []
    ) throws(RunStoreError) {
        let reports = buffer.reports
        let now = clock()
        try store.write { database in
            for report in reports { try report.row.insert(run: run, in: database) }
            try database.execute(
                sql: "UPDATE runs SET \(changes.map { $0 + ", " } ?? "")heartbeat = ? "
                    + "WHERE id = ? AND state = 'running' AND host = ? AND pid = ?",
                arguments: StatementArguments(values + [now, run, process.host, process.number]))
            guard database.changesCount == 1 else { throw RunStoreError.taken(run) }
        }
        buffer = Buffer(lastFlush: now)
    }
}
