import Datasets
import Graph
import TestSupport
import TestTraits
import Testing

@testable import QAT

@Suite("Accuracy in integers", .limited)
struct IntegerAccuracyTests {
    @Test(
        "over the MNIST test set it is that of the quantized network, within 0.1 points",
        .enabled(if: RealData.has("mnist"), "MNIST is not there: MAGIKBENCH_DATA names its folder"),
        arguments: ArithmeticFamily.allCases)
    func mnist(_ family: ArithmeticFamily) throws {
        let network = try SmallNetwork.images()
        let text = "mnist:\(RealData.folder)/mnist,limit=6000"
        var plan = TrainingPlan(stages: [.adam(epochs: 3, rate: 0.005)], data: text)
        plan.batch = 32
        let data = try Dataset.open(try DataSpec(text), shape: network.inputs[0].shape, seed: 1)
        let trainer = try Trainer(network, on: family, plan: plan, data: data) { $0.digest }
        var tale = TrainingTale()
        try tale.run(trainer)
        let analysis = Analysis(network, on: family)
        let store = ParameterStore(analysis)
        try Checkpoint.load(tale.lastCheckpoint, into: store)
        func result(_ mode: Evaluator.Mode) throws -> Evaluator.Result {
            let evaluator = try Evaluator(
                analysis, store: store, mode: mode, loss: .crossEntropy, batch: 250, arithmetic: .best)
            return try #require(try evaluator.evaluate(data, .test))
        }
        let (quantized, integer) = (try result(.quantized), try result(.integer))
        #expect(quantized.count == 10_000 && integer.count == 10_000)
        #expect(integer.fallbacks.isEmpty)
        // A few steps of training are enough to be far from chance.
        let accuracies = try [quantized, integer].map { try #require($0.accuracy) }
        #expect(accuracies[0] > 0.6)
        #expect(abs(accuracies[1] - accuracies[0]) <= 0.001)
        #expect(abs(integer.loss - quantized.loss) < 1e-3)
        let image = UnsafeMutableBufferPointer<Float>.allocate(capacity: 500 * 64)
        defer { image.deallocate() }
        try data.fill(image, samples: 500, InputNormalization(network))
        let report = try IntegerAgreement.report(analysis, store: store, inputs: [Array(image)], batch: 500)
        try #require(report).expectAgreement()
    }
}
