import Datasets
import Foundation
import Graph
import TestSupport
import TestTraits
import Testing

@testable import QAT

/// An index that a table has not is an error, not another row.
@Suite("Indices of an Embedding", .limited)
struct EmbeddingIndexTests {
    private func network(padding: Int? = nil) throws -> Network {
        var table = Embedding()
        (table.vocabularySize, table.embeddingSize, table.paddingIndex) = (4, 2, padding)
        (table.quantizers.isEnabled, table.quantizers.outputBits) = (true, 8)
        return try Network(
            inputs: [Input("words", .vector(3))],
            nodes: [Node("table", table.layer, inputs: ["words"])])
    }

    @Test(
        "an index outside of the vocabulary names the sample", arguments: [4, -1, .nan, .infinity] as [Float])
    func outside(index: Float) throws {
        let analysis = Analysis(try network(), on: .npu)
        let store = ParameterStore(analysis)
        store.initialize(seed: 1)
        let values: [Float] = [0, 1, 2, 3, 0, index]
        let program = try Program(analysis, store: store, options: Program.Options(batch: 2))
        _ = program.inputs[0].values.update(fromContentsOf: values)
        let error = #expect(throws: EngineError.self) { try program.forward(.evaluation) }
        #expect("\(try #require(error))".contains("sample 1 of the batch, counted from 0, has the index"))
        guard index.isFinite else { return }
        let integers = try IntegerNetwork(analysis, store: store, batch: 2)
        _ = integers.program.inputs[0].values.update(fromContentsOf: values)
        integers.prepare()
        #expect(throws: EngineError.self) { try integers.run() }
    }

    @Test("an index that is not a whole number is refused, with the remedy")
    func fraction() throws {
        let analysis = Analysis(try network(), on: .npu)
        let store = ParameterStore(analysis)
        store.initialize(seed: 1)
        let program = try Program(analysis, store: store, options: Program.Options(batch: 1))
        _ = program.inputs[0].values.update(fromContentsOf: [0, 1, 2.0 / 255])
        let error = #expect(throws: EngineError.self) { try program.forward(.evaluation) }
        #expect(
            "\(try #require(error))".contains("not a whole number; where a Preprocess scales the indices"))
    }

    @Test("without a Preprocess, indices reach the table as they are, and pixels become 0 to 1")
    func unscaled() throws {
        let indices = InputNormalization(try network())
        #expect((indices.mean, indices.variance) == (0, 1))
        let pixels = InputNormalization(
            try Network(
                inputs: [Input("image", .map(channels: 1, height: 8, width: 8))],
                nodes: [Node("conv", Conv2D().layer, inputs: ["image"])]))
        #expect((pixels.mean, pixels.variance) == (0, 255))
    }

    @Test("of a data set, its number there is named, in training, evaluation and a calibration")
    func numbered() throws {
        var words: [Float] = (0..<120).map { Float($0 % 3) }
        words[3 * 27 + 1] = 9
        let bytes = npzFile(train: 40, test: 40) { count in
            npyFile("<f4", [count, 3], littleEndian(words.map(\.bitPattern)))
        } y: { count in
            npyFile("<i4", [count], littleEndian((0..<Int32(count)).map { $0 % 2 }))
        }
        try withTemporaryFolder { folder in
            let path = folder + "/words.npz"
            try Data(bytes).write(to: URL(filePath: path))
            try expectNumbers(path)
        }
    }

    private func expectNumbers(_ path: String) throws {
        var scores = FullConnected()
        scores.outChannels = 2
        var flatten = Flatten()
        flatten.shape = [-1, 6]
        let table = try network().nodes[0]
        var preprocess = Preprocess()
        (preprocess.mean, preprocess.variance) = (0, 1)
        let network = try Network(
            inputs: [Input("words", .vector(3))],
            nodes: [
                Node("preprocess", preprocess.layer, inputs: ["words"]),
                Node("table", table.layer, inputs: ["preprocess"]),
                Node("flatten", flatten.layer, inputs: ["table"]),
                Node("scores", scores.layer, inputs: ["flatten"]),
            ])
        let data = try Dataset.open(try DataSpec("npz:\(path)"), shape: .vector(3))
        var plan = TrainingPlan(
            stages: [.init(bits: nil, epochs: 1, optimizer: .adam, learningRate: 0.001)], data: "npz:\(path)")
        plan.batch = 4
        let trainer = try Trainer(network, on: .npu, plan: plan, data: data) { $0.digest }
        let trained = #expect(throws: (any Error).self) {
            _ = try trainer.run(wish: { .goOn }, report: { _ in })
        }
        #expect("\(try #require(trained))".contains("sample 27 of the training data, counted from 0,"))
        let analysis = Analysis(network, on: .npu)
        let store = ParameterStore(analysis)
        store.initialize(seed: 1)
        let evaluator = try Evaluator(
            analysis, store: store, mode: .quantized, loss: .crossEntropy, batch: 8, arithmetic: .float)
        let evaluated = #expect(throws: (any Error).self) { _ = try evaluator.evaluate(data, .test) }
        #expect("\(try #require(evaluated))".contains("sample 27 of the test data, counted from 0,"))
        var request = ProbeRequest(network, on: .npu)
        (request.data, request.batch) = ("npz:\(path)", 40)
        let report = try #require(Probe().report(request))
        #expect("\(try #require(report.gaps.first))".contains("sample 27 of the test data"))
    }

    @Test("a padding index outside of the vocabulary has no shape", arguments: [4, 1 << 20])
    func padding(index: Int) throws {
        let analysis = Analysis(try network(padding: index), on: .simd)
        #expect(analysis.shapes.failure(0) == .paddingIndex(index, rows: 4))
        #expect(throws: EngineError.self) {
            try Program(analysis, store: ParameterStore(analysis), options: Program.Options(batch: 1))
        }
    }
}
