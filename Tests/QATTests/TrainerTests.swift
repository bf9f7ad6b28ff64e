import Datasets
import Graph
import TestSupport
import TestTraits
import Testing
import Weights

@testable import QAT

/// What a trainer promises.
@Suite("Training", .limited)
struct TrainerTests {
    /// A float and a 4-bit stage with all that has a state: momentum, Adam's means, batch norm that freezes, warm-up.
    private static func recipe() throws -> TrainingCase {
        var run = try TrainingCase([.sgd(32), .adam(4)])
        (run.plan.warmup, run.plan.freezeAfter, run.plan.gradientNorm) = (1, 0.6, 2)
        return run
    }

    @Test("the same seed gives the same bits, another seed others", arguments: ArithmeticFamily.allCases)
    func seeds(family: ArithmeticFamily) throws {
        var run = try Self.recipe()
        run.family = family
        func bits() throws -> [UInt8] {
            let trainer = try run.trainer()
            var tale = TrainingTale()
            try tale.run(trainer)
            #expect(tale.ending == .finished && tale.steps.count == trainer.totalSteps)
            return trainer.weights.encoded()
        }
        let (first, second) = (try bits(), try bits())
        #expect(first == second)
        run.plan.seed = 2
        let third = try bits()
        #expect(first != third)
    }

    @Test("a run that is stopped at any moment goes on to the same bits, also from an evaluation")
    func resuming() throws {
        let run = try Self.recipe()
        let through = try run.trainer()
        var wishes = 0
        var whole = TrainingTale()
        try whole.run(
            through,
            wish: {
                wishes += 1
                return .goOn
            })
        // The stage with quantizers is evaluated in integers as well.
        #expect(wishes == 2 * TrainingCase.epoch + 3 * TrainingCase.evaluation)
        #expect(whole.evaluations.map { $0.integer?.count } == [nil, 12])
        for moment in 1...wishes {
            var tale = TrainingTale()
            var left = moment
            try tale.run(
                try run.trainer(),
                wish: {
                    left -= 1
                    return left == 0 ? .stop : .goOn
                })
            #expect(tale.ending == .interrupted)
            let resumed = try run.trainer(checkpoint: try tale.lastCheckpoint)
            try tale.run(resumed)
            #expect(tale.ending == .finished)
            #expect(resumed.weights.encoded() == through.weights.encoded(), "stopped at moment \(moment)")
            #expect(tale.steps == whole.steps && tale.evaluations == whole.evaluations, "moment \(moment)")
        }
    }

    /// Grey images of 8x8 and enough channels for every method.
    private func wide() throws -> Network {
        var nodes = [Node("preprocess", Preprocess().layer, inputs: ["image"])]
        for (name, source) in [("conv0", "preprocess"), ("conv1", "conv0")] {
            var product = Conv2D()
            (product.outChannels, product.padding, product.batchNorm, product.bias) = (16, 1, true, false)
            product.quantizers = Quantization(outputBits: 8, clip: 1.5)
            (product.quantizers.isEnabled, product.quantizers.weightBits) = (true, 8)
            nodes.append(Node(name, product.layer, inputs: [Source(source)]))
        }
        var flatten = Flatten()
        flatten.shape = [-1, 1024]
        nodes.append(Node("flatten", flatten.layer, inputs: ["conv1"]))
        var scores = FullConnected()
        (scores.outChannels, scores.activationFunction) = (10, .none)
        nodes.append(Node("scores", scores.layer, inputs: ["flatten"]))
        return try Network(inputs: [Input("image", .map(channels: 1, height: 8, width: 8))], nodes: nodes)
    }

