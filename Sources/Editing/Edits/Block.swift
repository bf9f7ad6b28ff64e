public import Graph

/// Several layers that people build networks of, added as one.
public enum Block: String, CaseIterable, Hashable, Sendable {
    /// A convolution and a pool.
    case convolutionAndPool
    /// Two convolutions and the sum with what they read.
    case residual
    /// A wide depthwise convolution between two narrow ones.
    case invertedResidual
    /// A convolution whose channels are weighed.
    case squeezeExcite
    /// A recurrent layer and a matrix.
    case recurrentHead

    /// The name in a list.
    public var title: String {
        switch self {
        case .convolutionAndPool: "conv and pool"
        case .residual: "residual block"
        case .invertedResidual: "inverted residual"
        case .squeezeExcite: "squeeze and excite"
        case .recurrentHead: "LSTM head"
        }
    }

    /// What it is, in one line.
    public var help: String {
        switch self {
        case .convolutionAndPool: "a 3x3 convolution and a 2x2 pool: half the size, twice the channels"
        case .residual:
            "two 3x3 convolutions and a Shortcut around them, with a projection where it needs one"
        case .invertedResidual:
            "1x1 to four times the channels, depthwise 3x3, 1x1 back without activation, and a Shortcut"
        case .squeezeExcite: "a 3x3 convolution and an Se_Block that weighs its channels"
        case .recurrentHead:
            "a sequence through an LSTM, a Flatten and a FullConnected; maps become one row first"
        }
    }

    /// What it reads.
    var reads: String {
        switch self {
        case .convolutionAndPool, .residual, .invertedResidual, .squeezeExcite: "a feature map"
        case .recurrentHead: "a sequence or a feature map"
        }
    }

    /// The operators that it may consist of.
    public var kinds: [OperatorKind] {
        switch self {
        case .convolutionAndPool: [.conv2D, .maxpool2D]
        case .residual: [.conv2D, .shortcut]
        case .invertedResidual: [.conv2D, .depthwiseConv2D, .shortcut]
        case .squeezeExcite: [.conv2D, .seBlock]
        case .recurrentHead: [.lstm, .flatten, .fullConnected]
        }
    }
}

extension EditBuilder {
    /// The layers of a block that reads a source; each is called after the prefix.
    func draft(
        of block: Block, reading entry: Source, named prefix: String, near index: Int?
    ) throws(EditingError) -> PendingLayers {
        guard let shape = shape(of: entry) else {
            throw .needs("\(block.title) reads \(block.reads)", of: entry.name, found: nil)
        }
        var builder = BlockBuilder(
            editing: self, entry: entry, shape: shape, prefix: prefix, near: index)
        switch block {
        case .convolutionAndPool: try builder.convolutionAndPool()
        case .residual: try builder.residual()
        case .invertedResidual: try builder.invertedResidual()
        case .squeezeExcite: try builder.squeezeExcite()
        case .recurrentHead: try builder.recurrentHead()
        }
        return builder.draft
    }
}
