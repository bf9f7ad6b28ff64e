import Foundation
import Graph
import QAT
import TestSupport
import TestTraits
import Testing

/// How a network of several layers runs.
struct NetworkCase: CustomTestStringConvertible, Sendable {
    let family: ArithmeticFamily
    let bits: Int
    let isSigned: Bool
    let arithmetic: Program.Arithmetic
    var isQuantized = true

    var testDescription: String {
        isQuantized
            ? "\(bits) bits, \(isSigned ? "signed" : "unsigned"), \(family.rawValue), \(arithmetic.rawValue)"
            : "float, \(family.rawValue)"
    }

    static let all: [NetworkCase] = ArithmeticFamily.allCases.flatMap { family in
        EngineCase.arithmetics.flatMap { arithmetic in
            [(4, false), (4, true), (8, false), (8, true)].map { bits, isSigned in
                NetworkCase(family: family, bits: bits, isSigned: isSigned, arithmetic: arithmetic)
            }
        } + [NetworkCase(family: family, bits: 8, isSigned: false, arithmetic: .float, isQuantized: false)]
    }

    /// A case whose values or gradients, and running statistics, are compared at seeds without rounding boundaries.
    func compare(
        _ network: Network, isTraining: Bool, prepare: (inout ReferenceNetwork) -> Void = { _ in }
    ) throws {
        let engine = EngineCase(
            analysis: Analysis(network, on: family), isQuantized: isQuantized, arithmetic: arithmetic,
            batch: 2)
        try engine.expectAgreement(within: 2e-4, gradients: 1e-3, boundary: 1e-5, seeds: 3) { seed in
            isTraining
                ? try engine.run(seed: seed, prepare: prepare)
                : try engine.evaluate(seed: seed, prepare: prepare)
        }
    }
}

/// Whole networks in the engine and in the reference.
@Suite("Networks against the reference", .limited)
struct NetworkAgreementTests {
    @Test("a block trains as the reference does", arguments: NetworkCase.all)
    func training(_ network: NetworkCase) throws {
        try network.compare(
            try SmallNetwork.block(bits: network.bits, signed: network.isSigned), isTraining: true)
    }

    @Test(
        "a block is evaluated with its running statistics as the reference does", arguments: NetworkCase.all)
    func evaluation(_ network: NetworkCase) throws {
        let block = try SmallNetwork.block(bits: network.bits, signed: network.isSigned)
        try network.compare(block, isTraining: false) { reference in
            for (name, values) in reference.statistics {
                let isMean = name.hasSuffix("Mean")
                reference.statistics[name] = values.indices.map {
                    isMean ? Double($0 % 5 - 2) / 8 : 0.5 + Double($0 % 3) / 4
                }
            }
        }
    }

    @Test("a gamma below 0.01 acts as 0.01 and does not learn, whatever its sign", arguments: NetworkCase.all)
    func smallGamma(_ network: NetworkCase) throws {
        let block = try SmallNetwork.block(bits: network.bits, signed: network.isSigned)
        try network.compare(block, isTraining: true) { reference in
            reference.parameters["left.gamma"] = [-1, 0.0099, 0, -0.01, 0.5, 1, 0.02, -3].map {
                Double(Float($0))
            }
        }
    }

    @Test("a learned clip and its gradient are the reference's", arguments: NetworkCase.all)
    func learnedClip(_ network: NetworkCase) throws {
        let block = try ["stem", "left", "depthwise"].reduce(
            SmallNetwork.block(bits: network.bits, signed: network.isSigned)
        ) { try $0.applying(.set(layer: $1, field: "autoThreshold", to: .flag(true))) }
        try network.compare(block, isTraining: true) { reference in
            for (layer, clip) in [("stem", 0.5), ("left", 1.5), ("depthwise", 0.75)]
            where reference.parameters["\(layer).logClip"] != nil {
                reference.parameters["\(layer).logClip"] = [Double(Float(log(clip)))]
            }
        }
    }

    @Test("running statistics stay where training freezes them, and in evaluation")
    func frozen() throws {
        let analysis = Analysis(try SmallNetwork.block(bits: 8, signed: false), on: .npu)
        let engine = EngineCase(analysis: analysis, isQuantized: true, arithmetic: .float)
        var reference = ReferenceNetwork(analysis, quantized: true)
        reference.randomizeParameters(seed: 3)
        let store = try engine.store(of: reference)
        let inputs = reference.randomInputs(batch: engine.batch, seed: 4)
        let program = try engine.program(store, reading: inputs, isTraining: true)
        let names = store.layout.statistics.map(\.name)
        #expect(names.count == 8)
        func statistics() -> [[Float]?] { names.map { store[$0] } }
        let start = statistics()
        try program.forward(.frozenTraining)
        try program.forward(.evaluation)
        #expect(statistics() == start)
        try program.forward(.training)
        #expect(zip(statistics(), start).allSatisfy { $0 != $1 })
    }
}
