import Graph
import TestTraits
import Testing

@Suite(.limited)
struct SignalAnalysisTests {
    private static let image = Input("image", .map(channels: 32, height: 8, width: 8))

    private static func conv(
        _ name: String, _ input: Source, _ change: (inout Conv2D) -> Void = { _ in }
    ) -> Node {
        var conv = Conv2D()
        conv.padding = 1
        (conv.quantizers.isEnabled, conv.quantizers.weightBits, conv.quantizers.outputBits) = (true, 8, 8)
        change(&conv)
        return Node(name, conv.layer, inputs: [input])
    }

    private static func signed(_ name: String, _ input: Source, bits: Int = 8) -> Node {
        conv(name, input) { ($0.activationFunction, $0.quantizers.outputBits) = (.linear, bits) }
    }

    private static func quantized<Settings: Quantized>(
        _ settings: Settings, _ change: (inout Settings) -> Void = { _ in }
    ) -> Layer {
        var settings = settings
        settings.quantizers.isEnabled = true
        change(&settings)
        return settings.layer
    }

    /// The facts of each layer by its name.
    private func facts(
        _ nodes: [Node], inputs: [Input] = [image], on family: ArithmeticFamily = .npu
    ) throws -> [String: SignalAnalysis.Facts] {
        let analysis = Analysis(try Network(inputs: inputs, nodes: nodes), on: family)
        return Dictionary(uniqueKeysWithValues: zip(nodes.map(\.name), analysis.facts.nodes))
    }

    private static let unsigned8 = Signal(bits: 8, isSigned: false)
    private static let signed8 = Signal(bits: 8, isSigned: true)

    // First, last, before an LSTM.

    @Test("the first layer that learns on each way from the data is first")
    func first() throws {
        let facts = try facts([
            Node("preprocess", Preprocess().layer, inputs: ["image"]),
            Node("pool", Maxpool2D().layer, inputs: ["preprocess"]),
            Self.conv("left", "pool"), Node("right", BatchNorm().layer, inputs: ["pool"]),
            Self.conv("next", "left"),
            Node("join", Route().layer, inputs: ["next", "right", "pool"]), Self.conv("last", "join"),
        ])
        #expect(facts.filter(\.value.isFirst).keys.sorted() == ["left", "right"])
    }

    @Test("a layer that nothing reads is last")
    func last() throws {
        let facts = try facts([
            Self.conv("stem", "image"), Self.conv("head", "stem"),
            Node("pool", Maxpool2D().layer, inputs: ["stem"]),
            Node("loop", Max().layer, inputs: ["loop", "stem"]),
        ])
        #expect(facts.filter(\.value.isLast).keys.sorted() == ["head", "pool"])
    }

    @Test("the layer that an LSTM reads is before it, through layers that only pass values on")
    func beforeLSTM() throws {
        var flatten = Flatten()
        flatten.shape = [-1, 64, 32]
        let facts = try facts([
            Self.conv("far", "image"), Self.conv("near", "far"),
            Node("pool", Maxpool2D().layer, inputs: ["near"]),
            Node("flatten", flatten.layer, inputs: ["pool"]), Node("lstm", LSTM().layer, inputs: ["flatten"]),
            Node("second", LSTM().layer, inputs: ["lstm"]),
            Node("end", FullConnected().layer, inputs: ["second"]),
        ])
        #expect(facts.filter(\.value.isBeforeLSTM).keys.sorted() == ["flatten", "lstm", "near", "pool"])
    }

    // Bits and signs.

    @Test(
        "the activation decides the sign of a quantized layer",
        arguments: [
            (Activation.none, false), (.relu, false), (.relu6, false), (.hsigmoid, false), (.linear, true),
            (.leakyReLU, true),
            (.prelu, true), (.hswish, true),
        ])
    func signs(activation: Activation, isSigned: Bool) throws {
        #expect(activation.isSigned == isSigned)
        let nodes = [
            Self.conv("conv", "image") { $0.activationFunction = activation },
            Node(
                "depthwise",
                Self.quantized(DepthwiseConv2D()) {
                    ($0.padding, $0.activationFunction, $0.quantizers.outputBits) = (1, activation, 4)
                }, inputs: ["conv"]),
            Node(
                "up",
                Self.quantized(ConvTranspose2D()) {
                    ($0.activationFunction, $0.quantizers.outputBits) = (activation, 2)
                },
                inputs: ["depthwise"]),
            Node("mean", AdaptiveAvgpool2D().layer.settingKeepDimensionsOff, inputs: ["up"]),
            Node(
                "dense",
                Self.quantized(FullConnected()) {
                    ($0.activationFunction, $0.quantizers.outputBits) = (activation, 8)
                }, inputs: ["mean"]),
            Node("end", FullConnected().layer, inputs: ["dense"]),
        ]
        let facts = try facts(nodes)
        #expect(facts["conv"]?.output == Signal(bits: 8, isSigned: isSigned))
        #expect(facts["depthwise"]?.output == Signal(bits: 4, isSigned: isSigned))
        #expect(facts["up"]?.output == Signal(bits: 2, isSigned: isSigned))
        #expect(facts["dense"]?.output == Signal(bits: 8, isSigned: isSigned))
        #expect(facts["depthwise"]?.inputs == [Signal(bits: 8, isSigned: isSigned)])
    }

