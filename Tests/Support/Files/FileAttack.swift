import Foundation

/// Something in the place of a file, so that a program that opens it by its name does harm, or waits.
public enum FileAttack: String, CaseIterable, Sendable {
    /// A link to a file, or a folder, that belongs to another user.
    case link
    /// A link to a name where nothing is yet.
    case danglingLink
    /// A pipe without a writer.
    case pipe
    /// A folder with a file in it; a file where a folder is wanted.
    case folder
    /// A device without end, where we may make one, or a link to it.
    case device

    /// Puts it in the place of a file, or a folder, with what it leads to in a folder outside.
    public func strike(_ path: String, isFolder: Bool, outside: String) throws {
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        let name = path.replacing("/", with: "_")
        switch self {
        case .link:
            let target = "\(outside)/\(name)"
            if isFolder {
                try FileManager.default.createDirectory(
                    atPath: target + "/inside", withIntermediateDirectories: true)
                try Data("precious".utf8).write(to: URL(filePath: target + "/file"))
            } else {
                try Data("precious".utf8).write(to: URL(filePath: target))
            }
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
        case .danglingLink:
            try FileManager.default.createSymbolicLink(
                atPath: path, withDestinationPath: "\(outside)/nothing-\(name)")
        case .pipe:
            guard mkfifo(path, 0o600) == 0 else { throw FixtureError("no pipe can be made at \(path)") }
        case .folder:
            if isFolder {
                try Data("precious".utf8).write(to: URL(filePath: path))
            } else {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
                try Data("precious".utf8).write(to: URL(filePath: path + "/file"))
            }
        case .device:
            // 1, 5 is /dev/zero. Only root may make one, and not everywhere.
            if mknod(path, S_IFCHR | 0o666, makedev(1, 5)) == 0 { return }
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/zero")
        }
    }

    private func makedev(_ major: UInt, _ minor: UInt) -> dev_t { dev_t(major << 8 | minor) }

    /// Everything in a folder, with its bytes or what it is, by its path: what must not change.
    public static func contents(of folder: String) throws -> [String: String] {
        var found: [String: String] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            var status = stat()
            guard lstat(folder + "/" + name, &status) == 0 else { continue }
            let kind = "\(status.st_mode)"
            found[name] =
                status.st_mode & S_IFMT == S_IFREG
                ? kind + " "
                    + (try Data(contentsOf: URL(filePath: folder + "/" + name))).base64EncodedString()
                : kind
        }
        return found
    }
}
