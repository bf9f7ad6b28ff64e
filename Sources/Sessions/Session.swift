public import Editing
import Graph
package import Platform
import QAT
public import Weights

/// A document on disk: the folder `NAME.magik` with its `network.json`, or a network file by itself.
public struct Session: Sendable {
    /// The folder, or the network file where that is all there is.
    public let path: String
    /// The file that holds the document.
    public let file: String
    /// The document, as it was opened or has been changed since.
    public var document: Document
    /// The file as it was when it was read or written last, or nil where it was neither.
    public private(set) var stamp: FileStamp?

    /// Weights that came with the document, where it was read from another program's file or is that of a run.
    public private(set) var carried: Safetensors?

    /// The ending of a session's folder.
    public static let suffix = ".magik"
    /// The file of a session that holds the document.
    public static let fileName = "network.json"

    /// The name without folder and ending.
    public var name: String {
        let last = Session.split(path).name
        for ending in [Session.suffix, ".json"] where last.hasSuffix(ending) && last.count > ending.count {
            return String(last.dropLast(ending.count))
        }
        return last
    }

    /// A document that another program's file held, with its weights; it cannot be saved in its place.
    public init(imported document: Document, weights: Safetensors, from path: String) {
        self.init(path: path, file: path, document: document)
        carried = weights
    }

    /// A session with another document and other weights than its folder holds, to be looked at.
    package init(_ session: Session, document: Document, carrying weights: Safetensors) {
        self.init(path: session.path, file: session.file, document: document)
        carried = weights
    }

    private init(path: String, file: String, document: Document) {
        self.path = path
        self.file = file
        self.document = document
    }

    /// Opens a session by its folder, with or without the ending, or by the path of a network file.
    public static func open(_ path: String) throws(SessionError) -> Session {
        let (path, file) = try locate(path)
        let (bytes, stamp) = try reading(file) { () throws(DiskError) in
            let (folder, name) = try place(of: file, in: path)
            return try FileStamp.read(name, in: folder, limit: JSON.sizeLimit)
        }
        do {
            var session = Session(path: path, file: file, document: try Document(bytes: bytes))
            session.stamp = stamp
            return session
        } catch {
            throw .broken(file, error)
        }
    }

    /// Makes a session, adding the ending where the path lacks it; refuses where there is one already. What belongs to the
    /// document is written first: where a disk is full, no session is left that lacks it.
    public static func create(
        _ path: String, _ document: Document, weights: Safetensors? = nil, host: [UInt8]? = nil
    ) throws(SessionError) -> Session {
        let folder = folder(named: path)
        guard !["", ".", ".."].contains(split(folder).name.dropLast(suffix.count)) else {
            throw .unnamed(path)
        }
        let session = Session(path: folder, file: folder + "/" + fileName, document: document)
        let isNew: Bool
        do {
            isNew = try Disk.makeFolder(folder)
        } catch {
            throw .unwritable(folder, reason: "\(error)")
        }
        // A folder that has no network.json yet is welcome.
        guard try kind(of: folder) == .folder, try !hasDocument(folder) else { throw .exists(folder) }
        do {
            if let weights { try session.save(weights: weights) }
            if let host { try session.save(host: host) }
            try session.save()
        } catch {
            guard isNew else { throw error }
            if case .unsynced = error { throw error }
            let files = try session.files()
            for name in [weightsFileName, hostFileName] { files.discard(name) }
            Disk.discardFolder(folder)
            throw error
        }
        return session
    }

    /// The folder of the session of a name, with or without the ending.
    static func folder(named path: String) -> String {
        let stem = trimmed(path)
        return stem.hasSuffix(suffix) ? stem : stem + suffix
    }

    /// The bytes of the document's file as it is now.
    package func documentBytes() throws(SessionError) -> [UInt8] {
        try Session.reading(file) { () throws(DiskError) in
            let (folder, name) = try place()
            return try folder.read(name, limit: JSON.sizeLimit)
        }
    }

    /// Writes the document to its file: a reader finds the old one or the new one, whatever happens.
    public func save() throws(SessionError) {
        do {
            let (folder, name) = try place()
            try folder.replace(name, with: Array(document.text.utf8))
        } catch .unsynced(let reason) {
            throw .unsynced(file, reason: reason)
        } catch {
            throw .unwritable(file, reason: "\(error)")
        }
    }
}

// Saving what a screen has had open for a while.
extension Session {
    /// Writes the document unless another program has changed the file since it was read or written; `overwriting`
    /// does so all the same.
    public mutating func save(overwriting: Bool) throws(SessionError) {
        if let stamp, !overwriting {
            let isSame = try Session.reading(file) { () throws(DiskError) in
                let (folder, name) = try place()
                return try stamp.isSame(as: name, in: folder)
            }
            guard isSame else { throw .changedOnDisk(file) }
        }
        var unsynced: SessionError?
        do {
            try save()
        } catch {
            // The new file is in place all the same, and is the one to compare with.
            guard case .unsynced = error else { throw error }
            unsynced = error
        }
        stamp = try currentStamp()
        if let unsynced { throw unsynced }
    }

