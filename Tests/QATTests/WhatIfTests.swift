import Graph
import TestSupport
import TestTraits
import Testing

@testable import QAT

/// What a histogram foretells, beside what the probe sees after the change was made.
@Suite("What if", .limited)
struct WhatIfTests {
    private static let family = ArithmeticFamily.allCases

    /// The most that a predicted signal-to-noise ratio may be off, in dB.
    private static let tolerance = (features: 0.3, weights: 0.6)

    @Test(
        "another clip has the SQNR, the clip ratio and the levels that it then has", arguments: family,
        [2, 4, 8])
    func clip(family: ArithmeticFamily, bits: Int) throws {
        for isSigned in [false, true] {
            var look = try ProbeCase(try SmallNetwork.block(bits: bits, signed: isSigned), on: family)
            look.request.estimatesNormalization = true
            let network = look.request.network
            let before = try look.report()
            for layer in ["stem", "left", "depthwise", "narrow"] {
                for clip in [0.3, 1, 2.5, 5, 20] {
                    look.request.network = try network.applying(
                        .set(layer: layer, field: "clip", to: .number(clip)))
                    let after = try #require(try look.report().tensor(layer, .feature))
                    // Layers behind the edited one read other values; the edited one reads the same.
                    let guess = try #require(before.tensor(layer, .feature)?.whatIf(clip: clip))
                    expect(guess, after, "\(layer) \(clip) \(isSigned)")
                }
            }
        }
    }

    @Test("other bits of a feature, with the clip as it is", arguments: family)
    func bits(family: ArithmeticFamily) throws {
        var look = try ProbeCase(try SmallNetwork.block(bits: 8, signed: true), on: family)
        look.request.estimatesNormalization = true
        let network = look.request.network
        let before = try look.report()
        for bits in [2, 4, 6, 10] {
            look.request.network = try network.applying(
                .set(layer: "narrow", field: "outputBits", to: .integer(bits)))
            let after = try #require(try look.report().tensor("narrow", .feature))
            let guess = try #require(before.tensor("narrow", .feature)?.whatIf(bits: bits))
            expect(guess, after, "\(bits)")
        }
    }

    @Test(
        "another factor or other bits of weights, with one scale and with many", arguments: family, [2, 4, 8])
    func weights(family: ArithmeticFamily, bits: Int) throws {
        var look = try ProbeCase(try WideNetwork.make(), on: family)
        for (index, layer) in ["many", "few", "scores"].enumerated() {
            try look.setBellShaped(layer, seed: UInt64(index))
        }
        let network = look.request.network
        let before = try look.report()
        for layer in ["many", "few", "scores"] {
            for factor in [0.8, 1.5, 2, 3, 100] {
                look.request.network = try network.applying(
                    .all(
                        "",
                        [
                            .set(layer: layer, field: "weightBits", to: .integer(bits)),
                            .set(layer: layer, field: "weightFactor", to: .number(factor)),
                        ]))
                let after = try #require(try look.report().tensor(layer, .weight))
                let guess = try #require(
                    before.tensor(layer, .weight)?.whatIf(factor: factor, bits: bits))
                expect(guess, after, "\(layer) \(factor)")
            }
        }
    }

    @Test("a tensor without a quantizer has no answer, nor has a range without an inside")
    func nothing() throws {
        let report = try ProbeCase(try SmallNetwork.images(), on: .npu).report()
        let scores = try #require(report.tensor("scores", .feature))
        #expect(scores.quantizer == nil && scores.whatIf(clip: 1) == nil)
        let conv = try #require(report.tensor("conv0", .feature))
        #expect(conv.whatIf(clip: 0) == nil && conv.whatIf(factor: 1) == nil)
        let weight = try #require(report.tensor("conv0", .weight))
        #expect(weight.whatIf(factor: 0) == nil && weight.whatIf(clip: 1) == nil)
    }

    private func expect(_ guess: WhatIf, _ seen: ProbedTensor, _ what: String) {
        let found = (seen.observation.sqnr ?? 0, guess.sqnr ?? 0)
        let tolerance = WhatIfTests.tolerance
        let isWeight = seen.observation.kind == .weight
        #expect(
            abs(found.0 - found.1) < (isWeight ? tolerance.weights : tolerance.features), "\(what): \(found)")
        #expect(abs((seen.observation.clipRatio ?? 0) - guess.clipRatio) < 0.01, "\(what)")
        let used = Double(seen.quantizer?.levelsUsed ?? 0)
        #expect(abs(used - guess.levelsUsed) <= 1.5 + 0.04 * used, "\(what): \(used) \(guess.levelsUsed)")
    }
}

/// A network with few and many channels, and a matrix.
private enum WideNetwork {
    static func make() throws -> Network {
        var quantizers = Quantization(outputBits: 8, clip: 6)
        (quantizers.isEnabled, quantizers.weightBits) = (true, 8)
        func convolution(_ name: String, _ source: Source, channels: Int) -> Node {
            var product = Conv2D()
            (product.outChannels, product.padding, product.batchNorm, product.bias) = (
                channels, 1, true, false
            )
            product.quantizers = quantizers
            return Node(name, product.layer, inputs: [source])
        }
        var mean = AdaptiveAvgpool2D()
        mean.keepDimensions = false
        var scores = FullConnected()
        (scores.outChannels, scores.quantizers) = (10, quantizers)
        return try Network(
            inputs: [Input("image", .map(channels: 3, height: 6, width: 6))],
            nodes: [
                convolution("many", "image", channels: 96), convolution("few", "many", channels: 5),
                Node("mean", mean.layer, inputs: ["few"]), Node("scores", scores.layer, inputs: ["mean"]),
            ])
    }
}

extension ProbeCase {
    /// Gives a layer weights as training leaves them: bells of another width for each channel.
    fileprivate mutating func setBellShaped(_ layer: String, seed: UInt64) throws {
        let weights = try #require(store["\(layer).weight"])
        let rows = try #require(store.layout.parameter("\(layer).weight")).shape[0]
        var random = SplitMix64(seed: seed)
        var width = Float(0)
        let drawn = weights.indices.map { index -> Float in
            if index % (weights.count / rows) == 0 { width = 0.05 + 0.1 * random.nextUniform() }
            return width * ((0..<12).reduce(0) { sum, _ in sum + random.nextUniform() } - 6)
        }
        try store.set("\(layer).weight", to: drawn)
        request.weights = Checkpoint.weights(store, digest: request.network.digest)
    }
}
