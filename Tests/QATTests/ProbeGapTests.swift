import Graph
import TestSupport
import TestTraits
import Testing

@testable import QAT

/// Networks that cannot be computed, or not whole: every one has an answer.
@Suite("Probe of unfinished networks", .limited)
struct ProbeGapTests {
    private func report(
        _ network: Network, on family: ArithmeticFamily = .npu,
        _ change: (inout ProbeRequest) -> Void = { _ in }
    ) throws -> ProbeReport {
        var request = ProbeRequest(network, on: family)
        request.batch = 4
        change(&request)
        return try #require(Probe().report(request))
    }

    private func convolution(_ name: String, _ source: String, channels: Int = 4, padding: Int = 1) -> Node {
        var product = Conv2D()
        (product.outChannels, product.padding, product.batchNorm) = (channels, padding, true)
        return Node(name, product.layer, inputs: [Source(source)])
    }

    private let image = Input("image", .map(channels: 3, height: 8, width: 8))

    @Test("nothing is said about a network without layers, or without inputs, but that")
    func empty() throws {
        #expect(try report(Network()).failure == .empty)
        #expect(try report(Network(inputs: [image], nodes: [])).failure == .empty)
        let alone = try Network(inputs: [], nodes: [Node("conv", Conv2D().layer)])
        let found = try report(alone)
        #expect(found.failure == .noInputs && found.parts.isEmpty)
        #expect(found.reason(for: "conv") == .shape(.inputCount(expected: 1...1, found: 0)))
    }

    @Test("layers on a cycle and behind it are left out, those in front of it are seen")
    func cycle() throws {
        let network = try Network(
            inputs: [image],
            nodes: [
                convolution("stem", "image"), convolution("side", "stem"),
                Node("sum", Shortcut().layer, inputs: ["stem"]),
            ]
        ).applying(.rewire(layer: "sum", inputs: ["stem", "sum"]))
            .applying(.insert(Node("after", Max().layer, inputs: ["sum", "side"]), at: 3))
        let found = try report(network)
        #expect(found.reason(for: "sum") == .cycle && found.reason(for: "after") == .waits(on: "sum"))
        #expect(found.gaps.count == 2 && found.failure == nil)
        #expect(found.firstFault.map { "\($0)" } == "layer 'sum' lies on a cycle")
        #expect(found.parts(of: "stem").first?.feature != nil && found.parts(of: "side").count == 1)
    }