    /// Writes a document under another path; a session that is there already is refused, or gets the document in the
    /// place of its own.
    public static func save(
        _ document: Document, with weights: Safetensors? = nil, as path: String, overwriting: Bool
    ) throws(SessionError) -> Session {
        var session: Session
        do {
            session = try create(path, document, weights: weights)
            session.stamp = try session.currentStamp()
            return session
        } catch .exists(let folder) where overwriting {
            session = Session(path: folder, file: folder + "/" + fileName, document: document)
            guard try kind(of: folder) == .folder else { throw .exists(folder) }
        }
        if let weights { try session.prepare(weights: weights) }
        try session.save(overwriting: true)
        if weights != nil { try session.installWeights() }
        return session
    }

    /// How the document's file looks that was just written.
    private func currentStamp() throws(SessionError) -> FileStamp {
        try Session.reading(file) { () throws(DiskError) in
            let (folder, name) = try place()
            return try FileStamp(of: name, in: folder, with: Array(document.text.utf8))
        }
    }
}

// Finding what a path means.
extension Session {
    /// The session's folder, by its descriptor: nothing in it is opened, made or removed in another way. Throws where the
    /// session is a network file by itself, which has no room for runs and weights.
    package func files() throws(SessionError) -> Folder { try Session.files(of: try folder()) }

    /// The folder of a session by its path.
    package static func files(of path: String) throws(SessionError) -> Folder {
        try reading(path) { () throws(DiskError) in try Folder(path) }
    }

    /// The folder that the file of a document lies in, and its name there. A network file by itself was named by the user who
    /// opened it, links and all.
    func place() throws(DiskError) -> (folder: Folder, name: String) {
        try Session.place(of: file, in: path)
    }

    private static func place(
        of file: String, in path: String
    ) throws(DiskError) -> (folder: Folder, name: String) {
        guard path == file else { return (try Folder(path), fileName) }
        let (folder, name) = Disk.split(try Disk.resolved(file))
        return (try Folder(folder), name)
    }

    /// Whether a folder has an entry with a document's name.
    private static func hasDocument(_ folder: String) throws(SessionError) -> Bool {
        try reading(folder) { () throws(DiskError) in try Folder(folder).kind(of: fileName) != nil }
    }

    private static func locate(_ typed: String) throws(SessionError) -> (path: String, file: String) {
        let path = trimmed(typed)
        let withSuffix = path + suffix
        switch try kind(of: path) {
        case .folder:
            let file = path + "/" + fileName
            if try hasDocument(path) { return (path, file) }
            if try kind(of: withSuffix) == .folder { return try locate(withSuffix) }
            throw .noDocument(path)
        case .file, .link, .pipe, .socket, .device:
            let (folder, name) = split(path)
            return name == fileName && folder.hasSuffix(suffix) ? (folder, path) : (path, path)
        case nil:
            if !path.isEmpty, try kind(of: withSuffix) == .folder { return try locate(withSuffix) }
            throw .missing(path, nearest: try neighbour(of: path))
        }
    }

    /// The session beside a path that was probably meant by it.
    private static func neighbour(of path: String) throws(SessionError) -> String? {
        let (folder, name) = split(path)
        guard try kind(of: folder.isEmpty ? "." : folder) == .folder else { return nil }
        let names = try reading(folder) { () throws(DiskError) in
            try Disk.names(in: folder.isEmpty ? "." : folder)
        }
        let stems = names.filter { $0.hasSuffix(suffix) }.map { $0.dropLast(suffix.count) }.sorted()
        let stem = name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
        guard let meant = nearest(to: stem, among: stems.map(String.init)) else { return nil }
        return (folder.isEmpty || folder == "/" ? folder : folder + "/") + meant + suffix
    }

    private static func kind(of path: String) throws(SessionError) -> FileKind? {
        try reading(path) { () throws(DiskError) in try Disk.kind(of: path) }
    }

    private static func reading<Value>(
        _ path: String, _ body: () throws(DiskError) -> Value
    ) throws(SessionError) -> Value {
        do {
            return try body()
        } catch {
            throw .unreadable(path, reason: "\(error)")
        }
    }

    /// The path without slashes at its end.
    private static func trimmed(_ path: String) -> String {
        var path = Substring(path)
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return String(path)
    }

    /// The folder, which may be empty, and the last name of a path.
    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path) }
        let folder = path[..<slash]
        return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
    }
}
