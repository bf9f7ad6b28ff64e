import Devices
import Foundation
import Graph
import QAT
import TestSupport
import TestTraits
import Testing

@testable import Probing

/// What is said about networks with planted faults, and about healthy ones.
@Suite("Diagnosis", .limited)
struct DiagnosisTests {
    @Test("five planted faults are named, each on its layer, and no other layer is accused", arguments: 1...5)
    func planted(seed: UInt64) throws {
        var case_ = try FaultyCase(seed: seed)
        try case_.edit("conv1", "clip", .number(0.25))
        try case_.edit("conv3", "clip", .number(90))
        try case_.edit("conv5", "weightBits", .integer(2))
        try case_.scale("conv4.gamma", channel: 3, by: 25)
        try case_.kill("conv6", channel: 7, shift: -1)
        let found = try case_.diagnoses()
        #expect(
            found.map { "\($0.layer) \($0.kind.rawValue)" } == [
                "conv1 clipped", "conv3 unusedLevels", "conv4 stretchingChannel", "conv5 fewBits",
                "conv6 deadChannels",
            ], "\(found.map { "\($0.layer): \($0.sentence)" })")
        #expect(found.first { $0.kind == .stretchingChannel }?.sentence.contains("channel 3 ") == true)
        #expect(found.first { $0.kind == .deadChannels }?.sentence.contains("channel 7 ") == true)
    }

    @Test(
        "a network without faults is not accused, on either family and at any bits",
        arguments: [Device.t40, .txx], [8, 4])
    func healthy(device: Device, bits: Int) throws {
        for seed in 1...3 {
            let found = try FaultyCase(seed: UInt64(seed), bits: bits, device: device).diagnoses()
            // Fewer bits than 8 at the ends are said at any time: that is true of every network.
            let others = found.filter { $0.kind != .narrowEnd }
            #expect(others.isEmpty, "\(others.map { "\($0.layer): \($0.sentence)" })")
            #expect(bits < 8 || found.isEmpty)
        }
    }

    /// One fault, and the measure that its cure raises.
    struct Fault: Sendable, CustomStringConvertible {
        let kind: Diagnosis.Kind
        let layer: String
        let plant: @Sendable (inout FaultyCase) throws -> Void
        let measure: @Sendable (ProbedPart) -> Double?
        var description: String { "\(kind)" }
    }

    static let local: @Sendable (ProbedPart) -> Double? = { $0.feature?.observation.sqnr }
    static let accumulated: @Sendable (ProbedPart) -> Double? = { $0.feature?.accumulatedSQNR }
    static let weights: @Sendable (ProbedPart) -> Double? = { $0.weight?.observation.sqnr }

    static let faults = [
        Fault(
            kind: .clipped, layer: "conv2", plant: { try $0.edit("conv2", "clip", .number(0.2)) },
            measure: local),
        Fault(
            kind: .clipped, layer: "conv2", plant: { try $0.edit("conv2", "clip", .number(0.2)) },
            measure: accumulated),
        Fault(
            kind: .unusedLevels, layer: "conv2", plant: { try $0.edit("conv2", "clip", .number(100)) },
            measure: local),
        Fault(
            kind: .unusedLevels, layer: "conv2", plant: { try $0.edit("conv2", "clip", .number(100)) },
            measure: accumulated),
        Fault(
            kind: .clippedWeights, layer: "conv2",
            plant: { try $0.edit("conv2", "weightFactor", .number(0.3)) }, measure: weights),
        Fault(
            kind: .clippedWeights, layer: "conv2",
            plant: { try $0.edit("conv2", "weightFactor", .number(0.3)) }, measure: accumulated),
        Fault(
            kind: .fewBits, layer: "conv2", plant: { try $0.edit("conv2", "weightBits", .integer(2)) },
            measure: weights),
        Fault(
            kind: .fewBits, layer: "conv2", plant: { try $0.edit("conv2", "weightBits", .integer(2)) },
            measure: accumulated),
        Fault(
            kind: .fewBits, layer: "conv2", plant: { try $0.edit("conv2", "outputBits", .integer(2)) },
            measure: accumulated),
        Fault(
            kind: .narrowEnd, layer: "conv0", plant: { try $0.edit("conv0", "weightBits", .integer(4)) },
            measure: accumulated),
        Fault(
            kind: .narrowEnd, layer: "scores", plant: { try $0.edit("scores", "weightBits", .integer(2)) },
            measure: accumulated),
        Fault(
            kind: .missingBatchNorm, layer: "conv2",
            plant: {
                try $0.edit("conv1", "clip", .number(40))
                try $0.edit("conv2", "batchNorm", .flag(false))
            }, measure: accumulated),
        Fault(
            kind: .stretchingChannel, layer: "conv2",
            plant: {
                try $0.edit("conv2", "batchNorm", .flag(false))
                try $0.scaleRow("conv2.weight", row: 4, by: 60)
            }, measure: local),
        Fault(
            kind: .lostNegatives, layer: "norm", plant: { try $0.insertNorm(.linear) }, measure: accumulated),
        Fault(
            kind: .oscillatingWeights, layer: "conv2",
            plant: {
                try $0.edit("conv2", "weightBits", .integer(4))
                try $0.shakeEarlier("conv2.weight", by: 0.15)
            }, measure: weights),
    ]

    @Test("following the advice raises the SQNR", arguments: faults)
    func cure(fault: Fault) throws {
        for seed in UInt64(1)...2 {
            var case_ = try FaultyCase(seed: seed)
            try fault.plant(&case_)
            let before = try case_.look(at: fault.layer)
            func isIt(_ diagnosis: Diagnosis) -> Bool {
                diagnosis.kind == fault.kind && diagnosis.layer == fault.layer
            }
            let diagnosis = try #require(
                before.diagnoses.first(where: isIt),
                "\(before.diagnoses.map { "\($0.layer) \($0.kind): \($0.sentence)" })")
            try case_.apply(try #require(diagnosis.edit, "\(diagnosis.sentence)"))
            let after = try case_.look(at: fault.layer)
            let sqnr = (try #require(fault.measure(before.part)), try #require(fault.measure(after.part)))
            #expect(sqnr.1 > sqnr.0 + 1, "\(diagnosis.sentence): \(sqnr)")
            #expect(!after.diagnoses.contains(where: isIt))
        }
    }

    @Test("a channel that is scaled down, as the advice is, gives the others their levels back")
    func scaledDown() throws {
        var case_ = try FaultyCase(seed: 2)
        try case_.scale("conv2.gamma", channel: 1, by: 25)
        let before = try case_.look(at: "conv2")
        #expect(before.diagnoses.map(\.kind) == [.stretchingChannel])
        try case_.scale("conv2.gamma", channel: 1, by: 1 / 25)
        let after = try case_.look(at: "conv2").part.feature?.observation.sqnr
        let sqnr = (try #require(before.part.feature?.observation.sqnr), try #require(after))
        #expect(sqnr.1 > sqnr.0 + 6)
    }

    @Test("without a dead channel, which the advice removes, a signed layer has a higher SQNR")
    func removed() throws {
        var case_ = try FaultyCase(seed: 3)
        try case_.edit("conv2", "activation", .choice("Linear"))
        // Near the boundary of two codes, so that all of its values are half a step off.
        try case_.kill("conv2", channel: 5, shift: 0.004)
        let before = try case_.look(at: "conv2")
        #expect(
            before.diagnoses.map(\.kind) == [.deadChannels], "\(before.diagnoses.map(\.sentence))")
        try case_.remove(channel: 5, of: "conv2", readBy: "conv3")
        let after = try case_.look(at: "conv2")
        #expect(after.diagnoses.isEmpty)
        let sqnr = try #require(after.part.feature?.observation.sqnr)
        let dead = try #require(before.part.feature?.observation.sqnr)
        #expect(sqnr > dead)
    }

    @Test("every kind of advice is followed in a test, says what it means, and what its number is of")
    func kinds() {
        let tested = Set(DiagnosisTests.faults.map(\.kind)).union([.deadChannels])
        for kind in Diagnosis.Kind.allCases {
            #expect(tested.contains(kind), "\(kind)")
            #expect(!kind.says.isEmpty && !kind.number.isEmpty)
        }
    }
}
