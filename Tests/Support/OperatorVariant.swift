public import Graph

/// Bits of weights and of results.
public struct Widths: Hashable, Sendable, CustomStringConvertible {
    /// Bits of a weight.
    public var weights: Int
    /// Bits of a result.
    public var features: Int

    /// Bits of weights and of results.
    public init(_ weights: Int, _ features: Int) { (self.weights, self.features) = (weights, features) }

    /// Both numbers.
    public var description: String { "\(weights)/\(features) bits" }
}

/// An operator with an activation, where it has one: one row or column of the table of pairs.
public struct OperatorVariant: Hashable, Sendable, CustomStringConvertible {
    /// The operator.
    public var kind: OperatorKind
    /// Its activation; nil where it has none.
    public var activation: Activation?
    /// The mode of an Unpool2D, whether an LSTM gives its states: what else sets a variant apart.
    public var mode = 0

    /// Operator, activation and mode.
    public var description: String {
        kind.rawValue + (activation.map { " \($0.rawValue)" } ?? "") + (mode == 0 ? "" : " \(mode)")
    }

    /// Every operator with every activation that it can be given.
    public static let all: [OperatorVariant] = OperatorKind.allCases.flatMap { kind -> [OperatorVariant] in
        if kind.fields.contains(where: { $0.name == "activation" }) {
            return Activation.allCases.map { OperatorVariant(kind: kind, activation: $0) }
        }
        let modes =
            switch kind {
            case .unpool2D: 3
            case .lstm, .adaptiveAvgpool2D, .embedding: 2
            case .preprocess, .conv2D, .convTranspose2D, .depthwiseConv2D, .fullConnected, .batchNorm,
                .flatten,
                .route, .shortcut, .maxpool2D, .avgpool2D, .seBlock, .mul, .channelSplit, .pixelShuffle, .max:
                1
            }
        return (0..<modes).map { OperatorVariant(kind: kind, activation: nil, mode: $0) }
    }

    /// A name that a layer can have.
    public var name: String {
        "\(kind.rawValue)\(activation.map { "-\($0.rawValue)" } ?? "")\(mode == 0 ? "" : "-\(mode)")"
    }

    /// The operator on inputs of a shape, quantized to some bits.
    public func layer(reading input: Shape, block: Int, _ widths: Widths) -> Layer {
        func quantized<Settings: Quantized>(
            _ settings: Settings, _ change: (inout Settings) -> Void = { _ in }
        )
            -> Layer
        {
            var settings = settings
            settings.quantizers.isEnabled = true
            settings.quantizers.weightBits = widths.weights
            if settings.quantizers.outputBits != nil { settings.quantizers.outputBits = widths.features }
            settings.quantizers.autoBitwidth = false
            change(&settings)
            return settings.layer
        }
        // A larger window passes the accumulator of the SIMD family below 8 bits.
        let side = block == 32 || widths.weights == 8 ? 3 : 1
        let activation = activation ?? .none
        switch kind {
        case .preprocess: return Preprocess().layer
        case .conv2D:
            return quantized(Conv2D()) {
                ($0.outChannels, $0.kernelHeight, $0.kernelWidth) = (block, side, side)
                ($0.padding, $0.activationFunction) = (side / 2, activation)
            }
        case .convTranspose2D:
            return quantized(ConvTranspose2D()) {
                ($0.outChannels, $0.activationFunction) = (block, activation)
            }
        case .depthwiseConv2D:
            return quantized(DepthwiseConv2D()) {
                ($0.kernelHeight, $0.kernelWidth, $0.padding) = (3, 3, 1)
                $0.activationFunction = activation
            }
        case .fullConnected:
            return quantized(FullConnected()) {
                ($0.outChannels, $0.activationFunction) = (block, activation)
            }
        case .batchNorm: return quantized(BatchNorm()) { $0.activationFunction = activation }
        case .flatten:
            var flatten = Flatten()
            flatten.shape = [-1, input.elements]
            return flatten.layer
        case .route: return Route().layer
        case .shortcut: return quantized(Shortcut()) { $0.activationFunction = activation }
        case .maxpool2D: return Maxpool2D().layer
        case .avgpool2D: return quantized(Avgpool2D())
        case .adaptiveAvgpool2D: return quantized(AdaptiveAvgpool2D()) { $0.keepDimensions = mode == 0 }
        case .unpool2D: return quantized(Unpool2D()) { $0.mode = Unpool2D.Mode.allCases[mode] }
        case .seBlock: return quantized(SeBlock()) { $0.rate = 1 }
        case .mul: return quantized(Mul())
        case .channelSplit:
            var split = ChannelSplit()
            split.split = [input.channels / 2, input.channels - input.channels / 2]
            return split.layer
        case .pixelShuffle: return PixelShuffle().layer
        case .lstm:
            return quantized(LSTM()) {
                ($0.hiddenSize, $0.returnsStates, $0.bidirectional) = (block / 2, mode == 1, true)
            }
        case .embedding:
            return quantized(Embedding()) {
                ($0.vocabularySize, $0.embeddingSize) = (16, block)
                $0.paddingIndex = mode == 1 ? 3 : nil
            }
        case .max: return Max().layer
        }
    }

    /// Whether it takes two inputs of one shape.
    public var joins: Bool { kind.type.family == .combining }
}
