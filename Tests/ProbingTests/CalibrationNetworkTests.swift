import Devices
import Editing
import Foundation
import Graph
import QAT
import Sessions
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Probing

/// Whole networks, quantized from data without training.
@Suite("Calibrated networks", .limited)
struct CalibrationNetworkTests {
    private static let families = ArithmeticFamily.allCases

    /// A float network with numbers as initialization draws them, and samples of noise.
    func request(
        _ network: Network, on device: Device, seed: UInt64 = 5
    ) throws -> Calibration.Request {
        let analysis = Analysis(network, on: device.family)
        let store = ParameterStore(analysis)
        store.initialize(seed: seed)
        let editing = EditBuilder(analysis, for: device)
        let quantized = try network.applying(try editing.quantizing(true))
        let elements = network.inputs[0].shape.elements
        var random = SeededGenerator(seed: seed)
        return Calibration.Request(
            quantized, weights: Checkpoint.weights(store, digest: network.digest), on: device.family,
            samples: CalibrationSamples(
                values: (0..<24 * elements).map { _ in Float.random(in: 0...1, using: &random) },
                elements: elements))
    }

    @Test("every kind of network comes near to its float network at 8 bits, and goes on giving its numbers")
    func kinds() throws {
        for device in [Device.t40, .txx] {
            for kind in try CarryNetwork.all {
                let request = try request(kind.network.applying(.setTask(.regression)), on: device)
                let result = try #require(try Calibration(request).run())
                // The NPU surrounds signed maps with -1: no window reads beyond their border.
                #expect(!CalibrationNetworkTests.padsSignedMaps(result.network, on: device), "\(kind)")
                for (layer, decibels) in result.after {
                    #expect(
                        decibels > 24, "\(kind) on \(device): '\(layer)' has \(decibels) dB")
                }
                #expect(!result.after.isEmpty, "\(kind) on \(device)")
                #expect(result.network.task == .regression, "\(kind) on \(device)")
                // What is saved is what was measured.
                let document = Document(network: result.network, device: device)
                #expect(try Document(bytes: Array(document.text.utf8)).network == result.network)
                try expectSameFloat(request, result, "\(kind) on \(device)")
            }
        }
    }

    /// Whether a window with padding reads a signed map on the NPU.
    private static func padsSignedMaps(_ network: Network, on device: Device) -> Bool {
        guard device.family == .npu else { return false }
        return zip(network.nodes, Analysis(network, on: device.family).facts.nodes).contains { node, facts in
            // The least number never wins in a maximum.
            guard node.kind != .maxpool2D, !facts.isFirst, facts.inputs.contains(where: \.isSigned),
                case .integer(let padding)? = node.layer.value(of: "padding"),
                case .integer(let kernel)? = node.layer.value(of: "kernelHeight")
            else { return false }
            return padding > 0 && kernel > 1
        }
    }

    /// The float model answers as the network did.
    func expectSameFloat(
        _ request: Calibration.Request, _ result: CalibrationResult, _ comment: Comment
    ) throws {
        let original = FloatModel(quantizersOffIn: request.network, weights: request.weights)
        let answers = try [original, result.float].map { model in
            let analysis = Analysis(model.network, on: request.family)
            let store = ParameterStore(analysis)
            try Checkpoint.load(model.weights, into: store)
            var options = Program.Options(batch: 1)
            options.isQuantized = false
            let program = try Program(analysis, store: store, options: options)
            for place in program.inputs[0].values.indices {
                program.inputs[0].values[place] = Float(place % 7) / 7
            }
            try program.forward(.evaluation)
            return program.outputs.map { Array($0.values) }
        }
        for (one, other) in zip(answers[0], answers[1]) {
            let largest = one.reduce(Float(1e-6)) { max($0, abs($1)) }
            for (x, y) in zip(one, other) { #expect(abs(x - y) <= 1e-5 * largest, comment) }
        }
    }

    @Test("a pass needs memory for the layer that runs, not for the results of all layers")
    func memory() throws {
        // Twenty maps of 16x64x64, of which three or four are in memory at a time.
        var nodes: [Node] = []
        for index in 0..<20 {
            var product = Conv2D()
            (product.outChannels, product.padding) = (16, 1)
            let source = index == 0 ? "in0" : "layer\(index - 1)"
            nodes.append(Node("layer\(index)", product.layer, inputs: [Source(source)]))
        }
        let network = try Network(
            inputs: [Input("in0", .map(channels: 3, height: 64, width: 64))], nodes: nodes)
        var request = try request(network, on: .t40)
        request.memoryLimit = 10 * 16 * 64 * 64 * 4
        let result = try #require(try Calibration(request).run())
        #expect(result.after.count == 1)
    }

    @Test("channels of very unequal size are equalized, and the result is better for it")
    func equalization() throws {
        let network = try CarryNetwork.unequal
        var request = try request(network, on: .txx)
        let store = ParameterStore(Analysis(network, on: .simd))
        try Checkpoint.load(request.weights, into: store)
        // One channel in four is a hundred times as large; a depthwise layer takes it back.
        let weight = try #require(store["first.weight"])
        let (each, channels) = (weight.count / 8, 8)
        try store.set(
            "first.weight", to: weight.indices.map { weight[$0] * ($0 / each % 4 == 0 ? 100 : 1) })
        let taps = try #require(store["each.weight"])
        try store.set(
            "each.weight",
            to: taps.indices.map { taps[$0] / ($0 / (taps.count / channels) % 4 == 0 ? 100 : 1) })
        request.weights = Checkpoint.weights(store, digest: network.digest)
        let with = try #require(try Calibration(request).run())
        request.equalizes = false
        let without = try #require(try Calibration(request).run())
        let (better, worse) = (
            try #require(with.after.values.first), try #require(without.after.values.first)
        )
        #expect(better > worse + 6, "\(worse) dB became \(better)")
        request.equalizes = true
        try expectSameFloat(request, with, "equalized")
    }

    @Test(
        "zero channels take back what signed maps are padded with on the NPU, or the maps are taken apart",
        arguments: [24, 32])
    func padding(real: Int) throws {
        let network = try CarryNetwork.paddedSigned
        var request = try request(network, on: .t40)
        let store = ParameterStore(Analysis(network, on: .npu))
        try Checkpoint.load(request.weights, into: store)
        let weight = try #require(store["first.weight"])
        try store.set(
            "first.weight", to: weight.indices.map { $0 / (weight.count / 32) < real ? weight[$0] : 0 })
        // All taps pull the same way, as those of a blur do: the border counts.
        let taps = try #require(store["last.weight"])
        try store.set("last.weight", to: taps.map { abs($0) })
        request.weights = Checkpoint.weights(store, digest: network.digest)
        let result = try #require(try Calibration(request).run())
        let decibels = try #require(result.after["last"])
        #expect(decibels > 20, "\(decibels) dB, \(result.before)")
        #expect(
            result.notes.contains {
                $0.contains(real < 32 ? "take back what 'last'" : "what 'last' reads became")
            },
            "\(result.notes)")
        try expectSameFloat(request, result, "\(real) channels")
        guard real == 32 else { return }
        request.splitsSigns = false
        let whole = try #require(try Calibration(request).run())
        // Nothing takes it back, and it is said.
        #expect(try #require(whole.after["last"]) < 0)
        #expect(whole.notes.contains { $0.contains("signed maps of 'last'") })
    }

    @Test(
        "a depthwise layer that reads a signed map is computed of its two parts, with its activation behind their sum",
        arguments: [Activation.relu, .linear, .prelu, .leakyReLU], [1, 2])
    func depthwiseOfSigned(activation: Activation, stride: Int) throws {
        var request = try request(try CarryNetwork.depthwiseOfSigned(activation, stride: stride), on: .t40)
        let store = ParameterStore(
            Analysis(FloatModel(quantizersOffIn: request.network, weights: request.weights).network, on: .npu)
        )
        try Checkpoint.load(request.weights, into: store)
        let taps = try #require(store["each.weight"])
        try store.set("each.weight", to: taps.map { abs($0) })
        request.weights = Checkpoint.weights(store, digest: request.network.digest)
        let result = try #require(try Calibration(request).run())
        #expect(try #require(result.after["last"]) > 24, "\(result.after)")
        #expect(!CalibrationNetworkTests.padsSignedMaps(result.network, on: .t40))
        // What was there keeps its name: tools look for it.
        #expect(request.network.nodes.allSatisfy { result.network[$0.name] != nil })
        try expectSameFloat(request, result, "\(activation)")
    }

    @Test(
        "a join of signed and unsigned maps becomes one that the chip has",
        arguments: [Device.t40, .txx], [OperatorKind.route, .max])
    func mixedJoin(device: Device, kind: OperatorKind) throws {
        let network = try CarryNetwork.mixedJoin(kind)
        var request = try request(network, on: device)
        let store = ParameterStore(Analysis(network, on: device.family))
        try Checkpoint.load(request.weights, into: store)
        // No channel is zero throughout, which would take back what the border adds.
        try store.set("plain.weight", to: try #require(store["plain.weight"]).map { abs($0) })
        request.weights = Checkpoint.weights(store, digest: network.digest)
        let isMixed = { (network: Network) in
            Checker.report(on: Analysis(network, on: device.family), for: device, waivers: [])
                .findings.contains { $0.rule == "join-sign" }
        }
        #expect(isMixed(request.network))
        let result = try #require(try Calibration(request).run())
        #expect(!isMixed(result.network))
        #expect(!CalibrationNetworkTests.padsSignedMaps(result.network, on: device))
        #expect(request.network.nodes.allSatisfy { result.network[$0.name] != nil })
        #expect(try #require(result.after["last"]) > 30, "\(result.after)")
        try expectSameFloat(request, result, "\(kind)")
        // A join on channels that is taken apart has no signed copy of what is unsigned.
        let copies = result.network.nodes.count { $0.name.hasSuffix(".signed") }
        #expect(copies == (device == .t40 && kind == .route ? 0 : 1))
        #expect(result.notes.contains { $0.contains("makes 'plain' signed") } == (copies == 1))
    }

    @Test("a sum whose ReLU a signed quantizer has not gets a layer for it")
    func signedSum() throws {
        let residual = try #require(try CarryNetwork.all.first { $0.description.hasPrefix("sums of") })
        let result = try #require(try Calibration(try request(residual.network, on: .t40)).run())
        for node in result.network.nodes {
            guard case .shortcut(let sum) = node.layer else { continue }
            #expect([.linear, .none].contains(sum.activationFunction))
        }
        #expect(result.notes.allSatisfy { !$0.isEmpty })
    }

    @Test("a request to stop gives no result, and samples of another shape are refused")
    func stopping() throws {
        var request = try request(try CarryNetwork.unequal, on: .t40)
        #expect(try Calibration(request).run { _ in false } == nil)
        request.samples = CalibrationSamples(values: [1, 2, 3], elements: 3)
        #expect(throws: CalibrationError.self) { try Calibration(request) }
    }
}

