import Datasets
import Devices
import Editing
import GRDB
import Graph
import QAT
import TestSupport
import TestTraits
import Testing

@testable import Runs

/// Runs side by side.
@Suite(.limited)
struct RunComparisonTests {
    /// What a run of these tests is.
    private struct Trained {
        var id: String
        var network: Network
        var stages: [TrainingPlan.Stage]
        var split = Split.test
        var epochs = 3
        var change: (inout TrainingPlan) -> Void = { _ in }
    }

    private static func stage(_ bits: Int?) -> TrainingPlan.Stage {
        TrainingPlan.Stage(bits: bits, epochs: 3, optimizer: .adam, learningRate: 0.001)
    }

    /// Records a run of ten steps an epoch, measured after each; the last look is of two layers.
    @discardableResult
    private func add(_ sample: Trained, to store: RunStore, loss: Double, sqnr: Double) throws -> RunRecord {
        var plan = TrainingPlan(stages: sample.stages, data: "glyphs")
        sample.change(&plan)
        let document = Document(network: sample.network, device: .t40)
        var record = RunRecord(
            id: sample.id, plan: plan.json, seed: plan.seed, data: plan.data, digest: sample.network.digest,
            network: document.text, device: "T40")
        record.started += Double(try store.runs().count)
        (record.steps, record.stepsPerEpoch) = (30, 10)
        let writer = try store.begin(record)
        for step in 1...(10 * sample.epochs) {
            let epoch = (step - 1) / 10
            try writer.add(
                .metrics(
                    RunMetrics(
                        step: step, epoch: epoch, stage: min(sample.stages.count - 1, epoch), loss: loss + 1,
                        accuracy: 0.5, learningRate: 0.001, imagesPerSecond: 100)))
            guard step.isMultiple(of: 10) else { continue }
            for (mode, accuracy) in [(Evaluator.Mode.float, 0.9), (.quantized, 0.8), (.integer, 0.75)] {
                try writer.add(
                    .evaluation(
                        RunEvaluation(
                            step: step, epoch: epoch + 1, split: sample.split, mode: mode,
                            loss: loss - Double(epoch) * 0.1, accuracy: accuracy + Double(epoch) * 0.01)))
            }
            for (layer, tensor, sqnr) in [
                ("scores", TensorObservation.Kind.feature, nil), ("scores", .weight, sqnr + 20),
                ("conv0", .feature, sqnr + Double(epoch)), ("conv0", .weight, sqnr + 9),
            ] as [(String, TensorObservation.Kind, Double?)] {
                try writer.add(
                    .range(
                        RunRange(
                            step: step, layer: layer, tensor: tensor, minimum: -1, maximum: 1, clip: nil,
                            clipRatio: nil, mean: 0, deviation: 1, sqnr: sqnr)))
            }
        }
        try writer.end(.finished)
        return record
    }

