public import Editing
import Graph
import Platform

/// A copy of a document with unsaved changes, kept for the case that the program ends without saving.
///
/// It is a network file like any other, so that it can be looked at with `magikbench show`.
public struct RecoveryCopy: Hashable, Sendable {
    /// The folder that it lies in.
    private let folder: String
    /// The name of the file there.
    private let name: String

    /// The file.
    public var file: String { folder + "/" + name }

    /// What a session keeps its copy in.
    static let fileName = "recovery.json"
    private static let unsavedPrefix = "unsaved-"

    /// The copy of a session: in its folder, or beside a network file by itself.
    public init(of session: Session) {
        if session.path == session.file {
            let (folder, name) = Disk.split(session.file)
            self.init(folder: folder, name: name + ".recovery")
        } else {
            self.init(folder: session.path, name: RecoveryCopy.fileName)
        }
    }

    /// The copy of a process's document that was never saved.
    init(unsavedBy process: RunProcess, in state: StateFolder) {
        self.init(
            folder: state.path,
            name: "\(RecoveryCopy.unsavedPrefix)\(process.number)-\(process.startTime ?? 0).json")
    }

    private init(folder: String, name: String) { (self.folder, self.name) = (folder, name) }

    /// Puts a document in place of the previous copy.
    public func save(_ document: Document) throws(SessionError) {
        do {
            try Disk.makePrivateFolders(folder)
            try Folder(folder).replace(name, with: Array(document.text.utf8))
        } catch .unsynced {
            // It is there, and a power cut may take it.
        } catch {
            throw .unwritable(file, reason: "\(error)")
        }
    }

    /// Removes the copy: the document is saved, or its changes are not wanted.
    public func discard() {
        do {
            try Folder(folder).discard(name)
        } catch {
            // Without the folder there is no copy.
        }
    }
}

/// A document that was kept for recovery.
public struct RecoveredDocument: Hashable, Sendable {
    /// The document.
    public let document: Document
    /// When it was kept, in seconds since 1970.
    public let time: Double
    /// Where it is, until it is taken or discarded.
    public let copy: RecoveryCopy
}

extension RecoveryCopy {
    /// What the copy holds that a session does not: nil where there is no copy, or it is older than the session's file, or
    /// says the same.
    public func offer(for session: Session) throws(SessionError) -> RecoveredDocument? {
        guard let recovered = try read() else { return nil }
        let saved: Int
        do {
            let (folder, name) = try session.place()
            saved = try folder.changeTime(of: name) ?? 0
        } catch {
            throw .unreadable(session.file, reason: "\(error)")
        }
        // Clocks of files are coarse: a copy of the same moment is younger, since saving removes it.
        guard recovered.nanoseconds >= saved else { return nil }
        var document = recovered.document
        document.screen = session.document.screen
        guard document != session.document else { return nil }
        return RecoveredDocument(
            document: recovered.document, time: Double(recovered.nanoseconds) / 1e9, copy: self)
    }

    /// The copies of documents that were never saved, whose programs are gone, the youngest first. Files that hold none
    /// are passed over.
    public static func abandoned(in state: StateFolder) -> [RecoveredDocument] {
        let names: [String]
        do {
            names = try Disk.names(in: state.path)
        } catch {
            // No folder, no copies.
            return []
        }
        return names.compactMap { name -> RecoveredDocument? in
            guard let process = process(ofUnsaved: name), process.isAlive == false else { return nil }
            let copy = RecoveryCopy(folder: state.path, name: name)
            do {
                guard let (document, time) = try copy.read() else { return nil }
                return RecoveredDocument(document: document, time: Double(time) / 1e9, copy: copy)
            } catch {
                return nil
            }
        }.sorted { $0.time > $1.time }
    }

    private static func process(ofUnsaved name: String) -> RunProcess? {
        guard name.hasPrefix(unsavedPrefix), name.hasSuffix(".json") else { return nil }
        let numbers = name.dropFirst(unsavedPrefix.count).dropLast(5).split(separator: "-").map { Int($0) }
        guard numbers.count == 2, let number = numbers[0], let start = numbers[1] else { return nil }
        return RunProcess(host: System.host, number: number, startTime: start == 0 ? nil : start)
    }

    private func read() throws(SessionError) -> (document: Document, nanoseconds: Int)? {
        let bytes: [UInt8]
        let time: Int
        do {
            guard try Disk.kind(of: folder) != nil else { return nil }
            let files = try Folder(folder)
            guard try files.size(of: name) != nil else { return nil }
            let copy = try files.open(name)
            time = copy.changeTime
            bytes = try copy.bytes(limit: JSON.sizeLimit)
        } catch {
            throw .unreadable(file, reason: "\(error)")
        }
        do {
            return (try Document(bytes: bytes), time)
        } catch {
            throw .broken(file, error)
        }
    }
}
