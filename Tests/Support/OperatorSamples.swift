public import Graph

/// A layer with settings that are not the defaults, and inputs that it takes: what every parameterized test runs
/// over.
public struct OperatorSample: Sendable, CustomStringConvertible {
    /// The layer.
    public let layer: Layer
    /// The shapes of its inputs.
    public let inputs: [Shape]
    /// The shapes of its outputs, worked out by hand.
    public let outputs: [Shape]
    /// What sets it apart from other samples of the operator.
    public let description: String

    init(_ settings: some Operator, _ inputs: [Shape], gives outputs: [Shape], _ variant: String = "") {
        layer = settings.layer
        self.inputs = inputs
        self.outputs = outputs
        description = layer.kind.rawValue + (variant.isEmpty ? "" : ", \(variant)")
    }

    /// The samples of every operator.
    public static let all: [OperatorSample] = OperatorKind.allCases.flatMap(samples(of:))

    /// The samples of one operator. An operator without a sample does not compile.
    public static func samples(of kind: OperatorKind) -> [OperatorSample] {
        switch kind {
        case .preprocess: preprocess
        case .conv2D: conv2D
        case .convTranspose2D: convTranspose2D
        case .depthwiseConv2D: depthwiseConv2D
        case .fullConnected: fullConnected
        case .batchNorm: batchNorm
        case .flatten: flatten
        case .route: route
        case .shortcut: shortcut
        case .maxpool2D: maxpool2D
        case .avgpool2D: avgpool2D
        case .adaptiveAvgpool2D: adaptiveAvgpool2D
        case .unpool2D: unpool2D
        case .seBlock: seBlock
        case .mul: mul
        case .channelSplit: channelSplit
        case .pixelShuffle: pixelShuffle
        case .lstm: lstm
        case .embedding: embedding
        case .max: max
        }
    }

    /// The layer in a network of its own, reading one input for each of its wires.
    public func network() throws(EditError) -> Network {
        let inputs = inputs.enumerated().map { Input("in\($0)", $1) }
        return try Network(
            inputs: inputs, nodes: [Node("layer", layer, inputs: inputs.map { Source($0.name) })])
    }

    private static func map(_ channels: Int, _ height: Int, _ width: Int) -> Shape {
        .map(channels: channels, height: height, width: width)
    }

    /// Settings changed from the defaults.
    private static func with<Settings: Operator>(_ change: (inout Settings) -> Void) -> Settings {
        var settings = Settings()
        change(&settings)
        return settings
    }

    /// Every quantizer setting that the operator has, away from its default.
    private static func quantized<Settings: Quantized>(_ settings: inout Settings) {
        for field in Settings.fields {
            switch field.name {
            case "quantize": settings.quantizers.isEnabled.toggle()
            case "quantizeLastFeature": settings.quantizers.quantizesLastFeature.toggle()
            case "weightBits": settings.quantizers.weightBits = 4
            case "outputBits": settings.quantizers.outputBits = 4
            case "clip": settings.quantizers.clip = 4.5
            case "weightFactor": settings.quantizers.weightFactor = 2.5
            case "autoBitwidth": settings.quantizers.autoBitwidth.toggle()
            case "autoThreshold": settings.quantizers.autoThreshold.toggle()
            default: break
            }
        }
    }
}

extension OperatorSample {
    private static let preprocess = [
        OperatorSample(
            with { (settings: inout Preprocess) in (settings.mean, settings.variance) = (127.5, -0.25) },
            [map(3, 32, 24)], gives: [map(3, 32, 24)])
    ]

    private static let conv2D = [
        OperatorSample(
            with { (settings: inout Conv2D) in
                (settings.outChannels, settings.stride, settings.padding) = (48, 2, 1)
                (settings.kernelHeight, settings.kernelWidth) = (5, 1)
                (settings.batchNorm, settings.bias, settings.groups) = (true, false, 4)
                settings.activationFunction = .prelu
                quantized(&settings)
            }, [map(16, 17, 10)], gives: [map(48, 9, 5)], "strided and grouped"),
        OperatorSample(
            with { (settings: inout Conv2D) in
                (settings.outChannels, settings.dilation, settings.padding) = (8, 2, 3)
            }, [map(4, 12, 9)], gives: [map(8, 14, 11)], "dilated"),
        OperatorSample(
            with { (settings: inout Conv2D) in (settings.outChannels, settings.focus) = (32, true) },
            [map(3, 32, 16)], gives: [map(32, 14, 6)], "with Focus"),
    ]

    private static let convTranspose2D = [
        OperatorSample(
            with { (settings: inout ConvTranspose2D) in
                (settings.outChannels, settings.batchNorm, settings.bias) = (24, true, false)
                settings.activationFunction = .hsigmoid
                quantized(&settings)
            }, [map(16, 5, 7)], gives: [map(24, 10, 14)])
    ]

    private static let depthwiseConv2D = [
        OperatorSample(
            with { (settings: inout DepthwiseConv2D) in
                (settings.stride, settings.kernelHeight, settings.kernelWidth) = (3, 2, 4)
                (settings.batchNorm, settings.bias, settings.padding) = (true, false, 2)
                settings.activationFunction = .leakyReLU
                quantized(&settings)
            }, [map(16, 10, 11)], gives: [map(16, 4, 4)])
    ]

    private static let fullConnected = [
        OperatorSample(
            with { (settings: inout FullConnected) in
                (settings.outChannels, settings.batchNorm, settings.bias) = (100, true, false)
                settings.activationFunction = .linear
                quantized(&settings)
            }, [.vector(256)], gives: [.vector(100)]),
        OperatorSample(
            with { (settings: inout FullConnected) in settings.outChannels = 12 },
            [.sequence(length: 7, features: 64)], gives: [.sequence(length: 7, features: 12)], "on a sequence"
        ),
    ]

