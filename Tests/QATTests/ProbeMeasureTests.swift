import Foundation
import Graph
import TestSupport
import TestTraits
import Testing

@testable import QAT

/// The measures of channels, of both networks, of folding and of flips, beside plain ones.
@Suite("Measures of the probe", .limited)
struct ProbeMeasureTests {
    private static let family = ArithmeticFamily.allCases

    @Test("ranges of channels are those of a plain search, of 3 channels and of 40", arguments: [3, 8, 40])
    func channels(count: Int) throws {
        var look = try ProbeCase(try network(channels: count), on: .npu)
        look.request.batch = 5
        let report = try look.report()
        let channels = try #require(report.tensor("conv", .feature)?.channels)
        #expect(
            channels.minimum.count == count)
        let program = try look.program()
        let values = try #require(program.values(of: "conv"))
        let weights = try #require(look.store["conv.weight"])
        for channel in 0..<count {
            let own = values.enumerated().filter { $0.offset / 49 % count == channel }.map(\.element)
            #expect(own.count == 5 * 49)
            let found = (own.min(), own.max())
            #expect((channels.level[channel] != nil) == (found.0 == found.1))
            // The quantizer keeps the order: its extremes are those of what it reads.
            let clip = 6 * (found.1 ?? 0)
            let reach: Float = min(6, max(0, channels.maximum[channel]))
            #expect(abs(reach - clip) <= 0.1)
            let rows = weights[channel * 27..<(channel + 1) * 27]
            let weight = try #require(report.tensor("conv", .weight)?.channels)
            #expect(weight.minimum[channel] == rows.min() && weight.maximum[channel] == rows.max())
        }
    }

    @Test("a channel that batch norm holds below zero is dead, and the others are not")
    func dead() throws {
        var look = try ProbeCase(try network(channels: 8), on: .npu)
        look.request.estimatesNormalization = true
        var beta = try #require(look.store["conv.beta"])
        beta[6] = -40
        try look.store.set("conv.beta", to: beta)
        look.request.weights = Checkpoint.weights(look.store, digest: "")
        let channels = try #require(try look.report().tensor("conv", .feature)?.channels)
        #expect(channels.dead == [6])
    }

    @Test("cosine and both errors are those of the float network's results", arguments: family)
    func match(family: ArithmeticFamily) throws {
        let look = try ProbeCase(try SmallNetwork.images(bits: 4), on: family)
        let probe = Probe()
        var seen: [String: [Double]] = [:]
        probe.tap = { name, values, shape in
            seen[name] = UnsafeBufferPointer(start: values, count: shape.reduce(1, *)).map(Double.init)
        }
        let report = try #require(probe.report(look.request))
        for layer in ["conv0", "conv1", "scores"] {
            let (float, quantized) = (
                try #require(seen[layer + ".float"]), try #require(seen[layer + ".quantized"])
            )
            func sum(_ one: [Double], _ two: [Double]) -> Double {
                zip(one, two).reduce(0) { $0 + $1.0 * $1.1 }
            }
            let match = try #require(report.tensor(layer, .feature)?.match)
            let found = try #require(match.cosine)
            let cosine = sum(float, quantized) / (sum(float, float) * sum(quantized, quantized)).squareRoot()
            #expect(abs(found - cosine) < 1e-6)
            let scale = sum(float, quantized) / sum(quantized, quantized)
            let apart = zip(float, quantized).map { $0 - scale * $1 }
            let error = sum(apart, apart) / Double(float.count)
            let errorApart = abs(match.meanSquaredError - error)
            #expect(errorApart < 1e-4 * error)
        }
    }

    @Test(
        "folding changes nothing where no weight is clipped, and what the reference says elsewhere",
        arguments: family)
    func folding(family: ArithmeticFamily) throws {
        for factor in [100, 1.2] {
            var look = try ProbeCase(
                try SmallNetwork.images(bits: 4).applying(
                    .set(layer: "conv1", field: "weightFactor", to: .number(factor))), on: family)
            look.request.measuresFolding = true
            let found = try #require(try look.report().tensor("conv1", .weight)?.foldingError)
            let weights = try #require(look.store["conv1.weight"])
            let gamma = try #require(look.store["conv1.gamma"])
            let variance = try #require(look.store["conv1.runningVariance"])
            let scales = zip(gamma, variance).map { max($0, 0.01) / ($1 + 1e-5).squareRoot() }
            let quantizer = ReferenceWeightQuantizer(bits: 4, factor: factor, on: family)
            let columns = weights.count / scales.count
            let apart = quantizer.quantized(weights, channels: scales.count).enumerated().map {
                $0.element * scales[$0.offset / columns]
            }
            let folded = quantizer.quantized(
                weights.enumerated().map { $0.element * scales[$0.offset / columns] }, channels: scales.count)
            let differences = zip(apart, folded).map { Double($0 - $1) }
            let noise = differences.reduce(0) { $0 + $1 * $1 }
            let signal = apart.reduce(0.0) { $0 + Double($1) * Double($1) }
            let expected = (noise / signal).squareRoot()
            let apartFrom = abs(found - expected)
            #expect(apartFrom < 1e-4 + 1e-3 * expected)
            if factor < 100 { #expect(found > 0.01) } else if family == .npu { #expect(found < 1e-4) }
        }
    }

    @Test("flips are the share of weights with another code, and none where nothing moved")
    func flips() throws {
        var look = try ProbeCase(try SmallNetwork.images(bits: 4), on: .npu)
        look.request.earlierWeights = look.request.weights
        #expect(try look.report().tensor("conv1", .weight)?.flips == 0)
        var weights = try #require(look.store["conv1.weight"])
        let quantizer = ReferenceWeightQuantizer(bits: 4, factor: 3, on: .npu)
        let before = quantizer.codes(weights, channels: 8)
        var random = SplitMix64(seed: 4)
        weights = weights.map { $0 + 0.02 * (random.nextUniform() - 0.5) }
        try look.store.set("conv1.weight", to: weights)
        look.request.weights = Checkpoint.weights(look.store, digest: "")
        let after = quantizer.codes(weights, channels: 8)
        let share = Double(zip(before, after).count { $0 != $1 }) / Double(before.count)
        let report = try look.report()
        #expect(share > 0.02 && report.tensor("conv1", .weight)?.flips == share)
        #expect(report.tensor("scores", .weight)?.flips == 0)
    }

    @Test("batch by batch they are the measures of all samples at once", arguments: family)
    func survey(family: ArithmeticFamily) throws {
        var look = try ProbeCase(try network(channels: 8), on: family)
        (look.request.batch, look.request.batches) = (48, 1)
        let whole = try look.report()
        (look.request.batch, look.request.batches) = (16, 3)
        let merged = try look.report()
        #expect(merged.samples == 48 && whole.samples == 48 && merged.parts.count == whole.parts.count)
        for (one, other) in zip(whole.parts, merged.parts) {
            #expect(one.name == other.name && one.weight == other.weight)
            guard let one = one.feature, let other = other.feature else { continue }
            #expect(one.observation.histogram == other.observation.histogram)
            #expect(one.quantizer?.counts == other.quantizer?.counts)
            #expect(one.channels == other.channels)
            func agree(_ one: Double?, _ other: Double?, _ tolerance: Double = 1e-5) {
                #expect((one == nil) == (other == nil))
                let (one, other) = (one ?? 0, other ?? 0)
                let apart = abs(one - other)
                #expect(apart <= tolerance * max(1, abs(one)))
            }
            agree(one.observation.mean, other.observation.mean)
            agree(one.observation.deviation, other.observation.deviation)
            agree(one.observation.sqnr, other.observation.sqnr)
            agree(one.observation.clipRatio, other.observation.clipRatio)
            // Each batch has statistics of its own there: near, not the same.
            agree(one.accumulatedSQNR, other.accumulatedSQNR, 0.1)
            agree(one.match?.cosine, other.match?.cosine, 0.01)
        }
    }

    @Test("matches of two halves are the match of the whole at one scale")
    func halves() {
        let one = FloatMatch(
            count: 2, squares: 5, otherSquares: 5, products: 4, noise: 5 - 16.0 / 5, scale: 0.8,
            isEqual: false)
        // (3, 4) against (4, 2).
        let two = FloatMatch(
            count: 2, squares: 25, otherSquares: 20, products: 20, noise: 5, scale: 1, isEqual: false)
        var both = one
        both.add(two)
        let scale = 24.0 / 25
        #expect(abs(both.scale - scale) < 1e-12)
        let noise: Double = 30 - 48 * scale + 25 * scale * scale
        #expect(abs(both.noise - noise) < 1e-12)
    }

    private func network(channels: Int) throws -> Network {
        var product = Conv2D()
        (product.outChannels, product.padding, product.batchNorm, product.bias) = (channels, 1, true, false)
        product.activationFunction = .none
        product.quantizers = Quantization(outputBits: 8, clip: 6)
        (product.quantizers.isEnabled, product.quantizers.weightBits) = (true, 8)
        var next = product
        next.outChannels = 4
        var scores = FullConnected()
        scores.outChannels = 3
        var mean = AdaptiveAvgpool2D()
        mean.keepDimensions = false
        return try Network(
            inputs: [Input("image", .map(channels: 3, height: 7, width: 7))],
            nodes: [
                Node("conv", product.layer, inputs: ["image"]), Node("next", next.layer, inputs: ["conv"]),
                Node("mean", mean.layer, inputs: ["next"]), Node("scores", scores.layer, inputs: ["mean"]),
            ])
    }
}
