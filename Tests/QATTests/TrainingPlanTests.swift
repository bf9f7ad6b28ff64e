import Graph
import TestSupport
import TestTraits
import Testing

@testable import QAT

/// Plans, as the run store keeps them, and what they make of a network.
@Suite("Training plans", .limited)
struct TrainingPlanTests {
    @Test("a plan comes back from its JSON, whatever it holds", arguments: UInt64(0)..<50)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        func maybe<Value>(_ value: Value) -> Value? { random.below(2) == 0 ? value : nil }
        let rules: [OptimizerRule] = [
            .sgd, .sgd(momentum: .random(in: 0..<1, using: &random), nesterov: true), .adam, .adamW,
            .adam(beta1: 0.1, beta2: 0.25, epsilon: 1e-30, decoupled: false),
        ]
        let stages = (0...random.below(3)).map { _ in
            TrainingPlan.Stage(
                bits: maybe(2 + random.below(7)), epochs: 1 + random.below(99),
                optimizer: rules[random.below(rules.count)],
                learningRate: .random(in: 0...2, using: &random))
        }
        var plan = TrainingPlan(stages: stages, data: "mnist:dir with \"quotes\",limit=7")
        (plan.batch, plan.warmup, plan.seed) = (1 + random.below(512), random.below(9), random.next())
        plan.schedule = Schedule.allCases[random.below(3)]
        plan.loss = Loss.allCases[random.below(4)]
        plan.arithmetic = Program.Arithmetic.allCases[random.below(2)]
        plan.weightDecay = .random(in: 0...1, using: &random)
        plan.freezeAfter = .random(in: 0...1, using: &random)
        (plan.gradientNorm, plan.patience) = (maybe(0.1), maybe(3))
        plan.stepLimit = maybe(1000)
        plan.average = maybe(0.9998)
        plan.frozen = maybe([TensorPattern("conv*"), TensorPattern("scores.bias")]) ?? []
        plan.rates = maybe([TensorRate(TensorPattern("scores"), factor: 0.1)]) ?? []
        (plan.accumulate, plan.labelSmoothing) = (1 + random.below(4), maybe(0.1) ?? 0)
        plan.memory = Program.Memory.allCases[random.below(2)]
        plan.gradients = GradientArithmetic.allCases[random.below(3)]
        plan.initialWeights = InitialWeights.allCases[random.below(2)]
        plan.isDeterministic = random.below(2) == 1
        plan.beginsWithWeights = random.below(2) == 1
        #expect(TrainingPlan(json: try JSON(text: plan.json.compact)) == plan)
    }

    @Test("JSON that is no plan is none")
    func noPlan() throws {
        let plan = TrainingPlan(stages: [.sgd(), .adam(4)], data: "glyphs")
        guard case .object(let members) = plan.json else { throw FixtureError("a plan is an object") }
        let optional = [
            "gradientNorm", "patience", "stepLimit", "average", "frozen", "rates", "accumulate",
            "labelSmoothing", "memory", "gradients", "deterministic", "initialWeights",
            "beginsWithWeights",
        ]
        for member in members where !optional.contains(member.key) {
            #expect(TrainingPlan(json: .object(members.filter { $0 != member })) == nil, "\(member.key)")
        }
        #expect(TrainingPlan(json: ["stages": [["bits": 8]]]) == nil && TrainingPlan(json: .null) == nil)
    }

    @Test("a state comes back from its JSON, to the last bit of the best accuracy")
    func state() throws {
        var state = TrainerState()
        #expect(TrainerState(try JSON(text: state.json.compact)) == state)
        (state.stage, state.stageStep, state.step, state.epoch) = (1, 2, 300, 4)
        (state.sample, state.stageEpoch, state.epochsSinceBest) = (5, 6, 7)
        for best in [0, 1, 1.0 / 3, 0.1 + 0.2, Double.leastNonzeroMagnitude] {
            state.best = best
            #expect(TrainerState(try JSON(text: state.json.compact)) == state)
        }
        state.products = ["gradient of a": .taps, "gradient of b": .bfloatTaps]
        #expect(TrainerState(try JSON(text: state.json.compact)) == state)
        #expect(TrainerState(["step": -1]) == nil)
    }

    @Test(
        "a width sets bits and recommended clips, and leaves clips that a person chose",
        arguments: [(8, 6.0, 6.0), (5, 6, 6), (4, 4, 3), (3, 4, 3), (2, 2, 2)])
    func widths(bits: Int, convolution: Double, matrix: Double) throws {
        let network = try SmallNetwork.images().applying(.set(layer: "conv1", field: "clip", to: .number(5)))
            .atBits(bits)
        func quantization(_ layer: String) throws -> Quantization {
            try #require(network[layer]?.layer.settings.quantization)
        }
        for layer in ["conv0", "conv1", "scores"] {
            #expect(try quantization(layer).weightBits == bits && quantization(layer).outputBits == bits)
        }
        #expect(try quantization("conv0").clip == convolution)
        #expect(try quantization("conv1").clip == 5)
        #expect(try quantization("scores").clip == matrix)
        #expect(try SmallNetwork.images().atBits(bits).atBits(8) == SmallNetwork.images())
    }

    @Test("a width leaves layers as they are whose quantizers are off, and results that are float")
    func untouched() throws {
        let network = try SmallNetwork.images()
            .applying(.set(layer: "conv0", field: "quantize", to: .flag(false)))
            .applying(.set(layer: "scores", field: "outputBits", to: .integer(32)))
        let narrow = network.atBits(4)
        #expect(narrow["conv0"] == network["conv0"])
        #expect(narrow["scores"]?.layer.settings.quantization?.outputBits == 32)
        #expect(narrow["scores"]?.layer.settings.quantization?.weightBits == 4)
    }

    @Test("the advised stage is the vendor's")
    func advice() throws {
        let network = try SmallNetwork.images()
        for (bits, isAdam) in [(32, false), (8, false), (7, true), (4, true), (2, true)] {
            let stage = TrainingPlan.Stage.advised(bits: bits, epochs: 3, of: network)
            #expect(
                stage.optimizer == (isAdam ? .adam : .sgd) && stage.learningRate == (isAdam ? 0.001 : 0.01))
        }
        #expect(TrainingPlan.Stage.advised(bits: nil, epochs: 1, of: network).optimizer == .sgd)
        #expect(TrainingPlan.Stage.advised(bits: nil, epochs: 1, of: network.atBits(4)).optimizer == .adam)
    }
}
