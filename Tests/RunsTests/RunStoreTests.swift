import Editing
import Foundation
import GRDB
import Graph
import QAT
import Runs
import Sessions
import TestSupport
import TestTraits
import Testing
import Weights

@Suite(.limited)
struct RunStoreTests {
    @Test("the data of a session's weights is that of the run that was finished last")
    func weightsData() throws {
        try withTemporaryFolder { folder in
            let session = try SmallNetwork.session(in: folder)
            #expect(try session.weightsData == nil)
            let store = try RunStore.openForWriting(session: session.path)
            let clock = HandClock()
            let runs: [(data: String, end: RunState)] = [
                ("first", .finished), ("second", .finished), ("third", .interrupted),
            ]
            for run in runs {
                var record = RunSamples.record(run.data)
                record.data = run.data
                let writer = try store.begin(record) { clock.now }
                #expect(try session.weightsData != run.data)
                clock.turn(by: 60)
                try writer.end(run.end)
            }
            #expect(try session.weightsData == "second")
        }
    }

    @Test("weights are trained quantized where the last run that was finished was so at its end")
    func trainedQuantized() throws {
        try withTemporaryFolder { folder in
            let session = try SmallNetwork.session(in: folder)
            try #require(session.document.network.isQuantized)
            #expect(!session.weightsWereTrainedQuantized)
            let store = try RunStore.openForWriting(session: session.path)
            let clock = HandClock()
            // The bits of the stages, how the run ends, and what the session's weights are then.
            let runs: [(bits: [Int], end: RunState, isQuantized: Bool)] = [
                ([32], .finished, false), ([32, 8], .finished, true), ([32], .interrupted, true),
                ([8, 32], .finished, false),
            ]
            for (number, run) in runs.enumerated() {
                let stages = run.bits.map {
                    TrainingPlan.Stage(bits: $0, epochs: 1, optimizer: .sgd, learningRate: 0.01)
                }
                var record = RunSamples.record("run\(number)")
                record.plan = TrainingPlan(stages: stages, data: "glyphs").json
                let writer = try store.begin(record) { clock.now }
                clock.turn(by: 60)
                try writer.end(run.end)
                #expect(session.weightsWereTrainedQuantized == run.isQuantized)
            }
        }
    }

    @Test("a session without runs has no store to read, and one that was made is empty")
    func none() throws {
        try withSession { session in
            #expect(try RunStore.openForReading(session: session) == nil)
            let store = try RunStore.openForWriting(session: session)
            #expect(try store.runs().isEmpty && store.run("2026") == nil && store.lastMetrics(of: "x") == nil)
            let reader = try #require(try RunStore.openForReading(session: session))
            #expect(try reader.runs().isEmpty)
        }
    }

    @Test("everything that a run says is there after opening again")
    func roundTrip() throws {
        try withSession { session in
            let clock = HandClock()
            var record = RunSamples.record()
            let store = try RunStore.openForWriting(session: session)
            let writer = try store.begin(record) { clock.now }
            #expect(try store.runs() == [record] && writer.run == record.id)

            let layers = ["conv0", "rnn\u{E9}"]
            let metrics = (0..<100).map(RunSamples.metrics)
            let evaluations = [10, 20].flatMap { step in
                [Evaluator.Mode.float, .quantized].map { RunSamples.evaluation(step, $0) }
            }
            let ranges = [0, 10].flatMap { step in
                layers.flatMap { layer in
                    [TensorObservation.Kind.feature, .weight].map { RunSamples.range(step, layer, $0) }
                }
            }
            let histograms = [0, 10, 20].flatMap { step in layers.map { RunSamples.histogram(step, $0) } }
            for metrics in metrics { try writer.add(.metrics(metrics)) }
            for evaluation in evaluations.reversed() { try writer.add(.evaluation(evaluation)) }
            for range in ranges.reversed() { try writer.add(.range(range)) }
            for histogram in histograms.reversed() { try writer.add(.histogram(histogram)) }
            clock.turn(by: 60)
            try writer.end(.failed, message: "conv0: the scale is not a number")

            let reader = try #require(try RunStore.openForReading(session: session))
            (record.state, record.message) = (.failed, "conv0: the scale is not a number")
            (record.ended, record.heartbeat) = (clock.now, clock.now)
            #expect(try reader.run(record.id) == record)
            #expect(try reader.metrics(of: record.id) == metrics)
            #expect(try reader.metrics(of: record.id, after: 89) == Array(metrics[90...]))
            #expect(try reader.lastMetrics(of: record.id) == metrics.last)
            #expect(try reader.evaluations(of: record.id) == evaluations)
            #expect(try reader.evaluations(of: record.id, after: 10) == Array(evaluations[2...]))
            #expect(try reader.ranges(of: record.id) == ranges)
            #expect(try reader.ranges(of: record.id, layer: "conv0", after: 0) == Array(ranges[4..<6]))
            for (index, layer) in layers.enumerated() {
                let mine = [0, 2, 4].map { histograms[$0 + index] }
                #expect(try reader.histograms(of: record.id, layer: layer, .feature) == mine)
                #expect(try reader.histograms(of: record.id, layer: layer, .feature, after: 10) == [mine[2]])
                #expect(try reader.histogram(of: record.id, layer: layer, .feature, at: 19) == mine[1])
                #expect(try reader.histogram(of: record.id, layer: layer, .feature) == mine[2])
                #expect(try reader.histogram(of: record.id, layer: layer, .weight) == nil)
            }
            #expect(try reader.histogramSteps(of: record.id) == [0, 10, 20])
            #expect(try reader.metrics(of: "another").isEmpty)
        }
    }

