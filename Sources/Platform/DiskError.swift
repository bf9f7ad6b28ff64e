#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Why a call of the file system failed, or was not made.
package enum DiskError: Error, Hashable, CustomStringConvertible {
    /// The number of an error, as `errno` has it.
    case system(Int32)
    /// The file has more bytes than anybody wants to read.
    case larger(than: Int)
    /// The new file is in place, but the folder may not be on disk yet.
    case unsynced(String)
    /// A name inside a folder is a symbolic link, and what is ours there is no link.
    case link(String)
    /// Something else is there than what is needed.
    case unfit(FileKind, needed: FileKind)
    /// A folder that is to go with its files has something else in it.
    case keeps(String)
    /// No space is left on the disk that is seen at a path.
    case full(disk: String)
    /// A file that is to be written in place has other names, and would change under those as well.
    case shared

    /// The last error of the calling thread.
    package static var last: DiskError { .system(errno) }

    /// The error in the system's words, or in ours with what to do.
    package var description: String {
        switch self {
        case .system(let number): unsafe String(cString: strerror(number))
        case .larger(let limit): "it has more than \(limit >> 20) MiB"
        case .unsynced(let reason): reason
        case .link(let name):
            "'\(name)' is a symbolic link, and no link is followed inside the folder; remove it, or put what it leads to in its place"
        case .unfit(.pipe, needed: .file):
            "it is a pipe, such as <(...) makes, and a plain file is needed; write it to a file first"
        case .unfit(let kind, let needed): "it is \(kind), and \(needed) is needed"
        case .keeps(let name): "'\(name)' is none of its files; look at it, and remove it by hand"
        case .full(let disk): "no space is left on the disk at \(disk); free some and try again"
        case .shared:
            "it has other names (hard links), which would change with it; put a copy in its place"
        }
    }
}

/// What a name of the file system stands for.
package enum FileKind: Hashable, Sendable, CustomStringConvertible {
    /// A file with bytes to read, again and again.
    case file
    /// A folder.
    case folder
    /// A symbolic link.
    case link
    /// A pipe with a name, or one that a shell made: it waits for another program.
    case pipe
    /// A socket.
    case socket
    /// A device: its bytes may have no end, and what is written to it does something.
    case device

    /// The kind that a mode of `stat` says.
    init(mode: mode_t) {
        switch mode & S_IFMT {
        case S_IFREG: self = .file
        case S_IFDIR: self = .folder
        case S_IFLNK: self = .link
        case S_IFIFO: self = .pipe
        case S_IFSOCK: self = .socket
        // Character and block devices, and what no system here has.
        default: self = .device
        }
    }

    /// The kind with its article: "a folder".
    package var description: String {
        switch self {
        case .file: "a plain file"
        case .folder: "a folder"
        case .link: "a symbolic link"
        case .pipe: "a pipe"
        case .socket: "a socket"
        case .device: "a device"
        }
    }
}