    @Test("a run goes on with the methods that its products began with")
    func products() throws {
        var run = try TrainingCase([.sgd(epochs: 2)])
        run.network = try wide()
        var options = Program.Options(batch: run.plan.batch)
        options.isTraining = true
        let analysis = Analysis(run.network, on: run.family)
        let program = try Program(analysis, store: ParameterStore(analysis), options: options)
        /// Times of all products, of which one method is the fastest.
        func timings(fastest: ProductMethod) -> ProductTimings {
            ProductTimings(
                .object(
                    program.productChoices.map { choice in
                        let product = choice.product.split(separator: ",", maxSplits: 1).last ?? ""
                        return .init(
                            "\(Engine.threads) threads,\(product)",
                            .object(
                                ProductMethod.allCases.map {
                                    .init($0.rawValue, .number($0 == fastest ? 1 : 2))
                                }))
                    }))
        }
        let taps = timings(fastest: .taps)
        let through = try run.trainer(timings: taps)
        var whole = TrainingTale()
        try whole.run(through)
        #expect(through.state.products?.values.contains(.taps) == true)
        var tale = TrainingTale()
        var left = 3
        try tale.run(
            try run.trainer(timings: taps),
            wish: {
                left -= 1
                return left == 0 ? .stop : .goOn
            })
        let other = timings(fastest: .reordered)
        let resumed = try run.trainer(checkpoint: try tale.lastCheckpoint, timings: other)
        try tale.run(resumed)
        #expect(resumed.state.products == through.state.products)
        #expect(resumed.weights.encoded() == through.weights.encoded())
        run.plan.isDeterministic = true
        let fixed = try run.trainer(timings: taps)
        try whole.run(fixed)
        #expect(fixed.state.products?.values.allSatisfy { $0 == .direct } == true)
    }

    @Test("integers are asked on so many samples alone, and not in another order")
    func integers() throws {
        let run = try TrainingCase([.sgd(8)])
        let trainer = try run.trainer()
        var tale = TrainingTale()
        try tale.run(trainer)
        let evaluator = try Evaluator(
            Analysis(trainer.stageNetwork, on: run.family), store: trainer.evaluatedStore, mode: .integer,
            loss: run.plan.loss, batch: 8, arithmetic: .float)
        let all = try evaluator.evaluate(run.data, .validation)
        #expect(tale.evaluations.last?.integer == all)
        #expect(try evaluator.evaluate(run.data, .validation, limit: 12) == all)
        let few = try #require(try evaluator.evaluate(run.data, .validation, limit: 5))
        let right = try #require(few.accuracy) * 5
        #expect(few.count == 5 && right.rounded() == right)
        var asked = 0
        let cancelled = try evaluator.evaluate(run.data, .validation) {
            asked += 1
            return true
        }
        #expect(cancelled == nil && asked == 1)
    }

    @Test("a run that is stopped after every step, and one that checkpoints then, end with the same bits")
    func stoppingAlways() throws {
        let run = try Self.recipe()
        let through = try run.trainer()
        var tale = TrainingTale()
        try tale.run(through, wish: { .checkpoint })
        #expect(tale.checkpoints == 2 * (TrainingCase.epoch + 1))

        var checkpoint: Safetensors?
        while true {
            let trainer = try run.trainer(checkpoint: checkpoint)
            var part = TrainingTale()
            var isStopping = false
            try part.run(
                trainer, wish: { isStopping ? .stop : .goOn },
                watch: { report in
                    if case .step = report { isStopping = true }
                    if case .checkpoint = report { isStopping = false }
                })
            checkpoint = try part.lastCheckpoint
            guard part.ending == .interrupted else {
                #expect(trainer.weights.encoded() == through.weights.encoded())
                return
            }
        }
    }

    @Test(
        "the checkpoint in front of the first step begins the same run, and that of a finished run has nothing left"
    )
    func ends() throws {
        let run = try Self.recipe()
        let first = try run.trainer()
        let start = try Safetensors(bytes: first.start.encoded())
        var tale = TrainingTale()
        try tale.run(first)
        var again = TrainingTale()
        let second = try run.trainer(checkpoint: start)
        try again.run(second)
        #expect(second.weights.encoded() == first.weights.encoded() && again.steps == tale.steps)

        let finished = try run.trainer(checkpoint: try tale.lastCheckpoint)
        var nothing = TrainingTale()
        try nothing.run(finished)
        #expect(nothing.ending == .finished && nothing.steps.isEmpty && nothing.checkpoints == 0)
        #expect(finished.weights.encoded() == first.weights.encoded())
    }

    @Test("a recipe trains float, then at the bits of each stage, with the recommended clips")
    func bits() throws {
        let run = try TrainingCase([.sgd(32), .sgd(8), .adam(4)])
        let trainer = try run.trainer()
        var networks: [Network] = []
        var tale = TrainingTale()
        try tale.run(trainer) {
            .goOn
        } watch: { report in
            if case .stage = report { networks.append(trainer.stageNetwork) }
        }
        #expect(tale.stages == ["float", "8 bit", "4 bit"])
        #expect(networks == [run.network, run.network.atBits(8), run.network.atBits(4)])
        #expect(tale.evaluations.map(\.isQuantized) == [false, true, true])
        #expect(tale.evaluations.map(\.stage) == [0, 1, 2] && tale.evaluations.map(\.epoch) == [1, 2, 3])
        let found = try trainer.stageNetwork.nodes.compactMap { node -> [Double]? in
            guard let quantization = node.layer.settings.quantization else { return nil }
            let output = try #require(quantization.outputBits)
            return [Double(quantization.weightBits), Double(output), quantization.clip]
        }
        #expect(found == [[4, 4, 4], [4, 4, 4], [4, 4, 3]])
    }

