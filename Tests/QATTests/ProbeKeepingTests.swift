import Graph
import TestSupport
import TestTraits
import Testing

@testable import QAT

/// What a probe keeps from one request to the next.
@Suite("Probe, request after request", .limited)
struct ProbeKeepingTests {
    @Test("layers whose shapes an edit leaves alone keep their trained weights")
    func kept() throws {
        var look = try ProbeCase(try SmallNetwork.images(), on: .npu)
        let probe = Probe()
        let before = try #require(probe.report(look.request))
        #expect(before.weights.kept == ["conv0", "conv1", "scores"])
        look.request.network = try look.request.network.applying(
            .set(layer: "conv0", field: "outChannels", to: .integer(6)))
        let after = try #require(probe.report(look.request))
        #expect(after.weights.kept == ["scores"] && after.weights.drawn == ["conv0", "conv1"])
        #expect(after.weights.estimated == ["conv0", "conv1"])
        #expect(after.weights.description == "1 of 3 layers keep their trained weights")
        #expect(after.tensor("scores", .weight) == before.tensor("scores", .weight))
        #expect(after.tensor("conv0", .weight) != before.tensor("conv0", .weight))
    }

    @Test("an answer after edits is the one that a new probe gives", arguments: [true, false])
    func fresh(isTrained: Bool) throws {
        var look = try ProbeCase(try SmallNetwork.block(bits: 8, signed: false), on: .simd)
        if !isTrained { look.request.weights = nil }
        let probe = Probe()
        _ = probe.report(look.request)
        let edits: [Edit] = [
            .set(layer: "left", field: "weightBits", to: .integer(4)),
            .set(layer: "left", field: "clip", to: .number(2)),
            .set(layer: "narrow", field: "weightFactor", to: .number(1)),
            .set(layer: "narrow", field: "outChannels", to: .integer(7)),
            .set(layer: "stem", field: "activation", to: .choice("ReLU6")),
            .set(layer: "left", field: "weightBits", to: .integer(8)),
        ]
        for edit in edits {
            look.request.network = try look.request.network.applying(edit)
            look.request.revision += 1
            var kept = try #require(probe.report(look.request))
            var new = try look.report()
            #expect(kept.revision == look.request.revision && kept.milliseconds > 0)
            (kept.milliseconds, new.milliseconds) = (0, 0)
            #expect(kept == new, "\(look.request.network.title(of: edit))")
        }
    }

    @Test("a change of bits changes the grid alone, not the weights behind it")
    func bits() throws {
        var look = try ProbeCase(try SmallNetwork.images(bits: 8), on: .npu)
        look.request.weights = nil
        let probe = Probe()
        let before = try #require(probe.report(look.request)?.tensor("conv1", .weight))
        look.request.network = try look.request.network.applying(
            .set(layer: "conv1", field: "weightBits", to: .integer(2)))
        let after = try #require(probe.report(look.request)?.tensor("conv1", .weight))
        #expect(after.observation.histogram == before.observation.histogram)
        #expect(after.quantizer?.levels == 4 && before.quantizer?.levels == 256)
        #expect(try #require(after.observation.sqnr) < (try #require(before.observation.sqnr)))
    }

    @Test("a look that is cancelled gives nothing, and the next one is whole")
    func cancelled() throws {
        let look = try ProbeCase(try SmallNetwork.images(), on: .npu)
        let probe = Probe()
        var asked = 0
        for moment in 1...3 {
            asked = 0
            #expect(
                probe.report(look.request) {
                    asked += 1
                    return asked == moment
                } == nil)
            #expect(asked == moment)
        }
        var whole = try #require(probe.report(look.request))
        var new = try look.report()
        (whole.milliseconds, new.milliseconds) = (0, 0)
        #expect(whole == new)
    }

    @Test("batch norm that is estimated has the mean and the population variance of what reaches it")
    func statistics() throws {
        var first = BatchNorm()
        first.activationFunction = .relu
        let network = try Network(
            inputs: [Input("in", .map(channels: 2, height: 3, width: 3))],
            nodes: [
                Node("first", first.layer, inputs: ["in"]),
                Node("second", BatchNorm().layer, inputs: ["first"]),
            ])
        let analysis = Analysis(network, on: .npu)
        let store = ParameterStore(analysis)
        var options = Program.Options(batch: 4)
        options.keepsValues = true
        let program = try Program(analysis, store: store, options: options)
        var random = SplitMix64(seed: 3)
        for index in program.inputs[0].values.indices {
            program.inputs[0].values[index] = 5 * random.nextUniform() - 1
        }
        try program.forward(.estimation)
        let inputs = Program.channelsFirst(
            try #require(program.inputs[0].values.baseAddress), network.inputs[0].shape, batch: 4)
        for (layer, values) in [("first", inputs), ("second", try #require(program.values(of: "first")))] {
            let means = try #require(store[layer + ".runningMean"]).map(Double.init)
            let variances = try #require(store[layer + ".runningVariance"]).map(Double.init)
            for channel in 0..<2 {
                let own = values.enumerated().filter { $0.offset / 9 % 2 == channel }
                    .map { Double($0.element) }
                let mean = own.reduce(0, +) / 36
                let variance = own.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 36
                #expect(own.count == 36)
                #expect(abs(means[channel] - mean) < 1e-6)
                #expect(abs(variances[channel] - variance) < 1e-5)
            }
        }
        // The batch then looks the same whether it is normalized by itself or by what was found.
        let estimated = try #require(program.values(of: "second"))
        try program.forward(.evaluation)
        let evaluated = try #require(program.values(of: "second"))
        for (one, other) in zip(estimated, evaluated) { #expect(abs(one - other) < 1e-5) }
    }
}
