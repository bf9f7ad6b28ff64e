import Devices
import Foundation
import Graph
import Interchange
import QAT
import TestSupport
import Testing
import Workbench

/// Real models: all safe fixes at once leave no finding about channels, and the same float results.
@Suite("Fixes of real models")
struct ModelFixTests {
    /// Models of a size that runs in moments; none where the folder is not there.
    static let models: [String] = {
        let folder = "\(RealData.folder)/models"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".onnx") }.sorted()
    }()

    @Test(
        "every model that imports is clean of channel errors after all safe fixes, with the same results",
        .enabled(if: !models.isEmpty, "data/models is not there: set MAGIKBENCH_DATA"), arguments: models)
    func fixes(name: String) throws {
        let model = try ONNXImport(path: "\(RealData.folder)/models/\(name)")
        guard model.report.faults.isEmpty else { return }
        let before = Document(network: model.network, device: .t40)
        var bench = Bench(before, name: name)
        bench.setOrigin(WeightOrigin(before, weights: model.weights))
        guard let fixes = bench.safeFixes() else { return }
        try bench.edit(fixes, at: 0)
        let left = bench.report.findings.filter { $0.rule == "channels-32" }
        let results = Set(
            bench.network.nodes.indices.filter { bench.analysis.order.readers[$0].isEmpty }.map {
                bench.network.nodes[$0].name
            })
        // What the host reads keeps its channels, and what only the data decides is no matter of fixes.
        #expect(
            left.allSatisfy { results.contains($0.layer ?? "") },
            "\(left.map { "\($0.layer ?? "") \($0.actual)" })")
        let carried = try #require(try bench.weights())
        #expect(bench.carryNotes.isEmpty)
        let (old, new) = (
            try Self.results(of: before.network, model.weights), try Self.results(of: bench.network, carried)
        )
        #expect(old.map(\.count) == new.map(\.count))
        let scale = max(old.joined().map(abs).max() ?? 0, 1e-3)
        let apart = (zip(old.joined(), new.joined()).map { abs($0 - $1) }.max() ?? 0) / scale
        #expect(apart <= 1e-6, "results are \(apart) apart")
    }

    private static func results(of network: Network, _ weights: Safetensors) throws -> [[Float]] {
        let analysis = Analysis(network, on: .npu)
        let store = ParameterStore(analysis)
        try Checkpoint.load(weights, into: store)
        var options = Program.Options(batch: 1)
        options.isQuantized = false
        let program = try Program(analysis, store: store, options: options)
        var random = SplitMix64(seed: 5)
        for input in program.inputs {
            for index in input.values.indices {
                input.values[index] = Float(random.next() >> 40) * 0x1p-23 - 1
            }
        }
        try program.forward(.evaluation)
        return program.outputs.map { Array($0.values) }
    }
}
