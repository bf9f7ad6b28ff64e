import Graph

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
            try makeFolder(path)
            var files: [String] = []
            for table in tables {
                files.append(path + "/" + table.name + ".csv")
                try replace(files[files.count - 1], with: Array(table.csv.utf8))
            }
            return files
        case .json:
            try replace(path, with: Array((try RunTables(of: record, in: store).json.compact + "\n").utf8))
            return [path]
        case .tensorboard:
            let records = try EventFile(of: record, in: store).records
            let folder = path + "/" + record.id
            try makeFolder(path)
            try makeFolder(folder)
            // TensorBoard reads the files of that name; the same one each time, so that nothing is shown twice.
            let file = "\(folder)/events.out.tfevents.\(Int(held: record.started)).magikbench"
            try replace(file, with: records.flatMap { $0 })
            return [file]
        }
    }

    private static func makeFolder(_ path: String) throws(RunStoreError) {
        do {
            guard try !Disk.makeFolder(path), try Disk.kind(of: path) != .folder else { return }
        } catch {
            throw .unwritable(path, reason: "\(error)")
        }
        throw .unwritable(path, reason: "a file of that name is there")
    }

    private static func replace(_ path: String, with bytes: [UInt8]) throws(RunStoreError) {
        do {
            try Disk.replace(path, with: bytes)
        } catch .unsynced(let reason) {
            throw .unsynced(path, reason: reason)
        } catch {
            throw .unwritable(path, reason: "\(error)")
        }
    }
}
