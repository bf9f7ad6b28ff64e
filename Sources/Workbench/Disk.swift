#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Files and folders, through C.
package enum Disk {
    /// What a path leads to, symbolic links followed.
    enum Kind: Hashable {
        /// A folder.
        case folder
        /// Anything with bytes to read.
        case file
    }

    /// What is at a path, or nil where there is nothing.
    static func kind(of path: String) throws(DiskError) -> Kind? {
        guard let status = try status(of: path) else { return nil }
        return status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
    }

    /// The names in a folder, unsorted.
    static func names(in folder: String) throws(DiskError) -> [String] {
        guard let stream = unsafe opendir(folder) else { throw .last }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw .last }
        return names
    }

    /// The bytes of a file that has at most `limit` of them.
    static func read(_ path: String, limit: Int) throws(DiskError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                retried { unsafe systemRead(descriptor, buffer.baseAddress, buffer.count) }
            }
            guard count >= 0 else { throw .last }
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else { throw .larger(than: limit) }
            bytes += chunk[..<count]
        }
    }

    /// Which file it is, whatever its name.
    struct Identity: Hashable {
        var device: UInt64
        var number: UInt64
    }

    /// Which file has a name, or nil where there is none.
    static func identity(of path: String) throws(DiskError) -> Identity? {
        try status(of: path).map { Identity(device: UInt64($0.st_dev), number: UInt64($0.st_ino)) }
    }

    /// The number of bytes of a file, or nil where there is none.
    static func size(of path: String) throws(DiskError) -> Int? {
        try status(of: path).map { Int($0.st_size) }
    }

    /// When a file was changed last, in nanoseconds since 1970, or nil where there is none.
    static func changeTime(of path: String) throws(DiskError) -> Int? {
        try status(of: path).map { Int($0.st_mtim.tv_sec) * 1_000_000_000 + Int($0.st_mtim.tv_nsec) }
    }

    /// The path without links and dots, or nil where nothing is there.
    static func absolute(_ path: String) -> String? {
        guard let real = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    /// Makes a folder that only its owner may look into, with all those above it that are not there.
    static func makePrivateFolders(_ path: String) throws(DiskError) {
        if try kind(of: path) == .folder { return }
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            try makePrivateFolders(String(path[..<slash]))
        }
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .last }
    }

    /// Makes a folder; false where something of that name is there already.
    static func makeFolder(_ path: String) throws(DiskError) -> Bool {
        if unsafe mkdir(path, 0o777) == 0 { return true }
        guard errno == EEXIST else { throw .last }
        return false
    }

    /// Removes a folder that was made in vain, unless something is in it by now.
    static func discardFolder(_ path: String) {
        unsafe rmdir(path)
    }

    /// Removes a folder with its files, where it is there; one that has folders of its own is not ours and stays.
    static func removeFolder(_ path: String) throws(DiskError) {
        guard try kind(of: path) != nil else { return }
        for name in try names(in: path) {
            guard unsafe unlink(path + "/" + name) == 0 || errno == ENOENT else { throw .last }
        }
        guard unsafe rmdir(path) == 0 else { throw .last }
    }

    /// Removes what a process that was killed while it replaced files of a folder has left beside them.
    static func discardLeftovers(of process: Int, in folder: String) throws(DiskError) {
        let mark = temporaryMark(process)
        for name in try names(in: folder) where name.hasSuffix(mark) || name.contains(mark + "-") {
            discardFile(folder + "/" + name)
        }
    }

    /// What the name of a file has behind it while it is being written.
    fileprivate static func temporaryMark(_ process: Int) -> String { ".tmp-\(process)" }

    /// Removes a file that was made in vain.
    static func discardFile(_ path: String) {
        unsafe unlink(path)
    }

    /// What a file's status says, or nil where there is no file.
    fileprivate static func status(of path: String) throws(DiskError) -> stat? {
        var status = stat()
        if unsafe stat(path, &status) == 0 { return status }
        guard errno == ENOENT || errno == ENOTDIR else { throw .last }
        return nil
    }
}

/// Replacing a file so that whoever reads it, whatever happens, finds the old bytes or the new ones.
extension Disk {
    /// Writes bytes to a descriptor and gives their number, or -1 with `errno` set: what `write` does.
    package typealias Write = (Int32, ArraySlice<UInt8>) -> Int

    /// Puts new bytes in a file's place, or makes the file; one that is a symbolic link stays a link.
    ///
    /// Writes beside the file, waits for the disk, renames and waits for the folder. The old file's permissions and
    /// owner stay. Where it throws, the old file is as it was and nothing is left beside it, but for `unsynced`.
    package static func replace(
        _ path: String, with bytes: [UInt8], writing: Write = writeOut
    ) throws(DiskError) {
        try replace(path, pieces: [bytes[...]], writing: writing)
    }