    private static let batchNorm = [
        OperatorSample(
            with { (settings: inout BatchNorm) in
                settings.activationFunction = .hswish
                quantized(&settings)
            }, [map(32, 4, 4)], gives: [map(32, 4, 4)])
    ]

    private static let flatten = [
        OperatorSample(
            with { (settings: inout Flatten) in settings.shape = [-1, 320] }, [map(32, 5, 2)],
            gives: [.vector(320)]),
        OperatorSample(
            with { (settings: inout Flatten) in settings.shape = [1, 4, -1] }, [map(32, 5, 2)],
            gives: [.sequence(length: 4, features: 80)], "with a free axis"),
        OperatorSample(
            with { (settings: inout Flatten) in settings.shape = [-1, 8, 5, 2] }, [.vector(80)],
            gives: [map(8, 5, 2)],
            "to a map"),
    ]

    private static let route = [
        OperatorSample(Route(), [map(16, 4, 6), map(32, 4, 6), map(1, 4, 6)], gives: [map(49, 4, 6)])
    ]

    private static let shortcut = [
        OperatorSample(
            with { (settings: inout Shortcut) in
                settings.activationFunction = .none
                quantized(&settings)
            }, [map(16, 4, 6), map(16, 4, 6)], gives: [map(16, 4, 6)])
    ]

    private static let maxpool2D = [
        OperatorSample(
            with { (settings: inout Maxpool2D) in
                settings.window = Window(height: 3, width: 5, stride: 1, padding: 1)
            }, [map(16, 9, 8)], gives: [map(16, 9, 8)])
    ]

    private static let avgpool2D = [
        OperatorSample(
            with { (settings: inout Avgpool2D) in
                settings.window = Window(height: 4, width: 3, stride: 3, padding: 2)
                quantized(&settings)
            }, [map(16, 9, 8)], gives: [map(16, 3, 3)])
    ]

    private static let adaptiveAvgpool2D = [
        OperatorSample(
            with { (settings: inout AdaptiveAvgpool2D) in
                settings.keepDimensions = false
                quantized(&settings)
            }, [map(16, 9, 8)], gives: [.vector(16)]),
        OperatorSample(AdaptiveAvgpool2D(), [map(16, 9, 8)], gives: [map(16, 1, 1)], "that keeps its axes"),
    ]

    private static let unpool2D = [
        OperatorSample(
            with { (settings: inout Unpool2D) in
                (settings.kernelHeight, settings.kernelWidth, settings.mode) = (3, 4, .bilinear)
                quantized(&settings)
            }, [map(16, 9, 8)], gives: [map(16, 27, 32)])
    ]

    private static let seBlock = [
        OperatorSample(
            with { (settings: inout SeBlock) in
                (settings.rate, settings.bias, settings.batchNorm) = (4, false, true)
                quantized(&settings)
            }, [map(64, 9, 8)], gives: [map(64, 9, 8)])
    ]

    private static let mul = [
        OperatorSample(
            with { (settings: inout Mul) in quantized(&settings) },
            [map(16, 4, 6), map(16, 4, 6)], gives: [map(16, 4, 6)]),
        OperatorSample(Mul(), [map(16, 1, 1), map(16, 4, 6)], gives: [map(16, 4, 6)], "by a gate in front"),
        OperatorSample(Mul(), [map(16, 4, 6), map(16, 1, 1)], gives: [map(16, 4, 6)], "by a gate behind"),
    ]

    private static let channelSplit = [
        OperatorSample(
            with { (settings: inout ChannelSplit) in settings.split = [8, 16, 24] }, [map(48, 4, 6)],
            gives: [map(8, 4, 6), map(16, 4, 6), map(24, 4, 6)])
    ]

    private static let pixelShuffle = [
        OperatorSample(
            with { (settings: inout PixelShuffle) in settings.factor = 3 }, [map(18, 4, 6)],
            gives: [map(2, 12, 18)])
    ]

    private static let lstm = [
        OperatorSample(
            with { (settings: inout LSTM) in
                (settings.hiddenSize, settings.bias, settings.bidirectional) = (48, false, true)
                (settings.returnsStates, settings.useSqueeze) = (true, true)
                quantized(&settings)
            }, [map(32, 1, 10)],
            gives: [.sequence(length: 10, features: 96), .vector(96), .vector(96)],
            "squeezed, in two directions"),
        OperatorSample(
            with { (settings: inout LSTM) in settings.hiddenSize = 20 }, [.sequence(length: 5, features: 7)],
            gives: [.sequence(length: 5, features: 20)], "on a sequence"),
    ]

    private static let embedding = [
        OperatorSample(
            with { (settings: inout Embedding) in
                (settings.vocabularySize, settings.embeddingSize, settings.paddingIndex) = (1000, 24, 3)
                quantized(&settings)
            }, [.vector(12)], gives: [.sequence(length: 12, features: 24)]),
        OperatorSample(
            with { (settings: inout Embedding) in settings.embeddingSize = 8 }, [.vector(12), .vector(12)],
            gives: [.sequence(length: 12, features: 16)], "of two inputs"),
    ]

    private static let max = [
        OperatorSample(
            Max(), [.sequence(length: 5, features: 7), .sequence(length: 5, features: 7)],
            gives: [.sequence(length: 5, features: 7)])
    ]
}
