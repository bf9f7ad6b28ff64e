#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Files and folders by paths that the user gives. Links in such a path are followed. Files inside a session are opened
/// through `Folder` instead, which follows none.
package enum Disk {
    /// What a path leads to, or nil where there is nothing.
    package static func kind(of path: String) throws(DiskError) -> FileKind? {
        var found = stat()
        if unsafe stat(path, &found) == 0 { return FileKind(mode: found.st_mode) }
        guard errno == ENOENT || errno == ENOTDIR else { throw .last }
        return nil
    }

    /// Whether a path leads to a folder, and the bytes of a plain file there; neither where nothing is.
    package static func entry(_ path: String) -> (isFolder: Bool, bytes: Int?) {
        var found = stat()
        guard unsafe stat(path, &found) == 0 else { return (false, nil) }
        let kind = FileKind(mode: found.st_mode)
        return (kind == .folder, kind == .file ? Int(found.st_size) : nil)
    }

    /// The names in a folder, unsorted.
    package static func names(in folder: String) throws(DiskError) -> [String] {
        try names(readingFrom: unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    }

    /// The names in the folder of a descriptor, which this closes, or the error of the call that should have given one.
    static func names(readingFrom descriptor: Int32) throws(DiskError) -> [String] {
        guard descriptor >= 0 else { throw .last }
        guard let stream = unsafe fdopendir(descriptor) else {
            close(descriptor)
            throw .last
        }
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

    /// The bytes of a plain file that has at most `limit` of them.
    package static func read(_ path: String, limit: Int) throws(DiskError) -> [UInt8] {
        try PlainFile(path).bytes(limit: limit)
    }

    /// The path without links and dots, or nil where nothing is there.
    package static func absolute(_ path: String) -> String? {
        guard let real = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    /// Where the disk that a path lies on is seen: the folder highest up that is on the same one.
    package static func disk(of path: String) -> String {
        guard let whole = absolute(path.isEmpty ? "." : path) else { return path }
        var found = whole
        var here = stat()
        guard unsafe stat(whole, &here) == 0 else { return path }
        while found != "/" {
            let above = split(found).folder
            var there = stat()
            guard unsafe stat(above, &there) == 0, there.st_dev == here.st_dev else { break }
            found = above
        }
        return found
    }

    /// The bytes that are left for new files on the disk of a path; nil where the system does not say.
    package static func room(at path: String) -> Int? {
        var found = statvfs()
        guard unsafe statvfs(path, &found) == 0 else { return nil }
        let bytes = UInt64(found.f_bavail).multipliedReportingOverflow(by: UInt64(found.f_frsize))
        return bytes.overflow ? .max : Int(clamping: bytes.partialValue)
    }

    /// Makes a folder that only its owner may look into, with all those above it that are not there.
    package static func makePrivateFolders(_ path: String) throws(DiskError) {
        if try kind(of: path) == .folder { return }
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            try makePrivateFolders(String(path[..<slash]))
        }
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .last }
    }

    /// Makes a folder; false where something of that name is there already.
    package static func makeFolder(_ path: String) throws(DiskError) -> Bool {
        if unsafe mkdir(path, 0o777) == 0 { return true }
        guard errno == EEXIST else { throw .last }
        return false
    }

    /// Makes a folder with all those above it that are not there.
    package static func makeFolders(_ path: String) throws(DiskError) {
        if try kind(of: path) == .folder { return }
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            try makeFolders(String(path[..<slash]))
        }
        guard try makeFolder(path) else {
            guard let found = try kind(of: path) else { throw .system(ENOENT) }
            guard found == .folder else { throw .unfit(found, needed: .folder) }
            return
        }
    }

    /// Removes a folder that was made for nothing, unless something is in it by now.
    package static func discardFolder(_ path: String) {
        unsafe rmdir(path)
    }

    /// Writes bytes to a descriptor and gives their number, or -1 with `errno` set: what `write` does.
    package typealias Write = (Int32, ArraySlice<UInt8>) -> Int

    /// Writes as many bytes as the system takes at once.
    package static func writeOut(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Int {
        unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    }

    /// Puts new bytes in place of the file that a path leads to, or makes the file; one that is a symbolic link stays a
    /// link. As `Folder.replace` does it.
    package static func replace(
        _ path: String, with bytes: [UInt8], writing: Write = writeOut
    ) throws(DiskError) {
        let (folder, name) = split(try resolved(path))
        try Folder(folder).replace(name, with: bytes, writing: writing)
    }

    /// The folder and the last name of a path: "." for a name alone.
    package static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let name = String(path[path.index(after: slash)...])
        return (slash == path.startIndex ? "/" : String(path[..<slash]), name)
    }

    /// The file itself, where the path leads to it through links.
    package static func resolved(_ path: String) throws(DiskError) -> String {
        if let real = absolute(path) { return real }
        var link = stat()
        // Nothing there is a new file. A link to nothing is not: replacing it would cut the link.
        guard errno == ENOENT, unsafe lstat(path, &link) != 0, errno == ENOENT else { throw .last }
        return path
    }
}
