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

/// A network that is exported: a shipped one, with its input made small where it is large, or a layer by itself.
struct ExportedNetwork: CustomTestStringConvertible, Sendable {
    let name: String
    let network: Network
    let family: ArithmeticFamily
    var padsBothSides = false

    var testDescription: String { "\(name) on \(family.rawValue)" }

    /// The shipped networks that their chip takes, on both families.
    static let samples: [ExportedNetwork] = Samples.names.filter { !$0.hasPrefix("broken-") }.flatMap {
        name in
        ArithmeticFamily.allCases.compactMap { family -> ExportedNetwork? in
            guard let document = try? Samples.document(named: name),
                let network = try? document.network.small()
            else { return nil }
            return ExportedNetwork(
                name: name, network: network, family: family,
                padsBothSides: document.device.padsBothSides && family == .npu)
        }
    }

    /// Every operator by itself, on both families.
    static let operators: [ExportedNetwork] = OperatorSample.all.flatMap { sample in
        ArithmeticFamily.allCases.compactMap { family in
            (try? sample.network()).map {
                ExportedNetwork(name: sample.description, network: $0, family: family)
            }
        }
    }
}

extension Network {
    /// The same layers on maps of at most 64 x 64.
    fileprivate func small() throws -> Network {
        let inputs = inputs.map { input -> Input in
            guard case .map(let channels, let height, let width) = input.shape, height * width > 64 * 64
            else { return input }
            return Input(input.name, .map(channels: channels, height: 64, width: 64))
        }
        return try Network(inputs: inputs, nodes: nodes)
    }
}

/// What the script counted.
private struct Counts: Decodable {
    var layers, codes, alone, kit, order, unexplained, whole, steps: Int
    var floats, distance: Double
    var floatLayer: String
}

/// Exports in onnxruntime beside our own values.
@Suite(
    .limited,
    .enabled(
        if: Python.has("onnx", "onnxruntime", "numpy"),
        Comment(rawValue: Python.absence(of: "onnx", "onnxruntime", "numpy"))))
struct ExportPythonTests {
    private func counts(_ exported: ExportedNetwork, opset: Int, isQuantized: Bool) throws -> Counts {
        let test = try ExportCase(
            exported.network, on: exported.family, isQuantized: isQuantized,
            padsBothSides: exported.padsBothSides,
            // Batch norm over two values may divide by next to nothing, and in float nothing rounds that away.
            batch: isQuantized ? 2 : 8)
        return try withTemporaryFolder { folder in
            let (model, values) = ("\(folder)/model.onnx", "\(folder)/values.safetensors")
            try test.model(opset: opset, isQuantized: isQuantized).write(to: URL(filePath: model))
            try Data(test.values.encoded()).write(to: URL(filePath: values))
            let script = Fixtures.root.appending(path: "Tests/Fixtures/onnx_check.py")
            let text = try Python.run([script.path(percentEncoded: false), model, values])
            return try JSONDecoder().decode(Counts.self, from: Data(text.utf8))
        }
    }

    @Test(
        "every code of a shipped network is that of onnxruntime, but where rounding explains it",
        arguments: ExportedNetwork.samples, ONNXExport.opsets)
    func samples(_ exported: ExportedNetwork, opset: Int) throws {
        let counts = try counts(exported, opset: opset, isQuantized: true)
        #expect(counts.unexplained == 0 && counts.codes > 0 && counts.floats < 1e-4, "\(counts)")
        #expect(counts.alone == counts.kit + counts.order && counts.steps <= 1, "\(counts)")
        if ProcessInfo.processInfo.environment["MAGIKBENCH_COUNTS"] != nil {
            print("COUNTS", exported.testDescription, opset, counts)
        }
    }

    @Test(
        "every operator by itself agrees, quantized", arguments: ExportedNetwork.operators, ONNXExport.opsets)
    func operators(_ exported: ExportedNetwork, opset: Int) throws {
        let counts = try counts(exported, opset: opset, isQuantized: true)
        #expect(counts.unexplained == 0 && counts.floats < 1e-4, "\(counts)")
    }

    @Test("float exports agree", arguments: ExportedNetwork.samples)
    func float(_ exported: ExportedNetwork) throws {
        let counts = try counts(exported, opset: 13, isQuantized: false)
        #expect(counts.codes == 0 && counts.floats < 1e-4, "\(counts)")
    }
}