    @Test(
        "data enters with 8 bits, signed where the mean is not 0",
        arguments: [(0.0, false), (128, true), (-0.5, true)])
    func preprocess(mean: Double, isSigned: Bool) throws {
        var preprocess = Preprocess()
        preprocess.mean = mean
        let facts = try facts([
            Node("preprocess", preprocess.layer, inputs: ["image"]), Self.conv("conv", "image"),
        ])
        #expect(facts["preprocess"]?.output == Signal(bits: 8, isSigned: isSigned))
        #expect(facts["conv"]?.inputs == [Self.unsigned8])
    }

    @Test("a float network has float signals and float weights")
    func float() throws {
        let facts = try facts([
            Node("conv", Conv2D().layer, inputs: ["image"]),
            Node("norm", BatchNorm().layer, inputs: ["conv"]),
            Node("add", Shortcut().layer, inputs: ["norm", "conv"]),
            Node("pool", Avgpool2D().layer, inputs: ["add"]),
            Node("end", Conv2D().layer, inputs: ["pool"]),
        ])
        for name in ["conv", "norm", "add", "pool", "end"] {
            #expect(facts[name]?.output == .float, "\(name)")
        }
        #expect(
            facts["conv"]?.weightBits == 32 && facts["norm"]?.weightBits == nil
                && facts["pool"]?.weightBits == nil)
    }

    @Test("weights have the stored bits while quantize is on", arguments: [2, 4, 8, 32])
    func weightBits(bits: Int) throws {
        let facts = try facts([Self.conv("conv", "image") { $0.quantizers.weightBits = bits }])
        #expect(facts["conv"]?.weightBits == bits)
        let off = try self.facts([
            Self.conv("conv", "image") { ($0.quantizers.weightBits, $0.quantizers.isEnabled) = (bits, false) }
        ])
        #expect(off["conv"]?.weightBits == 32 && off["conv"]?.output == .float)
    }

    @Test("a last layer is float unless it quantizes its last feature")
    func lastFeature() throws {
        let facts = try facts([
            Self.conv("float", "image"),
            Self.conv("quantized", "image") { $0.quantizers.quantizesLastFeature = true },
            Self.conv("middle", "image"), Self.conv("end", "middle"),
        ])
        #expect(facts["float"]?.output == .float && facts["quantized"]?.output == Self.unsigned8)
        #expect(facts["middle"]?.output == Self.unsigned8)
        #expect(facts["float"]?.weightBits == 8)
    }

    @Test("a layer with 32 output bits is float in mid-network too")
    func float32() throws {
        let facts = try facts([
            Self.conv("conv", "image") { $0.quantizers.outputBits = 32 }, Self.conv("end", "conv"),
        ])
        #expect(facts["conv"]?.output == .float && facts["end"]?.inputs == [.float])
    }

    @Test(
        "batch norm keeps its input's bits and sign, whatever its activation", arguments: Activation.allCases)
    func batchNorm(activation: Activation) throws {
        let norm = Self.quantized(BatchNorm()) { $0.activationFunction = activation }
        let facts = try facts([
            Self.conv("four", "image") { $0.quantizers.outputBits = 4 }, Self.signed("signed", "image"),
            Node("norm", norm, inputs: ["four"]), Node("normSigned", norm, inputs: ["signed"]),
            Node("end", Route().layer, inputs: ["norm", "normSigned"]),
        ])
        #expect(facts["norm"]?.output == Signal(bits: 4, isSigned: false))
        #expect(facts["normSigned"]?.output == Self.signed8)
    }

    @Test("a sum or product is signed if either is, and has the bits of the wider")
    func combined() throws {
        let facts = try facts([
            Self.conv("four", "image") { $0.quantizers.outputBits = 4 }, Self.signed("signed", "image"),
            Node("add", Self.quantized(Shortcut()), inputs: ["four", "signed"]),
            Node("mul", Self.quantized(Mul()), inputs: ["signed", "four"]),
            Node("plain", Self.quantized(Shortcut()), inputs: ["four", "four"]),
            Node("own", Self.quantized(Mul()) { $0.quantizers.outputBits = 10 }, inputs: ["four", "four"]),
            Node("end", Route().layer, inputs: ["add", "mul", "plain", "own"]),
            Node("lastAdd", Self.quantized(Shortcut()), inputs: ["four", "four"]),
        ])
        #expect(facts["add"]?.output == Self.signed8 && facts["mul"]?.output == Self.signed8)
        #expect(facts["plain"]?.output == Signal(bits: 4, isSigned: false))
        #expect(facts["own"]?.output == Signal(bits: 10, isSigned: false))
        #expect(facts["lastAdd"]?.output == .float)
    }

    @Test("means keep their input's bits and sign; a global mean at the end is float, a windowed one is not")
    func means() throws {
        let facts = try facts([
            Self.signed("signed", "image", bits: 4),
            Node("window", Self.quantized(Avgpool2D()), inputs: ["signed"]),
            Node("global", Self.quantized(AdaptiveAvgpool2D()), inputs: ["window"]),
            Self.conv("after", "global"),
            Node("lastWindow", Self.quantized(Avgpool2D()), inputs: ["signed"]),
            Node("lastGlobal", Self.quantized(AdaptiveAvgpool2D()), inputs: ["signed"]),
        ])
        let kept = Signal(bits: 4, isSigned: true)
        #expect(
            facts["window"]?.output == kept && facts["global"]?.output == kept
                && facts["lastWindow"]?.output == kept)
        #expect(facts["lastGlobal"]?.output == .float)
    }

    @Test("layers without a quantizer pass bits and sign on")
    func passing() throws {
        var flatten = Flatten()
        flatten.shape = [-1, 16 * 8 * 8]
        let facts = try facts([
            Self.signed("signed", "image", bits: 4), Node("pool", Maxpool2D().layer, inputs: ["signed"]),
            Node("unpool", Self.quantized(Unpool2D()), inputs: ["pool"]),
            Node("max", Max().layer, inputs: ["unpool", "unpool"]),
            Node("split", ChannelSplit().layer, inputs: ["max"]),
            Node("route", Route().layer, inputs: ["split", "split"]),
            Node("shuffle", PixelShuffle().layer, inputs: ["route"]),
            Node("flatten", flatten.layer, inputs: ["split"]),
        ])
        for name in ["pool", "unpool", "max", "split", "route", "shuffle", "flatten"] {
            #expect(facts[name]?.output == Signal(bits: 4, isSigned: true), "\(name)")
        }
    }

    @Test("an LSTM is signed, an Embedding unsigned, a gate takes the sign of its input")
    func others() throws {
        let facts = try facts(
            [
                Node(
                    "table", Self.quantized(Embedding()) { $0.quantizers.outputBits = 8 }, inputs: ["words"]),
                Node(
                    "lstm",
                    Self.quantized(LSTM()) { ($0.quantizers.weightBits, $0.quantizers.outputBits) = (4, 4) },
                    inputs: ["table"]),
                Self.signed("signed", "image"),
                Node(
                    "gate",
                    Self.quantized(SeBlock()) {
                        ($0.quantizers.weightBits, $0.quantizers.outputBits) = (8, 8)
                    }, inputs: ["signed"]),
                Node("end", Self.quantized(Mul()), inputs: ["gate", "signed"]),
            ], inputs: [Self.image, Input("words", .vector(6))])
        #expect(facts["table"]?.output == Self.unsigned8 && facts["table"]?.weightBits == nil)
        #expect(facts["lstm"]?.output == Signal(bits: 4, isSigned: true) && facts["lstm"]?.weightBits == 4)
        #expect(facts["gate"]?.output == Self.signed8 && facts["gate"]?.weightBits == 8)
    }

    @Test("order and shapes are the same on both families")
    func families() throws {
        let network = try Network(
            inputs: [Self.image], nodes: [Self.conv("conv", "image"), Self.conv("end", "conv")])
        let analysis = Analysis(network, on: .npu)
        #expect(analysis.on(.npu).facts.nodes == analysis.facts.nodes)
        #expect(analysis.on(.simd).facts.nodes == Analysis(network, on: .simd).facts.nodes)
        #expect(analysis.on(.simd).facts.family == .simd)
    }
}

extension Layer {
    /// A global mean that leaves a vector.
    fileprivate var settingKeepDimensionsOff: Layer {
        guard case .adaptiveAvgpool2D(var pool) = self else { return self }
        pool.keepDimensions = false
        return pool.layer
    }
}
