import Graph

extension Layer {
    /// Changes the settings of the quantizers, where the layer has any.
    mutating func changeQuantizers(_ change: (inout Quantization) -> Void) {
        guard var quantized = settings as? any Quantized else { return }
        change(&quantized.quantizers)
        self = quantized.layer
    }

    /// The layer with batch norm in place of its bias; nil where it has batch norm already, or no product.
    var normalized: Layer? {
        switch self {
        case .conv2D(var product) where !product.batchNorm:
            (product.batchNorm, product.bias) = (true, false)
            return .conv2D(product)
        case .depthwiseConv2D(var product) where !product.batchNorm:
            (product.batchNorm, product.bias) = (true, false)
            return .depthwiseConv2D(product)
        case .convTranspose2D(var product) where !product.batchNorm:
            (product.batchNorm, product.bias) = (true, false)
            return .convTranspose2D(product)
        case .fullConnected(var product) where !product.batchNorm:
            (product.batchNorm, product.bias) = (true, false)
            return .fullConnected(product)
        case .seBlock(var gate) where !gate.batchNorm:
            (gate.batchNorm, gate.bias) = (true, false)
            return .seBlock(gate)
        case .conv2D, .depthwiseConv2D, .convTranspose2D, .fullConnected, .seBlock, .preprocess, .batchNorm,
            .flatten, .route, .shortcut, .maxpool2D, .avgpool2D, .adaptiveAvgpool2D, .unpool2D, .mul,
            .channelSplit, .pixelShuffle, .lstm, .embedding, .max:
            return nil
        }
    }

    /// Whether its own numbers can give its result any scale.
    var learnsScale: Bool {
        switch self {
        case .conv2D, .depthwiseConv2D, .convTranspose2D, .fullConnected, .batchNorm: true
        case .seBlock, .preprocess, .flatten, .route, .shortcut, .maxpool2D, .avgpool2D, .adaptiveAvgpool2D,
            .unpool2D, .mul, .channelSplit, .pixelShuffle, .lstm, .embedding, .max:
            false
        }
    }
}
