import Devices
import Editing
import Graph
import QAT
import Sessions
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Probing

/// What is advised is no worse for the network's results.
@Suite("Advice on the whole network", .limited)
struct AdviceTrialTests {
    /// Two convolutions with biases and without batch norm: the first gives small values, and the second's bias belongs to
    /// them as they are, so that another clip of the first, which other values are divided by, is wrong.
    private static func biased() throws -> ProbeRequest {
        var nodes = [Node("preprocess", Preprocess().layer, inputs: ["image"])]
        for index in 0..<2 {
            var product = Conv2D()
            (product.outChannels, product.padding, product.batchNorm, product.bias) = (8, 1, false, true)
            product.activationFunction = .none
            product.quantizers = Quantization(outputBits: 8, clip: 1)
            (product.quantizers.isEnabled, product.quantizers.weightBits) = (true, 8)
            nodes.append(
                Node("conv\(index)", product.layer, inputs: [index == 0 ? "preprocess" : "conv0"]))
        }
        var flatten = Flatten()
        flatten.shape = [-1, 8 * 64]
        nodes.append(Node("flatten", flatten.layer, inputs: ["conv1"]))
        let network = try Network(
            inputs: [Input("image", .map(channels: 3, height: 8, width: 8))], nodes: nodes)
        let store = ParameterStore(Analysis(network, on: .npu))
        store.initialize(seed: 3)
        let tensors = store.layout.parameters.map { entry in
            var values = store[entry.name] ?? []
            if entry.name == "conv0.weight" { values = values.map { $0 * 0.03 } }
            if entry.name == "conv1.bias" { values = values.indices.map { Float($0 % 3 - 1) * 0.02 } }
            return Safetensors.Tensor(entry.name, values, shape: entry.shape)
        }
        var request = ProbeRequest(network, on: .npu)
        (request.weights, request.data) = (Safetensors(tensors), "glyphs")
        return request
    }

    @Test("a clip that is better for its layer and worse for the network is not advised")
    func harmful() throws {
        let request = try Self.biased()
        let probe = Probe()
        let report = try #require(probe.report(request))
        #expect(report.results(of: request.network).map(\.layer) == ["conv1"])
        let inspection = Inspection(report, of: Analysis(request.network, on: .npu), on: .t40)
        let advice = try #require(inspection.diagnoses.first { $0.layer == "conv0" })
        var changed = request
        changed.network = try request.network.applying(try #require(advice.edit))
        let after = try #require(probe.report(changed))
        let local = (report.parts(of: "conv0").first?.feature, after.parts(of: "conv0").first?.feature)
        #expect(
            try #require(local.1?.observation.sqnr) > (try #require(local.0?.observation.sqnr)) + 6)
        let whole = (report.outputSQNR(of: request.network), after.outputSQNR(of: changed.network))
        #expect(try #require(whole.1) < (try #require(whole.0)) - 3, "\(whole)")
        let tried = inspection.tried(as: request) { probe.report($0) }
        #expect(!tried.diagnoses.contains { $0.layer == "conv0" && $0.edit != nil })
    }

    @Test(
        "advice that was tried makes the results no worse, each by itself and all together", arguments: 1...2)
    func harmless(seed: UInt64) throws {
        var planted = try FaultyCase(seed: seed)
        try planted.edit("conv1", "clip", .number(0.25))
        try planted.edit("conv3", "clip", .number(90))
        try planted.edit("conv5", "weightBits", .integer(2))
        var request = ProbeRequest(planted.network, on: .npu)
        (request.weights, request.seed, request.data) = (planted.weights, seed, "glyphs")
        request.estimatesNormalization = true
        let probe = Probe()
        let report = try #require(probe.report(request))
        let advice = Inspection(report, of: Analysis(request.network, on: .npu), on: .t40)
            .tried(as: request) { probe.report($0) }.diagnoses
        #expect(advice.map(\.layer) == ["conv1", "conv3", "conv5"])
        let edits = advice.compactMap(\.edit)
        let before = try #require(report.outputSQNR(of: request.network))
        for edit in edits + [.all("all", edits)] {
            var changed = request
            changed.network = try request.network.applying(edit)
            let after = try #require(probe.report(changed)?.outputSQNR(of: changed.network))
            #expect(after >= before - AdviceTrial.difference(values: 320), "\(edit)")
        }
    }

    @Test("what was accepted with a reason is not said, nor is Linear in a first BatchNorm")
    func accepted() throws {
        let document = try Samples.document(named: "network-t40")
        #expect(document.accepts(Diagnosis(layer: "bn1", kind: .lostNegatives, sentence: "", number: 1)))
        #expect(!document.accepts(Diagnosis(layer: "bn", kind: .lostNegatives, sentence: "", number: 1)))
        #expect(!document.accepts(Diagnosis(layer: "bn1", kind: .clipped, sentence: "", number: 1)))
        let report = try #require(Probe().report(ProbeRequest(document.network, on: .npu)))
        let found = Inspection(report, of: Analysis(document.network, on: .npu), on: .t40)
        #expect(found.diagnoses.map(\.layer) == ["bn1"])
        #expect(found.accepted(by: document).diagnoses.isEmpty)
    }

    @Test("changes are put together at once, and one after the other where that is worse")
    func together() {
        var joint = JointTrial(1, together: ["a", "b"], then: ["c", "b"], leastGain: 0.5)
        #expect(joint.next == ["a", "b"] && joint.remaining == 2)
        #expect(joint.take(1) && joint.kept == ["a", "b"] && joint.next == ["a", "b", "c"])
        #expect(!joint.take(1.4) && joint.next == nil && joint.kept == ["a", "b"])

        joint = JointTrial(1, together: ["a", "b"], then: ["c"], leastGain: 0.5)
        #expect(!joint.take(0.9) && joint.next == ["a"] && joint.remaining == 3)
        #expect(joint.take(2) && joint.next == ["a", "b"])
        #expect(!joint.take(2.1) && joint.next == ["a", "c"])
        joint.skip()
        #expect(joint.next == nil && joint.kept == ["a"] && joint.value == 2)

        var replaced = JointTrial(0, then: [10, 11, 20], leastGain: 0.1) { $0 / 10 == $1 / 10 }
        #expect(replaced.take(1) && replaced.next == [11] && replaced.take(2))
        #expect(replaced.next == [11, 20] && replaced.take(3) && replaced.kept == [11, 20])
    }
}