    private func comparison(_ samples: [Trained]) throws -> RunComparison {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            for (index, sample) in samples.enumerated() {
                try add(sample, to: store, loss: 1 + Double(index) / 4, sqnr: 10 * Double(index + 1))
            }
            var comparer = RunComparer()
            return try comparer.compare(samples.map(\.id), from: store)
        }
    }

    private let narrow: Trained

    init() throws {
        narrow = Trained(
            id: "narrow", network: try SmallNetwork.images(bits: 8), stages: [Self.stage(32), Self.stage(4)])
    }

    @Test("a run is told with the network of the stage that it ended with, and by its measurements")
    func facts() throws {
        let comparison = try comparison([narrow])
        let facts = comparison.members[0].facts
        let network = try SmallNetwork.images(bits: 4)
        #expect(facts.network == network && facts.bits == "w4 a4" && facts.clip == "4.0")
        #expect(facts.weightBytes == Analysis(network, on: .npu).cost.total.weightBytes)
        #expect(facts.schedule == "cosine 1e-3" && facts.state == "3/6 finished")
        #expect(facts.evaluations.map(\.epoch) == [1, 2, 3] && facts.evaluation?.mode == .quantized)
        #expect(facts.floatAccuracy == 0.92 && facts.integerAccuracy == 0.77)
        #expect(abs(try #require(facts.drop) + 0.15) < 1e-9)
        var early = narrow
        early.epochs = 1
        let beginning = try self.comparison([early]).members[0].facts
        #expect(beginning.bits == "float" && beginning.clip == "·")
    }

    @Test("integers that were measured on fewer samples say so, others do not")
    func integerSamples() throws {
        var facts = try comparison([narrow]).members[0].facts
        #expect(facts.integerSamples == nil && RunFacts.integerNote(of: [facts]) == nil)
        for index in facts.evaluations.indices { facts.evaluations[index].samples = 10_000 }
        let last = facts.integers.count - 1
        facts.integers[last].samples = 10_000
        #expect(RunFacts.integerNote(of: [facts]) == nil)
        facts.integers[last].samples = 1000
        #expect(RunFacts.integerNote(of: [facts, facts]) == "integers on the first 1,000 samples")
    }

    @Test("settings that differ are told, those of many layers in one row, and the others counted")
    func differences() throws {
        var wide = narrow
        (wide.id, wide.stages) = ("wide", [Self.stage(32), Self.stage(8)])
        wide.change = { plan in
            plan.warmup = 100
            plan.beginsWithWeights = true
            plan.stages[1].optimizer = .sgd
            plan.stages[1].learningRate = 0.01
        }
        var odd = narrow
        odd.id = "odd"
        odd.network = try odd.network.applying(.set(layer: "conv1", field: "clip", to: .number(3.5)))
        let comparison = try comparison([narrow, wide, odd])
        let rows = comparison.differences.map { [$0.title] + $0.values }
        #expect(
            rows
                == [
                    ["stages", "float, 4 bit", "float, 8 bit", "float, 4 bit"],
                    ["optimizer", "adam", "adam, sgd", "adam"],
                    ["learning rate", "0.001", "0.001, 0.01", "0.001"],
                    ["initial weights", "drawn", "the session's", "drawn"],
                    ["warm-up steps", "0", "100", "0"],
                    ["weight bits", "4", "8", "4"], ["output bits", "4", "8", "4"],
                    ["conv0 clip", "4.0", "6.0", "4.0"], ["conv1 clip", "4.0", "6.0", "3.5"],
                    ["scores clip", "3.0", "6.0", "3.0"],
                ].filter { row in rows.contains(row) } && rows.count == 10, "\(rows)")
        #expect(comparison.settings.count == comparison.equalSettings + rows.count)
        #expect(comparison.settings.contains { $0.title == "seed" && $0.values == ["1", "1", "1"] })
        #expect(try self.comparison([narrow]).differences.isEmpty)
    }

    @Test("layers that only some networks have are told, many of them in one row")
    func layers() throws {
        var block = narrow
        (block.id, block.network) = ("block", try SmallNetwork.block(bits: 8, signed: false))
        let rows = try comparison([narrow, block]).differences
        let mine = try #require(rows.first { $0.layers.contains("flatten") })
        #expect(mine.values == ["yes", "·"] && mine.title == "4 layers from preprocess")
        #expect(rows.contains { $0.title == "image shape" && $0.values == ["1x8x8", "3x6x6"] })
        #expect(rows.contains { $0.layers.contains("stem") && $0.values == ["·", "yes"] })
    }

    @Test("SQNR by layer is the lower one of weights and result at the last look, and the worst is told")
    func sqnr() throws {
        var second = narrow
        second.id = "second"
        let comparison = try comparison([narrow, second])
        #expect(comparison.sqnrByLayer.map(\.layer) == ["conv0", "scores"])
        #expect(comparison.sqnrByLayer.map(\.sqnr) == [[12, 22], [30, 40]])
        #expect(comparison.worstSQNR == [12, 22])
    }

    @Test("runs are compared at the last epoch that both have measured, and what cannot be compared is said")
    func sentence() throws {
        var (longer, held) = (narrow, narrow)
        (longer.id, longer.epochs, longer.stages) = ("longer", 5, [Self.stage(32), Self.stage(8)])
        longer.change = { $0.data = "glyphs,limit=100" }
        (held.id, held.split) = ("held", .validation)
        let comparison = try comparison([narrow, longer, held])
        let sizes = try [4, 8].map { bits in
            let network = try SmallNetwork.images(bits: bits)
            return Figures.kibibytes(Analysis(network, on: .npu).cost.total.weightBytes)
        }
        #expect(
            comparison.sentences == [
                "A against B at epoch 3: test loss -0.250, acc +0.0 pt, \(sizes[0]) vs \(sizes[1]) KiB, on other data",
                "A and C are measured on different samples: A on test, C on val",
            ])
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            for id in ["a", "b"] {
                var sample = narrow
                sample.id = id
                if id == "b" { sample.split = .train }
                try add(sample, to: store, loss: 1, sqnr: 1)
            }
            var comparer = RunComparer()
            #expect(
                try comparer.compare(["a", "b"], from: store).sentences == [
                    "A and B have no measured epoch in common: A to epoch 3, B at none"
                ])
        }
    }

    @Test("curves go by step and by epoch, smoothed and measured")
    func curves() throws {
        let comparison = try comparison([narrow])
        let member = comparison.members[0]
        func xs(_ curve: RunComparison.Curve, _ axis: RunComparison.Axis) -> [Double] {
            comparison.samples(curve, of: member, by: axis).map(\.x)
        }
        #expect(xs(.trainLoss, .step) == (1...30).map(Double.init))
        #expect(xs(.trainLoss, .epoch) == (1...30).map { Double($0) / 10 })
        #expect(xs(.loss, .step) == [10, 20, 30] && xs(.accuracy, .epoch) == [1, 2, 3])
        let losses = comparison.samples(.trainLoss, of: member, by: .step).map(\.y)
        #expect(losses.allSatisfy { abs($0 - 2) < 1e-9 })
        #expect(comparison.samples(.loss, of: member, by: .step).map(\.y) == [1, 0.9, 0.8])
    }

    @Test("what is read again after news is what a fresh reader reads; a run that begins again is read anew")
    func news() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            let record = try add(narrow, to: store, loss: 1, sqnr: 10)
            try store.write {
                try $0.execute(sql: "UPDATE runs SET state = 'interrupted', pid = 1, pid_start = 1")
            }
            var comparer = RunComparer()
            #expect(try comparer.compare(["narrow", "gone"], from: store).members.map(\.letter) == ["A"])
            // Another process puts other steps in the place of those that were read.
            let writer = try store.resume(record.id, after: 15)
            for step in 16...40 {
                var metrics = RunSamples.metrics(step)
                metrics.stage = 1
                try writer.add(.metrics(metrics))
            }
            try writer.flush()
            try store.setNote("  goes\non ", of: record.id)
            for _ in 0..<2 {
                let again = try comparer.compare(["narrow"], from: store)
                var fresh = RunComparer()
                #expect(try again == fresh.compare(["narrow"], from: store))
                #expect(again.members[0].facts.note == "goes on" && again.members[0].trainLoss.count == 40)
            }
            try writer.end(.finished)
            try store.forget(record.id)
            #expect(try comparer.compare(["narrow"], from: store).members.isEmpty && comparer.runs.isEmpty)
        }
    }

    @Test("a run of another version is told as far as it is understood")
    func otherVersion() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            try add(narrow, to: store, loss: 1, sqnr: 10)
            try store.begin(RunSamples.record("other")).end(.finished)
            var comparer = RunComparer()
            let comparison = try comparer.compare(["narrow", "other"], from: store)
            let facts = comparison.members[1].facts
            #expect(facts.network == nil && facts.bits == "?" && facts.schedule == "?")
            #expect(facts.weightBytes == nil && facts.state == "0 finished")
            #expect(comparison.differences.contains { $0.title == "batch" && $0.values == ["64", "?"] })
            #expect(comparison.differences.contains { $0.title == "network" && $0.values[1] == "ab12" })
        }
    }

    @Test("a name may be shortened as long as one run has it")
    func names() throws {
        let runs = ["2026-11-26-090000-x7", "2026-11-25-143012-x7", "2026-11-25-143012-q2"].map {
            RunSamples.record($0)
        }
        func found(_ text: String) throws -> String { try RunName.resolved(text, among: runs, in: "s").id }
        #expect(try found("2026-11-26") == runs[0].id && found("q2") == runs[2].id)
        #expect(try found("0900") == runs[0].id && found("143012-x7") == runs[1].id)
        #expect(try found("last") == runs[0].id && found(runs[1].id) == runs[1].id)
        #expect(throws: RunStoreError.unclear("x7", [runs[0].id, runs[1].id])) { try found("x7") }
        #expect(throws: RunStoreError.noRun("143012-q3", store: "s", nearest: "143012-q2")) {
            try found("143012-q3")
        }
        #expect(throws: RunStoreError.noRun("", store: "s")) { try found("") }
    }
}
