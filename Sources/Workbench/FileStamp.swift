/// What a file looked like at a moment, so that a change by somebody else is noticed.
public struct FileStamp: Hashable, Sendable {
    private let size: Int
    private let changed: Int
    private let digest: UInt64

    /// Reads a file with at most so many bytes, and how it looked.
    static func read(
        _ path: String, limit: Int
    ) throws(DiskError) -> (bytes: [UInt8], stamp: FileStamp) {
        // The time first: a change while the file is read is then noticed later.
        let changed = try Disk.changeTime(of: path) ?? 0
        let bytes = try Disk.read(path, limit: limit)
        return (bytes, FileStamp(size: bytes.count, changed: changed, digest: FileStamp.digest(bytes)))
    }

    /// How a file looks that has just got these bytes.
    init(of path: String, with bytes: [UInt8]) throws(DiskError) {
        self.init(
            size: bytes.count, changed: try Disk.changeTime(of: path) ?? 0, digest: FileStamp.digest(bytes))
    }

    private init(size: Int, changed: Int, digest: UInt64) {
        (self.size, self.changed, self.digest) = (size, changed, digest)
    }

    /// Whether a file still has the same bytes; one that is gone has not.
    func isSame(as path: String) throws(DiskError) -> Bool {
        guard try Disk.kind(of: path) == .file, try Disk.size(of: path) == size else { return false }
        if try Disk.changeTime(of: path) == changed { return true }
        // Written again, perhaps with the same bytes, as by a checkout.
        return FileStamp.digest(try Disk.read(path, limit: size + 1)) == digest
    }

    /// FNV-1a.
    private static func digest(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
