import Datasets
import Devices
import Graph
import QAT
import TestSupport
import TestTraits
import Testing
import Weights

@testable import Probing

/// What is advised for a network that was trained, and for weight factors that are far too large.
@Suite("Advice for trained networks", .limited)
struct TrainedAdviceTests {
    /// The local SQNR of the tensor that a diagnosis is about; the lower one of both where it may be about both.
    private func sqnr(_ report: ProbeReport, _ diagnosis: Diagnosis) -> Double? {
        let part = report.parts(of: diagnosis.layer).first
        let (weight, feature) = (part?.weight?.observation.sqnr, part?.feature?.observation.sqnr)
        return switch diagnosis.kind {
        case .narrowEnd, .clippedWeights, .oscillatingWeights: weight
        case .clipped, .unusedLevels, .missingBatchNorm, .deadChannels, .stretchingChannel, .lostNegatives:
            feature
        case .fewBits: [weight, feature].compactMap { $0 }.min()
        }
    }

    /// Looks at a network with trained weights.
    private func look(_ network: Network, _ weights: Safetensors) throws -> ProbeReport {
        var request = ProbeRequest(network, on: .npu)
        (request.weights, request.data) = (weights, "glyphs")
        return try #require(Probe().report(request))
    }

    @Test(
        "no advice lowers the SQNR of its layer, in a network as it is set and in one with a clip that is far off",
        arguments: [8, 4], [nil, 0.2, 80.0])
    func trained(bits: Int, clip: Double?) throws {
        var network = try SmallNetwork.images(bits: bits)
        if let clip { network = try network.applying(.set(layer: "conv0", field: "clip", to: .number(clip))) }
        var plan = TrainingPlan(
            stages: [.init(bits: nil, epochs: 2, optimizer: .adam, learningRate: 0.002)],
            data: "glyphs,limit=128")
        (plan.batch, plan.arithmetic) = (16, .float)
        let data = try Dataset.open(
            try DataSpec(plan.data), shape: network.inputs[0].shape, seed: plan.seed)
        let trainer = try Trainer(network, on: .npu, plan: plan, data: data) { $0.digest }
        #expect(try trainer.run(wish: { .goOn }, report: { _ in }) == .finished)
        let before = try look(network, trainer.weights)
        let found = Inspection(before, of: Analysis(network, on: .npu), on: .t40).diagnoses
        #expect(clip == nil || found.contains { $0.layer == "conv0" && $0.edit != nil })
        for diagnosis in found {
            guard let edit = diagnosis.edit else { continue }
            let after = try look(try network.applying(edit), trainer.weights)
            let change = (
                try #require(sqnr(before, diagnosis)), try #require(sqnr(after, diagnosis))
            )
            #expect(change.1 >= change.0, "\(diagnosis.layer): \(diagnosis.sentence): \(change)")
        }
    }

    /// Codes reach to the largest weight of each channel, whatever the factor: there is no counterpart of a factor that is
    /// too small.
    @Test(
        "a weight factor that is far too large leaves no levels unused, and no layer is blamed for it",
        arguments: 1...4, [8, 4])
    func largeFactor(seed: UInt64, bits: Int) throws {
        var planted = try FaultyCase(seed: seed, bits: bits)
        let plain = try planted.look(at: "conv2")
        try planted.edit("conv2", "weightFactor", .number(90))
        let large = try planted.look(at: "conv2")
        let weight = try #require(large.part.weight)
        let quantizer = try #require(weight.quantizer)
        #expect(quantizer.levelsUsed >= (try #require(plain.part.weight?.quantizer)).levelsUsed)
        let sqnr = (try #require(weight.observation.sqnr), try #require(plain.part.weight?.observation.sqnr))
        #expect(sqnr.0 >= sqnr.1)
        let scaled = try #require(weight.whatIf(factor: 90)?.scaledSQNR)
        for factor in [1.5, 2, 2.5, 3, 3.5, 4] {
            #expect(try #require(weight.whatIf(factor: factor)?.scaledSQNR) < scaled + Diagnostics.gain)
        }
        #expect(large.diagnoses.filter { $0.kind != .narrowEnd }.isEmpty)
    }
}
