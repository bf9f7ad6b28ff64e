import Datasets
import Foundation
import Graph
import QAT
import Sessions
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Runs

/// What is read of a run for a screen.
@Suite(.limited)
struct RunTraceTests {
    // Series.

    @Test("a series of a million values keeps its ends and every spike, in four thousand")
    func spikes() {
        var series = DownsampledSeries<CurvePoint>()
        let spikes = [3: 9.0, 77_777: -5.0, 400_001: 7.5, 999_998: 8.0]
        for step in 0..<1_000_000 {
            let quiet = step.isMultiple(of: 3) ? Double.nan : sin(Double(step) / 5e4)
            series.append(CurvePoint(x: Double(step), y: spikes[step] ?? quiet))
            if step.isMultiple(of: 100_000) { #expect(series.samples.count <= 4000) }
        }
        let kept = series.samples
        #expect(kept.count <= 4000 && kept.count > 1000)
        #expect(kept.first?.x == 0 && kept.last?.x == 999_999)
        #expect(zip(kept, kept.dropFirst()).allSatisfy { $0.x < $1.x })
        for (step, value) in spikes { #expect(kept.contains(CurvePoint(x: Double(step), y: value))) }
    }

    @Test("a short series is kept as it is")
    func short() {
        var series = DownsampledSeries<CurvePoint>(limit: 8)
        let samples = (0..<8).map { CurvePoint(x: Double($0), y: Double($0 * $0)) }
        for (count, sample) in samples.enumerated() {
            series.append(sample)
            #expect(series.samples == Array(samples[...count]))
        }
    }

    @Test("at every length a series holds its ends and its extremes, whatever the values", arguments: 1...20)
    func extremes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var series = DownsampledSeries<CurvePoint>(limit: 4)
        var values: [Double] = []
        for step in 0..<300 {
            values.append(random.below(4) == 0 ? .nan : Double(random.below(9) * random.below(9)))
            series.append(CurvePoint(x: Double(step), y: values[step]))
            let kept = series.samples
            let numbers = values.filter { !$0.isNaN }
            #expect(kept.count <= 16 && kept.first?.x == 0 && kept.last?.x == Double(step))
            #expect(kept.map(\.y).filter { !$0.isNaN }.min() == numbers.min())
            #expect(kept.map(\.y).filter { !$0.isNaN }.max() == numbers.max())
            let areOurs = kept.allSatisfy { $0.y.isNaN ? values[Int($0.x)].isNaN : $0.y == values[Int($0.x)] }
            #expect(areOurs && zip(kept, kept.dropFirst()).allSatisfy { $0.x < $1.x })
        }
    }

    @Test("quantiles of a histogram are those of the values, to the width of a bin", arguments: 1...20)
    func quantiles(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let values = (0..<5000).map { _ in pow(Double.random(in: -1...2, using: &random), 3) }.sorted()
        let (low, high) = (values[0], values[values.count - 1])
        let width = (high - low) / Double(Observer.bins)
        var histogram = RunHistogram(
            step: 0, layer: "conv0", tensor: .feature, low: low, high: high,
            counts: [UInt32](repeating: 0, count: Observer.bins))
        for value in values { histogram.counts[min(Int((value - low) / width), Observer.bins - 1)] += 1 }
        for share in [0.001, 0.5, 0.999, 1] {
            let exact = values[Int((share * 5000).rounded(.up)) - 1]
            #expect(abs(try #require(histogram.quantile(share)) - exact) <= width * 1.001)
        }
        histogram.counts = [UInt32](repeating: 0, count: Observer.bins)
        #expect(histogram.quantile(0.5) == nil)
    }

    // Runs.

    private let layers = ["conv1", "conv0", "fc"]

    private func plan() -> TrainingPlan {
        let stages = [8, 4].map { bits in
            TrainingPlan.Stage(bits: bits, epochs: 5, optimizer: .adam, learningRate: 0.05)
        }
        return TrainingPlan(stages: stages, data: "glyphs")
    }

    private func record() -> RunRecord {
        var record = RunSamples.record()
        record.plan = plan().json
        (record.steps, record.stepsPerEpoch) = (100, 10)
        return record
    }

    /// What a run of 100 steps has to say, in its order: looks at every third step, histograms at every sixth.
    private func reports(_ steps: ClosedRange<Int> = 1...100) -> [RunReport] {
        steps.flatMap { step -> [RunReport] in
            var metrics = RunSamples.metrics(step)
            (metrics.written, metrics.epoch) = (1_800_000_000 + Double(step) * 60, (step - 1) / 10)
            (metrics.stage, metrics.loss) = ((step - 1) / 50, 2 + sin(Double(step)))
            var reports = [RunReport.metrics(metrics)]
            if step.isMultiple(of: 3) {
                for layer in layers {
                    reports.append(.range(RunSamples.range(step, layer, .weight)))
                    var range = RunSamples.range(step, layer, .feature)
                    // The clip of one layer rises above its values, and falls again.
                    range.clip = layer == "conv0" && (30...60).contains(step) ? 9 : layer == "fc" ? nil : 1.25
                    reports.append(.range(range))
                }
                for layer in layers where step.isMultiple(of: 6) {
                    reports.append(.histogram(RunSamples.histogram(step, layer)))
                }
            }
            if step.isMultiple(of: 10) {
                for mode in [Evaluator.Mode.float, .quantized] {
                    reports.append(
                        .evaluation(
                            RunEvaluation(
                                step: step, epoch: step / 10, split: .test, mode: mode,
                                loss: 2 / Double(step),
                                accuracy: Double(step) / 200)))
                }
            }
            return reports
        }
    }

    private func detail(
        _ store: RunStore, _ run: String, portion: RunUpdate.Portion? = nil
    ) throws -> RunDetail {
        let record = try #require(try store.run(run))
        var trace = RunTrace(record)
        repeat { try trace.update(from: store, portion: portion ?? .init()) } while !trace.isWhole
        return trace.detail(record)
    }

    @Test("what integers give is a number and a line of the log of its own, and no point of the curve")
    func integers() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            let writer = try store.begin(record())
            let rows: [(Evaluator.Mode, step: Int, accuracy: Double)] = [
                (.float, 10, 0.9), (.quantized, 20, 0.875), (.integer, 20, 0.86),
            ]
            for (mode, step, accuracy) in rows {
                try writer.add(
                    .metrics(
                        RunMetrics(
                            step: step, epoch: step / 10 - 1, stage: 0, loss: 1, accuracy: nil,
                            learningRate: 0.1, imagesPerSecond: 1)))
                try writer.add(
                    .evaluation(
                        RunEvaluation(
                            step: step, epoch: step / 10, split: .test, mode: mode, loss: 0.5,
                            accuracy: accuracy, samples: mode == .integer ? 1000 : 10_000)))
            }
            try writer.end(.finished)
            let detail = try detail(store, writer.run)
            #expect(detail.evaluations.map(\.mode) == [.float, .quantized])
            let number = detail.numbers.first { $0.name == "integer acc" }
            #expect(number?.now == "86.0%")
            #expect(detail.numbers.first { $0.name == "vs float" }?.now == "-4.0 pt")
            #expect(detail.numbers.first { $0.name == "test acc" }?.now == "87.5%")
            #expect(detail.log.contains { $0.text == "in integers 86.0 %, loss 0.500, 1,000 samples" })
        }
    }

    @Test("flips of weights are a series of the layer, beside its results")
    func flips() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            let writer = try store.begin(record())
            for (step, share) in [(10, nil), (20, 0.25), (30, 0.125)] as [(Int, Double?)] {
                var weight = RunSamples.range(step, "conv0", .weight)
                weight.flips = share
                try writer.add(.range(RunSamples.range(step, "conv0", .feature)))
                try writer.add(.range(weight))
                // A layer whose results were not looked at is not shown.
                weight.layer = "inner"
                try writer.add(.range(weight))
            }
            try writer.end(.finished)
            let detail = try detail(store, writer.run)
            #expect(
                detail.flips(of: "conv0") == [CurvePoint(x: 20, y: 0.25), CurvePoint(x: 30, y: 0.125)]
                    && detail.flips(of: "inner").count == 2 && detail.flips(of: "none").isEmpty)
            #expect(detail.range(of: "conv0")?.minimum.map(\.x) == [10, 20, 30])
            #expect(detail.rangedLayers == ["conv0"])
        }
    }

    @Test("a long run is smoothed before it is thinned, so that its spikes do not lift the curve")
    func smoothedFirst() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            let writer = try store.begin(record())
            // Now and then 9, else 0.2: the mean is 1.08, and thinning keeps every 9.
            for step in 1...20_000 {
                let loss = (step * 7919 % 100) < 10 ? 9.0 : 0.2
                try writer.add(
                    .metrics(
                        RunMetrics(
                            step: step, epoch: 0, loss: loss, accuracy: nil, learningRate: 0.1,
                            imagesPerSecond: 1)))
            }
            try writer.end(.interrupted)
            let detail = try detail(store, writer.run)
            let smoothed = try #require(detail.smoothedLosses.last).suffix(1000).map(\.y)
            #expect(abs(smoothed.reduce(0, +) / Double(smoothed.count) - 1.08) < 0.05)
            #expect(detail.losses.count <= 4000)
        }
    }

    @Test("a run that was recorded is shown with its curves, stages, numbers and log")
    func whole() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            let writer = try store.begin(record())
            for report in reports() { try writer.add(report) }
            try writer.save(Safetensors([.init("w", [1])], metadata: [:]), as: .best, step: 90, epoch: 9)
            try writer.end(.failed, message: "conv0: the scale is not a number")

            let detail = try detail(store, writer.run)
            #expect(detail.lastStep == 100 && detail.stepsPerEpoch == 10)
            #expect(detail.losses.map(\.x) == (1...100).map(Double.init))
            #expect(detail.losses[41].y == 2 + sin(42))
            #expect(detail.metrics[.accuracy]?.count == 50 && detail.metrics[.learningRate]?.count == 100)
            #expect(detail.evaluatedSplit == "test" && detail.evaluations.count == 20)
            #expect(detail.evaluations.last?.epoch == 10 && detail.evaluations.last?.mode == .quantized)
            #expect(detail.stages == [.init(x: 51, title: "8 bit -> 4 bit")])
            #expect(detail.rangedLayers == ["conv0", "conv1", "fc"])
            let range = try #require(detail.range(of: "conv0"))
            #expect(range.maximum.count == 33 && range.minimum[0] == CurvePoint(x: 3, y: -1.5))
            #expect(range.upper.count == 16 && range.upper.allSatisfy { $0.y > 5.9 && $0.y < 6 })
            #expect(detail.range(of: "conv0")?.crossing == 66 && detail.range(of: "conv1")?.crossing == 6)
            #expect(detail.range(of: "fc")?.crossing == nil && detail.range(of: "fc")?.clip == [])
            #expect(detail.range(of: "nowhere") == nil)
            #expect(
                detail.numbers.map { [$0.name, $0.now, $0.best] } == [
                    ["train loss", "1.49", "1.00"], ["test loss", "0.0200", "0.0200"],
                    ["test acc", "50.0%", "50.0%"], ["rate", "5.0e-2", plan().schedule.rawValue],
                ])
            let log = detail.log.map(\.text)
            #expect(log.first == "started: seed 18446744073709551609, mnist:data/mnist,limit=1000")
            #expect(log.contains("stage 2: 4 bit") && log.contains("epoch 3 test 15.0 %, loss 0.0667"))
            #expect(log.count { $0 == "p99.9 conv0 > clip" } == 2 && log.contains("saved the best so far"))
            #expect(log.last == "conv0: the scale is not a number" && detail.log.last?.isProblem == true)
            #expect(zip(detail.log, detail.log.dropFirst()).allSatisfy { $0.step <= $1.step })
            #expect(detail.log.allSatisfy { $0.clock.wholeMatch(of: /\d\d:\d\d/) != nil })
        }
    }

    @Test("reading after each flush, wherever it ends, gives what reading at the end does", arguments: 1...10)
    func portions(seed: UInt64) throws {
        try withSession { session in
            var random = SeededGenerator(seed: seed)
            let store = try RunStore.openForWriting(session: session)
            let record = record()
            // Time stands still, so that nothing is flushed but here.
            let writer = try store.begin(record) { record.started }
            var trace = RunTrace(record)
            for report in reports() {
                try writer.add(report)
                guard random.below(7) == 0 else { continue }
                try writer.flush()
                try trace.update(from: store)
            }
            try writer.flush()
            try trace.update(from: store)
            let whole = try detail(store, record.id)
            let now = try #require(try store.run(record.id))
            #expect(trace.detail(now) == whole)
            let portion = RunUpdate.Portion(
                metrics: 1 + random.below(9), ranges: 1 + random.below(9), histograms: 1 + random.below(3))
            #expect(try detail(store, record.id, portion: portion) == whole)
        }
    }

    @Test("a run that went on from a checkpoint is read anew")
    func resumed() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            let writer = try store.begin(record())
            for report in reports() { try writer.add(report) }
            try writer.end(.interrupted)
            var list = RunList()
            try list.update(from: store, at: 0)
            var trace = RunTrace(list.runs[0].record)
            try trace.update(from: store)
            #expect(trace.isOf(list.runs[0]))

            let second = try store.resume(writer.run, after: 40)
            for report in reports(41...60) { try second.add(report) }
            try second.end(.interrupted)
            try list.update(from: store, at: 0)
            #expect(list.runs[0].last?.step == 60 && !trace.isOf(list.runs[0]))
            let seen = try detail(store, writer.run)
            #expect(seen.losses.count == 60)
            // The log keeps how the run had ended, and says that it went on.
            #expect(seen.log.suffix(1).map(\.text) == ["stopped at a checkpoint"])
            let resumed = try #require(seen.log.firstIndex { $0.text == "resumed after step 40" })
            #expect(seen.log[resumed - 1].text == "stopped at a checkpoint")
            #expect(zip(seen.log, seen.log.dropFirst()).allSatisfy { $0.step <= $1.step })
        }
    }

    @Test("a run is told in words, by what it did and what is left")
    func words() throws {
        try withSession { session in
            let store = try RunStore.openForWriting(session: session)
            let writer = try store.begin(record())
            for report in reports(1...34) { try writer.add(report) }
            try writer.flush()
            var list = RunList()
            try list.update(from: store, at: System.now)
            let run = list.runs[0]
            #expect(run.activity == .running && run.fraction == 0.34 && list.hasLiveRun)
            #expect(run.epochWords == "epoch 4 of 10" && run.stepWords == "34 of 100 steps")
            #expect(run.speedWords == "1.23k img/s" && run.leftWords == "3s left")
            #expect(run.evaluation?.step == 30 && run.best?.step == 30)
            #expect(run.line.hasSuffix("on mnist:data/mnist,limit=1000, test 15.0 %"))
            list.evaluateActivity(at: run.record.heartbeat + 60)
            #expect(list.runs[0].activity == .silent && list.runs[0].leftWords == "")
            try writer.end(.finished)
            try list.update(from: store, at: System.now)
            #expect(list.runs[0].activity == .finished && list.runs[0].fraction == 1 && !list.hasLiveRun)
        }
    }
}