extension CarryNetwork {
    /// A signed map of 32 channels, and a padded window on it.
    fileprivate static var paddedSigned: Network {
        get throws {
            var first = Conv2D()
            (first.outChannels, first.kernelHeight, first.kernelWidth) = (32, 1, 1)
            (first.batchNorm, first.bias, first.activationFunction) = (false, false, .linear)
            var last = Conv2D()
            (last.outChannels, last.padding, last.activationFunction) = (4, 1, .none)
            return try Network(
                inputs: [Input("image", .map(channels: 3, height: 8, width: 8))],
                nodes: [
                    Node("preprocess", Preprocess().layer, inputs: ["image"]),
                    Node("first", first.layer, inputs: ["preprocess"]),
                    Node("last", last.layer, inputs: ["first"]),
                ])
        }
    }

    /// A signed map, a padded window on each of its channels, and a convolution that joins them.
    fileprivate static func depthwiseOfSigned(_ activation: Activation, stride: Int) throws -> Network {
        var first = Conv2D()
        (first.outChannels, first.kernelHeight, first.kernelWidth) = (32, 1, 1)
        (first.bias, first.activationFunction) = (true, .linear)
        var each = DepthwiseConv2D()
        (each.padding, each.stride, each.activationFunction) = (1, stride, activation)
        return try chain(first, each)
    }

