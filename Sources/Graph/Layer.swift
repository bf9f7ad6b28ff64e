/// The operators of the manual, under its names. Focus is a setting of the first Conv2D, as note 2 of its section asks.
public enum OperatorKind: String, CaseIterable, Hashable, Sendable {
    /// Marks where data enters, with the mean and variance that the loader applied.
    case preprocess = "Preprocess"
    /// Convolution.
    case conv2D = "Conv2D"
    /// Upsampling by 2 and convolution.
    case convTranspose2D = "ConvTranspose2D"
    /// Convolution of each channel by itself.
    case depthwiseConv2D = "DepthwiseConv2D"
    /// Matrix product.
    case fullConnected = "FullConnected"
    /// Batch norm on its own.
    case batchNorm = "BatchNorm"
    /// Reshape.
    case flatten = "Flatten"
    /// Concatenation.
    case route = "Route"
    /// Sum of two.
    case shortcut = "Shortcut"
    /// Largest value of a window.
    case maxpool2D = "Maxpool2D"
    /// Mean of a window.
    case avgpool2D = "Avgpool2D"
    /// Mean of the whole map.
    case adaptiveAvgpool2D = "AdaptiveAvgpool2D"
    /// Upsampling.
    case unpool2D = "Unpool2D"
    /// Squeeze and excite.
    case seBlock = "Se_Block"
    /// Product of two.
    case mul = "Mul"
    /// Parts of the channels.
    case channelSplit = "Channel_Split"
    /// Channels to space.
    case pixelShuffle = "Pixel_Shuffle"
    /// Recurrent layer.
    case lstm = "LSTM"
    /// Look-up table.
    case embedding = "Embedding"
    /// Larger of two.
    case max = "Max"

    /// The operator of that name; the manual's other spelling of FullConnected counts.
    public init?(name: String) {
        self.init(rawValue: name == "FullyConnected" ? "FullConnected" : name)
    }

    /// The struct that holds the operator's settings.
    public var type: any Operator.Type {
        switch self {
        case .preprocess: Preprocess.self
        case .conv2D: Conv2D.self
        case .convTranspose2D: ConvTranspose2D.self
        case .depthwiseConv2D: DepthwiseConv2D.self
        case .fullConnected: FullConnected.self
        case .batchNorm: BatchNorm.self
        case .flatten: Flatten.self
        case .route: Route.self
        case .shortcut: Shortcut.self
        case .maxpool2D: Maxpool2D.self
        case .avgpool2D: Avgpool2D.self
        case .adaptiveAvgpool2D: AdaptiveAvgpool2D.self
        case .unpool2D: Unpool2D.self
        case .seBlock: SeBlock.self
        case .mul: Mul.self
        case .channelSplit: ChannelSplit.self
        case .pixelShuffle: PixelShuffle.self
        case .lstm: LSTM.self
        case .embedding: Embedding.self
        case .max: Max.self
        }
    }

    /// A layer of this kind with the manual's defaults.
    public var defaultLayer: Layer { type.init().layer }

    /// What the operator does, in one line.
    public var summary: String { type.summary }

    /// How many wires the operator reads.
    public var inputs: ClosedRange<Int> { type.inputs }

    /// Where the manual describes it.
    public var section: String { rawValue }
}

/// An operator with its settings: the closed list that every switch is checked against.
public enum Layer: Hashable, Sendable {
    /// Marks where data enters.
    case preprocess(Preprocess)
    /// Convolution.
    case conv2D(Conv2D)
    /// Upsampling by 2 and convolution.
    case convTranspose2D(ConvTranspose2D)
    /// Convolution of each channel by itself.
    case depthwiseConv2D(DepthwiseConv2D)
    /// Matrix product.
    case fullConnected(FullConnected)
    /// Batch norm on its own.
    case batchNorm(BatchNorm)
    /// Reshape.
    case flatten(Flatten)
    /// Concatenation.
    case route(Route)
    /// Sum of two.
    case shortcut(Shortcut)
    /// Largest value of a window.
    case maxpool2D(Maxpool2D)
    /// Mean of a window.
    case avgpool2D(Avgpool2D)
    /// Mean of the whole map.
    case adaptiveAvgpool2D(AdaptiveAvgpool2D)
    /// Upsampling.
    case unpool2D(Unpool2D)
    /// Squeeze and excite.
    case seBlock(SeBlock)
    /// Product of two.
    case mul(Mul)
    /// Parts of the channels.
    case channelSplit(ChannelSplit)
    /// Channels to space.
    case pixelShuffle(PixelShuffle)
    /// Recurrent layer.
    case lstm(LSTM)
    /// Look-up table.
    case embedding(Embedding)
    /// Larger of two.
    case max(Max)

    /// The operator itself.
    public var settings: any Operator {
        switch self {
        case .preprocess(let settings): settings
        case .conv2D(let settings): settings
        case .convTranspose2D(let settings): settings
        case .depthwiseConv2D(let settings): settings
        case .fullConnected(let settings): settings
        case .batchNorm(let settings): settings
        case .flatten(let settings): settings
        case .route(let settings): settings
        case .shortcut(let settings): settings
        case .maxpool2D(let settings): settings
        case .avgpool2D(let settings): settings
        case .adaptiveAvgpool2D(let settings): settings
        case .unpool2D(let settings): settings
        case .seBlock(let settings): settings
        case .mul(let settings): settings
        case .channelSplit(let settings): settings
        case .pixelShuffle(let settings): settings
        case .lstm(let settings): settings
        case .embedding(let settings): settings
        case .max(let settings): settings
        }
    }

    /// Which operator this is.
    public var kind: OperatorKind { type(of: settings).kind }

    /// The operator with its window, where it has one: "Conv2D 3x3/2", "Unpool2D 2x2".
    public var title: String {
        guard let height = value(of: "kernelHeight"), let width = value(of: "kernelWidth") else {
            return kind.rawValue
        }
        var step = ""
        if case .integer(let stride)? = value(of: "stride"), stride > 1 { step = "/\(stride)" }
        return "\(kind.rawValue) \(height)x\(width)\(step)"
    }
}
