import Graph
import TestSupport
import TestTraits
import Testing
import Weights

@testable import QAT

/// Averaged weights, frozen layers, rates of layers, and steps of several batches.
@Suite("Options of training", .limited)
struct TrainingOptionTests {
    @Test("averaged weights follow those of the steps by the formula, and are evaluated and kept")
    func average() throws {
        var run = try TrainingCase([.sgd(32, epochs: 2, rate: 0.1)])
        run.plan.average = 0.999
        let trainer = try run.trainer()
        var expected = try #require(trainer.store["conv0.weight"]).map(Double.init)
        var tale = TrainingTale()
        try tale.run(
            trainer,
            watch: { report in
                guard case .step(let step) = report else { return }
                let weights = try #require(trainer.store["conv0.weight"])
                let share = WeightAverage.share(decay: 0.999, step: step.step)
                expected = zip(expected, weights).map { $0 + share * (Double($1) - $0) }
            })
        let kept = try trainer.weights.numbers("conv0.weight", shape: [4, 1, 3, 3])
        expectClose(kept.map(Double.init), expected, within: 1e-6, "averaged weights")
        #expect(kept != trainer.store["conv0.weight"])
        #expect(kept == trainer.evaluatedStore["conv0.weight"])
        // What a checkpoint gives as weights is the average as well.
        let weights = try trainer.weights(of: try tale.lastCheckpoint)
        #expect(weights.encoded() == trainer.weights.encoded())
        // The average comes to the weights at once, and stays behind them later.
        #expect(WeightAverage.share(decay: 0.9998, step: 1) > 0.999)
        #expect(abs(WeightAverage.share(decay: 0.9998, step: 1_000_000) - 0.0002) < 1e-9)
    }

    @Test("a run with all options that is stopped at any moment goes on to the same bits")
    func resuming() throws {
        var run = try TrainingCase([.sgd(32, epochs: 2), .adam(4, epochs: 2)])
        (run.plan.freezeAfter, run.plan.average, run.plan.accumulate) = (0.6, 0.99, 2)
        run.plan.frozen = [TensorPattern("scores.bias")]
        run.plan.rates = [TensorRate(TensorPattern("conv1"), factor: 0.5)]
        run.plan.labelSmoothing = 0.1
        let through = try run.trainer()
        var moments = 0
        var whole = TrainingTale()
        try whole.run(
            through,
            wish: {
                moments += 1
                return .goOn
            })
        #expect(whole.steps.count == 8 && through.stepsAnEpoch == 2 && through.totalSteps == 8)
        for moment in 1...moments {
            var tale = TrainingTale()
            var left = moment
            try tale.run(
                try run.trainer(),
                wish: {
                    left -= 1
                    return left == 0 ? .stop : .goOn
                })
            let resumed = try run.trainer(checkpoint: try tale.lastCheckpoint)
            try tale.run(resumed)
            #expect(resumed.weights.encoded() == through.weights.encoded(), "stopped at moment \(moment)")
            #expect(tale.steps == whole.steps && tale.evaluations == whole.evaluations, "moment \(moment)")
        }
    }

    @Test("frozen layers and tensors keep their bits, and others learn")
    func frozen() throws {
        var run = try TrainingCase([.adam(8)])
        run.plan.frozen = [TensorPattern("conv*"), TensorPattern("scores.weight")]
        run.plan.weightDecay = 0.1
        let trainer = try run.trainer()
        let before = trainer.weights
        var tale = TrainingTale()
        try tale.run(trainer)
        var changed: Set<String> = []
        for entry in trainer.store.layout.parameters {
            let old = try before.numbers(entry.name, shape: entry.shape)
            if trainer.store[entry.name] != old { changed.insert(entry.name) }
        }
        #expect(changed.contains("scores.bias") || changed.contains { $0.hasPrefix("scores.") })
        #expect(!changed.contains { $0.hasPrefix("conv") || $0 == "scores.weight" })
        // The norm of gradients is of what learns.
        run.plan.frozen = []
        var all = TrainingTale()
        try all.run(try run.trainer())
        #expect(try #require(tale.steps[0].result.gradientNorm) < #require(all.steps[0].result.gradientNorm))
    }