    /// An unsigned and a signed map, joined on channels or by their maximum in front of a padded window.
    fileprivate static func mixedJoin(_ kind: OperatorKind) throws -> Network {
        var plain = Conv2D()
        (plain.outChannels, plain.padding, plain.activationFunction) = (32, 1, .relu)
        var signed = plain
        signed.activationFunction = .linear
        var last = Conv2D()
        (last.outChannels, last.padding, last.activationFunction) = (32, 1, .none)
        return try Network(
            inputs: [Input("image", .map(channels: 3, height: 8, width: 8))],
            nodes: [
                Node("preprocess", Preprocess().layer, inputs: ["image"]),
                Node("plain", plain.layer, inputs: ["preprocess"]),
                Node("signed", signed.layer, inputs: ["preprocess"]),
                Node("both", kind.defaultLayer, inputs: ["plain", "signed"]),
                Node("last", last.layer, inputs: ["both"]),
            ])
    }

    /// A convolution, one of each channel, and one that joins them.
    fileprivate static var unequal: Network {
        get throws {
            var first = Conv2D()
            (first.outChannels, first.padding, first.activationFunction) = (8, 1, .relu)
            var each = DepthwiseConv2D()
            (each.padding, each.activationFunction) = (1, .relu)
            return try chain(first, each)
        }
    }

    /// "first", "each" and "last", which joins the channels, one behind the other.
    private static func chain(_ first: Conv2D, _ each: DepthwiseConv2D) throws -> Network {
        var last = Conv2D()
        (last.outChannels, last.kernelHeight, last.kernelWidth) = (4, 1, 1)
        last.activationFunction = .none
        return try Network(
            inputs: [Input("image", .map(channels: 3, height: 8, width: 8))],
            nodes: [
                Node("preprocess", Preprocess().layer, inputs: ["image"]),
                Node("first", first.layer, inputs: ["preprocess"]),
                Node("each", each.layer, inputs: ["first"]), Node("last", last.layer, inputs: ["each"]),
            ])
    }
}
