import Foundation
import GRDB
import QAT
import Runs
import Sessions
import TestSupport
import TestTraits
import Testing
import Weights

/// Several programs and one run store.
@Suite(.limited)
struct RunStoreSharingTests {
    @Test("stores that are opened at once are made once")
    func opening() async throws {
        for _ in 0..<10 {
            try await withThrowingTaskGroup { group in
                let session = FileManager.default.temporaryDirectory
                    .appending(path: "magikbench-\(UUID().uuidString)").path(percentEncoded: false)
                try FileManager.default.createDirectory(atPath: session, withIntermediateDirectories: true)
                for index in 0..<8 {
                    group.addTask {
                        if index.isMultiple(of: 2) {
                            _ = try RunStore.openForReading(session: session)?.runs()
                        } else {
                            _ = try RunStore.openForWriting(session: session).begin(
                                RunSamples.record("run\(index)"))
                        }
                    }
                }
                try await group.waitForAll()
                #expect(try RunStore.openForReading(session: session)?.runs().count == 4)
                try FileManager.default.removeItem(atPath: session)
            }
        }
    }

    @Test("several runs are written at once while others read, and no reader sees half a flush")
    func together() async throws {
        let session = FileManager.default.temporaryDirectory
            .appending(path: "magikbench-\(UUID().uuidString)").path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: session, withIntermediateDirectories: true)
        _ = try RunStore.openForWriting(session: session)
        try await withThrowingTaskGroup { group in
            for index in 0..<4 {
                group.addTask {
                    let store = try RunStore.openForWriting(session: session)
                    let writer = try store.begin(RunSamples.record("run\(index)"))
                    for step in 0..<200 {
                        // Two and two belong together.
                        try writer.add(.metrics(RunSamples.metrics(step)))
                        if step % 2 == 1 { try writer.flush() }
                    }
                    try writer.end(.finished)
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    let reader = try RunStore.openForReading(session: session)
                    var ended = 0
                    while ended < 4 {
                        // Writers that have not begun need the thread on a machine with two.
                        await Task.yield()
                        guard let runs = try reader?.runs() else { return }
                        ended = runs.count { $0.state == .finished }
                        for run in runs {
                            let steps = try reader?.metrics(of: run.id).map(\.step) ?? []
                            #expect(steps == Array(0..<steps.count) && steps.count.isMultiple(of: 2))
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        try FileManager.default.removeItem(atPath: session)
    }

    @Test(
        "a writer that is killed at any moment leaves a whole store with all that it flushed",
        arguments: 0..<20)
    func killed(seed: UInt64) throws {
        try withSession { session in
            let child = try RunChildProcess(session: session, task: "\(seed)")
            var random = SeededGenerator(seed: seed)
            let run = child.line()
            var flushed = -1
            for _ in 0...random.below(40) { flushed = Int(child.line()) ?? -1 }
            // Reading takes the child to an arbitrary moment.
            let reader = try #require(try RunStore.openForReading(session: session))
            for _ in 0..<random.below(20) {
                let steps = try reader.metrics(of: run, after: flushed - 1).map(\.step)
                #expect(steps.first == flushed)
            }
            child.kill()

            let integrity = try DatabaseQueue(path: session + "/runs.sqlite").read {
                try String.fetchAll($0, sql: "PRAGMA integrity_check")
            }
            #expect(integrity == ["ok"])
            let store = try RunStore.openForWriting(session: session)
            let metrics = try store.metrics(of: run)
            #expect(metrics.map(\.step) == Array(0..<metrics.count) && metrics.count > flushed)
            #expect(metrics.allSatisfy { $0.loss == Double($0.step) })
            let record = try #require(try store.run(run))
            #expect(record.state == .running && record.process.isAlive == false)
            #expect(record.liveness(at: record.heartbeat + 16) == .stalled)
            // The file may be newer than its row, never older or torn.
            if let row = try store.checkpoints(of: run).first {
                let file = try #require(try store.checkpoint(of: run))
                #expect(Int(file.metadata["step"] ?? "") ?? -1 >= row.step)
                let writer = try store.resume(run, after: row.step)
                #expect(try store.lastMetrics(of: run)?.step == row.step)
                try writer.end(.finished)
            }
        }
    }

    // A folder that cannot be written.

    @Test("a store in a folder that cannot be written is read, and writing is refused")
    func readOnly() throws {
        try withSession { session in
            let record = RunSamples.record()
            // Closing the last connection leaves the store alone in its folder.
            try RunStore.openForWriting(session: session).begin(record).end(.finished)
            #expect(!FileManager.default.fileExists(atPath: session + "/runs.sqlite-wal"))
            try withoutRights(to: session) { () throws in
                #expect(try RunStore.openForReading(session: session)?.runs().map(\.id) == [record.id])
                #expect(throws: RunStoreError.readOnly(session + "/runs.sqlite")) {
                    try RunStore.openForWriting(session: session)
                }
            }
        }
    }

    @Test("a store that may not be read is an error that says so")
    func unreadable() throws {
        try withSession { session in
            try RunStore.openForWriting(session: session).begin(RunSamples.record()).end(.finished)
            try withoutRights(to: session, mode: 0o000) { () throws in
                let path = session + "/runs.sqlite"
                #expect(
                    throws: RunStoreError.unreadable(
                        path, reason: "the system does not let us; its owner can")
                ) { try RunStore.openForReading(session: session) }
            }
        }
    }

    @Test("a store that was read without a writer and is written since is not read on")
    func changed() throws {
        try withSession { session in
            try RunStore.openForWriting(session: session).begin(RunSamples.record("a")).end(.finished)
            var reader: RunStore?
            try withoutRights(to: session) { () throws in
                reader = try RunStore.openForReading(session: session)
                #expect(try reader?.runs().count == 1)
            }
            let store = try RunStore.openForWriting(session: session)
            _ = try store.begin(RunSamples.record("b"))
            #expect(throws: RunStoreError.changed(store.path)) { try reader?.runs() }
        }
    }

    @Test("a store that another process is writing is read from a folder that cannot be written")
    func readOnlyWhileWritten() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            let writer = try store.begin(RunSamples.record())
            try withoutRights(to: session) { () throws in
                let reader = try #require(try RunStore.openForReading(session: session))
                #expect(try reader.metrics(of: writer.run).isEmpty)
            }
            try writer.add(.metrics(RunSamples.metrics(0)))
            try writer.flush()
            try withoutRights(to: session) { () throws in
                #expect(try RunStore.openForReading(session: session)?.metrics(of: writer.run).count == 1)
            }
        }
    }

