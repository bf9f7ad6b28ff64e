import Foundation
import QAT
import TestSupport
import TestTraits
import Testing

@testable import Runs

/// What goes wrong in a run, from curves that are made up.
@Suite("Diagnosis of training", .limited)
struct TrainingDiagnosisTests {
    /// A run of ten classes whose loss at a step is `loss`, with noise of a tenth of it.
    private static func run(
        _ steps: Int, seed: UInt64 = 1, noise: Double = 0.1, _ loss: (Double) -> Double
    ) -> TrainingDiagnosis {
        var random = SeededGenerator(seed: seed)
        let losses = (1...steps).map { step -> CurvePoint in
            let value = loss(Double(step))
            return CurvePoint(
                x: Double(step), y: value * (1 + noise * Double.random(in: -1...1, using: &random)))
        }
        var run = TrainingDiagnosis()
        run.plan = TrainingPlan(
            stages: [.init(epochs: 3, optimizer: .sgd, learningRate: 0.1)], data: "glyphs")
        run.classes = 10
        run.losses = losses
        func means(_ weight: Double) -> [CurvePoint] {
            var smoothing = Smoothing(weight: weight)
            return losses.map { CurvePoint(x: $0.x, y: smoothing.next($0.y)) }
        }
        (run.shortMeans, run.longMeans) = (means(0.9), means(0.99))
        run.rates = losses.map { CurvePoint(x: $0.x, y: 0.1) }
        run.gradientNorms = losses.map { CurvePoint(x: $0.x, y: 1) }
        run.loadingShares = losses.map { CurvePoint(x: $0.x, y: 0.1) }
        return run
    }

    private func kinds(_ run: TrainingDiagnosis) -> [TrainingFinding.Kind] { run.findings.map(\.kind) }

    @Test(
        "a run that learns has no finding at any step, however noisy its batches",
        arguments: 1...6 as ClosedRange<UInt64>)
    func healthy(seed: UInt64) {
        for (steps, noise) in [(30, 0.1), (160, 0.3), (700, 0.1), (2000, 0.3)] {
            let run = Self.run(steps, seed: seed, noise: noise) { 2.3 / (1 + $0 / 60) + 0.05 }
            #expect(run.findings.isEmpty, "\(steps) \(noise) \(run.findings)")
        }
        // A loss that has reached its floor is not too slow.
        let flat = Self.run(1500, seed: seed) { max(0.6, 2.3 / (1 + $0 / 60)) }
        #expect(flat.findings.isEmpty)
    }

    @Test("a run that ends while the loss still falls says how far, and trains on for twice its epochs")
    func unfinished() throws {
        var run = Self.run(468) { 2.3 / (1 + $0 / 60) + 0.05 }
        run.evaluations = [(156, 0.80, 1), (312, 0.64, 2), (468, 0.58, 3)]
        #expect(run.findings.isEmpty)
        run.isFinished = true
        let finding = try #require(run.findings.first)
        #expect(kinds(run) == [.unfinished] && finding.isAdvice)
        #expect(finding.text == "test loss still fell by 9.4% in the last third of the run")
        #expect(finding.remedy == .more(epochs: 6, bits: nil))
        run.plan?.stages[0].bits = 4
        #expect(run.findings.first?.remedy == .more(epochs: 6, bits: 4))
        // One that has settled, that has nothing left to learn, or whose best is behind it.
        run.evaluations[2].loss = 0.63
        #expect(run.findings.isEmpty)
        run.evaluations = [(156, 0.08, 1), (312, 0.05, 2), (468, 0.04, 3)]
        #expect(run.findings.isEmpty)
        run.evaluations = [(156, 0.80, 1), (312, 0.5, 2), (468, 0.58, 3)]
        #expect(run.findings.isEmpty)
        // With one measurement, the loss of training.
        run.evaluations = [(468, 0.58, 1)]
        #expect(run.findings.first?.text.hasPrefix("train loss still fell by ") == true)
    }

