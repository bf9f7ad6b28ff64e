public import Editing
import QAT
public import Weights

/// A session as a screen has it open: its lock, what it looked like on disk, and the copy for recovery.
///
/// A new one has no session until it is saved under a name.
public struct OpenSession: Sendable {
    /// The session as it is on disk; nil while it was never saved.
    public private(set) var session: Session?
    /// Unsaved changes of an earlier program; the screen asks what to do with them.
    public private(set) var recovered: RecoveredDocument?
    /// Why the copy for recovery could not be read, where there is one.
    public private(set) var recoveryProblem: SessionError?
    private var lock: SessionLock?
    private let state: StateFolder?

    /// Opens a session or network file by its path, with the editor for it. Where another program has it open to write,
    /// or its folder cannot be written, the editor is read-only and says so.
    public static func open(
        _ path: String, state: StateFolder?, at time: Double
    ) throws(SessionError) -> (OpenSession, EditorState) {
        let session = try Session.open(path)
        var opened = OpenSession(session: session, state: state)
        var readOnly: ReadOnlyReason?
        // A network file by itself has no folder to lock; a change by others is noticed when it is saved.
        if session.path != session.file {
            switch SessionLock.take(session: session.path, at: time) {
            case .held(let lock): opened.lock = lock
            case .taken(let other): readOnly = .open(in: words(other))
            case .unwritable(let reason): readOnly = .unwritable(reason)
            }
        }
        if readOnly == nil {
            do {
                opened.recovered = try RecoveryCopy(of: session).offer(for: session)
            } catch {
                opened.recoveryProblem = error
            }
        }
        let editor = EditorState(
            session.document, name: session.name, path: session.path, readOnly: readOnly)
        opened.remember(at: time)
        return (opened, editor)
    }

    /// A document that was never saved, with the editor for it and the weights that came with the document.
    public static func new(
        _ document: Document, weights: Safetensors? = nil, name: String, state: StateFolder?
    ) -> (OpenSession, EditorState) {
        var editor = EditorState(document, name: name)
        if let weights { editor.setOrigin(WeightOrigin(document, weights: weights)) }
        return (OpenSession(session: nil, state: state), editor)
    }

    private init(session: Session?, state: StateFolder?) { (self.session, self.state) = (session, state) }

    /// Saves an editor where it came from, with the weights that it has now where they are not those on disk. Throws where another program has changed the file, unless it is to be
    /// overwritten; where another program holds the session; and where it was never saved under a name.
    public mutating func save(
        _ editor: inout EditorState, with weights: Safetensors? = nil, overwriting: Bool = false
    ) throws(SessionError) {
        guard var session else { throw .unnamed("") }
        if case .open(let holder) = editor.readOnly { throw .held(session.path, by: holder) }
        session.document = editor.documentToSave
        if let weights { try session.prepare(weights: weights) }
        do {
            try session.save(overwriting: overwriting)
        } catch {
            // What is in place and may not be on disk yet is saved all the same.
            if case .unsynced = error { try finish(session, &editor, installing: weights != nil) }
            throw error
        }
        try finish(session, &editor, installing: weights != nil)
    }

    /// Saves an editor under another path, and goes on there. Throws where a session is there already, unless it is to
    /// be overwritten, and where another program holds that one.
    public mutating func save(
        _ editor: inout EditorState, with weights: Safetensors? = nil, as path: String,
        overwriting: Bool = false,
        at time: Double
    ) throws(SessionError) {
        let folder = Session.folder(named: path)
        if overwriting, folder != session?.path,
            case .taken(let holder) = SessionLock.take(session: folder, at: time)
        {
            throw .held(folder, by: OpenSession.words(holder))
        }
        let saved = try Session.save(
            editor.documentToSave, with: weights, as: path, overwriting: overwriting)
        try finish(saved, &editor, installing: false)
        lock = nil
        if case .held(let lock) = SessionLock.take(session: saved.path, at: time) { self.lock = lock }
        remember(at: time)
    }

    /// Keeps a copy of an editor that has changes, for the case that they cannot be saved.
    public func saveForRecovery(_ editor: EditorState) throws(SessionError) {
        guard editor.history.isChanged else { return }
        try recoveryCopy(editor)?.save(editor.documentToSave)
    }

    /// Says that the changes of an earlier program were taken or are not wanted.
    public mutating func resolveRecovery() {
        recovered?.copy.discard()
        recovered = nil
    }

    /// Lets go of the session: its changes are saved or not wanted.
    public mutating func close(_ editor: EditorState) {
        recoveryCopy(editor)?.discard()
        lock = nil
    }

    /// Lets others write the session; the copy for recovery stays.
    public mutating func release() { lock = nil }

    /// Where the copy of an editor goes: into its session, or among those that were never saved. A copy that is offered
    /// and not resolved yet stays as it is.
    private func recoveryCopy(_ editor: EditorState) -> RecoveryCopy? {
        if let session, editor.readOnly == nil, recovered == nil { return RecoveryCopy(of: session) }
        return state.map { RecoveryCopy(unsavedBy: .current, in: $0) }
    }

    private mutating func finish(
        _ session: Session, _ editor: inout EditorState, installing hasWeights: Bool
    ) throws(SessionError) {
        recoveryCopy(editor)?.discard()
        self.session = session
        editor.markSaved(name: session.name, path: session.path)
        if hasWeights { try session.installWeights() }
    }

    private func remember(at time: Double) {
        guard let state, let session else { return }
        do {
            try RecentSessions(in: state).note(session.path, at: time)
        } catch {
            // A list of recent sessions is not worth a session that does not open.
        }
    }

    private static func words(_ holder: SessionHolder?) -> String {
        holder?.description ?? "another magikbench"
    }
}
