#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A folder by its descriptor, such as a session's: all that is opened, made, renamed or removed in it is found from there, and no
/// link is followed on the way.
///
/// Names are of the folder, or of folders in it: "runs/ID/checkpoint.safetensors". The path of the folder itself may lead
/// through links: the user chose that path.
package final class Folder: Sendable {
    /// The path, as messages name it.
    package let path: String
    private let descriptor: Int32

    /// Opens the folder of a path; an empty one is the folder where the program runs.
    package init(_ path: String) throws(DiskError) {
        let descriptor = unsafe openat(
            AT_FDCWD, path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .last }
        self.path = path
        self.descriptor = descriptor
    }

    private init(path: String, descriptor: Int32) { (self.path, self.descriptor) = (path, descriptor) }

    deinit { close(descriptor) }

    /// A folder in this one.
    package func folder(_ name: String) throws(DiskError) -> Folder {
        let descriptor = try placed(name) { place throws(DiskError) in
            guard try place.status(.folder) != nil else { throw .system(ENOENT) }
            return unsafe openat(place.folder, place.last, Folder.reading)
        }
        guard descriptor >= 0 else { throw .last }
        return Folder(path: path(of: name), descriptor: descriptor)
    }

    /// The path of a name, for messages and other programs.
    package func path(of name: String) -> String { path + "/" + name }

    /// A name with the folder that it lies in.
    struct Place {
        /// The descriptor of the folder, while the call goes on.
        let folder: Int32
        /// The name there.
        let last: String
        /// The name as it was given.
        let name: String

        /// What the name stands for; nil where there is nothing.
        func status() throws(DiskError) -> stat? {
            var found = stat()
            if unsafe fstatat(folder, last, &found, AT_SYMLINK_NOFOLLOW) == 0 { return found }
            guard errno == ENOENT || errno == ENOTDIR else { throw .last }
            return nil
        }

        /// What the name stands for; throws where that is neither nothing nor of a kind.
        func status(_ kind: FileKind) throws(DiskError) -> stat? {
            guard let found = try status() else { return nil }
            switch FileKind(mode: found.st_mode) {
            case kind: return found
            case .link: throw .link(name)
            case .file, .folder, .pipe, .socket, .device:
                throw .unfit(FileKind(mode: found.st_mode), needed: kind)
            }
        }
    }

    /// Goes to the folder that a name lies in, step by step, and calls `body` there; nil where there is no such folder.
    func place<Value>(
        _ name: String, _ body: (Place) throws(DiskError) -> Value
    ) throws(DiskError) -> Value? {
        let parts = name.split(separator: "/").map(String.init)
        guard let last = parts.last, !name.hasPrefix("/"), !parts.contains(".."), !parts.contains("."),
            !name.utf8.contains(0)
        else { throw .system(EINVAL) }
        var folder = descriptor
        defer { if folder != descriptor { close(folder) } }
        for (index, part) in parts.dropLast().enumerated() {
            let place = Place(folder: folder, last: part, name: parts[...index].joined(separator: "/"))
            guard try place.status(.folder) != nil else { return nil }
            let next = unsafe openat(
                folder, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
            guard next >= 0 else { throw errno == ELOOP ? .link(place.name) : .last }
            if folder != descriptor { close(folder) }
            folder = next
        }
        return try body(Place(folder: folder, last: last, name: name))
    }

    /// Goes to the folder that a name lies in, which must be there.
    func placed<Value>(
        _ name: String, _ body: (Place) throws(DiskError) -> Value
    ) throws(DiskError) -> Value {
        guard let value = try place(name, body) else { throw .system(ENOENT) }
        return value
    }
}

// Looking.
extension Folder {
    /// What a name stands for, links not followed; nil where there is nothing.
    package func kind(of name: String) throws(DiskError) -> FileKind? {
        try place(name) { place throws(DiskError) in try place.status() }?.map { FileKind(mode: $0.st_mode) }
    }

    /// The number of bytes of a plain file, or nil where there is nothing; throws where there is anything else.
    package func size(of name: String) throws(DiskError) -> Int? {
        try place(name) { place throws(DiskError) in try place.status(.file) }?.map { Int($0.st_size) }
    }

    /// When a plain file was changed last, in nanoseconds since 1970, or nil where there is nothing.
    package func changeTime(of name: String) throws(DiskError) -> Int? {
        try place(name) { place throws(DiskError) in try place.status(.file) }?.map(\.changeTime)
    }

    /// Which plain file has a name, or nil where there is nothing.
    package func identity(of name: String) throws(DiskError) -> FileIdentity? {
        try place(name) { place throws(DiskError) in try place.status(.file) }?.map(FileIdentity.init)
    }

    /// Opens a plain file to read it.
    package func open(_ name: String) throws(DiskError) -> PlainFile {
        try PlainFile(taking: descriptor(of: name, O_RDONLY))
    }

    /// The bytes of a plain file that has at most `limit` of them.
    package func read(_ name: String, limit: Int) throws(DiskError) -> [UInt8] {
        try open(name).bytes(limit: limit)
    }

    /// The bytes of a plain file; nil where there is nothing of that name.
    package func readIfThere(_ name: String, limit: Int) throws(DiskError) -> [UInt8]? {
        try size(of: name) == nil ? nil : try read(name, limit: limit)
    }

    /// The names in the folder, or in a folder of it, unsorted.
    package func names(in name: String? = nil) throws(DiskError) -> [String] {
        guard let name else {
            return try Disk.names(readingFrom: unsafe openat(descriptor, ".", Folder.reading))
        }
        return try placed(name) { place throws(DiskError) in
            guard try place.status(.folder) != nil else { throw .system(ENOENT) }
            return try Disk.names(readingFrom: unsafe openat(place.folder, place.last, Folder.reading))
        }
    }

    private static var reading: Int32 { O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC }

    private func descriptor(of name: String, _ flags: Int32, mode: mode_t = 0) throws(DiskError) -> Int32 {
        try placed(name) { place throws(DiskError) in
            // Before it is opened: to open a device may do something.
            _ = try place.status(.file)
            let descriptor = unsafe openat(
                place.folder, place.last, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode)
            guard descriptor >= 0 else { throw errno == ELOOP ? .link(name) : .last }
            return descriptor
        }
    }

    /// Opens a plain file to write in it, and makes it where there is none; the caller closes the descriptor. Throws where the
    /// file has other names, which would change with it.
    package func openToWrite(_ name: String, _ flags: Int32) throws(DiskError) -> Int32 {
        let file = try PlainFile(taking: descriptor(of: name, flags | O_CREAT, mode: 0o666)).release()
        var found = stat()
        guard unsafe fstat(file, &found) == 0, found.st_nlink <= 1 else {
            close(file)
            throw .shared
        }
        return file
    }

    /// Throws where a name stands for something that another library must not open to write: anything but a plain file of one
    /// name, or nothing.
    package func checkWritable(_ name: String) throws(DiskError) {
        _ = try place(name) { place throws(DiskError) in
            if let found = try place.status(.file), found.st_nlink > 1 { throw DiskError.shared }
        }
    }
}

/// Which file it is, whatever its name.
package struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let number: UInt64

    init(_ status: stat) { (device, number) = (UInt64(status.st_dev), UInt64(status.st_ino)) }

    /// The file of an open descriptor.
    package init(of descriptor: Int32) throws(DiskError) {
        var found = stat()
        guard unsafe fstat(descriptor, &found) == 0 else { throw .last }
        self.init(found)
    }
}