    @Test("a run that ends level and knows little of its own samples says how much, and trains on")
    func underfitted() throws {
        var run = Self.run(468, noise: 0) { max(1.57, 2.3 - $0 / 200) }
        run.evaluations = [(156, 1.9, 1), (312, 1.58, 2), (468, 1.57, 3)]
        #expect(run.findings.isEmpty)
        run.isFinished = true
        #expect(
            run.findings.map(\.text) == [
                "train loss 1.57 is 68% of that of guessing among 10 classes: it needs more epochs, or a larger network"
            ])
        #expect(run.findings.first?.remedy == .more(epochs: 6, bits: nil))
        // What is no classification has no such measure.
        run.classes = nil
        #expect(run.findings.isEmpty)
    }

    @Test("a loss at the logarithm of the classes for a hundred steps is that of guessing")
    func guessing() throws {
        let run = Self.run(120, noise: 0) { _ in log(10) }
        let finding = try #require(run.findings.first)
        #expect(kinds(run) == [.guessing])
        #expect(finding.text == "loss 2.30 is that of guessing among 10 classes (ln 10) since 100 steps")
        #expect(
            finding.remedy
                == .run(
                    ["--optimizer": "adam", "--learning-rate": "0.003", "--initial-weights": "fitted"],
                    first: "--optimizer"))
        #expect(Self.run(90, noise: 0.02) { _ in log(10) }.findings.isEmpty)
        var other = run
        other.classes = nil
        #expect(!kinds(other).contains(.guessing))
    }

    @Test("one that began as proposed gets a range test in place of another begin")
    func proposed() throws {
        var run = Self.run(120, noise: 0.02) { _ in log(10) }
        var plan = TrainingPlan(stages: [.proposed(bits: nil, epochs: 1)], data: "glyphs")
        plan.initialWeights = .fitted
        run.plan = plan
        #expect(try #require(run.findings.first).remedy == .rangeTest)
    }

    @Test("a loss that grows names the rate, and half of it")
    func growing() throws {
        let run = Self.run(200) { step in step < 100 ? 2.3 - 0.015 * step : 0.8 + 0.02 * (step - 100) }
        let finding = try #require(run.findings.first)
        #expect(kinds(run) == [.growing])
        #expect(
            finding.text.contains("loss grew from 0.") && finding.text.contains("the rate 0.1 is too high"))
        #expect(finding.remedy == .run(["--learning-rate": "0.05"], first: "--learning-rate"))
        #expect(Self.run(50) { 1 + 0.1 * $0 }.findings.isEmpty)
    }

    @Test("a loss that jumps and does not fall is oscillating")
    func oscillating() {
        let run = Self.run(250) { step in Int(step).isMultiple(of: 2) ? 0.6 : 3.2 }
        #expect(kinds(run) == [.oscillating])
    }

    @Test(
        "the small losses of a stage that began with trained weights jump from batch to batch, which is no fault"
    )
    func trained() {
        var run = Self.run(600) { step in Int(step).isMultiple(of: 2) ? 0.005 : 0.16 }
        #expect(run.findings.isEmpty)
        run.start = 200
        #expect(run.findings.isEmpty)
        // Without classes, the run's first steps say what a network that has learned nothing has.
        run = Self.run(600) { step in step < 100 ? 3 : Int(step).isMultiple(of: 2) ? 0.005 : 0.16 }
        run.classes = nil
        run.start = 200
        #expect(run.findings.isEmpty)
    }

    @Test("gradients that vanish or explode while the loss stays are found, and others are not")
    func gradients() {
        func run(_ norm: (Double) -> Double, _ loss: (Double) -> Double = { _ in 1.5 }) -> TrainingDiagnosis {
            var run = Self.run(200, loss)
            run.gradientNorms = run.losses.map { CurvePoint(x: $0.x, y: norm($0.x)) }
            return run
        }
        #expect(kinds(run { exp(-$0 / 10) }) == [.vanishing])
        #expect(kinds(run { _ in 0 }) == [.vanishing])
        #expect(kinds(run { exp($0 / 20) }) == [.exploding])
        // A run that gets going from nearly nothing is well.
        #expect(run({ min(2, exp($0 / 10) / 1000) }, { 2.3 / (1 + $0 / 40) }).findings.isEmpty)
        #expect(run({ exp(-$0 / 10) }, { 2.3 / (1 + $0 / 10) }).findings.isEmpty)
    }

    @Test("a number that is not finite is told with its layer")
    func notFinite() throws {
        var run = Self.run(40) { 2 + $0 }
        run.failure =
            "step 41: layer 'conv3': the gradient of its weight is not a finite number; a smaller learning rate"
        let finding = try #require(run.findings.first)
        #expect(kinds(run) == [.notFinite])
        #expect(finding.text == "a number was not finite in conv3 after step 40: the rate is too high")
        run.failure = "the disk is full"
        #expect(run.findings.isEmpty)
    }

    @Test("channels that are zero for every sample are found by layer, the worst first")
    func dead() throws {
        var run = Self.run(200) { 2.3 / (1 + $0 / 60) }
        run.layers = [
            .init(name: "conv0", deadChannels: 0.3, statisticsGap: nil, step: 200),
            .init(name: "conv1", deadChannels: 0.6, statisticsGap: nil, step: 200),
            .init(name: "conv2", deadChannels: 1, statisticsGap: nil, step: 200),
        ]
        let finding = try #require(run.findings.first)
        #expect(finding.text == "conv2: every channel is zero for all samples, and 1 layer more")
        #expect(finding.remedy == .layer("conv2") && run.findings.count == 1)
        // The first look is at weights that have learned nothing.
        run.layers = [.init(name: "conv2", deadChannels: 1, statisticsGap: nil, step: 1)]
        #expect(run.findings.isEmpty)
    }

    @Test("batch norm whose statistics are a deviation off is found")
    func statistics() throws {
        var run = Self.run(300) { 2.3 / (1 + $0 / 60) }
        run.layers = [
            .init(name: "conv0", deadChannels: 0, statisticsGap: 0.4, step: 300),
            .init(name: "conv1", deadChannels: 0, statisticsGap: 2.5, step: 300),
        ]
        let finding = try #require(run.findings.first)
        #expect(
            finding.text
                == "conv1: batch norm's running statistics are 2.50 deviations off those of a batch")
    }

    @Test("test loss that rises for two epochs while training goes on is overfitting; a wobble is not")
    func overfitting() throws {
        var run = Self.run(500) { 2.3 / (1 + $0 / 60) }
        func evaluations(_ losses: [Double]) -> [(x: Double, loss: Double, epoch: Int)] {
            losses.enumerated().map { (Double(100 * ($0 + 1)), $1, $0 + 1) }
        }
        run.evaluations = evaluations([0.9, 0.6, 0.55, 0.7, 0.8])
        let finding = try #require(run.findings.first)
        #expect(finding.text.hasPrefix("test loss rose from 0.550 after epoch 3 to 0.800"))
        #expect(finding.remedy == .run(["--epochs": "3"], first: "--epochs"))
        run.evaluations = evaluations([0.9, 0.6, 0.55, 0.56, 0.58])
        #expect(run.findings.isEmpty)
        run.evaluations = evaluations([0.9, 0.6, 0.55, 0.54, 0.9])
        #expect(run.findings.isEmpty)
    }

    @Test("a loss that hardly falls asks for a range test, unless its rate has decayed")
    func slow() throws {
        var run = Self.run(400, noise: 0.02) { 2 - 1e-5 * $0 }
        #expect(kinds(run) == [.slow] && run.findings[0].remedy == .rangeTest)
        run.rates[run.rates.count - 1].y = 0.001
        #expect(run.findings.isEmpty)
    }

    @Test("steps that wait for their data half of the time are found")
    func waiting() {
        var run = Self.run(100) { 2.3 / (1 + $0 / 60) }
        run.loadingShares = run.losses.map { CurvePoint(x: $0.x, y: 0.7) }
        #expect(run.findings.map(\.text) == ["the steps wait 70% of their time for data"])
    }

    @Test("only the present stage counts")
    func stages() {
        // The second stage begins higher, as one of fewer bits does, and learns.
        var run = Self.run(400) { step in
            step <= 200 ? 2.3 / (1 + step / 20) : 1.5 / (1 + (step - 200) / 60)
        }
        run.start = 200
        #expect(run.findings.isEmpty, "\(run.findings)")
    }
}

@Suite("Load of the machine", .limited)
struct MachineLoadTests {
    @Test("the share of busy ticks is that between two moments")
    func ticks() throws {
        let first = try #require(MachineLoad.Ticks("cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 2 3 4\n"))
        let second = try #require(MachineLoad.Ticks("cpu  160 0 70 810 60 0 0 0 40 0\n"))
        #expect(first.all == 1000 && first.busy == 150)
        #expect(second.share(since: first) == 0.8)
        #expect(first.share(since: first) == nil && first.share(since: second) == nil)
        #expect(MachineLoad.Ticks("") == nil && MachineLoad.Ticks("cpu 1 2") == nil)
    }
}