    /// Puts new bytes, given in pieces, in a file's place: large files need not be in memory twice.
    package static func replace(
        _ path: String, pieces: [ArraySlice<UInt8>], writing: Write = writeOut
    ) throws(DiskError) {
        let target = try resolved(path)
        let old = try status(of: target)
        let (temporary, descriptor) = try makeFile(
            beside: target, mode: old.map { $0.st_mode & 0o777 } ?? 0o666)
        do throws(DiskError) {
            try fill(descriptor, with: pieces, like: old, writing: writing)
            guard unsafe rename(temporary, target) == 0 else { throw DiskError.last }
        } catch {
            unsafe unlink(temporary)
            throw error
        }
        do {
            try syncFolder(of: target)
        } catch {
            throw .unsynced("\(error)")
        }
    }

    /// Gives a file another name, in the place of the file that has it.
    package static func move(_ path: String, to target: String) throws(DiskError) {
        guard unsafe rename(path, try resolved(target)) == 0 else { throw .last }
        do {
            try syncFolder(of: target)
        } catch {
            throw .unsynced("\(error)")
        }
    }

    /// Writes as many bytes as the system takes at once.
    package static func writeOut(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Int {
        unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    }

    /// The file itself, where the path leads to it through links.
    private static func resolved(_ path: String) throws(DiskError) -> String {
        guard let real = unsafe realpath(path, nil) else {
            var link = stat()
            // Nothing there is a new file. A link to nothing is not: replacing it would cut the link.
            guard errno == ENOENT, unsafe lstat(path, &link) != 0, errno == ENOENT else { throw .last }
            return path
        }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    /// A new file that nobody else writes to, named after the process; others of that name are left alone.
    private static func makeFile(
        beside path: String, mode: mode_t
    ) throws(DiskError) -> (path: String, descriptor: Int32) {
        for attempt in 0..<100 {
            let temporary = path + temporaryMark(Int(getpid())) + (attempt == 0 ? "" : "-\(attempt)")
            let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
            if descriptor >= 0 { return (temporary, descriptor) }
            guard errno == EEXIST else { throw .last }
        }
        throw .system(EEXIST)
    }

    /// Writes all pieces, gives the file the owner and permissions of the old one, waits for the disk and closes.
    private static func fill(
        _ descriptor: Int32, with pieces: [ArraySlice<UInt8>], like old: stat?, writing: Write
    ) throws(DiskError) {
        var isOpen = true
        defer { if isOpen { close(descriptor) } }
        for piece in pieces {
            var left = piece
            while !left.isEmpty {
                let count = retried { writing(descriptor, left) }
                guard count >= 0 else { throw .last }
                guard count > 0 else { throw .system(EIO) }
                left = left.dropFirst(count)
            }
        }
        if let old {
            // Only root can give files away; for anybody else the new file stays their own.
            guard fchown(descriptor, old.st_uid, old.st_gid) == 0 || errno == EPERM else { throw .last }
            guard fchmod(descriptor, old.st_mode & 0o7777) == 0 else { throw .last }
        }
        guard retried({ Int(fsync(descriptor)) }) == 0 else { throw .last }
        isOpen = false
        guard close(descriptor) == 0 else { throw .last }
    }

    private static func syncFolder(of path: String) throws(DiskError) {
        let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = unsafe open(parent, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last }
        defer { close(descriptor) }
        // Some file systems have no folders to wait for, and say EINVAL.
        guard retried({ Int(fsync(descriptor)) }) == 0 || errno == EINVAL else { throw .last }
    }
}

/// Why a call of the file system failed.
package enum DiskError: Error, Hashable, CustomStringConvertible {
    /// The number of an error, as `errno` has it.
    case system(Int32)
    /// The file has more bytes than anybody wants to read.
    case larger(than: Int)
    /// The new file is in place, but the folder may not be on disk yet.
    case unsynced(String)

    /// The last error of the calling thread.
    static var last: DiskError { .system(errno) }

    /// The error in the system's words.
    package var description: String {
        switch self {
        case .system(let number): unsafe String(cString: strerror(number))
        case .larger(let limit): "it has more than \(limit >> 20) MiB"
        case .unsynced(let reason): reason
        }
    }
}

// Under a name of its own: inside `Disk`, `read` is its own function.
private let systemRead = unsafe read

/// Calls again where a signal came between.
private func retried(_ call: () -> Int) -> Int {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}
