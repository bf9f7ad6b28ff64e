import Graph
import TestTraits
import Testing

@Suite(.limited)
struct AutoBitwidthTests {
    private static let automatic:
        [(Layer, isFirst: Bool, channels: Int, weight: Int, output: Int, limit: Int)] = [
            (kernel(1, 1, gives: 127), false, 128, 5, 5, 512),
            (kernel(1, 1, gives: 128), false, 129, 4, 4, 512),
            (kernel(2, 2, gives: 64), false, 32, 4, 5, 128), (kernel(2, 1, gives: 65), false, 32, 4, 4, 128),
            (kernel(3, 3, gives: 32), false, 16, 4, 5, 64), (kernel(1, 7, gives: 33), false, 16, 4, 4, 64),
            (kernel(3, 3, gives: 31), true, 3, 4, 5, 64), (kernel(3, 3, gives: 32), true, 3, 4, 4, 64),
            (kernel(1, 1, gives: 32), true, 3, 5, 4, 512),
            (auto(FullConnected()) { $0.outChannels = 127 }, false, 128, 5, 5, 512),
            (auto(FullConnected()) { $0.outChannels = 128 }, false, 129, 4, 4, 512),
            (auto(ConvTranspose2D()) { $0.outChannels = 127 }, false, 128, 5, 5, 512),
            (auto(DepthwiseConv2D()), false, 127, 8, 5, 512),
            (auto(DepthwiseConv2D()), false, 128, 8, 4, 512),
        ]

    private static func kernel(_ height: Int, _ width: Int, gives channels: Int) -> Layer {
        auto(Conv2D()) { ($0.kernelHeight, $0.kernelWidth, $0.outChannels) = (height, width, channels) }
    }

    /// A layer at 4 bits with the switch on.
    private static func auto<Settings: Quantized>(
        _ settings: Settings, _ change: (inout Settings) -> Void = { _ in }
    ) -> Layer {
        var settings = settings
        (settings.quantizers.isEnabled, settings.quantizers.autoBitwidth) = (true, true)
        (settings.quantizers.weightBits, settings.quantizers.outputBits) = (4, 4)
        change(&settings)
        return settings.layer
    }

    @Test("below 8 bits the SIMD family chooses by kernel and channels", arguments: automatic)
    func automaticBits(
        layer: Layer, isFirst: Bool, channels: Int, weight: Int, output: Int, limit: Int
    ) throws {
        let settings = layer.settings
        let bits = try #require(
            AutoBitwidth(settings, inputChannels: channels, isFirst: isFirst, on: .simd) as AutoBitwidth?)
        #expect(bits.weightBits == weight && bits.outputBits == output && bits.outputLimit == limit)
        #expect(AutoBitwidth(settings, inputChannels: channels, isFirst: isFirst, on: .npu) == nil)
    }

    @Test("the choice is not made at 8 bits, with quantize or the switch off, or for other operators")
    func noAutomaticBits() throws {
        let untouched = [
            Self.auto(Conv2D()) { ($0.quantizers.weightBits, $0.quantizers.outputBits) = (8, 8) },
            Self.auto(Conv2D()) { $0.quantizers.isEnabled = false },
            Self.auto(Conv2D()) { $0.quantizers.autoBitwidth = false }, Self.auto(LSTM()),
            Self.auto(BatchNorm()),
            Route().layer,
        ]
        for layer in untouched {
            let settings = layer.settings
            #expect(
                AutoBitwidth(settings, inputChannels: 16, isFirst: false, on: .simd) == nil, "\(layer.kind)")
        }
        let one = Self.auto(Conv2D()) { ($0.quantizers.weightBits, $0.quantizers.outputBits) = (8, 4) }
            .settings
        #expect(AutoBitwidth(one, inputChannels: 16, isFirst: false, on: .simd) != nil)
    }

    @Test("the chosen bits are facts on the SIMD family and the stored ones on the NPU family")
    func automaticFacts() throws {
        let network = try Network(
            inputs: [Input("image", .map(channels: 32, height: 8, width: 8))],
            nodes: [
                Node("first", Self.kernel(3, 3, gives: 16), inputs: ["image"]),
                Node("next", Self.auto(DepthwiseConv2D()), inputs: ["first"]),
                Node("last", Self.kernel(3, 3, gives: 8), inputs: ["next"]),
            ])
        let simd = Analysis(network, on: .simd).facts.nodes
        #expect(simd.map(\.output.bits) == [5, 5, 32] && simd.map(\.weightBits) == [4, 8, 4])
        #expect(simd.allSatisfy { $0.automatic != nil })
        let npu = Analysis(network, on: .npu).facts.nodes
        #expect(npu.map(\.output.bits) == [4, 4, 32] && npu.map(\.weightBits) == [4, 4, 4])
        #expect(npu.allSatisfy { $0.automatic == nil })
    }
}
