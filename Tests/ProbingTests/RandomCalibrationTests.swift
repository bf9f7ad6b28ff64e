import Devices
import Graph
import QAT
import TestSupport
import TestTraits
import Testing
import Weights

/// Joins, sums and windows in any order, with channels of very unequal size.
extension CalibrationNetworkTests {
    @Test(
        "a network of any build is quantized, and goes on giving its numbers",
        arguments: [Device.t40, .txx], 0..<24)
    func anyBuild(device: Device, seed: Int) throws {
        let network = try RandomNetwork.make(seed: UInt64(seed))
        var request = try request(network, on: device)
        let store = ParameterStore(Analysis(network, on: device.family))
        try Checkpoint.load(request.weights, into: store)
        var random = SeededGenerator(seed: UInt64(seed) + 1000)
        let shapes = Analysis(network, on: device.family).shapes
        for (index, node) in network.nodes.enumerated() {
            guard let weight = store["\(node.name).weight"] else { continue }
            // A row is a result of the layer: some are a hundred times as large as others.
            let rows = shapes.output(index)?.channels ?? 1
            let sizes = (0..<rows).map { _ in [0.1, 1, 10].randomElement(using: &random) ?? Float(1) }
            try store.set(
                "\(node.name).weight",
                to: weight.indices.map { weight[$0] * sizes[$0 / (weight.count / rows)] })
        }
        request.weights = Checkpoint.weights(store, digest: network.digest)
        // Some layers stay in float, and are joined with quantized ones.
        for node in request.network.nodes
        where node.layer.settings is any Product && Int.random(in: 0..<6, using: &random) == 0 {
            request.network = try request.network.applying(
                .set(layer: node.name, field: "quantize", to: .flag(false)))
        }
        let result = try #require(try Calibration(request).run())
        #expect(!result.after.isEmpty)
        try expectSameFloat(request, result, "\(device), seed \(seed)")
    }
}
