import Graph
import Platform

/// What a file looked like at a moment, so that a change by another program is noticed.
public struct FileStamp: Hashable, Sendable {
    private let size: Int
    private let changed: Int
    private let digest: UInt64

    /// Reads a file of a folder with at most so many bytes, and how it looked.
    static func read(
        _ name: String, in folder: Folder, limit: Int
    ) throws(DiskError) -> (bytes: [UInt8], stamp: FileStamp) {
        let file = try folder.open(name)
        // The time is that of the opening: a change while the file is read is then noticed later.
        let bytes = try file.bytes(limit: limit)
        return (
            bytes, FileStamp(size: bytes.count, changed: file.changeTime, digest: FileStamp.digest(bytes))
        )
    }

    /// How a file of a folder looks that has just got these bytes.
    init(of name: String, in folder: Folder, with bytes: [UInt8]) throws(DiskError) {
        self.init(
            size: bytes.count, changed: try folder.changeTime(of: name) ?? 0, digest: FileStamp.digest(bytes))
    }

    private init(size: Int, changed: Int, digest: UInt64) {
        self.size = size
        self.changed = changed
        self.digest = digest
    }

    /// Whether a file still has the same bytes; one that is gone has not.
    func isSame(as name: String, in folder: Folder) throws(DiskError) -> Bool {
        guard try folder.kind(of: name) == .file, try folder.size(of: name) == size else { return false }
        if try folder.changeTime(of: name) == changed { return true }
        // Written again, perhaps with the same bytes, as by a checkout.
        return FileStamp.digest(try folder.read(name, limit: size + 1)) == digest
    }

    private static func digest(_ bytes: [UInt8]) -> UInt64 {
        var hash = FNVHash()
        hash.add(bytes)
        return hash.value
    }
}
