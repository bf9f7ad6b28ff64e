import Platform

/// Where a user's programs keep what should outlive them and is no document: recent sessions, copies of unsaved ones.
public struct StateFolder: Hashable, Sendable {
    /// The folder, which may not be there yet.
    public let path: String

    /// A folder by its path.
    public init(path: String) { self.path = path }

    /// The user's: `$XDG_STATE_HOME/magikbench`, or `~/.local/state/magikbench`; nil where there is no home.
    public static var ofUser: StateFolder? { UserFolder.state.path.map(StateFolder.init) }

    /// The user's by an environment.
    package static func ofUser(_ environment: (String) -> String?) -> StateFolder? {
        UserFolder.state.path(environment).map(StateFolder.init)
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