    @Test("what is not a number comes back as that, and a missing accuracy as missing")
    func notNumbers() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            let writer = try store.begin(RunSamples.record())
            var metrics = RunSamples.metrics(0)
            (metrics.loss, metrics.accuracy) = (.nan, nil)
            metrics.imagesPerSecond = -.infinity
            try writer.add(.metrics(metrics))
            try writer.flush()
            let read = try #require(try store.lastMetrics(of: writer.run))
            #expect(read.loss.isNaN && read.accuracy == nil && read.imagesPerSecond == -.infinity)
        }
    }

    @Test("reports are written together twice a second, and readers learn that there is news")
    func batches() throws {
        try withSession { session in
            let clock = HandClock()
            let store = try RunStore.openForWriting(session: session)
            let writer = try store.begin(RunSamples.record()) { clock.now }
            let reader = try #require(try RunStore.openForReading(session: session))
            var seen = try reader.changes()
            for step in 0..<10 {
                try writer.add(.metrics(RunSamples.metrics(step)))
                clock.turn(by: 0.09)
            }
            // Steps 0 to 6 went at 0.54 seconds, the others wait.
            #expect(try reader.metrics(of: writer.run).map(\.step) == Array(0...6))
            #expect(try reader.changes() != seen)
            seen = try reader.changes()
            #expect(try reader.changes() == seen)
            try writer.flush()
            #expect(try reader.metrics(of: writer.run).count == 10)
            #expect(try reader.changes() != seen)
            #expect(try reader.run(writer.run)?.heartbeat == clock.now)
        }
    }

    @Test("a checkpoint is a file and a row, and the newer one takes its place")
    func checkpoints() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            let writer = try store.begin(RunSamples.record("2026-11-25-143012-x7"))
            #expect(try store.checkpoint(of: writer.run) == nil)
            for step in [5, 9] {
                let weights = Safetensors([.init("w", [Float(step)])], metadata: ["step": "\(step)"])
                try writer.save(weights, as: .last, step: step, epoch: 0)
                if step == 5 { try writer.save(weights, as: .best, step: step, epoch: 0) }
            }
            let rows = try store.checkpoints(of: writer.run)
            #expect(rows.map(\.kind) == [.last, .best] && rows.map(\.step) == [9, 5])
            #expect(
                rows.map(\.path) == [
                    "runs/2026-11-25-143012-x7/checkpoint.safetensors",
                    "runs/2026-11-25-143012-x7/best.safetensors",
                ])
            #expect(try store.checkpoint(of: writer.run)?.metadata == ["step": "9"])
            #expect(try store.checkpoint(.best, of: writer.run)?.metadata == ["step": "5"])
            let file = store.folder + "/runs/2026-11-25-143012-x7/checkpoint.safetensors"
            try Data("junk".utf8).write(to: URL(filePath: file))
            #expect(throws: RunStoreError.brokenCheckpoint(file, .noLength(fileBytes: 4))) {
                try store.checkpoint(of: writer.run)
            }
        }
    }

    // Going on.

    @Test("a run goes on from its checkpoint, and later steps are forgotten")
    func resume() throws {
        try withSession { session in
            let clock = HandClock()
            let store = try RunStore.openForWriting(session: session)
            let writer = try store.begin(RunSamples.record()) { clock.now }
            for step in 0..<20 {
                try writer.add(.metrics(RunSamples.metrics(step)))
                try writer.add(.range(RunSamples.range(step, "conv0", .weight)))
                try writer.add(.histogram(RunSamples.histogram(step, "conv0")))
                try writer.add(.evaluation(RunSamples.evaluation(step)))
            }
            try writer.end(.interrupted, message: "Ctrl-C")
            let second = try store.resume(writer.run, after: 9) { clock.now }
            #expect(try store.metrics(of: writer.run).map(\.step) == Array(0...9))
            #expect(try store.ranges(of: writer.run).count == 10)
            #expect(try store.evaluations(of: writer.run).count == 10)
            #expect(try store.histogramSteps(of: writer.run) == Array(0...9))
            let record = try #require(try store.run(writer.run))
            #expect(record.state == .running && record.message == nil && record.ended == nil)
            try second.add(.metrics(RunSamples.metrics(10)))
            try second.end(.finished)
            #expect(try store.run(writer.run)?.state == .finished)
            #expect(throws: RunStoreError.noRun("x", store: store.path)) { try store.resume("x", after: 0) }
        }
    }

    @Test("a run has one writer at a time, and a name is used once")
    func oneWriter() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            let record = RunSamples.record()
            let writer = try store.begin(record)
            #expect(throws: RunStoreError.exists(record.id)) { try store.begin(record) }
            #expect(throws: RunStoreError.busy(record.id, by: .current)) {
                try store.resume(record.id, after: 0)
            }
            #expect(throws: RunStoreError.busy(record.id, by: .current)) { try store.forget(record.id) }
            try writer.end(.finished)
            #expect(throws: RunStoreError.taken(record.id)) { try writer.flush() }
            try store.forget(record.id)
            #expect(try store.runs().isEmpty)
        }
    }

    /// Begins a run whose process is gone: its number is ours, but it was another process's then.
    private static func abandonedRun(
        _ id: String, in store: RunStore, _ clock: HandClock
    ) throws -> RunRecord {
        var record = RunSamples.record(id)
        record.heartbeat = clock.now
        record.process.startTime = 1
        _ = try store.begin(record) { clock.now }
        return record
    }

    @Test("a run of a process that is gone is taken over at once, one elsewhere after a while")
    func takeOver() throws {
        try withSession { session in
            let clock = HandClock()
            let store = try RunStore.openForWriting(session: session)
            _ = try Self.abandonedRun("gone", in: store, clock)
            _ = try store.resume("gone", after: 0) { clock.now }

            var record = RunSamples.record("elsewhere")
            record.heartbeat = clock.now
            record.process = RunProcess(host: "elsewhere.example", number: 1, startTime: 1)
            let writer = try store.begin(record) { clock.now }
            #expect(throws: RunStoreError.busy("elsewhere", by: record.process)) {
                try store.resume("elsewhere", after: 0) { clock.now }
            }
            clock.turn(by: 16)
            _ = try store.resume("elsewhere", after: 0) { clock.now }
            #expect(throws: RunStoreError.taken("elsewhere")) { try writer.flush() }
        }
    }

    @Test("what a killed process left is removed before the record names the next one")
    func leftoversFirst() throws {
        try withSession { session in
            let clock = HandClock()
            let store = try RunStore.openForWriting(session: session)
            let record = try Self.abandonedRun("gone", in: store, clock)
            let folder = session + "/" + RunFiles.folder(of: "gone")
            let left = folder + "/checkpoint.safetensors.tmp-\(record.process.number)"
            try Data([1]).write(to: URL(filePath: left))

            // Something stops the second process there: the first one is still the one to clean up after.
            try FileManager.default.moveItem(atPath: folder, toPath: folder + "-away")
            try Data().write(to: URL(filePath: folder))
            #expect(throws: RunStoreError.self) { try store.resume("gone", after: 0) { clock.now } }
            #expect(try store.run("gone")?.process == record.process)

            try FileManager.default.removeItem(atPath: folder)
            try FileManager.default.moveItem(atPath: folder + "-away", toPath: folder)
            _ = try store.resume("gone", after: 0) { clock.now }
            #expect(!FileManager.default.fileExists(atPath: left))
        }
    }

    @Test("a note is kept on one line beside a run that trains, ends and goes on, and can be taken away")
    func notes() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            let writer = try store.begin(RunSamples.record("r"))
            #expect(try store.run("r")?.note == nil)
            try store.setNote(" clip\n too wide\u{1B} ", of: "r")
            #expect(try store.run("r")?.note == "clip too wide\\u{1b}")
            try writer.add(.metrics(RunSamples.metrics(1)))
            try writer.end(.interrupted)
            try store.resume("r", after: 1).end(.finished)
            #expect(try store.run("r")?.note == "clip too wide\\u{1b}")
            try store.setNote("safe choice", of: "r")
            #expect(try RunStore.openForReading(session: session)?.run("r")?.note == "safe choice")
            try store.setNote(" ", of: "r")
            #expect(try store.run("r")?.note == nil)
            #expect(throws: RunStoreError.noRun("x", store: store.path)) { try store.setNote("y", of: "x") }
        }
    }

    @Test("a run is forgotten with its rows and its folder, but not while its process may write")
    func forgetting() throws {
        try withSession { session in
            let clock = HandClock()
            let store = try RunStore.openForWriting(session: session)
            let other = try store.begin(RunSamples.record("other"))
            var record = RunSamples.record("elsewhere")
            record.heartbeat = clock.now
            record.process = RunProcess(host: "elsewhere.example", number: 1, startTime: 1)
            let writer = try store.begin(record) { clock.now }
            try writer.add(.metrics(RunSamples.metrics(1)))
            try writer.save(Safetensors([.init("w", [1])], metadata: [:]), as: .last, step: 1, epoch: 0)
            #expect(throws: RunStoreError.busy("elsewhere", by: record.process)) {
                try store.forget("elsewhere") { clock.now }
            }
            clock.turn(by: 16)
            try store.forget("elsewhere") { clock.now }
            #expect(try store.metrics(of: "elsewhere").isEmpty && store.checkpoints(of: "elsewhere").isEmpty)
            #expect(!FileManager.default.fileExists(atPath: session + "/runs/elsewhere"))
            #expect(FileManager.default.fileExists(atPath: session + "/runs/other"))
            #expect(try store.runs().map(\.id) == ["other"])
            #expect(throws: RunStoreError.noRun("elsewhere", store: store.path)) {
                try store.forget("elsewhere") { clock.now }
            }
            try other.end(.finished)
            let folder = session + "/runs/other/mine"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            #expect(throws: RunStoreError.self) { try store.forget("other") }
            #expect(try store.runs().isEmpty && FileManager.default.fileExists(atPath: folder))
        }
    }

    @Test("whether a run lives is asked of its heartbeat and its process")
    func liveness() {
        var record = RunSamples.record()
        let now = record.heartbeat
        #expect(record.liveness(at: now + 15) == .writing && record.liveness(at: now + 16) == .silent)
        record.process.number = Int(Int32.max)
        #expect(record.liveness(at: now + 15) == .writing && record.liveness(at: now + 16) == .stalled)
        #expect(record.liveness(at: now + 16) == .stalled && record.liveness(at: now - 5) != .stalled)
        record.process = RunProcess(host: "elsewhere.example", number: 1, startTime: nil)
        #expect(record.process.isAlive == nil && record.liveness(at: now + 16) == .stalled)
        record.state = .finished
        #expect(record.liveness(at: now + 16) == .ended)
    }

    @Test("a run is named after the time on the wall")
    func names() throws {
        let id = RunSamples.record().id
        #expect(try #/\d{4}-\d\d-\d\d-\d{6}-[a-z0-9]{2}/#.wholeMatch(in: id) != nil && RunRecord.isID(id))
        for name in ["", ".", "..", ".hidden", "a/b", "a b", "é", String(repeating: "a", count: 65)] {
            #expect(!RunRecord.isID(name))
        }
    }
}
