import Graph
import TestSupport
import Testing

@testable import QAT

/// An index that a table has not is an error, not another row.
@Suite("Indices of an Embedding")
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
        #expect("\(try #require(error))".contains("sample 1 of the batch has the index"))
        guard index.isFinite else { return }
        let integers = try IntegerNetwork(analysis, store: store, batch: 2)
        _ = integers.program.inputs[0].values.update(fromContentsOf: values)
        integers.prepare()
        #expect(throws: EngineError.self) { try integers.run() }
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
