import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Where a user's programs keep what should outlive them and is no document: recent sessions, copies of unsaved ones.
public struct StateFolder: Hashable, Sendable {
    /// The folder, which may not be there yet.
    public let path: String

    /// A folder by its path.
    public init(path: String) { self.path = path }

    /// The user's: `$XDG_STATE_HOME/magikbench`, or `~/.local/state/magikbench`; nil where there is no home.
    public static var ofUser: StateFolder? {
        ofUser { name in
            unsafe getenv(name).map { unsafe String(cString: $0) }
        }
    }

    /// The user's by an environment; paths that do not start at the root count as unset, as its specification says.
    package static func ofUser(_ environment: (String) -> String?) -> StateFolder? {
        if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") {
            return StateFolder(path: state + "/magikbench")
        }
        guard let home = environment("HOME"), home.hasPrefix("/") else { return nil }
        return StateFolder(path: home + "/.local/state/magikbench")
    }

    /// Puts a file of the folder in place of the previous one; makes the folder where it is not there.
    func replace(_ name: String, with text: String) throws(SessionError) {
        let file = path + "/" + name
        do {
            try Disk.makePrivateFolders(path)
            try Folder(path).replace(name, with: Array(text.utf8))
        } catch .unsynced {
            // What a power cut takes here is not missed.
        } catch {
            throw .unwritable(file, reason: "\(error)")
        }
    }
}
