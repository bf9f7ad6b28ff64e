#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A plain file, open to be read: the one way into files that others give us.
///
/// A pipe, a device, a socket or a folder is refused before it is opened, so that nothing waits for another program, and once
/// more behind that, for the name may stand for something else by then.
package struct PlainFile: ~Copyable {
    /// Its descriptor, which is closed with it.
    package let descriptor: Int32
    /// Its number of bytes when it was opened.
    package let size: Int
    /// When it was changed last, in nanoseconds since 1970.
    package let changeTime: Int

    /// Opens the file that a path leads to, links followed.
    package init(_ path: String) throws(DiskError) {
        var found = stat()
        guard unsafe stat(path, &found) == 0 else { throw .last }
        try PlainFile.check(found)
        try self.init(taking: unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK))
    }

    /// Takes over a descriptor, or the error of the call that should have given one.
    init(taking descriptor: Int32) throws(DiskError) {
        guard descriptor >= 0 else { throw .last }
        var found = stat()
        do throws(DiskError) {
            guard unsafe fstat(descriptor, &found) == 0 else { throw DiskError.last }
            try PlainFile.check(found)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        size = Int(found.st_size)
        changeTime = found.changeTime
    }

    deinit { close(descriptor) }

    /// Gives the descriptor to the caller, who has to close it.
    package consuming func release() -> Int32 {
        let descriptor = descriptor
        discard self
        return descriptor
    }

    /// All bytes, which may be at most `limit`; those of a file that grows meanwhile too, and of one whose size the system does
    /// not say, as in /proc.
    package func bytes(limit: Int) throws(DiskError) -> [UInt8] {
        guard size <= limit else { throw .larger(than: limit) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        var chunk = [UInt8](repeating: 0, count: max(1, min(size + 1, 1 << 20)))
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                retried { unsafe read(descriptor, buffer.baseAddress, buffer.count) }
            }
            guard count >= 0 else { throw .last }
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else { throw .larger(than: limit) }
            bytes += chunk[..<count]
        }
    }

    private static func check(_ found: stat) throws(DiskError) {
        let kind = FileKind(mode: found.st_mode)
        guard kind == .file else { throw .unfit(kind, needed: .file) }
    }
}

extension stat {
    /// In nanoseconds since 1970.
    var changeTime: Int { Int(st_mtim.tv_sec) * 1_000_000_000 + Int(st_mtim.tv_nsec) }
}

/// Calls again where a signal came between.
func retried(_ call: () -> Int) -> Int {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}