    @Test("changes that were never merged are not passed over")
    func unmerged() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            _ = try store.begin(RunSamples.record())
            let copy = session + "/copy.magik"
            try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
            for ending in ["", "-wal"] {
                try FileManager.default.copyItem(
                    atPath: store.path + ending, toPath: copy + "/runs.sqlite" + ending)
            }
            try withoutRights(to: copy) { () throws in
                #expect(throws: RunStoreError.unmerged(copy + "/runs.sqlite")) {
                    try RunStore.openForReading(session: copy)
                }
            }
            #expect(try RunStore.openForReading(session: copy)?.runs().count == 1)
        }
    }

    @Test("a new store is not made in a folder that cannot be written, and no run begins")
    func readOnlyNew() throws {
        try withSession { session in
            try withoutRights(to: session) { () throws in
                #expect(throws: RunStoreError.readOnly(session + "/runs.sqlite")) {
                    try RunStore.openForWriting(session: session)
                }
                #expect(try RunStore.openForReading(session: session) == nil)
            }
        }
    }

    /// Runs a test as a user who may read a folder and not write it.
    private func withoutRights(to folder: String, mode: Int = 0o444, _ body: () throws -> Void) throws {
        let manager = FileManager.default
        let files = try manager.contentsOfDirectory(atPath: folder).map { folder + "/" + $0 }
        func set(_ mode: Int, files fileMode: Int) throws {
            try manager.setAttributes([.posixPermissions: mode], ofItemAtPath: folder)
            for file in files where file.contains("sqlite") {
                try manager.setAttributes([.posixPermissions: fileMode], ofItemAtPath: file)
            }
        }
        try set(0o555, files: mode)
        // Root may write anything, so this thread is another user to the file system for a while.
        let isRoot = geteuid() == 0
        if isRoot { try setFileUser(65534) }
        let result = Result(catching: body)
        if isRoot { try setFileUser(0) }
        try set(0o755, files: 0o644)
        try result.get()
    }

    /// Makes this thread, and no other, a user to the file system; Swift's module of the C library lacks the call.
    private func setFileUser(_ number: UInt32) throws {
        let address = try #require(dlsym(nil, "setfsuid"), "root on a system other than Linux")
        _ = unsafeBitCast(address, to: (@convention(c) (UInt32) -> Int32).self)(number)
    }
}
