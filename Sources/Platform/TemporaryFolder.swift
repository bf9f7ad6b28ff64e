import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A temporary folder. Its name cannot be guessed, and only its owner can open it.
package struct TemporaryFolder {
    /// Where it is.
    package let path: String

    /// Makes one in the folder that the system has for temporary files, which `$TMPDIR` names.
    package init() throws(DiskError) {
        let parent = FileManager.default.temporaryDirectory
        // mkdtemp puts random letters in place of the last six.
        let pattern = "magikbench-" + String(repeating: "X", count: 6)
        var name = parent.appending(path: pattern).path.utf8CString.map { $0 }
        let isMade = unsafe name.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.map { unsafe mkdtemp($0) != nil } ?? false
        }
        guard isMade else { throw .last }
        path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Removes it with all that is in it; links in it are removed, and not followed.
    package func remove() {
        do {
            try TemporaryFolder.empty(try Folder(path))
        } catch {
            // It is gone already, or its permissions have changed.
        }
        unsafe rmdir(path)
    }

    private static func empty(_ folder: Folder) throws(DiskError) {
        for name in try folder.names() {
            if try folder.kind(of: name) == .folder {
                try empty(try folder.folder(name))
                folder.discardFolder(name)
            } else {
                folder.discard(name)
            }
        }
    }
}
