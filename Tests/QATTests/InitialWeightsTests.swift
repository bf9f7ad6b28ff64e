import Datasets
import Graph
import TestSupport
import TestTraits
import Testing
import Weights

@testable import QAT

/// What a run begins with, and that the proposed beginning learns.
@Suite("Initial weights and proposed settings", .limited(minutes: 10))
struct InitialWeightsTests {
    /// Two convolutions with pools and a matrix, as one builds them from nothing.
    private static func network(bits: Int, batchNorm: Bool) throws -> Network {
        var quantizers = Quantization(outputBits: bits, clip: bits >= 5 ? 6 : bits >= 3 ? 4 : 2)
        (quantizers.isEnabled, quantizers.weightBits) = (bits < Quantization.float, bits)
        var nodes: [Node] = []
        var source: Source = "image"
        for name in ["conv1", "conv2"] {
            var product = Conv2D()
            (product.outChannels, product.padding) = (16, 1)
            (product.batchNorm, product.bias) = (batchNorm, !batchNorm)
            if bits < Quantization.float { product.quantizers = quantizers }
            nodes.append(Node(name, product.layer, inputs: [source]))
            nodes.append(Node("pool-\(name)", Maxpool2D().layer, inputs: [Source(name)]))
            source = Source("pool-\(name)")
        }
        var flatten = Flatten()
        flatten.shape = [-1, 256]
        nodes.append(Node("flatten", flatten.layer, inputs: [source]))
        var scores = FullConnected()
        (scores.outChannels, scores.activationFunction) = (10, .none)
        if bits < Quantization.float {
            scores.quantizers = quantizers
            scores.quantizers.outputBits = nil
        }
        nodes.append(Node("scores", scores.layer, inputs: ["flatten"]))
        return try Network(inputs: [Input("image", .map(channels: 1, height: 16, width: 16))], nodes: nodes)
    }

    private static func data(_ network: Network) throws -> Dataset {
        try Dataset.open(try DataSpec("glyphs,validation=0.02"), shape: network.inputs[0].shape, seed: 1)
    }

    @Test(
        "a small network learns glyphs in one epoch with what is proposed, float or quantized, with batch norm and without",
        arguments: [
            (ArithmeticFamily.npu, 32, false), (.npu, 8, false), (.npu, 4, false), (.npu, 4, true),
            (.simd, 4, false), (.simd, 8, true),
        ])
    func learns(family: ArithmeticFamily, bits: Int, batchNorm: Bool) throws {
        let network = try Self.network(bits: bits, batchNorm: batchNorm)
        var plan = TrainingPlan(stages: [.proposed(bits: nil, epochs: 1)], data: "glyphs")
        plan.initialWeights = .fitted
        let trainer = try Trainer(network, on: family, plan: plan, data: try Self.data(network)) { $0.digest }
        var tale = TrainingTale()
        try tale.run(trainer)
        // A network that learns nothing stays at 2.30 and a tenth.
        let result = try #require(tale.evaluations.last?.result)
        #expect(result.loss < 2.25 && result.accuracy ?? 0 > 0.15, "\(result.loss)")
    }

    @Test("fitted weights fill the range of each inner layer, and leave the results alone")
    func deviation() throws {
        let network = try Self.network(bits: 4, batchNorm: false)
        let data = try Self.data(network)
        let analysis = Analysis(network, on: .npu)
        let (drawn, fitted) = (ParameterStore(analysis), ParameterStore(analysis))
        drawn.initialize(seed: 1)
        fitted.initialize(seed: 1)
        try fitted.fit(analysis, isQuantized: true, padsBothSides: false, to: data)
        #expect(fitted["scores.weight"] == drawn["scores.weight"])
        #expect(fitted["conv2.weight"] != drawn["conv2.weight"])
        let observer = try Observer(
            analysis, store: fitted, isQuantized: true, padsBothSides: false, data: data)
        let seen = try observer.observe().filter { $0.kind == .feature && $0.layer.hasPrefix("conv") }
        #expect(seen.count == 2)
        for layer in seen {
            // The activation takes the negative half away.
            #expect(layer.deviation > 0.5 && layer.deviation < 2, "\(layer.layer) \(layer.deviation)")
        }
    }

