import Graph
import Platform

/// Writing everything that was recorded of a run into files of other programs.
public enum RunExport {
    /// A form of files.
    public enum Form: String, CaseIterable, Sendable {
        /// A folder with a file a table: metrics.csv, evaluations.csv and ranges.csv.
        case csv
        /// One file with all tables.
        case json
        /// A folder that TensorBoard reads, with a folder for the run.
        case tensorboard
    }

    /// Writes a run in a form, in place of what a former export wrote there, and gives the files.
    public static func write(
        _ record: RunRecord, of store: RunStore, to path: String, as form: Form
    ) throws(RunStoreError) -> [String] {
        switch form {
        case .csv:
            let tables = try RunTables(of: record, in: store).tables
            let folder = try made(path)
            return try tables.map { table throws(RunStoreError) in
                try replace(table.name + ".csv", in: folder, with: Array(table.csv.utf8))
            }
        case .json:
            let text = try RunTables(of: record, in: store).json.compact + "\n"
            do {
                try Disk.replace(path, with: Array(text.utf8))
            } catch {
                throw unwritten(path, error)
            }
            return [path]
        case .tensorboard:
            let records = try EventFile(of: record, in: store).records
            let folder = try made(path)
            do {
                _ = try folder.makeFolder(record.id)
            } catch {
                throw unwritten(folder.path(of: record.id), error)
            }
            // TensorBoard reads the files of that name; the same one each time, so that nothing is shown twice.
            let file = "\(record.id)/events.out.tfevents.\(Int(held: record.started)).magikbench"
            return [try replace(file, in: folder, with: records.flatMap { $0 })]
        }
    }

    /// The folder that the files go into, made where it is not there.
    private static func made(_ path: String) throws(RunStoreError) -> Folder {
        do throws(DiskError) {
            if try !Disk.makeFolder(path), let found = try Disk.kind(of: path), found != .folder {
                throw .unfit(found, needed: .folder)
            }
            return try Folder(path)
        } catch {
            throw unwritten(path, error)
        }
    }

    private static func replace(
        _ name: String, in folder: Folder, with bytes: [UInt8]
    ) throws(RunStoreError) -> String {
        let path = folder.path(of: name)
        do {
            try folder.replace(name, with: bytes)
        } catch {
            throw unwritten(path, error)
        }
        return path
    }

    private static func unwritten(_ path: String, _ error: DiskError) -> RunStoreError {
        if case .unsynced(let reason) = error { return .unsynced(path, reason: reason) }
        return .unwritable(path, reason: "\(error)")
    }
}