    @Test("a stage ends after so many epochs without a better evaluation")
    func patience() throws {
        // Nothing changes at such a rate, so that the first evaluation stays the best.
        var run = try TrainingCase([.sgd(epochs: 9, rate: 1e-20), .sgd(4, epochs: 9, rate: 1e-20)])
        run.plan.patience = 2
        run.plan.freezeAfter = 0
        var tale = TrainingTale()
        try tale.run(try run.trainer())
        #expect(tale.evaluations.map(\.stage) == [0, 0, 0, 1, 1, 1])
        #expect(tale.ending == .finished && tale.steps.count == 6 * TrainingCase.epoch)
    }

    @Test("a step limit ends a run within an epoch, with an evaluation", arguments: [1, 3, 4, 5, 8, 100])
    func stepLimit(limit: Int) throws {
        var run = try TrainingCase([.sgd(32), .sgd()])
        run.plan.stepLimit = limit
        let trainer = try run.trainer()
        var tale = TrainingTale()
        try tale.run(trainer)
        let steps = min(limit, 2 * TrainingCase.epoch)
        #expect(trainer.totalSteps == steps && tale.steps.map(\.step) == Array(1...steps))
        #expect(tale.ending == .finished && tale.evaluations.last?.step == steps)
        let state = try Checkpoint.state(of: try tale.lastCheckpoint)
        #expect(state.step == steps && state.sample == 0)
    }

    @Test("rates rise over the warm-up, then follow the schedule", arguments: Schedule.allCases)
    func schedules(schedule: Schedule) throws {
        var run = try TrainingCase([.sgd(epochs: 2, rate: 0.5)])
        (run.plan.schedule, run.plan.warmup) = (schedule, 2)
        var tale = TrainingTale()
        try tale.run(try run.trainer())
        let shares: [Double] =
            switch schedule {
            case .constant: [0.5, 1, 1, 1, 1, 1, 1, 1]
            case .step: [0.5, 1, 1, 1, 1, 0.1, 0.1, 0.01]
            case .cosine: [0.5, 1, 1, 0.9330127018922194, 0.75, 0.5, 0.25, 0.0669872981077807]
            }
        expectClose(tale.steps.map(\.learningRate), shares.map { $0 / 2 }, within: 1e-12)
    }

    @Test("distillation needs no labels, and makes its distance from the float network small")
    func distillation() throws {
        var run = try TrainingCase([.adam(32, epochs: 2, rate: 0.01)])
        let teacher = try run.trainer()
        var tale = TrainingTale()
        try tale.run(teacher)
        run.plan.stages = [.adam(4, epochs: 10, rate: 0.01)]
        run.plan.loss = .distillation
        #expect(throws: TrainingError.self) { try run.trainer() }
        let student = try run.trainer(teacher: teacher.weights)
        tale = TrainingTale()
        try tale.run(student)
        #expect(tale.steps.allSatisfy { $0.accuracy == nil })
        #expect(tale.lossAtEnd < tale.lossAtStart)
        // What the run begins with is measured too.
        #expect(tale.evaluations.map(\.epoch) == Array(0...10))
        #expect(tale.evaluations.allSatisfy { $0.result.accuracy == nil && $0.split == .validation })
        let sqnr = try tale.evaluations.map { try #require($0.result.sqnr) }
        let losses = tale.evaluations.map(\.result.loss)
        #expect(try #require(sqnr.last) > sqnr[0] + 3 && losses[10] < losses[0])
        #expect(tale.best?.step == sqnr.enumerated().max { $0.1 < $1.1 }.map { $0.0 * TrainingCase.epoch })
        #expect(tale.evaluations.last?.integer?.sqnr != nil)
    }

    @Test("training lowers the loss", arguments: [32, 8, 4, 2])
    func learning(bits: Int) throws {
        var run = try TrainingCase([.adam(bits, epochs: 12, rate: 0.01)])
        run.plan.schedule = .constant
        var tale = TrainingTale()
        try tale.run(try run.trainer())
        #expect(tale.lossAtEnd < 0.9 * tale.lossAtStart)
    }
}
