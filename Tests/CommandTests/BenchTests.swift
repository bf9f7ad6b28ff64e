import Devices
import Graph
import Probing
import TestTraits
import Testing

@testable import Benchmarking

@Suite(.limited)
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

    @Test("a look is measured after every kind of edit")
    func probe() throws {
        let json = try ProbeBenchmark(["mnist-cnn"], runs: 1, batch: 2, threads: 1).json
        #expect(json.keys == ["threads", "networks", "peakBytes"])
        guard case .array(let rows) = json["networks"] else {
            Issue.record("the networks are no list")
            return
        }
        let edits = ["bits", "clip", "channels"].flatMap {
            ["\($0)MedianMilliseconds", "\($0)P95Milliseconds"]
        }
        #expect(
            rows.map(\.keys) == [
                ["network", "samples", "firstMilliseconds", "diagnosisMilliseconds"] + edits + ["keptBytes"]
            ])
        #expect(rows.first?["samples"] == 2)
    }

    @Test("a sweep is measured to its end, beside its estimate and a look at the whole network")
    func sweep() throws {
        let json = try SweepBenchmark(["mnist-cnn"], over: [.factor], threads: 1).json
        #expect(json.keys == ["threads", "sweeps", "peakBytes"])
        guard case .array(let rows) = json["sweeps"] else {
            Issue.record("the sweeps are no list")
            return
        }
        #expect(
            rows.map(\.keys) == [
                [
                    "network", "over", "layers", "trials", "estimateSeconds", "estimatingSeconds",
                    "baselineSeconds", "seconds", "wholeProbeSeconds", "wholeProbesRatio",
                ]
            ])
        #expect(rows.first?["over"] == "factor" && rows.first?["estimateSeconds"] != .null)
    }
}
