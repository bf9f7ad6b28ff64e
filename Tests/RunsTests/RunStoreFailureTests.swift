import Foundation
import GRDB
import QAT
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Runs

/// What goes wrong with a run store is said in one line, and what was there stays.
@Suite(.limited)
struct RunStoreFailureTests {
    private func message(_ session: String, _ body: () throws -> some Any) -> String {
        do {
            return "\(try body())"
        } catch {
            return "\(error)".replacing(session + "/", with: "").replacing(session, with: "SESSION")
        }
    }

    private func contents(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

    @Test("a folder that is none, and a network file by itself, have no runs")
    func noSession() throws {
        try withSession { session in
            for path in [session + "/nowhere", session + "/file"] {
                if path.hasSuffix("file") { try Data().write(to: URL(filePath: path)) }
                #expect(throws: RunStoreError.noSession(path)) { try RunStore.openForWriting(session: path) }
                #expect(throws: RunStoreError.noSession(path)) { try RunStore.openForReading(session: path) }
            }
        }
    }

    @Test(
        "a file that is no database is refused and left as it is",
        arguments: ["junk", String(repeating: "no database at all. ", count: 500)])
    func junk(text: String) throws {
        try withSession { session in
            let path = session + "/runs.sqlite"
            try Data(text.utf8).write(to: URL(filePath: path))
            let expected =
                "runs.sqlite: is no SQLite database and was left as it is; move it away to record runs"
            #expect(message(session) { try RunStore.openForWriting(session: session) } == expected)
            #expect(message(session) { try RunStore.openForReading(session: session) } == expected)
            #expect(try contents(path) == Data(text.utf8))
        }
    }

    @Test("an empty file is a store without data")
    func emptyFile() throws {
        try withSession { session in
            try Data().write(to: URL(filePath: session + "/runs.sqlite"))
            #expect(try RunStore.openForReading(session: session) == nil)
            #expect(try RunStore.openForWriting(session: session).runs().isEmpty)
        }
    }

    @Test("a database of another program is refused and left as it is", arguments: [0, 1])
    func foreign(version: Int) throws {
        try withSession { session in
            let path = session + "/runs.sqlite"
            try DatabaseQueue(path: path).write {
                try $0.execute(sql: "CREATE TABLE mine (x); PRAGMA user_version = \(version)")
            }
            let before = try contents(path)
            let expected =
                "runs.sqlite: is a database of another program and was left as it is; move it away to record runs"
            #expect(message(session) { try RunStore.openForWriting(session: session) } == expected)
            #expect(message(session) { try RunStore.openForReading(session: session) } == expected)
            #expect(try contents(path) == before)
        }
    }

    @Test("a store of a newer version is refused by name of the version")
    func newer() throws {
        try withSession { session in
            _ = try RunStore.openForWriting(session: session)
            try DatabaseQueue(path: session + "/runs.sqlite").write {
                try $0.execute(sql: "PRAGMA user_version = 11")
            }
            let expected =
                "runs.sqlite: version 11 is newer than 10, the newest that this magikbench reads; update magikbench"
            #expect(message(session) { try RunStore.openForWriting(session: session) } == expected)
            #expect(message(session) { try RunStore.openForReading(session: session) } == expected)
        }
    }

    @Test("what a run reported up to a checkpoint is in the store before the checkpoint is in its file")
    func reportsFirst() throws {
        try withSession { session in
            let record = RunSamples.record()
            let store = try RunStore.openForWriting(session: session)
            // A clock that stands still: nothing is written because time has passed.
            let writer = try store.begin(record) { 0 }
            for step in 1...3 { try writer.add(.metrics(RunSamples.metrics(step))) }
            #expect(try store.metrics(of: record.id).isEmpty)
            // A folder in its place keeps the checkpoint from being written.
            try FileManager.default.createDirectory(
                atPath: session + "/" + RunFiles.checkpoint(.last, of: record.id) + "/full",
                withIntermediateDirectories: true)
            #expect(throws: RunStoreError.self) {
                try writer.save(Safetensors([.init("w", [1])], metadata: [:]), as: .last, step: 3, epoch: 0)
            }
            #expect(try store.metrics(of: record.id).map(\.step) == [1, 2, 3])
        }
    }

