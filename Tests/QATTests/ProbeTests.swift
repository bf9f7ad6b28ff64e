import Datasets
import Foundation
import Graph
import TestSupport
import TestTraits
import Testing
import Weights

@testable import QAT

/// What the look at a network says, beside other ways to find it.
@Suite("Probe", .limited)
struct ProbeTests {
    private static let family = ArithmeticFamily.allCases

    @Test("it sees what the observer of a training run sees on the same batch and weights", arguments: family)
    func observer(family: ArithmeticFamily) throws {
        for network in [try SmallNetwork.images(bits: 4), try SmallNetwork.block(bits: 8, signed: true)] {
            let look = try ProbeCase(network, on: family)
            let report = try look.report()
            let observer = try Observer(
                look.analysis, store: look.store, isQuantized: true, padsBothSides: false,
                data: look.dataset())
            let seen = try observer.observe()
            #expect(!seen.isEmpty && report.gaps.isEmpty && report.failure == nil)
            for var observation in seen {
                // Only training asks how healthy channels are.
                #expect(
                    (observation.deadChannels != nil) == (observation.kind == .feature),
                    "\(observation.layer) \(observation.kind)")
                observation.deadChannels = nil
                observation.statisticsGap = nil
                #expect(
                    report.tensor(observation.layer, observation.kind)?.observation == observation,
                    "\(observation.layer) \(observation.kind)")
            }
            #expect(report.weights.description == "trained weights" && report.weights.estimated.isEmpty)
            #expect(report.feeds == [ProbedInput(input: "image", content: .data("glyphs"))])
            #expect(report.samples == 32)
        }
    }

    @Test(
        "generated data stands in for data that cannot be read where that is asked for, and the report says why"
    )
    func unreadData() throws {
        var look = try ProbeCase(try SmallNetwork.images(bits: 4), on: .npu)
        look.request.data = nil
        let generated = try look.report()
        #expect(generated.dataFailure == nil)
        look.request.data = "mnist:/nowhere/at/all"
        #expect(try look.report().failure != nil)
        look.request.replacesUnreadData = true
        let probe = Probe()
        for _ in 0..<2 {
            let report = try #require(probe.report(look.request))
            let reason = try #require(report.dataFailure)
            #expect(reason.contains("/nowhere/at/all") && report.failure == nil)
            #expect(report.parts == generated.parts && report.feeds == generated.feeds)
        }
        look.request.data = "glyphs"
        #expect(try #require(probe.report(look.request)).dataFailure == nil)
    }

    @Test(
        "a float model is compared with by its running statistics, where layers have the same name and shape")
    func floatModel() throws {
        var look = try ProbeCase(try SmallNetwork.images(bits: 8), on: .npu)
        let weights = try #require(look.request.weights)
        look.request.floatModel = FloatModel(quantizersOffIn: look.request.network, weights: weights)
        let report = try look.report()
        #expect(report.floatModelFailure == nil)
        let model = try #require(look.request.floatModel)
        let float = Analysis(model.network, on: .npu)
        let store = ParameterStore(float)
        try Checkpoint.load(model.weights, into: store)
        var options = Program.Options(batch: look.request.batch)
        (options.isQuantized, options.keepsValues) = (false, true)
        let program = try Program(float, store: store, options: options)
        try look.dataset().fill(
            program.inputs[0].values, samples: options.batch, InputNormalization(model.network))
        try program.forward(.evaluation)
        let quantized = try look.program()
        for layer in ["conv0", "conv1", "scores"] {
            let (expected, found) = (
                try #require(program.values(of: layer)).map(Double.init),
                try #require(quantized.values(of: layer)).map(Double.init)
            )
            let match = try #require(report.tensor(layer, .feature)?.match, "\(layer)")
            let products = zip(expected, found).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(abs(match.products - products) <= 1e-3 * abs(products), "\(layer)")
            #expect(match.count == expected.count)
        }

        // Wider layers of the same name say nothing about each other.
        var wide = look
        let wider = try look.request.network.applying(
            .all("wider", [.set(layer: "conv0", field: "outChannels", to: .integer(8))]))
        wide.request = ProbeRequest(wider, on: .npu)
        (wide.request.floatModel, wide.request.data) = (model, "glyphs")
        #expect(try wide.report().tensor("conv0", .feature)?.match == nil)

        let other = try Network(
            inputs: [Input("image", .map(channels: 1, height: 12, width: 12))],
            nodes: [Node("preprocess", Preprocess().layer, inputs: ["image"])])
        look.request.floatModel = FloatModel(network: other, weights: Safetensors())
        let unfit = try look.report()
        #expect(unfit.floatModelFailure == "the float model takes 1x12x12, the network 1x8x8")
        look.request.floatModel = nil
        #expect(unfit.parts == (try look.report()).parts)
    }

    @Test(
        "levels, ends and zeros of activations are those of a plain count",
        arguments: family, [(2, false), (4, true), (8, false), (8, true)])
    func features(family: ArithmeticFamily, grid: (bits: Int, isSigned: Bool)) throws {
        let look = try ProbeCase(
            try SmallNetwork.block(bits: grid.bits, signed: grid.isSigned), on: family)
        let report = try look.report()
        let program = try look.program()
        for layer in ["stem", "depthwise", "sum", "narrow", "mean"] {
            let found = try #require(report.tensor(layer, .feature)?.quantizer, "\(layer)")
            let values = try #require(program.values(of: layer))
            let count = Double(values.count)
            let (least, most) = (try #require(values.min()), try #require(values.max()))
            let clip = try #require(report.tensor(layer, .feature)?.observation.clip)
            let ends = (found.lower / clip, found.upper / clip)
            #expect(found.levelsUsed == Set(values).count && found.levels == 1 << grid.bits)
            #expect(Double(least) >= ends.0 - 1e-6 && Double(most) <= ends.1 + 1e-6)
            let saturated = values.count {
                abs(Double($0) - ends.1) < 1e-6 || found.lower < 0 && abs(Double($0) - ends.0) < 1e-6
            }
            #expect(found.valuesAtEnds == saturated)
            #expect(abs(found.zeroShare - Double(values.count { $0 == 0 }) / count) < 1e-12)
            #expect(found.hasExactZero == !(grid.isSigned && family == .npu))
            let steps = values.map { (Double($0) - ends.0) / (found.step / clip) }
            #expect(steps.allSatisfy { abs($0 - $0.rounded()) < 1e-3 })
        }
    }

    @Test("levels and ends of weights are those of the reference quantizer", arguments: family, [2, 4, 8])
    func weights(family: ArithmeticFamily, bits: Int) throws {
        let look = try ProbeCase(try SmallNetwork.block(bits: bits, signed: false), on: family)
        let report = try look.report()
        for layer in ["stem", "depthwise", "scores"] {
            let found = try #require(report.tensor(layer, .weight)?.quantizer)
            let weights = try #require(look.store["\(layer).weight"])
            let own: ArithmeticFamily = layer == "depthwise" ? .simd : family
            let rows = layer == "scores" ? 1 : 8
            let quantizer = ReferenceWeightQuantizer(bits: bits, factor: 3, on: own)
            let codes = quantizer.codes(weights, channels: rows)
            let values = quantizer.quantized(weights, channels: rows)
            #expect(found.levelsUsed == Set(codes).count && found.scales == rows)
            let ends = codes.count { $0 == 0 || $0 == quantizer.levels }
            #expect(found.valuesAtEnds == ends)
            let zeros = own == .simd ? codes.count { $0 == quantizer.half } : 0
            #expect(abs(found.zeroShare - Double(zeros) / Double(codes.count)) < 1e-12)
            let error =
                zip(weights, values).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
                / Double(weights.count)
            #expect(abs(found.meanSquaredError - error) <= 1e-5 * error)
            if rows == 1 {
                let most = Double(weights.map(abs).max() ?? 0)
                #expect(abs(found.lower + most) < 1e-6)
            }
            #expect(found.hasExactZero == (own == .simd))
        }
    }

    @Test("without trained weights they are those of the seed, and batch norm has the batch's statistics")
    func estimation() throws {
        var look = try ProbeCase(try SmallNetwork.images(), on: .npu)
        look.request.weights = nil
        let report = try look.report()
        #expect(
            report.weights
                == ProbedWeights(drawn: ["conv0", "conv1", "scores"], estimated: ["conv0", "conv1"]))
        #expect(report.weights.description == "initial weights, batch norm estimated on the batch")
        let store = ParameterStore(look.analysis)
        store.initialize(seed: look.request.seed)
        let weights = try #require(store["conv0.weight"])
        let seen = try #require(report.tensor("conv0", .weight)?.observation)
        #expect(seen.minimum == Double(try #require(weights.min())))
        #expect(seen.maximum == Double(try #require(weights.max())))
        for layer in ["conv0", "conv1"] {
            let feature = try #require(report.tensor(layer, .feature)?.observation)
            // Gamma is 1 and beta 0: over all channels the norm leaves mean 0 and deviation 1.
            #expect(abs(feature.mean) < 1e-3 && abs(feature.deviation - 1) < 1e-2)
        }
    }

    @Test("trained statistics make way for the batch's where that is asked for")
    func estimatingTrained() throws {
        var look = try ProbeCase(try SmallNetwork.images(), on: .npu)
        look.request.estimatesNormalization = true
        let report = try look.report()
        #expect(report.weights.estimated == ["conv0", "conv1"] && report.weights.drawn.isEmpty)
        let gamma = try #require(look.store["conv0.gamma"])
        let square = gamma.reduce(0) { $0 + Double($1 * $1) } / Double(gamma.count)
        let feature = try #require(report.tensor("conv0", .feature)?.observation)
        #expect(abs(feature.deviation - square.squareRoot()) < 1e-2)
    }

    @Test(
        "the accumulated error is that of the float network at the scale that agrees best", arguments: family)
    func accumulated(family: ArithmeticFamily) throws {
        let look = try ProbeCase(try SmallNetwork.images(bits: 4), on: family)
        let report = try look.report()
        var options = Program.Options(batch: look.request.batch)
        options.keepsValues = true
        let quantized = try Program(look.analysis, store: look.store, options: options)
        // In float an activation of none is nothing at all; here it stands for the quantizer's range.
        let plain = Analysis(look.request.network.inFloat(look.analysis.facts), on: family)
        options.isQuantized = false
        let float = try Program(plain, store: look.store, options: options)
        for program in [quantized, float] {
            try look.dataset().fill(
                program.inputs[0].values, samples: options.batch, InputNormalization(look.request.network))
            try program.forward(.frozenTraining)
        }
        for layer in ["conv0", "conv1", "scores"] {
            let expected = try #require(float.values(of: layer)).map(Double.init)
            let values = try #require(quantized.values(of: layer)).map(Double.init)
            let products = zip(expected, values).reduce(0) { $0 + $1.0 * $1.1 }
            let scale = products / values.reduce(0) { $0 + $1 * $1 }
            let noise = zip(expected, values).reduce(0) { $0 + ($1.0 - scale * $1.1) * ($1.0 - scale * $1.1) }
            let signal = expected.reduce(0) { $0 + $1 * $1 }
            let found = try #require(report.tensor(layer, .feature)?.accumulatedSQNR)
            #expect(abs(found - 10 * log10(signal / noise)) < 1e-3, "\(layer)")
        }
    }

    @Test("a network without quantizers loses nothing: no grids, no errors")
    func float() throws {
        var network = try SmallNetwork.images()
        for node in network.nodes where node.layer.settings.quantization != nil {
            network = try network.applying(.set(layer: node.name, field: "quantize", to: .flag(false)))
        }
        let report = try ProbeCase(network, on: .npu).report()
        #expect(report.parts.contains { $0.name == "conv0" && $0.feature != nil && $0.weight != nil })
        for part in report.parts {
            #expect(part.weight?.quantizer == nil && part.feature?.quantizer == nil)
            #expect(part.feature?.accumulatedSQNR == nil && part.feature?.observation.sqnr == nil)
        }
    }
}

extension ProbedQuantizer {
    /// The values on the highest level, and on the lowest where that is below zero.
    fileprivate var valuesAtEnds: Int {
        Int(counts.last ?? 0) + (isUnsigned ? 0 : Int(counts.first ?? 0))
    }
}
