import Devices
import Editing
import Foundation
import Graph
import Interchange
import QAT
import Sessions
import TestSupport
import TestTraits
import Testing
import Weights

/// Real models: all safe fixes at once leave no finding about channels, and the same float results.
@Suite("Fixes of real models", .limited)
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
        let model: ONNXImport
        do {
            model = try ONNXImport(path: "\(RealData.folder)/models/\(name)")
        } catch {
            // Such as a model with open axes, which other tests import.
            try Test.cancel("does not import as it is: \(error)")
        }
        guard model.report.faults.isEmpty else { try Test.cancel("the import names faults") }
        let before = Document(network: model.network, device: .t40)
        var editor = EditorState(before, name: name)
        editor.setOrigin(WeightOrigin(before, weights: model.weights))
        guard let fixes = editor.safeFixes() else { try Test.cancel("has no safe fixes") }
        try editor.edit(fixes, at: 0)
        let left = editor.report.findings.filter {
            ["channels-32", "pixel-shuffle-channels", "pixel-shuffle-factor"].contains($0.rule)
        }
        #expect(left.isEmpty, "\(left.map { "\($0.layer ?? "") \($0.actual)" })")
        let carried = try #require(try editor.weights())
        #expect(editor.carryNotes.isEmpty)
        let (old, new) = (
            try Self.results(of: before.network, model.weights, like: before.network),
            try Self.results(of: editor.network, carried, like: before.network)
        )
        #expect(old.map(\.count) == new.map(\.count))
        let scale = max(old.joined().map(abs).max() ?? 0, 1e-3)
        let apart = (zip(old.joined(), new.joined()).map { abs($0 - $1) }.max() ?? 0) / scale
        #expect(apart <= 1e-6, "results are \(apart) apart")
    }

    /// The results of data for another network's inputs; channels that those do not have are zeros.
    private static func results(
        of network: Network, _ weights: Safetensors, like other: Network
    ) throws -> [[Float]] {
        let analysis = Analysis(network, on: .npu)
        let store = ParameterStore(analysis)
        try Checkpoint.load(weights, into: store)
        var options = Program.Options(batch: 1)
        options.isQuantized = false
        let program = try Program(analysis, store: store, options: options)
        var random = SplitMix64(seed: 5)
        for (input, old) in zip(program.inputs, other.inputs) {
            // Channels last.
            for index in input.values.indices {
                let isFilled = index % input.shape.channels >= old.shape.channels
                input.values[index] = isFilled ? 0 : Float(random.next() >> 40) * 0x1p-23 - 1
            }
        }
        try program.forward(.evaluation)
        return program.outputs.map { Array($0.values) }
    }
}