    @Test("a wrong shape in the middle leaves the layers in front of it and beside it")
    func shape() throws {
        var flatten = Flatten()
        flatten.shape = [-1, 7]
        let network = try Network(
            inputs: [image],
            nodes: [
                convolution("stem", "image"), Node("flat", flatten.layer, inputs: ["stem"]),
                Node("scores", FullConnected().layer, inputs: ["flat"]), convolution("side", "stem"),
            ])
        let found = try report(network)
        #expect(found.parts.map(\.name) == ["stem", "side"])
        #expect(
            found.gaps.map { "\($0)" } == [
                "layer 'flat' the list [-1, 7] does not cover 256 elements",
                "layer 'scores' waits for 'flat', which is not computed",
            ])
        #expect(found.gaps.map(\.reason.isConsequence) == [false, true])
    }

    @Test("a layer in front of a broken one keeps the quantizer of a layer that is not the last")
    func place() throws {
        let whole = try SmallNetwork.images()
        let broken = try whole.applying(.set(layer: "flatten", field: "shape", to: .integers([-1, 7])))
        let (all, part) = (try report(whole), try report(broken))
        #expect(part.tensor("conv1", .feature)?.quantizer != nil)
        #expect(part.tensor("conv1", .feature) == all.tensor("conv1", .feature))
    }

    @Test("what the engine refuses is left out with its reason")
    func refused() throws {
        var wide = Conv2D()
        (wide.kernelHeight, wide.kernelWidth, wide.padding) = (5, 5, 1)
        let network = try Network(
            inputs: [image],
            nodes: [
                convolution("stem", "image"), Node("wide", wide.layer, inputs: ["stem"]),
                convolution("after", "wide"),
            ])
        let found = try report(network) { $0.padsBothSides = true }
        #expect(found.parts.map(\.name) == ["stem"] && found.reason(for: "after") == .waits(on: "wide"))
        guard case .engine(.unsupported(layer: "wide", _)) = found.reason(for: "wide") else {
            Issue.record("\(String(describing: found.reason(for: "wide")))")
            return
        }
    }

    @Test("every input is fed: data to the first that it fits, indices to tables, even numbers to others")
    func inputs() throws {
        let network = try Network(
            inputs: [
                Input("words", .vector(6)), Input("vector", .vector(5)), image,
                Input("second", .map(channels: 3, height: 8, width: 8)), Input("loose", .vector(3)),
            ],
            nodes: [
                Node("table", Embedding().layer, inputs: ["words"]),
                Node("scores", FullConnected().layer, inputs: ["vector"]),
                Node("sum", Max().layer, inputs: ["image", "second"]),
            ])
        let found = try report(network)
        #expect(found.gaps.isEmpty && found.failure == nil)
        #expect(
            found.feeds.map(\.content) == [
                .tokens(below: 256), .uniform, .data("glyphs"), .uniform, .unread,
            ])
        #expect(found.tensor("table", .weight) != nil && found.tensor("table", .feature) != nil)
        #expect(found.tensor("scores", .feature) != nil && found.tensor("sum", .feature) != nil)
    }

    @Test("data that a person named and that is not there is the answer")
    func data() throws {
        let network = try SmallNetwork.images()
        for text in ["glyfs", "npz:no-such-file.npz", "tones,channels=3"] {
            let found = try report(network) { $0.data = text }
            guard case .data(let reason) = found.failure else {
                Issue.record("\(text): \(String(describing: found.failure))")
                continue
            }
            #expect(!reason.isEmpty && found.parts.isEmpty)
        }
    }

    @Test("a loader that would divide by nothing is the fault of its layer")
    func variance() throws {
        let network = try SmallNetwork.images().applying(
            .set(layer: "preprocess", field: "variance", to: .number(0)))
        let found = try report(network)
        #expect(found.firstFault?.reason == .variance(0) && found.gaps.count == network.nodes.count)
        #expect(found.failure == nil && found.parts.isEmpty)
    }

    @Test("two layers with a tensor of one name: the later one is left out, and no program runs them")
    func names() throws {
        let sequence = Input("steps", .sequence(length: 4, features: 8))
        let network = try Network(
            inputs: [sequence],
            nodes: [
                Node("a", LSTM().layer, inputs: ["steps"]),
                Node("a.forward", FullConnected().layer, inputs: ["steps"]),
            ])
        let found = try report(network)
        #expect(found.reason(for: "a.forward") == .nameTaken(tensor: "a.forward.weight"))
        #expect(found.tensor("a.forward", .weight) != nil && found.tensor("a", .feature) != nil)
        let analysis = Analysis(network, on: .npu)
        #expect(
            throws: EngineError.parameters("two layers have a tensor 'a.forward.weight'; rename one of them")
        ) {
            try Program(analysis, store: ParameterStore(analysis), options: .init(batch: 1))
        }
    }

    @Test("what does not fit the memory is left out, after the batch was made smaller")
    func memory() throws {
        var huge = FullConnected()
        huge.outChannels = 65536
        var flatten = Flatten()
        flatten.shape = [-1, 192]
        let network = try Network(
            inputs: [image],
            nodes: [
                convolution("stem", "image"), Node("flat", flatten.layer, inputs: ["image"]),
                Node("huge", huge.layer, inputs: ["flat"]), Node("more", huge.layer, inputs: ["huge"]),
            ])
        let found = try report(network) { $0.memoryLimit = 8 << 20 }
        #expect(found.gaps.map(\.layer) == ["huge", "more"] && found.parts.map(\.layer) == ["stem", "flat"])
        guard case .memory(let bytes, limit: 8 << 20) = found.reason(for: "more") else {
            Issue.record("\(String(describing: found.reason(for: "more")))")
            return
        }
        // 65536 x 65536 weights of five floats each, and little else.
        #expect((80 << 30...82 << 30).contains(bytes))
        let small = try report(try SmallNetwork.images()) {
            ($0.batch, $0.memoryLimit) = (1000, 1 << 20)
        }
        #expect(small.gaps.isEmpty && (1..<1000).contains(small.samples))
        let input = try report(network) { $0.memoryLimit = 1000 }
        #expect(input.failure == .input("image", bytes: 1536, limit: 1000))
    }

    @Test("trained weights that are not finite are not taken over; numbers that become so name their layer")
    func notFinite() throws {
        let look = try ProbeCase(try SmallNetwork.images(), on: .npu)
        var weights = try #require(look.store["conv1.weight"])
        weights[0] = .nan
        try look.store.set("conv1.weight", to: weights)
        var file = Checkpoint.weights(look.store, digest: "")
        #expect(try report(look.request.network) { $0.weights = file }.weights.drawn == ["conv1"])
        weights = weights.map { _ in 3e38 }
        weights[1] = -3e38
        try look.store.set("conv1.weight", to: weights)
        file = Checkpoint.weights(look.store, digest: "")
        let found = try report(look.request.network) { $0.weights = file }
        #expect(found.tensor("conv0", .feature) != nil)
        #expect(found.firstFault?.layer == "conv1")
    }

    @Test("every operator on its own is seen, in both kinds of arithmetic", arguments: OperatorSample.all)
    func operators(sample: OperatorSample) throws {
        for family in ArithmeticFamily.allCases {
            let found = try report(try sample.network(), on: family)
            #expect(found.gaps.isEmpty && found.failure == nil)
            let layer = try #require(try sample.network().nodes.first)
            let isName = layer.kind == .flatten && found.parts.isEmpty
            #expect(isName || found.parts(of: "layer").contains { $0.feature != nil })
        }
    }
}