    @Test("networks with batch norm everywhere begin with the same weights either way")
    func same() throws {
        let network = try Self.network(bits: 8, batchNorm: true)
        let analysis = Analysis(network, on: .npu)
        let (drawn, fitted) = (ParameterStore(analysis), ParameterStore(analysis))
        for store in [drawn, fitted] { store.initialize(seed: 5) }
        try fitted.fit(analysis, isQuantized: true, padsBothSides: false, to: try Self.data(network))
        for entry in drawn.layout.parameters { #expect(drawn[entry.name] == fitted[entry.name]) }
    }

    @Test("channels that are zero for every sample are counted, and batch norm that lags is measured")
    func health() throws {
        let network = try Self.network(bits: 8, batchNorm: true)
        let data = try Self.data(network)
        let analysis = Analysis(network, on: .npu)
        let store = ParameterStore(analysis)
        store.initialize(seed: 1)
        func seen() throws -> TensorObservation? {
            let observer = try Observer(
                analysis, store: store, isQuantized: true, padsBothSides: false, data: data)
            return try observer.observe().first { $0.kind == .feature && $0.layer == "conv1" }
        }
        // Running statistics of a network that was never trained are far from any batch's.
        let first = try #require(try seen())
        #expect(try #require(first.statisticsGap) > 1)
        // A shift far above zero leaves every channel something, one far below nothing.
        for (dead, share) in [(0, 0.0), (4, 0.25), (16, 1)] {
            try store.set("conv1.beta", to: (0..<16).map { $0 < dead ? -100 : 3 })
            #expect(try #require(try seen()).deadChannels == share)
        }
    }
}

@Suite("Range test of learning rates", .limited)
struct RateRangeTestTests {
    private func test(_ loss: (Double) -> Double) -> RateRangeTest {
        let bounds = RateRangeTest.Bounds()
        return RateRangeTest(
            points: (0..<bounds.steps).map { step in
                let rate = bounds.rate(of: step)
                return .init(rate: rate, loss: loss(rate))
            })
    }

    @Test("rates grow by one factor from the first to the last")
    func rates() {
        let bounds = RateRangeTest.Bounds()
        #expect(bounds.rate(of: 0) == 1e-6 && abs(bounds.rate(of: 99) - 1) < 1e-12)
        let factors = (0..<99).map { bounds.rate(of: $0 + 1) / bounds.rate(of: $0) }
        #expect(factors.allSatisfy { abs($0 - factors[0]) < 1e-9 })
    }

    @Test(
        "the proposal is where the loss falls most for the logarithm of the rate",
        arguments: [1e-4, 1e-3, 1e-2])
    func steepest(rate: Double) throws {
        // A step of the logistic function about the rate, then a breakdown.
        let found = test { 2.3 - 1.5 / (1 + rate / $0) + ($0 > 0.5 ? 10 * $0 : 0) }
        let proposal = try #require(found.proposal)
        #expect(proposal > rate / 2 && proposal < rate * 2, "\(proposal)")
        #expect(found.sentence == "the loss falls most steeply at a rate of \(proposal)")
    }

    @Test("a loss that falls nowhere has no proposal")
    func flat() {
        #expect(test { _ in 2.3 }.proposal == nil)
        #expect(test { 2.3 + $0 }.proposal == nil)
        #expect(RateRangeTest().sentence == "no step was made")
    }

    @Test(
        "rates have two digits", arguments: [(0.012345, 0.012), (1.0, 1), (0.0000999, 0.0001), (34.56, 35)])
    func digits(rate: Double, expected: Double) { #expect(twoDigits(rate) == expected) }

    @Test("a network tells a rate that trains it, and the trainer of another run is untouched")
    func network() throws {
        let run = try TrainingCase([.adam()], data: "glyphs")
        let trainer = try run.trainer()
        let before = trainer.start.encoded()
        let tester = try run.trainer()
        var heard: [RateRangeTest.Point] = []
        let found = try tester.testRates(.init(), isCancelled: { false }) { step, point in
            heard.append(point)
            #expect(step == heard.count)
        }
        #expect(heard == found.points)
        let proposal = try #require(found.proposal)
        #expect(proposal > 1e-5 && proposal < 0.3)
        #expect(trainer.start.encoded() == before)
        let stopped = try run.trainer().testRates(.init(), isCancelled: { true }) { _, _ in }
        #expect(stopped.points.isEmpty)
    }
}
