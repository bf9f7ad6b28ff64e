import Graph
import TestSupport
import TestTraits
import Testing

@testable import QAT

/// How many weights changed their code between two looks at a run.
@Suite("Flips between looks", .limited)
struct FlipTests {
    @Test(
        "the share is that of the reference quantizer's codes", arguments: ArithmeticFamily.allCases, [2, 4])
    func shares(family: ArithmeticFamily, bits: Int) throws {
        let look = try ProbeCase(try SmallNetwork.block(bits: bits, signed: false), on: family)
        let observer = try Observer(
            look.analysis, store: look.store, isQuantized: true, padsBothSides: false, data: look.dataset())
        func flips(_ layer: String) throws -> Double? {
            try observer.observe().first { $0.layer == layer && $0.kind == .weight }?.flips
        }
        func codes(_ layer: String) throws -> [Int] {
            let own: ArithmeticFamily = layer == "depthwise" ? .simd : family
            let quantizer = ReferenceWeightQuantizer(bits: bits, factor: 3, on: own)
            return quantizer.codes(
                try #require(look.store["\(layer).weight"]), channels: layer == "scores" ? 1 : 8)
        }
        #expect(try flips("stem") == nil)
        #expect(try flips("stem") == 0)
        for layer in ["stem", "depthwise", "scores"] {
            let before = try codes(layer)
            var weights = try #require(look.store["\(layer).weight"])
            var random = SeededGenerator(seed: 5)
            for index in weights.indices where index.isMultiple(of: 3) {
                weights[index] += Float.random(in: -0.3...0.3, using: &random)
            }
            try look.store.set("\(layer).weight", to: weights)
            let after = try codes(layer)
            let changed = zip(before, after).count { $0 != $1 }
            #expect(changed > 0)
            #expect(try flips(layer) == Double(changed) / Double(before.count), "\(layer)")
        }
    }

    @Test("weights of 8 bits, and those that are not quantized, have none", arguments: [true, false])
    func none(isQuantized: Bool) throws {
        let look = try ProbeCase(try SmallNetwork.images(bits: isQuantized ? 8 : 4), on: .npu)
        let observer = try Observer(
            look.analysis, store: look.store, isQuantized: isQuantized, padsBothSides: false,
            data: look.dataset())
        _ = try observer.observe()
        let seen = try observer.observe()
        #expect(!seen.isEmpty && seen.allSatisfy { $0.flips == nil })
    }
}
