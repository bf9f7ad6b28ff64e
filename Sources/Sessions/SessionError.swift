public import Graph

/// Why a session cannot be opened, made or saved; each says what is wrong, where, and what to do, on one line.
public enum SessionError: Error, Hashable, Sendable {
    /// Nothing is at that path; the nearest session beside it.
    case missing(String, nearest: String?)
    /// The folder has no `network.json`.
    case noDocument(String)
    /// The system does not let us read it.
    case unreadable(String, reason: String)
    /// The file is not what a `network.json` is.
    case broken(String, FileError)
    /// Something of that name is there already.
    case exists(String)
    /// It is a network file by itself, where a session's folder is needed.
    case notFolder(String)
    /// The session has no weights yet.
    case noWeights(String)
    /// The path has no name to give to a session.
    case unnamed(String)
    /// The system does not let us write it; the old file is as it was.
    case unwritable(String, reason: String)
    /// Another program has changed the file since it was opened.
    case changedOnDisk(String)
    /// Another program has the session open to write.
    case held(String, by: String)
    /// The new file is in place, but the system did not put its folder on disk.
    case unsynced(String, reason: String)
}

extension SessionError: CustomStringConvertible {
    /// What is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .missing(let path, let nearest):
            SessionError.line(path, "there is no session or network file of that name")
                + didYouMean(nearest?.oneLine(upTo: 400), else: "; 'magikbench new' makes one")
        case .noDocument(let path):
            SessionError.line(
                path, "the folder has no \(Session.fileName), so it is no session; 'magikbench new' makes one"
            )
        case .unreadable(let path, let reason): SessionError.line(path, "cannot be read: \(reason)")
        case .broken(let path, let error): SessionError.line(path, "\(error)")
        case .exists(let path): SessionError.line(path, "exists already; open it, or choose another name")
        case .notFolder(let path):
            SessionError.line(
                path,
                "is a network file by itself; training needs a session: magikbench new NAME, and the file as NAME\(Session.suffix)/\(Session.fileName)"
            )
        case .noWeights(let path):
            SessionError.line(path, "has no weights yet; magikbench train makes some")
        case .unnamed(let path):
            SessionError.line(path, "is no name for a session; choose one such as mynet\(Session.suffix)")
        case .unwritable(let path, let reason):
            SessionError.line(path, "cannot be saved: \(reason); nothing was changed on disk")
        case .changedOnDisk(let path):
            SessionError.line(
                path,
                "was changed by another program since it was opened; overwrite it, or save under another name"
            )
        case .held(let path, let holder):
            SessionError.line(
                path, "is open in \(holder.oneLine(upTo: 200)); save under another name, or close it there")
        case .unsynced(let path, let reason):
            SessionError.line(
                path, "is saved, but a power cut may undo that: its folder cannot be written out: \(reason)")
        }
    }

    private static func line(_ path: String, _ message: String) -> String {
        (path.isEmpty ? "''" : path.oneLine(upTo: 400)) + ": " + message
    }
}
