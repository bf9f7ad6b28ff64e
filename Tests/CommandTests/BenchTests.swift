import Devices
import Graph
import Testing

@testable import magikbench

struct BenchTests {
    @Test(
        "the network of the benchmark is whole, and the chips have something to say",
        arguments: [8, 9, 100, 1000])
    func network(layers: Int) throws {
        let network = try SyntheticNetwork.network(layers: layers)
        #expect(network.nodes.count == layers)
        let analysis = Analysis(network, on: .npu)
        for index in network.nodes.indices { #expect(analysis.shapes.output(index) != nil) }
        let findings = Checker.report(on: analysis, for: .t40).findings
        #expect(layers < 100 || !findings.isEmpty)
        #expect(findings.count < layers)
    }

    @Test("the measurements are what the interface promises")
    func json() throws {
        let json = try CheckBenchmark(runs: 1).json
        #expect(json.keys == ["layers", "devices", "checkMilliseconds", "editLayers", "editMilliseconds"])
        #expect(json["layers"] == 100 && json["devices"] == 6 && json["editLayers"] == 1000)
    }
}
