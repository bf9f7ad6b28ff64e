import Editing
import Graph
import QAT
public import Sessions
public import Weights

/// Why runs cannot be recorded or read; each says what is wrong, where, and what to do, on one line.
///
/// Nothing is half written: what a failed call should have written is not there, and can be written again.
public enum RunStoreError: Error, Hashable, Sendable {
    /// Runs live in a session's folder, and this is none.
    case noSession(String)
    /// No space is left on the disk that is seen at a path.
    case full(String, disk: String)
    /// The system does not let us write the store.
    case readOnly(String)
    /// Another program holds the store and did not release it.
    case locked(String)
    /// The file is not a database.
    case notADatabase(String)
    /// The file is a database of another program.
    case foreign(String)
    /// A newer magikbench wrote the store.
    case newer(String, version: Int, newest: Int)
    /// The database is damaged, or holds what no magikbench writes.
    case damaged(String, reason: String)
    /// The store cannot be opened.
    case unreadable(String, reason: String)
    /// The store lies in a folder that cannot be written, and its last changes wait in a file beside it.
    case unmerged(String)
    /// The store was opened as one that is never written, and it is being written.
    case changed(String)
    /// Anything else that the database says.
    case failed(String, reason: String)
    /// There is no run of that name, but perhaps one whose name is near.
    case noRun(String, store: String, nearest: String? = nil)
    /// A shortened name stands for several runs.
    case unclear(String, [String])
    /// There is a run of that name already.
    case exists(String)
    /// The run is being written by another process.
    case busy(String, by: RunProcess)
    /// The run ended, or another process goes on with it.
    case taken(String)
    /// A file or folder of the run cannot be written; the checkpoint before it is as it was.
    case unwritable(String, reason: String)
    /// The run is forgotten, and its folder is still there.
    case unremoved(String, reason: String)
    /// The checkpoint is in place, but the system did not put its folder on disk.
    case unsynced(String, reason: String)
    /// The checkpoint is no safetensors file.
    case brokenCheckpoint(String, SafetensorsError)
}

extension RunStoreError: CustomStringConvertible {
    /// What is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .noSession(let path):
            RunStoreError.line(
                path, "is no session folder, and runs are recorded in one; 'magikbench new' makes one")
        case .full(let path, let disk):
            RunStoreError.line(
                path,
                "cannot be written: no space is left on the disk at \(disk.oneLine(upTo: 400)); free some and try again"
            )
        case .readOnly(let path):
            RunStoreError.line(
                path,
                "cannot be written: the file or its folder is read-only; copy the session to a folder of yours"
            )
        case .locked(let path):
            RunStoreError.line(path, "another program keeps it locked; close that, or wait and try again")
        case .notADatabase(let path):
            RunStoreError.line(
                path, "is no SQLite database and was left as it is; move it away to record runs")
        case .foreign(let path):
            RunStoreError.line(
                path, "is a database of another program and was left as it is; move it away to record runs")
        case .newer(let path, let version, let newest):
            RunStoreError.line(
                path,
                "version \(version) is newer than \(newest), the newest that this magikbench reads; "
                    + "update magikbench")
        case .damaged(let path, let reason):
            RunStoreError.line(
                path,
                "is damaged: \(reason); move it away to record runs, or rescue it with sqlite3's .recover"
            )
        case .unreadable(let path, let reason): RunStoreError.line(path, "cannot be read: \(reason)")
        case .unmerged(let path):
            RunStoreError.line(
                path,
                "its last changes are still in \(path.oneLine(upTo: 400))-wal, and the folder is read-only; "
                    + "copy the session to a folder of yours")
        case .changed(let path):
            RunStoreError.line(path, "another program has begun to write it; open it again")
        case .failed(let path, let reason): RunStoreError.line(path, reason)
        case .noRun(let run, let store, let nearest):
            RunStoreError.line(
                store,
                "has no run '\(run.oneLine(upTo: 64))'"
                    + didYouMean(nearest?.oneLine(upTo: 64), else: "; 'magikbench runs' lists them"))
        case .unclear(let name, let runs):
            RunStoreError.line(
                name, "is the begin or end of \(Figures.listed(runs)); type more of one of them")
        case .exists(let run): RunStoreError.line(run, "there is a run of that name already")
        case .busy(let run, let process):
            RunStoreError.line(
                run,
                "process \(process.number) on \(process.host.oneLine(upTo: 64)) is still training it; "
                    + "stop that first")
        case .taken(let run):
            RunStoreError.line(run, "the run has ended, or another process goes on with it")
        case .unwritable(let path, let reason):
            RunStoreError.line(path, "cannot be saved: \(reason); what was there before is kept")
        case .unremoved(let path, let reason):
            RunStoreError.line(path, "the run is forgotten, but its folder cannot be removed: \(reason)")
        case .unsynced(let path, let reason):
            RunStoreError.line(
                path, "is saved, but a power cut may undo that: its folder cannot be written out: \(reason)")
        case .brokenCheckpoint(let path, let error): RunStoreError.line(path, "\(error)")
        }
    }

    private static func line(_ place: String, _ message: String) -> String {
        (place.isEmpty ? "''" : place.oneLine(upTo: 400)) + ": " + message.oneLine(upTo: 1000)
    }
}
