import GRDB
import Platform

extension RunStoreError {
    /// What an error of the database means for the store.
    init(_ error: any Error, store path: String) {
        if let error = error as? RunStoreError {
            self = error
            return
        }
        if let error = error as? DamagedRow {
            self = .damaged(path, reason: error.reason)
            return
        }
        guard let error = error as? DatabaseError else {
            self = .failed(path, reason: "\(error)")
            return
        }
        let reason = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_FULL: self = .full(path, disk: Disk.disk(of: Disk.split(path).folder))
        // Where a file beside the store cannot grow, the database has no word for it.
        case .SQLITE_IOERR where RunStoreError.isFull(path):
            self = .full(path, disk: Disk.disk(of: Disk.split(path).folder))
        case .SQLITE_READONLY, .SQLITE_PERM: self = .readOnly(path)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .locked(path)
        case .SQLITE_NOTADB: self = .notADatabase(path)
        case .SQLITE_CORRUPT: self = .damaged(path, reason: reason)
        case .SQLITE_CANTOPEN: self = .unreadable(path, reason: reason)
        // The codes are not a closed list.
        default: self = .failed(path, reason: reason)
        }
    }

    /// The bytes of the index of the database's log, which is the first to be made beside the store.
    private static let logIndex = 32 << 10

    private static func isFull(_ path: String) -> Bool {
        Disk.room(at: Disk.split(path).folder).map { $0 < logIndex } ?? false
    }
}
