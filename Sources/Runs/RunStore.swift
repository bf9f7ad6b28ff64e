import GRDB
import Platform
import Sessions

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The record of a session's training runs, in the file `runs.sqlite` of its folder.
///
/// Training writes, the screen and the commands read, each in a process of its own and all at once: SQLite in WAL
/// mode lets readers read while one writer writes, and writers wait for each other for a moment.
public final class RunStore: Sendable {
    /// The session's folder.
    public var folder: String { files.path }
    /// The session's folder, which all but the database itself is written in by its descriptor.
    let files: Folder
    /// The database file.
    public let path: String
    private let connection: RunConnection
    private var queue: DatabaseQueue { connection.queue }
    /// Whether the file is read as one that is never written, since its folder cannot be written.
    private let isImmutable: Bool
    /// Seconds that a call waits.
    private let patience: Double

    /// Seconds that a call waits for another program to release the store.
    public static let patience = 5.0

    private init(
        _ files: Folder, path: String, _ connection: RunConnection, isImmutable: Bool = false,
        patience: Double
    ) {
        self.files = files
        self.path = path
        self.connection = connection
        self.isImmutable = isImmutable
        self.patience = patience
    }

    /// Opens the store of a session folder to write runs, and makes it where there is none.
    public static func openForWriting(
        session folder: String, patience: Double = patience
    ) throws(RunStoreError) -> RunStore {
        try waiting(patience) { () throws(RunStoreError) in
            try openForWriting(session: folder, patience: patience, schema: .current)
        }
    }

    /// Opens the store of a session folder to read runs, or gives nil where none was ever recorded. A folder that
    /// cannot be written is read as well.
    public static func openForReading(
        session folder: String, patience: Double = patience
    ) throws(RunStoreError) -> RunStore? {
        try waiting(patience) { () throws(RunStoreError) in
            try openForReading(session: folder, patience: patience, schema: .current)
        }
    }

    /// Reads in one transaction: all of it is of one moment.
    func read<Value>(_ body: (Database) throws -> Value) throws(RunStoreError) -> Value {
        if isImmutable, try RunStore.size(of: RunFiles.store + "-wal", in: files) != nil {
            throw .changed(path)
        }
        return try RunStore.waiting(patience) { () throws(RunStoreError) in
            do {
                return try queue.read(body)
            } catch {
                throw RunStoreError(error, store: path)
            }
        }
    }

    /// Writes in one transaction: all of it is done, or nothing.
    func write<Value>(_ body: (Database) throws -> Value) throws(RunStoreError) -> Value {
        try RunStore.waiting(patience) { () throws(RunStoreError) in
            do {
                return try queue.write(body)
            } catch {
                throw RunStoreError(error, store: path)
            }
        }
    }

    /// Does something again while the store is locked, for so many seconds.
    ///
    /// SQLite waits by itself where a writer waits for another; it does not while another program makes the store, is the
    /// last to close it, or cleans up after one that was killed.
    private static func waiting<Value>(
        _ seconds: Double, _ body: () throws(RunStoreError) -> Value
    ) throws(RunStoreError) -> Value {
        let start = System.now
        while true {
            do throws(RunStoreError) {
                return try body()
            } catch {
                guard case .locked = error, System.now - start < seconds else { throw error }
                System.pause()
            }
        }
    }
}

// Opening.
extension RunStore {
    static func openForWriting(
        session folder: String, patience: Double, schema: RunSchema
    ) throws(RunStoreError) -> RunStore {
        let files = try opened(folder)
        let path = storePath(in: folder)
        try check(files)
        do {
            try makeStore(files)
            let connection = try RunConnection(path, configuration(patience: patience, isReading: false))
            let queue = connection.queue
            // Before anything is written: the file may be anybody's.
            try queue.read { _ = try checkedVersion($0, path: path, schema: schema) }
            try queue.writeWithoutTransaction { database in
                guard try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL") == "wal" else {
                    throw RunStoreError.failed(
                        path,
                        reason: "this file system cannot be shared by programs; put the session on another")
                }
                // A power cut may take the last moments of a run; the file stays whole.
                try database.execute(sql: "PRAGMA synchronous = NORMAL")
                // SQLite keeps 2 MB of what was written; it is not read here, and it looks like a leak of training.
                try database.execute(sql: "PRAGMA cache_size = -128")
            }
            try queue.write { try schema.migrate($0) }
            return RunStore(files, path: path, connection, patience: patience)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN {
            throw .readOnly(path)
        } catch {
            throw RunStoreError(error, store: path)
        }
    }