    @Test(
        "a store of an older version is brought up by the first process that opens it",
        arguments: [true, false])
    func older(reading: Bool) throws {
        try withSession { session in
            let record = RunSamples.record()
            _ = try RunStore.openForWriting(session: session).begin(record)
            let next = RunSchema(
                migrations: RunSchema.current.migrations + ["ALTER TABLE runs ADD COLUMN mood TEXT"])
            let store =
                reading
                ? try RunStore.openForReading(session: session, patience: 1, schema: next)
                : try RunStore.openForWriting(session: session, patience: 1, schema: next)
            #expect(try store?.runs() == [record])
            #expect(
                try store?.read { try String.fetchAll($0, sql: "SELECT mood FROM runs WHERE mood") } == [])
            #expect(
                message(session) { try RunStore.openForReading(session: session) }
                    .hasPrefix("runs.sqlite: version 11 is newer than 10"))
        }
    }

    /// A store of an earlier version with a run and a row of it; `sql` takes the run's name.
    private func write(_ sql: String, version: Int, in session: String) throws -> RunRecord {
        let old = RunSchema(migrations: Array(RunSchema.current.migrations.prefix(version)))
        let record = RunSamples.record()
        let store = try RunStore.openForWriting(session: session, patience: 1, schema: old)
        try store.write { database in
            try record.insert(in: database)
            try database.execute(sql: sql, arguments: [record.id])
        }
        return record
    }

    @Test("evaluations of version 4 have no count of samples")
    func uncounted() throws {
        try withSession { session in
            let record = try write(
                "INSERT INTO evaluations (run, step, epoch, split, mode, loss, accuracy) "
                    + "VALUES (?, 3, 3, 'validation', 'quantized', 0.3, 0.98)", version: 4, in: session)
            let now = try #require(try RunStore.openForReading(session: session))
            var expected = RunSamples.evaluation(3)
            expected.numbers = [:]
            #expect(try now.evaluations(of: record.id) == [expected])
        }
    }

    @Test(
        "steps of version 7 have the metrics of their time, and all metrics come back from a store of today")
    func metricsOfOldVersions() throws {
        try withSession { session in
            let record = try write(
                "INSERT INTO metrics (run, step, epoch, stage, loss, accuracy, learning_rate, "
                    + "images_per_second) VALUES (?, 4, 0, 0, 0.5, 0.1, 0.05, 1234.5)", version: 7,
                in: session)
            var expected = RunSamples.metrics(4)
            let now = try #require(try RunStore.openForReading(session: session))
            #expect(try now.metrics(of: record.id) == [expected])
            for metric in RunMetric.allCases { expected[metric] = Double(metric.rawValue) + 0.25 }
            expected.step = 5
            let writer = try RunStore.openForWriting(session: session).begin(RunSamples.record("again"))
            try writer.add(.metrics(expected))
            try writer.flush()
            #expect(try now.lastMetrics(of: "again") == expected)
        }
    }

    @Test("a metric's column is its name in the store's spelling")
    func columns() {
        #expect(RunMetric.learningRate.column == "learning_rate" && RunMetric.loss.column == "loss")
        #expect(Set(RunMetric.columns).count == RunMetric.allCases.count)
    }

    @Test("ranges of version 5 have no flips")
    func unflipped() throws {
        try withSession { session in
            let old = RunSchema(migrations: Array(RunSchema.current.migrations.prefix(5)))
            let record = RunSamples.record()
            let store = try RunStore.openForWriting(session: session, patience: 1, schema: old)
            try store.write { database in
                try record.insert(in: database)
                try database.execute(
                    sql: "INSERT INTO ranges (run, step, layer, tensor, min, max, clip, clip_ratio, mean, "
                        + "deviation) VALUES (?, 3, 'conv0', 'weight', -1.5, 2, 1.25, 0.01, 0.125, 0.5)",
                    arguments: [record.id])
            }
            let now = try #require(try RunStore.openForReading(session: session))
            #expect(try now.ranges(of: record.id) == [RunSamples.range(3, "conv0", .weight)])
        }
    }

    @Test("a full disk stops a flush, which succeeds once there is room, and nothing is lost or half there")
    func full() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            let writer = try store.begin(RunSamples.record())
            try writer.add(.metrics(RunSamples.metrics(0)))
            try writer.flush()
            try store.write { database in
                let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
                try database.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
            }
            try writer.add(.metrics(RunSamples.metrics(1)))
            for step in 0..<5 { try writer.add(.histogram(RunSamples.histogram(step, "conv0"))) }
            for _ in 0..<3 {
                let said = message(session) { try writer.flush() }
                #expect(
                    said.hasPrefix("runs.sqlite: cannot be written: no space is left on the disk at /"),
                    "\(said)")
            }
            #expect(try store.metrics(of: writer.run).count == 1)
            #expect(try store.histogramSteps(of: writer.run).isEmpty)
            try store.write { try $0.execute(sql: "PRAGMA max_page_count = 100000") }
            try writer.end(.finished)
            #expect(try store.metrics(of: writer.run).count == 2)
            #expect(try store.histogramSteps(of: writer.run).count == 5)
            #expect(try store.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") } == ["ok"])
        }
    }

    @Test("a store that another program keeps locked is said to be, and a flush waits for its turn")
    func locked() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session, patience: 0.05)
            let writer = try store.begin(RunSamples.record())
            try writer.add(.metrics(RunSamples.metrics(0)))
            try DatabaseQueue(path: store.path).write { (_) throws in
                let expected =
                    "runs.sqlite: another program keeps it locked; close that, or wait and try again"
                #expect(message(session) { try writer.flush() } == expected)
                #expect(message(session) { try store.begin(RunSamples.record("b")) } == expected)
                // Readers do not mind.
                #expect(try RunStore.openForReading(session: session)?.runs().count == 1)
            }
            try writer.flush()
            #expect(try store.metrics(of: writer.run).count == 1)
            #expect(!FileManager.default.fileExists(atPath: session + "/runs/b"))
        }
    }

    @Test(
        "a row that holds what no magikbench writes is damage, and is said",
        arguments: [
            ("UPDATE runs SET state = 'happy'", "state is 'happy'"),
            ("UPDATE runs SET plan = '{'", "the plan of r: line 1, column 2: a key in quotes is expected"),
            ("UPDATE runs SET id = '../r'", "'../r' is no name of a run"),
            ("UPDATE runs SET pid = 'x'", "pid is \"x\""),
        ])
    func damagedRow(sql: String, expected: String) throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            _ = try store.begin(RunSamples.record("r"))
            try store.write { try $0.execute(sql: sql) }
            let found = message(session) { try store.runs() }
            #expect(found.hasPrefix("runs.sqlite: is damaged: \(expected)"), "\(found)")
        }
    }

    @Test("a histogram of half a count is damage")
    func damagedHistogram() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            let writer = try store.begin(RunSamples.record("r"))
            try writer.add(.histogram(RunSamples.histogram(1, "a")))
            try writer.flush()
            try store.write { try $0.execute(sql: "UPDATE histograms SET counts = x'010203'") }
            #expect(throws: RunStoreError.damaged(store.path, reason: "counts has 3 bytes")) {
                try store.histogram(of: "r", layer: "a", .feature)
            }
        }
    }

    @Test("a damaged file is said to be, or read as far as it is whole; nothing traps")
    func damagedFile() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            let writer = try store.begin(RunSamples.record("r"))
            for step in 0..<50 { try writer.add(.histogram(RunSamples.histogram(step, "a"))) }
            try writer.end(.finished)
            try store.write { _ in }
            let sound = try contents(copied(store, into: session + "/copy.magik"))
            var said = 0
            for seed in UInt64(0)..<60 {
                var random = SeededGenerator(seed: seed)
                var bytes = Array(sound)
                for _ in 0...random.below(30) { bytes[random.below(min(bytes.count, 30_000))] ^= 0xFF }
                try Data(bytes).write(to: URL(filePath: session + "/copy.magik/runs.sqlite"))
                do throws(RunStoreError) {
                    let reader = try RunStore.openForReading(session: session + "/copy.magik")
                    _ = try reader?.runs()
                    _ = try reader?.histograms(of: "r", layer: "a", .feature)
                } catch {
                    said += 1
                    #expect(!error.description.contains("\n"))
                }
            }
            #expect(said > 20)
        }
    }

    /// A whole copy of a store in another folder.
    private func copied(_ store: RunStore, into folder: String) throws -> String {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try DatabaseQueue(path: store.path).writeWithoutTransaction {
            try $0.execute(sql: "VACUUM INTO '\(folder)/runs.sqlite'")
        }
        return folder + "/runs.sqlite"
    }
}
