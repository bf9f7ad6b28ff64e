import Devices
import Editing
import Foundation
import Graph
import Sessions
import TestSupport
import TestTraits
import Testing

@Suite(.limited)
struct OpenSessionTests {
    private static let time = 1_800_000_000.0

    /// A session in a folder of its own, with a folder for the user's state.
    private func withSession(
        _ body: (_ session: String, _ state: StateFolder) throws -> Void
    ) throws {
        try withTemporaryFolder { folder in
            let document = try Samples.document(named: "mnist-cnn")
            let session = try Session.create(folder + "/digits", document)
            try body(session.path, StateFolder(path: folder + "/state/magikbench"))
        }
    }

    private func edit(_ editor: inout EditorState, stride: Int = 3) throws {
        try editor.edit(.set(layer: "conv1", field: "stride", to: .integer(stride)), at: 0)
    }

    // The lock.

    @Test("the second one to open a session reads it and knows who writes it")
    func second() throws {
        try withSession { path, state in
            var (first, editor) = try OpenSession.open(path, state: state, at: Self.time)
            #expect(editor.readOnly == nil && editor.name == "digits" && editor.path == path)
            var (second, reader) = try OpenSession.open(path, state: state, at: Self.time)
            #expect(reader.readOnly == .open(in: "process \(getpid()) on this machine"))
            try edit(&reader)
            #expect(throws: SessionError.held(path, by: "process \(getpid()) on this machine")) {
                try second.save(&reader)
            }
            try edit(&editor, stride: 4)
            try first.save(&editor)
            #expect(!editor.history.isChanged)
            // Under another name it can.
            try second.save(&reader, as: path + "-mine", at: Self.time)
            #expect(reader.readOnly == nil && !reader.history.isChanged)
            first.close(editor)
            let (_, third) = try OpenSession.open(path, state: state, at: Self.time)
            #expect(third.readOnly == nil && third.document == editor.document)
        }
    }

    @Test("a lock goes with the process that holds it, however that ends")
    func killed() throws {
        try withSession { path, state in
            let child = try RunChildProcess(session: path, task: "lock")
            #expect(child.line() == "held")
            let (_, reader) = try OpenSession.open(path, state: state, at: Self.time)
            #expect(reader.readOnly == .open(in: "process \(child.number) on this machine"))
            let other = try RunChildProcess(session: path, task: "lock")
            #expect(other.line() == "taken")
            other.kill()
            child.kill()
            let (_, writer) = try OpenSession.open(path, state: state, at: Self.time)
            #expect(writer.readOnly == nil)
        }
    }

    @Test("a released lock leaves nothing behind")
    func released() throws {
        try withSession { path, _ in
            let before = try FileManager.default.contentsOfDirectory(atPath: path)
            do {
                let outcome = SessionLock.take(session: path, at: Self.time)
                guard case .held = outcome else { throw FixtureError("no lock: \(outcome)") }
                guard case .taken(let holder) = SessionLock.take(session: path, at: Self.time) else {
                    throw FixtureError("two have the lock")
                }
                #expect(holder?.process == .current && holder?.since == Self.time)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: path) == before)
        }
    }

    @Test("of many that ask at once exactly one gets the lock")
    func race() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "magikbench-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for _ in 0..<20 {
            let outcomes = await withTaskGroup(
                of: SessionLock.Outcome.self, returning: [SessionLock.Outcome].self
            ) { group in
                for _ in 0..<8 { group.addTask { SessionLock.take(session: folder, at: 0) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let held = outcomes.count { if case .held = $0 { true } else { false } }
            #expect(held == 1)
        }
        try FileManager.default.removeItem(atPath: folder)
    }

    // Saving.

    @Test("a file that another program changed is not overwritten unless that is wanted")
    func changedOnDisk() throws {
        try withSession { path, state in
            var (opened, editor) = try OpenSession.open(path, state: state, at: Self.time)
            let file = path + "/network.json"
            let theirs = try Samples.document(named: "resnet20-cifar").text
            try theirs.write(toFile: file, atomically: true, encoding: .utf8)
            try edit(&editor)
            #expect(throws: SessionError.changedOnDisk(file)) { try opened.save(&editor) }
            #expect(
                editor.history.isChanged && (try? String(contentsOfFile: file, encoding: .utf8)) == theirs)
            try opened.save(&editor, overwriting: true)
            #expect(!editor.history.isChanged)
            #expect(try Session.open(path).document == editor.document)
            // What it wrote itself is no change by another program.
            try edit(&editor, stride: 5)
            try opened.save(&editor)
            // Nor are the same bytes, written again.
            try editor.document.text.write(toFile: file, atomically: true, encoding: .utf8)
            try edit(&editor, stride: 6)
            try opened.save(&editor)
            try FileManager.default.removeItem(atPath: file)
            try edit(&editor, stride: 7)
            #expect(throws: SessionError.changedOnDisk(file)) { try opened.save(&editor) }
        }
    }

    @Test(
        "saving under a name that is taken is refused, unless it is to be overwritten and is not open elsewhere"
    )
    func saveAs() throws {
        try withSession { path, state in
            var first = try OpenSession.open(path, state: state, at: Self.time)
            var (opened, editor) = OpenSession.new(
                Document(network: Network(), device: .t41), name: "new", state: state)
            #expect(throws: SessionError.unnamed("")) { try opened.save(&editor) }
            #expect(throws: SessionError.exists(path)) { try opened.save(&editor, as: path, at: Self.time) }
            #expect(throws: SessionError.held(path, by: "process \(getpid()) on this machine")) {
                try opened.save(&editor, as: path, overwriting: true, at: Self.time)
            }
            first.0.close(first.1)
            try opened.save(&editor, as: path, overwriting: true, at: Self.time)
            #expect(editor.name == "digits" && editor.path == path && opened.session?.path == path)
            #expect(try Session.open(path).document.device == .t41)
            let (_, reader) = try OpenSession.open(path, state: state, at: Self.time)
            #expect(reader.readOnly != nil)
        }
    }

    @Test("a network file by itself is opened and saved without a lock")
    func plainFile() throws {
        try withTemporaryFolder { folder in
            let file = folder + "/net.json"
            try Samples.document(named: "mnist-cnn").text.write(
                toFile: file, atomically: true, encoding: .utf8)
            var (opened, editor) = try OpenSession.open(file, state: nil, at: Self.time)
            try edit(&editor)
            try opened.saveForRecovery(editor)
            #expect(
                try OpenSession.open(file, state: nil, at: Self.time).0.recovered?.document == editor.document
            )
            try opened.save(&editor)
            #expect(try Session.open(file).document == editor.document)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["net.json"])
        }
    }

    // Recovery.

    @Test("unsaved changes are offered next time, until they are taken, saved or given up")
    func recovery() throws {
        try withSession { path, state in
            var kept: Document?
            do {
                let (opened, opening) = try OpenSession.open(path, state: state, at: Self.time)
                var editor = opening
                try opened.saveForRecovery(editor)
                #expect(!FileManager.default.fileExists(atPath: path + "/recovery.json"))
                try edit(&editor)
                try opened.saveForRecovery(editor)
                kept = editor.document
            }
            var (opened, editor) = try OpenSession.open(path, state: state, at: Self.time)
            let recovered = try #require(opened.recovered)
            #expect(recovered.document == kept && opened.recoveryProblem == nil)
            // What is not decided yet stays as it is, even when there are other changes.
            try edit(&editor, stride: 9)
            try opened.saveForRecovery(editor)
            #expect(try RecoveryCopy(of: Session.open(path)).offer(for: Session.open(path))?.document == kept)
            editor.replace(with: recovered.document, title: "recovered changes", at: 10)
            opened.resolveRecovery()
            #expect(editor.document == kept && editor.history.isChanged)
            try opened.saveForRecovery(editor)
            try opened.save(&editor)
            #expect(!FileManager.default.fileExists(atPath: path + "/recovery.json"))
            try edit(&editor, stride: 8)
            try opened.saveForRecovery(editor)
            opened.close(editor)
            #expect(!FileManager.default.fileExists(atPath: path + "/recovery.json"))
        }
    }

    @Test("a copy that says what is saved is not offered, and a broken one is said to be")
    func stale() throws {
        try withSession { path, state in
            let session = try Session.open(path)
            var same = session.document
            same.screen = ["view": 3]
            try RecoveryCopy(of: session).save(same)
            #expect(try OpenSession.open(path, state: state, at: Self.time).0.recovered == nil)
            try "{".write(toFile: path + "/recovery.json", atomically: true, encoding: .utf8)
            let (opened, editor) = try OpenSession.open(path, state: state, at: Self.time)
            #expect(
                opened.recovered == nil && opened.recoveryProblem != nil
                    && editor.document == session.document
            )
            // One that is older than the session is of no use.
            var other = session.document
            other.device = .t41
            try RecoveryCopy(of: session).save(other)
            let past = Date(timeIntervalSinceNow: -1000)
            try FileManager.default.setAttributes(
                [.modificationDate: past], ofItemAtPath: path + "/recovery.json")
            #expect(try RecoveryCopy(of: session).offer(for: session) == nil)
        }
    }

    @Test("what was never saved is found again once its program is gone")
    func unsaved() throws {
        try withTemporaryFolder { folder in
            let state = StateFolder(path: folder + "/a/b")
            let (opened, new) = OpenSession.new(
                Document(network: Network(), device: .t40), name: "new", state: state)
            var editor = new
            try editor.edit(.addInput(Input("image", .vector(7))), at: 0)
            try opened.saveForRecovery(editor)
            #expect(RecoveryCopy.abandoned(in: state).isEmpty)
            let file = try #require(try FileManager.default.contentsOfDirectory(atPath: state.path).first)
            // The same copy of a process that is gone: no system has so many.
            try FileManager.default.moveItem(
                atPath: state.path + "/" + file, toPath: state.path + "/unsaved-2147483600-17.json")
            try "?".write(
                toFile: state.path + "/unsaved-2147483601-17.json", atomically: true, encoding: .utf8)
            let found = RecoveryCopy.abandoned(in: state)
            #expect(found.map(\.document) == [editor.document])
            found.first?.copy.discard()
            #expect(RecoveryCopy.abandoned(in: state).isEmpty)
        }
    }

    // Recent sessions.

    @Test("sessions are remembered newest first, each once, and without those that are gone")
    func recent() throws {
        try withTemporaryFolder { folder in
            let state = StateFolder(path: folder + "/state")
            let recent = RecentSessions(in: state)
            #expect(recent.entries.isEmpty)
            let document = try Samples.document(named: "mnist-cnn")
            let paths = try ["a", "b", "c"].map { try Session.create(folder + "/" + $0, document).path }
            for (number, path) in (paths + [paths[0]]).enumerated() {
                let (opened, editor) = try OpenSession.open(
                    path, state: state, at: Self.time + Double(number))
                var closing = opened
                closing.close(editor)
            }
            #expect(
                recent.entries.map(\.path).map { $0.split(separator: "/").last } == [
                    "a.magik", "c.magik", "b.magik",
                ])
            #expect(recent.entries.first?.time == Self.time + 3)
            try FileManager.default.removeItem(atPath: paths[2])
            #expect(recent.entries.count == 2)
            try "[".write(toFile: state.path + "/recent.json", atomically: true, encoding: .utf8)
            #expect(recent.entries.isEmpty)
            try recent.note(paths[1], at: Self.time)
            #expect(recent.entries.count == 1)
        }
    }

    @Test("the user's folder is where its specification says")
    func stateFolder() {
        let cases: [([String: String], String?)] = [
            (["XDG_STATE_HOME": "/x", "HOME": "/h"], "/x/magikbench"),
            (["XDG_STATE_HOME": "x", "HOME": "/h"], "/h/.local/state/magikbench"),
            (["HOME": "/h"], "/h/.local/state/magikbench"), (["HOME": ""], nil), ([:], nil),
        ]
        for (environment, path) in cases {
            #expect(StateFolder.ofUser { environment[$0] }?.path == path)
        }
    }
}
