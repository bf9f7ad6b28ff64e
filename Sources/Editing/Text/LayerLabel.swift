package import Graph

extension Layer {
    /// The operator as a table names it, with its window: "Conv2D 3x3/2", "Depthwise 3x3", "Maxpool 2x2/2".
    package var label: String {
        switch self {
        case .conv2D(let conv):
            Layer.window("Conv2D", conv.kernelHeight, conv.kernelWidth, conv.stride)
                + (conv.groups > 1 ? " g\(conv.groups)" : "")
                + (conv.dilation > 1 ? " d\(conv.dilation)" : "")
                + (conv.focus ? " focus" : "")
        case .depthwiseConv2D(let conv):
            Layer.window("Depthwise", conv.kernelHeight, conv.kernelWidth, conv.stride)
        case .maxpool2D(let pool): Layer.window("Maxpool", pool.window)
        case .avgpool2D(let pool): Layer.window("Avgpool", pool.window)
        case .adaptiveAvgpool2D: "AdaptiveAvgpool"
        case .unpool2D(let unpool):
            unpool.kernelHeight == 2 && unpool.kernelWidth == 2
                ? "Unpool \(unpool.mode.rawValue)"
                : "Unpool \(unpool.kernelHeight)x\(unpool.kernelWidth) \(unpool.mode.rawValue)"
        case .seBlock(let block): "Se_Block /\(block.rate)"
        case .pixelShuffle(let shuffle): "Pixel_Shuffle x\(shuffle.factor)"
        case .lstm(let lstm): lstm.bidirectional ? "LSTM both ways" : "LSTM"
        case .preprocess, .convTranspose2D, .fullConnected, .batchNorm, .flatten, .route, .shortcut, .mul,
            .channelSplit, .embedding, .max:
            kind.rawValue
        }
    }

    private static func window(_ name: String, _ window: Window) -> String {
        self.window(name, window.height, window.width, window.stride)
    }

    private static func window(_ name: String, _ height: Int, _ width: Int, _ stride: Int) -> String {
        "\(name) \(height)x\(width)" + (stride > 1 ? "/\(stride)" : "")
    }
}

extension NetworkShapes {
    /// The shape of a layer's result: "32x8x8"; "16+32x8x8" for the parts of a split, "1x64 +2" for two outputs more; nil while unknown.
    package func label(_ index: Int) -> String? {
        guard case .success(let shapes) = outputs[index], let first = shapes.first else { return nil }
        if shapes.count > 1, case .map(_, let height, let width) = first, shapes.allSatisfy(first.joins) {
            return shapes.map { "\($0.channels)" }.joined(separator: "+") + "x\(height)x\(width)"
        }
        return "\(first)" + (shapes.count > 1 ? " +\(shapes.count - 1)" : "")
    }
}
