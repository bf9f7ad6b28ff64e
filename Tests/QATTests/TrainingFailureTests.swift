import Datasets
import Graph
import TestSupport
import TestTraits
import Testing
import Weights

@testable import QAT

/// How training ends where it cannot go on: with what is wrong and where, and a checkpoint that is whole.
@Suite("Training that fails", .limited)
struct TrainingFailureTests {
    /// A tensor into which a number that is none is planted, and the stage's bits.
    struct Plant: Sendable, CustomTestStringConvertible {
        let tensor: String
        let bits: Int
        let number: Float
        var testDescription: String { "\(number) in \(tensor) at \(bits) bits" }
        var layer: String { String(tensor.prefix { $0 != "." }) }

        static let all = [32, 8, 4].flatMap { bits in
            [
                "conv0.weight", "conv0.beta", "conv1.gamma", "conv1.runningMean", "scores.weight",
                "scores.bias",
            ]
            .flatMap { tensor in
                [Float.infinity, .nan].map { Plant(tensor: tensor, bits: bits, number: $0) }
            }
        }
    }

    @Test("a number that is none stops the run in its layer, before it is saved", arguments: Plant.all)
    func planted(_ plant: Plant) throws {
        let run = try TrainingCase([.sgd(plant.bits, epochs: 3)])
        let trainer = try run.trainer()
        var tale = TrainingTale()
        let planting = TrainingCase.epoch + 1
        do {
            try tale.run(trainer) {
                .goOn
            } watch: { report in
                guard case .step(let step) = report, step.step == planting else { return }
                var values = try #require(trainer.store[plant.tensor])
                values[values.count / 2] = plant.number
                try trainer.store.set(plant.tensor, to: values)
            }
            Issue.record("nothing stopped the run")
        } catch TrainingError.notFinite(let step, let layer, let what) {
            // Where a quantizer hides it, the next checkpoint finds it.
            #expect((planting...2 * TrainingCase.epoch).contains(step), "step \(step)")
            #expect(layer == plant.layer, "\(what)")
        }
        #expect(tale.checkpoints == 1)
        let checkpoint = try tale.lastCheckpoint
        #expect(try Checkpoint.state(of: checkpoint).step == TrainingCase.epoch)
        var rest = TrainingTale()
        try rest.run(try run.trainer(checkpoint: checkpoint))
        #expect(rest.ending == .finished)
    }

    @Test(
        "a rate that is far too large is found out, and what it led to is not saved", arguments: [32, 8, 4])
    func largeRate(bits: Int) throws {
        var run = try TrainingCase([.sgd(bits, epochs: 2, rate: 1e38)])
        run.plan.schedule = .constant
        var tale = TrainingTale()
        do {
            try tale.run(try run.trainer())
            Issue.record("nothing stopped the run")
        } catch let error as TrainingError {
            guard case .notFinite(let step, let layer, _) = error else { throw error }
            #expect(step <= 1 + TrainingCase.epoch && run.network[layer] != nil, "\(error)")
            let message = "\(error)"
            #expect(message.contains("a smaller learning rate"))
        }
        // Where an epoch went through, its checkpoint is one to go on from.
        if tale.checkpoints > 0 { _ = try run.trainer(checkpoint: try tale.lastCheckpoint) }
    }

    @Test("weights that hold no number are refused by name, and the store stays as it was")
    func brokenWeights() throws {
        let run = try TrainingCase([.sgd()])
        let store = ParameterStore(Analysis(run.network, on: .npu))
        var values = try #require(store["conv1.weight"])
        values[3] = .nan
        try store.set("conv1.weight", to: values)
        let message = Self.message { try run.trainer(weights: Checkpoint.weights(store, digest: "")) }
        #expect(message == "the weights are broken: 'conv1.weight' holds a number that is not finite")
    }

    @Test("what does not go together is said before the first step")
    func mismatches() throws {
        var run = try TrainingCase([.sgd(epochs: 2)])
        run.plan.batch = 37
        #expect(
            Self.message { try run.trainer() }
                == "36 training samples do not fill a batch of 37; make --batch smaller")
        run.plan.batch = 8
        var tale = TrainingTale()
        try tale.run(try run.trainer(), wish: { .stop })
        let checkpoint = try tale.lastCheckpoint

        var other = run
        other.data = try Dataset.open(try DataSpec("glyphs,limit=40"), shape: run.data.shape, seed: 1)
        #expect(
            Self.message { try other.trainer(checkpoint: checkpoint) }.hasPrefix(
                "the data is not what the run"))
        other = run
        other.network = try run.network.applying(.set(layer: "conv0", field: "outChannels", to: .integer(5)))
        #expect(
            Self.message { try other.trainer(checkpoint: checkpoint) }.hasPrefix("the weights do not fit"))
        other = run
        other.plan.stages = []
        #expect(Self.message { try other.trainer() } == "the plan has no stages")
        #expect(
            Self.message { try run.trainer(checkpoint: run.trainer().weights) }.contains("is no checkpoint"))

        other = run
        other.network = try run.network.applying(.set(layer: "scores", field: "outChannels", to: .integer(9)))
        let scores = Self.message { try tale.run(try other.trainer()) }
        #expect(scores == "the data has 10 classes, layer 'scores' gives 9 scores")
    }

    @Test("a checkpoint of another stage or optimizer is refused")
    func otherPlan() throws {
        var run = try TrainingCase([.sgd(32), .adam(8)])
        run.plan.stepLimit = 6
        var tale = TrainingTale()
        try tale.run(try run.trainer())
        let checkpoint = try tale.lastCheckpoint
        run.plan.stages = [.sgd(32)]
        #expect(
            Self.message { try run.trainer(checkpoint: checkpoint) }
                == "the checkpoint is at stage 2; the plan has 1")
        run.plan.stages = [.sgd(32), .adam(8)]
        let broken = Safetensors(
            checkpoint.tensors.filter { !$0.name.hasPrefix("optimizer.1.scores") },
            metadata: checkpoint.metadata)
        run.plan.stepLimit = nil
        #expect(
            Self.message { try tale.run(try run.trainer(checkpoint: broken)) }
                .hasPrefix("the optimizer's state does not fit the network"))
    }

    private static func message(_ body: () throws -> some Any) -> String {
        do {
            return "\(try body())"
        } catch {
            return "\(error)"
        }
    }
}
