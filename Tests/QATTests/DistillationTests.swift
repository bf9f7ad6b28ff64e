import Datasets
import Graph
import TestSupport
import TestTraits
import Testing
import Weights

@testable import QAT

/// What training promises that begins with good weights and learns from a float model.
@Suite("Distillation", .limited)
struct DistillationTests {
    /// A run from given weights, its teacher the same network in float.
    private static func case4Bit(freezeAfter: Double) throws -> (run: TrainingCase, weights: Safetensors) {
        var run = try TrainingCase([.adam(32, epochs: 2, rate: 0.01)])
        let teacher = try run.trainer()
        var tale = TrainingTale()
        try tale.run(teacher)
        run.plan.stages = [.adam(4, epochs: 2, rate: 0.003)]
        (run.plan.loss, run.plan.freezeAfter) = (.distillation, freezeAfter)
        return (run, teacher.weights)
    }

    @Test(
        "a run that is stopped at any moment goes on to the same bits, also where statistics stay",
        arguments: [0, 0.6, 1])
    func resuming(freezeAfter: Double) throws {
        let (run, weights) = try Self.case4Bit(freezeAfter: freezeAfter)
        let through = try run.trainer(weights: weights, teacher: weights)
        var wishes = 0
        var whole = TrainingTale()
        try whole.run(
            through,
            wish: {
                wishes += 1
                return .goOn
            })
        for moment in 1...wishes {
            var tale = TrainingTale()
            var left = moment
            try tale.run(
                try run.trainer(weights: weights, teacher: weights),
                wish: {
                    left -= 1
                    return left == 0 ? .stop : .goOn
                })
            #expect(tale.ending == .interrupted)
            let resumed = try run.trainer(checkpoint: try tale.lastCheckpoint, teacher: weights)
            try tale.run(resumed)
            #expect(resumed.weights.encoded() == through.weights.encoded(), "stopped at moment \(moment)")
            #expect(tale.evaluations == whole.evaluations, "moment \(moment)")
        }
    }

    @Test("an evaluation is that of the weights that a run ends with, and of those in its checkpoint")
    func accuracyOfTheWeights() throws {
        // At such a rate running statistics lag far behind the weights.
        var run = try TrainingCase([.adam(8, epochs: 3, rate: 0.03)])
        run.plan.schedule = .constant
        let trainer = try run.trainer()
        var tale = TrainingTale()
        try tale.run(trainer)
        let last = try #require(tale.evaluations.last?.result)
        let checkpoint = try tale.lastCheckpoint
        for weights in [trainer.weights, try trainer.weights(of: checkpoint)] {
            let store = ParameterStore(Analysis(trainer.stageNetwork, on: run.family))
            try Checkpoint.load(weights, into: store)
            let evaluator = try Evaluator(
                Analysis(trainer.stageNetwork, on: run.family), store: store, mode: .quantized,
                loss: run.plan.loss, batch: 8, arithmetic: .float)
            #expect(try evaluator.evaluate(run.data, .validation) == last)
        }
        let name = "conv0.runningMean"
        let running = try checkpoint.values(name, shape: [4], as: Float.self)
        #expect(trainer.weights[name]?.bytes != checkpoint[name]?.bytes && !running.isEmpty)
    }

    @Test(
        "statistics over several batches are the mean and the variance of all their samples, augmented as for training"
    )
    func statistics() throws {
        let run = try TrainingCase([.sgd()], data: "glyphs,limit=200,validation=0.1,augment=crop")
        let analysis = Analysis(run.network, on: run.family)
        let store = ParameterStore(analysis)
        store.initialize(seed: 3)
        let estimate = try #require(
            try StatisticsEstimate(
                analysis, store: store, isQuantized: true, padsBothSides: false, arithmetic: .float,
                data: run.data, seed: 1))
        try estimate.run()
        let (mean, variance) = (
            try #require(store["conv0.runningMean"]), try #require(store["conv0.runningVariance"])
        )
        // The first layer reads the same whatever the others do: one batch of the same samples has its statistics.
        let loader = Loader(
            run.data, split: .train, batch: 64, seed: 1, shuffled: true, augmented: true, dropsLast: true)
        let count = min(StatisticsEstimate.samples.lowerBound, run.data.count(.train)) / 64 * 64
        var options = Program.Options(batch: count)
        options.arithmetic = .float
        let program = try Program(analysis, store: store, options: options)
        let labels = UnsafeMutableBufferPointer<Int32>.allocate(capacity: 64)
        defer { labels.deallocate() }
        labels.initialize(repeating: 0)
        for start in stride(from: 0, to: count, by: 64) {
            let size = 64 * program.inputs[0].shape.elements
            let part = UnsafeMutableBufferPointer(
                rebasing: program.inputs[0].values[start / 64 * size..<start / 64 * size + size])
            _ = try loader.next(into: part, labels: labels)
        }
        try program.forward(.estimation)
        expectClose(
            mean.map(Double.init), try #require(store["conv0.runningMean"]).map(Double.init), within: 1e-5)
        expectClose(
            variance.map(Double.init), try #require(store["conv0.runningVariance"]).map(Double.init),
            within: 1e-5)
    }