    @Test("a rate of its own moves a layer by so much more")
    func rates() throws {
        func step(_ rates: [TensorRate]) throws -> [String: [Double]] {
            var run = try TrainingCase([.sgd(32)])
            (run.plan.rates, run.plan.stepLimit) = (rates, 1)
            let trainer = try run.trainer()
            let before = ParameterStore(Analysis(run.network, on: run.family))
            before.copy(trainer.store)
            var tale = TrainingTale()
            try tale.run(trainer)
            var moves: [String: [Double]] = [:]
            for entry in trainer.store.layout.parameters {
                let old = try #require(before[entry.name])
                let new = try #require(trainer.store[entry.name])
                moves[entry.name] = zip(new, old).map { Double($0) - Double($1) }
            }
            return moves
        }
        let plain = try step([])
        let other = try step([
            TensorRate(TensorPattern("*"), factor: 3), TensorRate(TensorPattern("conv0"), factor: 0.5),
        ])
        for (name, moves) in plain {
            let factor = name.hasPrefix("conv0.") ? 0.5 : 3
            expectClose(try #require(other[name]), moves.map { $0 * factor }, within: 1e-3, name)
        }
    }

    @Test("a step of several small batches moves as one of a large batch")
    func accumulating() throws {
        func weights(batch: Int, accumulate: Int) throws -> ([Double], [TrainingReport.Step]) {
            var run = try TrainingCase([.sgd(32, epochs: 2)])
            // Batches are normalized alike.
            run.plan.freezeAfter = 0
            (run.plan.batch, run.plan.accumulate) = (batch, accumulate)
            let trainer = try run.trainer()
            var tale = TrainingTale()
            try tale.run(trainer)
            let found = try #require(trainer.store["conv0.weight"])
            return (found.map(Double.init), tale.steps)
        }
        let (one, large) = try weights(batch: 8, accumulate: 1)
        let (several, small) = try weights(batch: 2, accumulate: 4)
        expectClose(several, one, within: 1e-5, "weights")
        #expect(large.count == 8 && small.count == 8)
        expectClose(small.map(\.loss), large.map(\.loss), within: 1e-5, "losses")
        #expect(small.map(\.accuracy) == large.map(\.accuracy))
    }

    @Test("smoothed labels change the loss of steps, and not that of evaluations")
    func smoothing() throws {
        func tale(_ smoothing: Double) throws -> TrainingTale {
            var run = try TrainingCase([.sgd(32, rate: 1e-30)])
            (run.plan.labelSmoothing, run.plan.freezeAfter) = (smoothing, 0)
            var tale = TrainingTale()
            try tale.run(try run.trainer())
            return tale
        }
        let (plain, smoothed) = (try tale(0), try tale(0.5))
        #expect(plain.steps[0].loss != smoothed.steps[0].loss)
        #expect(plain.steps[0].accuracy == smoothed.steps[0].accuracy)
        #expect(plain.evaluations.map(\.result.loss) == smoothed.evaluations.map(\.result.loss))
    }

    @Test("patterns that name nothing are refused, and a plan that learns nothing")
    func refused() throws {
        var run = try TrainingCase([.sgd(32)])
        run.plan.frozen = [TensorPattern("conf0")]
        #expect {
            try run.trainer()
        } throws: {
            "\($0)".hasPrefix("--freeze: no layer that learns, and no tensor, is named 'conf0'")
                && "\($0)".contains("conv0")
        }
        (run.plan.frozen, run.plan.rates) = ([], [TensorRate(TensorPattern("conv?.none"), factor: 2)])
        #expect {
            try run.trainer()
        } throws: {
            "\($0)".hasPrefix("--rate: no layer that learns, and no tensor, is named 'conv?.none'")
        }
        (run.plan.frozen, run.plan.rates) = ([TensorPattern("*")], [])
        #expect {
            try run.trainer()
        } throws: {
            "\($0)" == "--freeze leaves nothing to learn"
        }
        (run.plan.frozen, run.plan.accumulate) = ([], 5)
        #expect {
            try run.trainer()
        } throws: {
            "\($0)" == "36 training samples do not fill 5 batches of 8; make --batch smaller"
        }
    }
}
