import Devices
import Graph
import QAT
import TestSupport
import Weights

@testable import Probing

/// A chain of convolutions with batch norm that faults are planted in, with weights of a seed; batch norm has the
/// statistics of the batch.
struct FaultyCase {
    var network: Network
    let device: Device
    private var tensors: [String: [Float]] = [:]
    private var shapes: [String: [Int]] = [:]
    private var earlier: Safetensors?
    private let seed: UInt64

    init(seed: UInt64, bits: Int = 8, device: Device = .t40) throws {
        self.seed = seed
        self.device = device
        network = try FaultyCase.network(bits)
        let store = ParameterStore(Analysis(network, on: device.family))
        store.initialize(seed: seed)
        for entry in store.layout.parameters {
            (tensors[entry.name], shapes[entry.name]) = (store[entry.name], entry.shape)
        }
    }

    private static func network(_ bits: Int) throws -> Network {
        var quantizers = Quantization(outputBits: bits, clip: bits == 8 ? 6 : 4)
        (quantizers.isEnabled, quantizers.weightBits) = (true, bits)
        var nodes = [Node("preprocess", Preprocess().layer, inputs: ["image"])]
        for index in 0..<8 {
            var product = Conv2D()
            (product.outChannels, product.padding, product.batchNorm, product.bias) = (12, 1, true, false)
            (product.activationFunction, product.quantizers) = (.none, quantizers)
            nodes.append(
                Node(
                    "conv\(index)", product.layer,
                    inputs: [Source(index == 0 ? "preprocess" : "conv\(index - 1)")]))
        }
        var flatten = Flatten()
        flatten.shape = [-1, 12 * 64]
        nodes.append(Node("flatten", flatten.layer, inputs: ["conv7"]))
        var scores = FullConnected()
        (scores.outChannels, scores.activationFunction, scores.quantizers) = (10, .none, quantizers)
        scores.quantizers.autoBitwidth = false
        nodes.append(Node("scores", scores.layer, inputs: ["flatten"]))
        return try Network(inputs: [Input("image", .map(channels: 3, height: 8, width: 8))], nodes: nodes)
    }

    mutating func apply(_ edit: Edit) throws { network = try network.applying(edit) }

    mutating func edit(_ layer: String, _ field: String, _ value: FieldValue) throws {
        try apply(.set(layer: layer, field: field, to: value))
    }

    /// Puts a BatchNorm by itself behind conv1.
    mutating func insertNorm(_ activation: Activation) throws {
        var norm = BatchNorm()
        (norm.activationFunction, norm.quantizers.isEnabled, norm.quantizers.autoThreshold) = (
            activation, true, false
        )
        let index = network.nodes.firstIndex { $0.name == "conv2" } ?? 0
        try apply(
            .all(
                "",
                [
                    .insert(Node("norm", norm.layer, inputs: ["conv1"]), at: index),
                    .rewire(layer: "conv2", inputs: ["norm"]),
                ]))
    }

    mutating func scale(_ name: String, channel: Int, by factor: Float) throws {
        tensors[name, default: []][channel] *= factor
    }

    mutating func scaleRow(_ name: String, row: Int, by factor: Float) throws {
        let columns = (tensors[name] ?? []).count / (shapes[name]?[0] ?? 1)
        for index in row * columns..<(row + 1) * columns { tensors[name, default: []][index] *= factor }
    }

    /// Sets the first weight of a row.
    mutating func setWeight(_ name: String, row: Int, to value: Float) throws {
        let columns = (tensors[name] ?? []).count / (shapes[name]?[0] ?? 1)
        tensors[name, default: []][row * columns] = value
    }

    /// Lets a channel give one value whatever it reads: its weights are zero, and batch norm adds `shift`.
    mutating func kill(_ layer: String, channel: Int, shift: Float) throws {
        try scaleRow("\(layer).weight", row: channel, by: 0)
        tensors["\(layer).beta", default: []][channel] = shift
    }

    /// Takes the weights of a moment before, which differ by a share of their deviation.
    mutating func shakeEarlier(_ name: String, by share: Float) throws {
        earlier = weights
        var random = SeededGenerator(seed: seed)
        let own = tensors[name] ?? []
        let deviation = (own.reduce(0) { $0 + $1 * $1 } / Float(own.count)).squareRoot()
        for index in own.indices {
            tensors[name, default: []][index] += share * deviation * (Float(random.below(2001)) / 1000 - 1)
        }
    }

    /// Removes an output channel and what reads it.
    mutating func remove(channel: Int, of layer: String, readBy reader: String) throws {
        for (name, axis) in [
            ("\(layer).weight", 0), ("\(layer).gamma", 0), ("\(layer).beta", 0), ("\(reader).weight", 1),
        ] {
            guard let shape = shapes[name], let values = tensors[name] else { continue }
            let inner = shape.dropFirst(axis + 1).reduce(1, *)
            tensors[name] = values.indices.filter { $0 / inner % shape[axis] != channel }.map { values[$0] }
            shapes[name]?[axis] -= 1
        }
        try edit(layer, "outChannels", .integer(shapes["\(layer).weight"]?[0] ?? 0))
    }

    var weights: Safetensors {
        Safetensors(
            tensors.keys.sorted().map { Safetensors.Tensor($0, tensors[$0] ?? [], shape: shapes[$0] ?? []) })
    }

    func report() throws -> ProbeReport {
        var request = ProbeRequest(network, on: device.family)
        (request.weights, request.seed, request.data) = (weights, seed, "glyphs")
        (request.estimatesNormalization, request.earlierWeights) = (true, earlier)
        guard let report = Probe().report(request), report.failure == nil, report.gaps.isEmpty else {
            throw FixtureError("the network can be looked at")
        }
        return report
    }

    /// What was seen of a layer and what is said about the network, from one look.
    func look(at layer: String) throws -> (part: ProbedPart, diagnoses: [Diagnosis]) {
        let report = try report()
        guard let part = report.parts(of: layer).first else { throw FixtureError("no part \(layer)") }
        return (
            part, Inspection(report, of: Analysis(network, on: device.family), on: device).diagnoses
        )
    }

    func diagnoses() throws -> [Diagnosis] { try look(at: "conv0").diagnoses }
}
