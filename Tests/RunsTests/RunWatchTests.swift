import Foundation
import GRDB
import Graph
import QAT
import TestSupport
import TestTraits
import Testing

@testable import Runs

/// Watching the runs of a session.
@Suite(.limited)
struct RunWatchTests {
    @Test("nothing is made in a session without runs, and a store that appears later is seen")
    func later() throws {
        try watching { session, watch, told in
            #expect(try told.next { _ in true }.runs.isEmpty)
            watch.attach(nil)
            #expect(try FileManager.default.contentsOfDirectory(atPath: session).isEmpty)
            let store = try RunStore.openForWriting(session: session)
            let writer = try store.begin(RunSamples.record())
            let begun = try told.next { $0.shown != nil }
            #expect(begun.shown?.record.id == writer.run && begun.problem == nil)
            for step in 0..<30 { try writer.add(.metrics(RunSamples.metrics(step))) }
            try writer.flush()
            #expect(try told.next { $0.detail?.losses.count == 30 }.shown?.last?.step == 29)
            try writer.end(.finished)
            #expect(try told.next { $0.shown?.activity == .finished }.detail?.log.last?.text == "finished")
        }
    }

    @Test("the newest run is shown, or the chosen one")
    func attach() throws {
        try watching { session, watch, told in
            let store = try RunStore.openForWriting(session: session)
            for name in ["a", "b"] {
                let writer = try store.begin(RunSamples.record(name))
                try writer.add(.metrics(RunSamples.metrics(name == "a" ? 1 : 2)))
                try writer.end(.finished)
            }
            _ = try told.next { $0.runs.map(\.record.id) == ["b", "a"] && $0.detail?.lastStep == 2 }
            watch.attach("a")
            #expect(try told.next { $0.shown?.record.id == "a" }.detail?.lastStep == 1)
            watch.attach("none of them")
            _ = try told.next { $0.shown?.record.id == "b" }
            try store.forget("b")
            _ = try told.next { $0.shown?.record.id == "a" }
        }
    }

    @Test("a run that is paused, goes on and is killed is seen to be")
    func child() throws {
        try watching { session, _, told in
            let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            let program = BuiltProgram(file: folder.appending(path: "RunChild"))
            let child = try ProgramChild(program, [session, "7"])
            let running = try told.next { $0.shown?.last != nil }
            #expect(running.shown?.activity == .running && running.detail?.run == child.line())
            let record = try #require(running.shown?.record)
            #expect(RunLauncher.tell(record, .pause) == nil)
            let paused = try told.next { $0.shown?.activity == .paused }
            #expect(paused.shown?.speedWords == "")
            #expect(RunLauncher.tell(record, .goOn) == nil)
            let step = paused.detail?.lastStep ?? 0
            // There is no reader, and a full pipe would block it.
            DispatchQueue.global().async { [child = Unchecked(child)] in while child.value.line() != nil {} }
            _ = try told.next { $0.shown?.activity == .running && $0.detail?.lastStep ?? 0 > step }
            child.signal(SIGKILL)
            _ = try told.next { $0.shown?.activity == .stalled }
            #expect(RunLauncher.tell(record, .stop) == "run \(record.id) has no process any more")
        }
    }

    @Test(
        "a store that is deleted, damaged or replaced is told in a sentence, and read again when it is whole")
    func replaced() throws {
        try watching { session, _, told in
            let path = session + "/runs.sqlite"
            for name in ["a", "b"] {
                try RunStore.openForWriting(session: session).begin(RunSamples.record(name)).end(.finished)
                _ = try told.next { $0.runs.map(\.record.id) == [name] }
                for ending in ["", "-wal", "-shm"] where access(path + ending, F_OK) == 0 {
                    try FileManager.default.removeItem(atPath: path + ending)
                }
                _ = try told.next { $0.runs.isEmpty && $0.problem == nil }
            }
            try Data("no database at all, and long enough to be one".utf8).write(to: URL(filePath: path))
            let broken = try told.next { $0.problem != nil }
            #expect(
                broken.problem?.contains("is no SQLite database and was left as it is") == true
                    && broken.runs.isEmpty)
            try FileManager.default.removeItem(atPath: path)
            _ = try told.next { $0.problem == nil }
            // Another folder's store takes the place in one go.
            let other = session + "/other.magik"
            try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
            try RunStore.openForWriting(session: other).begin(RunSamples.record("c")).end(.finished)
            try FileManager.default.moveItem(atPath: other + "/runs.sqlite", toPath: path)
            _ = try told.next { $0.runs.map(\.record.id) == ["c"] }
        }
    }

    @Test("a locked store is a sentence until it is let go, and what was read stays")
    func locked() throws {
        try withSession { session in
            try RunStore.openForWriting(session: session).begin(RunSamples.record("a")).end(.finished)
            // Another program that wants the file for itself.
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            configuration.prepareDatabase { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
            var holder: DatabaseQueue? = try DatabaseQueue(
                path: session + "/runs.sqlite", configuration: configuration)
            try holder?.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE")
            }
            let told = Told()
            let watch = RunWatch(session: session) { told.take($0) }
            defer { watch.stop() }
            #expect(try told.next { $0.problem != nil }.problem?.contains("keeps it locked") == true)
            try holder?.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
            try holder?.close()
            holder = nil
            _ = try told.next { $0.problem == nil && $0.runs.count == 1 }
        }
    }

    @Test("a session that is gone is a sentence")
    func gone() throws {
        try watching { session, _, told in
            _ = try told.next { _ in true }
            try FileManager.default.removeItem(atPath: session)
            #expect(try told.next { $0.problem != nil }.problem?.contains("is no session folder") == true)
            try FileManager.default.createDirectory(atPath: session, withIntermediateDirectories: true)
            _ = try told.next { $0.problem == nil }
        }
    }

    private func watching(_ body: (String, RunWatch, Told) throws -> Void) throws {
        try withSession { session in
            let told = Told()
            let watch = RunWatch(session: session) { told.take($0) }
            defer { watch.stop() }
            try body(session, watch, told)
        }
    }
}

/// A value that only one thread at a time uses.
struct Unchecked<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}

/// What a watch reported, with a wait for it.
final class Told: @unchecked Sendable {
    private let condition = NSCondition()
    private var snapshots: [RunsSnapshot] = []

    func take(_ snapshot: RunsSnapshot) {
        condition.withLock {
            snapshots.append(snapshot)
            condition.broadcast()
        }
    }

    /// Waits for a snapshot like this; those before it are forgotten.
    func next(where isRight: (RunsSnapshot) -> Bool) throws -> RunsSnapshot {
        let deadline = Date.now + Waiting.limit
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let index = snapshots.firstIndex(where: isRight) {
                defer { snapshots.removeFirst(index + 1) }
                return snapshots[index]
            }
            guard condition.wait(until: deadline) else {
                let last = snapshots.last
                throw FixtureError(
                    "waited in vain; last: \(last?.shown?.activity as Any) \(last?.problem ?? "no problem")")
            }
        }
    }
}