    static func openForReading(
        session folder: String, patience: Double, schema: RunSchema
    ) throws(RunStoreError) -> RunStore? {
        let files = try opened(folder)
        let path = storePath(in: folder)
        try check(files)
        guard try size(of: RunFiles.store, in: files) != nil else { return nil }
        let (connection, isImmutable) = try reader(of: path, in: files, patience: patience)
        do {
            let version = try connection.queue.read { try checkedVersion($0, path: path, schema: schema) }
            if version == 0 { return nil }
            if version < schema.version {
                _ = try openForWriting(session: folder, patience: patience, schema: schema)
            }
            return RunStore(
                files, path: path, connection, isImmutable: isImmutable, patience: patience)
        } catch {
            throw RunStoreError(error, store: path)
        }
    }

    /// A connection that only reads. Even that needs a file beside the store, so one in a folder that cannot be
    /// written is read as one that is never written.
    private static func reader(
        of path: String, in files: Folder, patience: Double
    ) throws(RunStoreError) -> (connection: RunConnection, isImmutable: Bool) {
        let configuration = configuration(patience: patience, isReading: true)
        do {
            do {
                return (try RunConnection(path, configuration), false)
            } catch let error as DatabaseError where isRefusal(error) {
                guard try size(of: RunFiles.store + "-wal", in: files) ?? 0 == 0 else {
                    throw RunStoreError.unmerged(path)
                }
                return (try RunConnection(uri(of: path), configuration), true)
            }
        } catch let error as DatabaseError where isRefusal(error) {
            throw .unreadable(path, reason: "the system does not let us; its owner can")
        } catch {
            throw RunStoreError(error, store: path)
        }
    }

    /// Whether the system did not let SQLite open one of the store's files.
    private static func isRefusal(_ error: DatabaseError) -> Bool {
        [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(error.resultCode)
    }

    private static func configuration(patience: Double, isReading: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = isReading
        configuration.busyMode = .timeout(patience)
        return configuration
    }

    /// The version of the file, 0 where it is empty; throws where it is not for us.
    private static func checkedVersion(
        _ database: Database, path: String, schema: RunSchema
    ) throws -> Int {
        let version = try RunSchema.version(of: database)
        guard version <= schema.version else {
            throw RunStoreError.newer(path, version: version, newest: schema.version)
        }
        let tables = try String.fetchAll(database, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
        guard version == 0 ? tables.isEmpty : version > 0 && tables.contains("runs") else {
            throw RunStoreError.foreign(path)
        }
        return version
    }

    /// The session's folder.
    private static func opened(_ folder: String) throws(RunStoreError) -> Folder {
        do {
            guard try Disk.kind(of: folder) == .folder else { throw RunStoreError.noSession(folder) }
            return try Folder(folder)
        } catch let error as RunStoreError {
            throw error
        } catch {
            throw .unreadable(folder, reason: "\(error)")
        }
    }

    /// Throws where one of the files that SQLite would open, by their names and through links, is not a file of this folder
    /// alone.
    private static func check(_ files: Folder) throws(RunStoreError) {
        for ending in ["", "-wal", "-shm", "-journal"] {
            do {
                try files.checkWritable(RunFiles.store + ending)
            } catch {
                throw .unreadable(files.path(of: RunFiles.store + ending), reason: "\(error)")
            }
        }
    }

    /// Makes the file where there is none: SQLite would follow a link that was put there meanwhile, and has permissions of its own.
    private static func makeStore(_ files: Folder) throws(RunStoreError) {
        do {
            close(try files.openToWrite(RunFiles.store, O_RDONLY))
        } catch .system(EACCES), .system(EROFS), .system(EPERM) {
            throw .readOnly(files.path(of: RunFiles.store))
        } catch .system(ENOSPC), .system(EDQUOT) {
            throw .full(files.path(of: RunFiles.store), disk: Disk.disk(of: files.path))
        } catch {
            throw .unreadable(files.path(of: RunFiles.store), reason: "\(error)")
        }
    }

    private static func storePath(in folder: String) -> String {
        // A path that starts with "file:" would be taken for an address.
        (folder.hasPrefix("/") ? "" : "./") + folder + "/" + RunFiles.store
    }

    /// The address of a file that is never written.
    private static func uri(of path: String) -> String {
        let plain = path.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "%"): "%" + String(byte, radix: 16)
            default: nil as String?
            }
        }
        let bytes = zip(plain, path.utf8).flatMap { escaped, byte in escaped.map { Array($0.utf8) } ?? [byte]
        }
        return "file:" + String(decoding: bytes, as: UTF8.self) + "?immutable=1"
    }

    private static func size(of name: String, in files: Folder) throws(RunStoreError) -> Int? {
        do {
            return try files.size(of: name)
        } catch {
            throw .unreadable(files.path(of: name), reason: "\(error)")
        }
    }
}
