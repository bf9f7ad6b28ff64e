import Foundation
import Graph
import QAT
import SwiftProtobuf
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Interchange

@Suite("Exports as ONNX", .limited)
struct ExportTests {
    @Test(
        "an export that is read again is the same network", arguments: ExportedNetwork.samples, [true, false])
    func again(_ exported: ExportedNetwork, isQuantized: Bool) throws {
        let test = try ExportCase(
            exported.network, on: exported.family, isQuantized: isQuantized,
            padsBothSides: exported.padsBothSides)
        let file = Array(try test.model(isQuantized: isQuantized, keepsAll: false))
        let read = try ONNXImport(bytes: file)
        #expect(read.report.isOwn)
        #expect(read.report.device == (exported.family == .npu ? "T40" : "Xs1"))
        #expect(read.network == exported.network)
    }

    @Test(
        "weights of a float export come back: gamma as it acts, batch norm over sequences as one factor",
        arguments: ExportedNetwork.samples)
    func floatWeights(_ exported: ExportedNetwork) throws {
        let test = try ExportCase(
            exported.network, on: exported.family, isQuantized: false, padsBothSides: exported.padsBothSides)
        let read = try ONNXImport(bytes: Array(try test.model(isQuantized: false, keepsAll: false)))
        for entry in test.store.layout.parameters where entry.role == .parameter(.weight) {
            let values: [Float] = try read.weights.values(entry.name, shape: entry.shape)
            #expect(values == test.store[entry.name], "\(entry.name)")
        }
    }

    @Test("quantized weights come back as the values that they stand for")
    func weights() throws {
        for sample in ExportedNetwork.samples where sample.name == "mnist-cnn" {
            let test = try ExportCase(sample.network, on: sample.family)
            let read = try ONNXImport(bytes: Array(try test.model(keepsAll: false)))
            for entry in test.store.layout.parameters where entry.role == .parameter(.weight) {
                let values: [Float] = try read.weights.values(entry.name, shape: entry.shape)
                let plain = try #require(test.store[entry.name])
                let node = try #require(sample.network[entry.layer])
                let codes = try #require(
                    WeightCodes(
                        plain, rows: entry.shape[0], bits: 8,
                        factor: node.layer.settings.quantization?.weightFactor ?? 0,
                        isPerTensor: node.kind == .fullConnected, isSIMD: sample.family == .simd))
                let row = plain.count / codes.scales.count
                let worst = values.indices.map { place in
                    let (code, scale) = (Float(codes.codes[place]), codes.scales[place / row])
                    return abs(
                        values[place]
                            - (sample.family == .simd
                                ? scale * code / 128 : scale * (2 * code - 255) / 255))
                }.max()
                #expect(try #require(worst) < 1e-6, "\(entry.name)")
            }
        }
    }

    @Test("an export that was changed by hand is read by its operators alone")
    func changed() throws {
        let sample = try #require(ExportedNetwork.samples.first { $0.name == "mnist-cnn" })
        let test = try ExportCase(sample.network, on: sample.family, isQuantized: false)
        var model = try ONNXModel(
            serializedBytes: Array(try test.model(isQuantized: false, keepsAll: false)))
        model.graph.node[0].name = "changed"
        let read = try ONNXImport(bytes: Array(try model.serializedData()))
        #expect(!read.report.isOwn)
        #expect(read.report.faults.isEmpty, "\(read.report.faults)")
    }

    @Test("layers and inputs keep their names, and the batch is open")
    func names() throws {
        let sample = try #require(ExportedNetwork.samples.first { $0.name == "network-t40" })
        let test = try ExportCase(sample.network, on: sample.family)
        let model = try ONNXModel(serializedBytes: Array(try test.model()))
        let outputs = Set(model.graph.output.map(\.name))
        for node in sample.network.nodes { #expect(outputs.contains(node.name)) }
        #expect(model.graph.input.map(\.name) == sample.network.inputs.map(\.name))
        #expect(model.graph.input[0].type.tensorType.shape.dim[0].dimParam == "batch")
        #expect(model.graph.initializer.contains { $0.name == "conv0.weight" && $0.dataType == 2 })
        #expect(model.metadataProps.contains { $0.key == "magikbench.device" && $0.value == "T40" })
    }

    @Test("weights of 4 bits take 4 bits from version 21 on")
    func fourBits() throws {
        let sample = try #require(ExportedNetwork.samples.first { $0.name == "network-t40" })
        let network = sample.network.atBits(4)
        let test = try ExportCase(network, on: .npu)
        for (opset, type) in [(13, ONNXElementType.uint8), (21, .uint4)] {
            let model = try ONNXModel(serializedBytes: Array(try test.model(opset: opset)))
            let weight = try #require(model.graph.initializer.first { $0.name == "conv0.weight" })
            #expect(weight.dataType == type.rawValue)
            #expect(weight.rawData.count == 32 * 3 * 9 * type.bits / 8)
        }
    }
}