    @Test(
        "with statistics that stay, a batch has the mean gradient of its samples, and the start's statistics last"
    )
    func frozenGradients() throws {
        let network = try SmallNetwork.block(bits: 8, signed: true)
        let look = try ProbeCase(network, on: .npu)
        func gradients(_ samples: Range<Int>) throws -> [Float] {
            var options = Program.Options(batch: samples.count)
            (options.isTraining, options.arithmetic, options.isQuantized) = (true, .float, false)
            let program = try Program(look.analysis, store: look.store, options: options)
            let elements = program.inputs[0].shape.elements
            for index in program.inputs[0].values.indices {
                let place = samples.lowerBound * elements + index
                program.inputs[0].values[index] = Float((place * 37) % 101) / 101
            }
            try program.forward(.evaluation)
            program.clearOutputGradients()
            for port in program.outputs {
                for index in port.values.indices {
                    port.gradient?[index] = port.values[index] / Float(samples.count)
                }
            }
            try program.backward()
            return Array(program.gradients)
        }
        let (both, first, second) = (try gradients(0..<2), try gradients(0..<1), try gradients(1..<2))
        let mean = zip(first, second).map { ($0 + $1) / 2 }
        let scale = mean.map(abs).max() ?? 0
        #expect(scale > 1e-4)
        expectClose(both.map(Double.init), mean.map(Double.init), within: 1e-4)

        let (run, weights) = try Self.case4Bit(freezeAfter: 0)
        var same = run
        same.plan.stages[0].bits = nil
        let trainer = try same.trainer(weights: weights, teacher: weights)
        var tale = TrainingTale()
        try tale.run(trainer)
        #expect(trainer.weights["conv0.runningMean"] == weights["conv0.runningMean"])
        #expect(trainer.weights["conv0.weight"] != weights["conv0.weight"])
    }

    @Test("a teacher is another network: outputs are paired by name, inputs brought to its normalization")
    func otherNetwork() throws {
        let run = try TrainingCase([.sgd()])
        let source = try run.trainer()
        func evaluated(_ teacher: FloatModel) throws -> Evaluator.Result? {
            let evaluator = try Evaluator(
                Analysis(run.network, on: run.family), store: source.store, mode: .float, loss: .distillation,
                teacher: teacher, batch: 8, arithmetic: .float)
            return try evaluator.evaluate(run.data, .validation)
        }
        let same = FloatModel(network: run.network, weights: source.weights)
        let exact = try #require(try evaluated(same))
        #expect(exact.outputs.map(\.name) == ["scores"] && exact.outputs.allSatisfy(\.isExact))
        #expect(exact.accuracy == nil && exact.sqnr == nil)

        var normalized = same
        normalized = FloatModel(
            network: try run.network.applying(
                .all(
                    "another normalization",
                    [
                        .set(layer: "preprocess", field: "mean", to: .number(127.5)),
                        .set(layer: "preprocess", field: "variance", to: .number(127.5)),
                    ])), weights: source.weights)
        // The same pixels in other numbers: the first layer gives other values, and noise is found.
        #expect(try #require(try evaluated(normalized)?.sqnr) < 20)

        let renamed = FloatModel(
            network: try run.network.applying(.rename("scores", to: "classes")),
            weights: Safetensors(
                source.weights.tensors.map { tensor in
                    let name = tensor.name.replacing("scores.", with: "classes.")
                    return .init(name, dtype: tensor.dtype, shape: tensor.shape, bytes: tensor.bytes)
                }))
        let message = #expect(throws: TrainingError.self) { try evaluated(renamed) }
        #expect("\(try #require(message))".contains("output 'scores' has no counterpart in the float model"))
    }

    @Test("where there are only training samples, these are asked, and named")
    func trainingSamples() throws {
        var (run, weights) = try Self.case4Bit(freezeAfter: 1)
        try SmallPictures.withFolder(count: 20) { folder in
            run.plan.data = "images:\(folder)"
            run.data = try Dataset.open(
                try DataSpec(run.plan.data), shape: run.network.inputs[0].shape, seed: run.plan.seed)
            let trainer = try run.trainer(weights: weights, teacher: weights)
            var tale = TrainingTale()
            try tale.run(trainer)
            #expect(tale.evaluations.map(\.split) == [.train, .train, .train])
            #expect(tale.evaluations.allSatisfy { $0.result.count == 20 && $0.result.sqnr != nil })
            run.plan.loss = .crossEntropy
            let refused = #expect(throws: TrainingError.self) { try tale.run(try run.trainer()) }
            #expect("\(try #require(refused))".contains("have no labels"))
        }
    }
}
